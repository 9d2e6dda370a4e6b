'use strict';

/** What only the benchmarks need lives in node_modules of their own, and is installed from the lock file when it is missing. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/** @param {string} [folder] of the package.json */
function installPackages(folder = __dirname) {
  const { dependencies } = require(path.join(folder, 'package.json'));
  const installed = (name) => {
    const file = path.join(folder, 'node_modules', name, 'package.json');
    return fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')).version;
  };
  if (Object.entries(dependencies).every(([name, version]) => installed(name) === version)) return;
  process.stdout.write(`installing what the benchmarks compare with (npm ci in ${path.basename(folder)}/)\n`);
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci failed in ${path.basename(folder)}/, see its message above`);
}

module.exports = { installPackages };
