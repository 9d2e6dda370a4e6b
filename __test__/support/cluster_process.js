'use strict';

const { fork } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { setTimeout: sleep } = require('timers/promises');
const { freePort, startEgg } = require('./ports');

// Two workers write their logs in between each other: what ended the first may stand far up.
const MOST_SHOWN = 40000;

/** Workers of a master that ended by itself may still write into it. */
async function removeFolder(folder) {
  for (let tries = 0; ; tries++) {
    try {
      return fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' || tries === 50) throw error;
      await sleep(100);
    }
  }
}

const isAlive = pid => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * Starts a fixture app under Egg's cluster: a master, an agent and two workers.
 * @param {{ major: 3 | 4, plugin: string, variant?: object, fixture?: string, env?: object }} options plugin: the directory of the
 *   session plugin, '' for the framework's own
 * @returns {Promise<{ port: number, stop: (pids: number[]) => Promise<number[]> }>} stop ends the master by its pid and gives those of
 *   the pids that outlived it
 */
function startCluster(options) {
  return startEgg(() => startOnce(options));
}

async function startOnce({ major, plugin, variant = {}, fixture = 'app', env = {} }) {
  const port = await freePort();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-cluster-'));
  const master = fork(path.join(__dirname, 'cluster_master.js'), [String(major), String(port), fixture], {
    env: {
      ...process.env,
      FIXTURE_PLUGIN: plugin,
      FIXTURE_VARIANT: JSON.stringify(variant),
      FIXTURE_SCRATCH: scratch,
      EGG_SERVER_ENV: 'prod',
      NODE_ENV: 'production',
      NODE_OPTIONS: '',
      ...env,
    },
    silent: true,
  });
  let output = '';
  for (const stream of [master.stdout, master.stderr]) stream.on('data', chunk => { output += chunk; });
  const ended = new Promise(resolve => master.once('exit', resolve));

  const ready = new Promise((resolve, reject) => {
    master.on('message', ({ action }) => { if (action === 'egg-ready') resolve(); });
    ended.then(code => reject(new Error(`the master ended with ${code}\n${output.slice(-MOST_SHOWN)}`)));
  });
  const stop = async pids => {
    if (isAlive(master.pid)) master.kill('SIGTERM');
    await ended;
    await removeFolder(scratch);
    return pids.filter(isAlive);
  };
  try {
    await ready;
  } catch (error) {
    await stop([]);
    throw error;
  }
  return { port, stop };
}

module.exports = { startCluster, isAlive };
