'use strict';

// Programs from PyPI, compiled, in a folder below target/ that git ignores. Node core modules only.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./platforms');

const IS_WINDOWS = process.platform === 'win32';

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

/** @param {string} name of a folder in target/ @returns {string} where its programs are */
function binOf(name) {
  return path.join(ROOT, 'target', name, IS_WINDOWS ? 'Scripts' : 'bin');
}

/**
 * @param {string} name of the folder in target/
 * @param {string[]} packages in exact versions
 * @param {NodeJS.ProcessEnv} env
 */
function bringFromPyPI(name, packages, env) {
  const folder = path.join(ROOT, 'target', name);
  const mark = path.join(folder, 'packages.txt');
  const wanted = packages.join('\n');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return;
  console.log(`bringing ${packages.join(' and ')} from PyPI`);
  run(IS_WINDOWS ? 'python' : 'python3', ['-m', 'venv', folder], env);
  run(path.join(binOf(name), 'pip'), ['install', '--quiet', '--only-binary=:all:', ...packages], env);
  fs.writeFileSync(mark, wanted);
}

module.exports = { binOf, bringFromPyPI, run };
