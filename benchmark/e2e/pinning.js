'use strict';

/**
 * The servers on one core, their load on another: else each takes from the other what is measured. Linux only, with `taskset`
 * of util-linux.
 */

const { spawnSync } = require('node:child_process');
const os = require('node:os');

const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** @returns {boolean} whether this process, all its threads, now has the load's core for its own */
function pinLoad() {
  if (process.platform !== 'linux' || os.cpus().length < 2) return false;
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', LOAD_CORE, String(process.pid)], { stdio: 'ignore' }).status === 0;
}

/** @param {boolean} isPinned @param {string[]} command @returns {string[]} the command on the servers' core */
function onServerCore(isPinned, command) {
  return isPinned ? ['taskset', '--cpu-list', SERVER_CORE, ...command] : command;
}

module.exports = { pinLoad, onServerCore };
