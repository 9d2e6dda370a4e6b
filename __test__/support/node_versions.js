'use strict';

/** Other versions of Node, from npm's packages of them, kept for the next run below node_modules/.cache. */

const fs = require('node:fs');
const path = require('node:path');
const { npm } = require('./packed');
const { ROOT } = require('../../scripts/platforms');

/** The newest of each line that we promise to run on. @type {Record<number, string>} */
const VERSIONS = { 18: '18.20.8', 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.12.1' };

/** @param {number} major @returns {string} the executable */
function nodeOf(major) {
  const version = VERSIONS[major];
  if (process.version === `v${version}`) return process.execPath;
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${system}-${process.arch}`;
  const shelf = path.join(ROOT, 'node_modules/.cache/node-versions');
  const folder = path.join(shelf, `${version}-${system}-${process.arch}`);
  const executable = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!fs.existsSync(executable)) {
    fs.mkdirSync(shelf, { recursive: true });
    const scratch = fs.mkdtempSync(path.join(shelf, 'new-'));
    fs.writeFileSync(path.join(scratch, 'package.json'), '{ "private": true }');
    npm(scratch, 'install', `${name}@${version}`);
    try {
      fs.renameSync(scratch, folder);
    } catch {
      // Another test file, which runs at the same time, was faster.
      fs.rmSync(scratch, { recursive: true, force: true });
    }
  }
  return executable;
}

module.exports = { nodeOf, MAJORS: Object.keys(VERSIONS).map(Number) };
