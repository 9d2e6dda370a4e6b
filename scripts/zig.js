'use strict';

// zig, and cargo-zigbuild, which lets cargo compile and link with it: from PyPI, into a folder that git ignores.
// Node core modules only.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./platforms');

const VENV = path.join(ROOT, 'target', 'zig-venv');
/** The folder of their programs. */
const BIN = path.join(VENV, process.platform === 'win32' ? 'Scripts' : 'bin');
/** The Python that has zig as a module. */
const PYTHON = path.join(BIN, 'python');
const PACKAGES = ['cargo-zigbuild==0.24.0', 'ziglang==0.17.1'];

/** @type {Record<string, string>} */
const HOW_TO_GET = {
  python3: 'Python 3 with its venv module is needed: apt-get install python3-venv, or brew install python',
  python: 'Python 3 is needed: https://www.python.org/downloads/',
  rustup: 'rustup is needed, for the Rust libraries of other platforms: https://rustup.rs',
};

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env */
function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  const isMissing = error && 'code' in error && error.code === 'ENOENT';
  const reason = isMissing && HOW_TO_GET[command] ? HOW_TO_GET[command] : error?.message ?? 'see its message above';
  throw new Error(`\`${[command, ...args].join(' ')}\` failed: ${reason}`);
}

/** @param {NodeJS.ProcessEnv} env */
function bringZig(env) {
  const mark = path.join(VENV, 'packages.txt');
  const wanted = PACKAGES.join('\n');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return;
  console.log(`build: bringing ${PACKAGES.join(' and ')} from PyPI`);
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', VENV], env);
  run(path.join(BIN, 'pip'), ['install', '--quiet', '--only-binary=:all:', ...PACKAGES], env);
  fs.writeFileSync(mark, wanted);
}

module.exports = { BIN, PYTHON, bringZig, run };
