'use strict';

/** Runs the package's command as npx does: the file of `bin`, in a process of its own. */

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { bin } = require('../../package.json');

const BIN = path.join(__dirname, '../..', bin['egg-session-native']);

/**
 * @param {string[]} args
 * @param {{ input?: string, env?: Record<string, string | undefined>, cwd?: string }} [options]
 * @returns {{ code: number | null, stdout: string, stderr: string }}
 */
function cli(args, { input = '', env, cwd } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    input, cwd, encoding: 'utf8', env: { ...process.env, EGG_SESSION_KEYS: undefined, ...env },
  });
  return { code: status, stdout, stderr };
}

module.exports = { cli };
