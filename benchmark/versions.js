'use strict';

/** The same measurement on several versions of Node, one process after the other. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { nodeOf } = require('../__test__/support/node_versions');

const MAJORS = [20, 22, 24];

/**
 * @param {string} script that answers with what it measured in the file that follows `--json=`
 * @param {string[]} args
 */
function measureVersions(script, args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-versions-'));
  try {
    return MAJORS.map((major) => {
      const file = path.join(folder, `${major}.json`);
      const { status } = spawnSync(nodeOf(major), [path.join(__dirname, script), ...args, `--json=${file}`], { stdio: ['ignore', 'inherit', 'inherit'] });
      if (status !== 0) throw new Error(`measuring on Node.js ${major} failed`);
      return JSON.parse(fs.readFileSync(file, 'utf8'));
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {string | undefined} the file that follows `--json=`, if another version's process asks */
function answerFile() {
  return process.argv.find((arg) => arg.startsWith('--json='))?.slice('--json='.length);
}

/** @param {string} file of `answerFile` @param {object} measured */
function answer(file, measured) {
  fs.writeFileSync(file, JSON.stringify({ version: process.versions.node, ...measured }));
}

module.exports = { answer, answerFile, measureVersions };
