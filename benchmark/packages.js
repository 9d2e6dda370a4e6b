'use strict';

/** What only the benchmarks need lives in benchmark/node_modules, and is installed from the lock file when it is missing. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

function installPackages() {
  const { dependencies } = require('./package.json');
  const installed = (name) => {
    const file = path.join(__dirname, 'node_modules', name, 'package.json');
    return fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8')).version;
  };
  if (Object.entries(dependencies).every(([name, version]) => installed(name) === version)) return;
  process.stdout.write('installing what the benchmarks compare with (npm ci in benchmark/)\n');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: __dirname, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('`npm ci` failed in benchmark/, see its message above');
}

module.exports = { installPackages };
