'use strict';

// A registry on loopback: it has what is published there, and asks the registry of this machine for everything else.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { freePort } = require('../../__test__/support/ports');

const START_MS = 60_000;

/** @returns {string} of this machine, with a slash at the end */
function machineRegistry() {
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', shell: process.platform === 'win32' });
  const url = stdout.trim();
  if (!/^https?:\/\//.test(url)) throw new Error(`\`npm config get registry\` says ${url || 'nothing'}`);
  return url.replace(/\/*$/, '/');
}

/** @param {string} url @returns {Promise<boolean>} */
async function answers(url) {
  try {
    return (await fetch(`${url}-/ping`)).ok;
  } catch {
    return false;
  }
}

/**
 * @param {string[]} verdaccio the words of its command
 * @param {string} folder for its files
 * @param {string} ownPackages a pattern: these are published here, and never asked for elsewhere
 * @returns {Promise<{ url: string, npmrc: string, stop: () => Promise<void> }>} npmrc: with a token, which npm wants for publishing
 */
async function startRegistry(verdaccio, folder, ownPackages) {
  fs.mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'verdaccio.json');
  // JSON is YAML.
  fs.writeFileSync(config, JSON.stringify({
    storage: path.join(folder, 'storage'),
    uplinks: { machine: { url: machineRegistry(), maxage: '60m', timeout: '60s' } },
    packages: {
      [ownPackages]: { access: '$all', publish: '$all' },
      '**': { access: '$all', proxy: 'machine' },
    },
    max_body_size: '50mb',
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  }));
  const port = await freePort();
  const log = fs.openSync(path.join(folder, 'verdaccio.log'), 'w');
  const child = spawn(verdaccio[0], [...verdaccio.slice(1), '--config', config, '--listen', `127.0.0.1:${port}`], { cwd: folder, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  const ended = new Promise(resolve => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const url = `http://127.0.0.1:${port}/`;
  const deadline = Date.now() + START_MS;
  while (!await answers(url)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`verdaccio does not answer: ${fs.readFileSync(path.join(folder, 'verdaccio.log'), 'utf8')}`);
    }
    await sleep(100);
  }
  const npmrc = path.join(folder, 'npmrc');
  fs.writeFileSync(npmrc, `registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\n`);
  return { url, npmrc, stop };
}

module.exports = { startRegistry };
