'use strict';

/** An installed Egg app as it runs in production, a master with an agent and a worker, and what browsers see of it. */

const path = require('node:path');
const { spawn } = require('node:child_process');
const { setTimeout: sleep } = require('node:timers/promises');
const { isAlive } = require('./cluster_process');
const { freePort, startEgg } = require('./ports');
const { request } = require('./install_apps');
const { cleanEnv } = require('./packed');

const CLOCK = path.join(__dirname, 'frozen_clock.js');

/** @typedef {{ folder: string, node: string, args?: string[], env?: NodeJS.ProcessEnv }} Installed args: the script that starts it, on the port in SHOP_PORT, and its arguments */

/**
 * Starts a cluster, runs `use`, and ends all of its processes.
 *
 * @template T
 * @param {Installed} options
 * @param {(port: number) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withCluster(options, use) {
  const { port, stop } = await startEgg(() => start(options));
  try {
    return await use(port);
  } finally {
    await stop();
  }
}

/** @param {Installed} options */
async function start({ folder, node, args = ['cluster.js'], env = {} }) {
  const port = await freePort();
  const child = spawn(node, args.map(arg => arg.replace('PORT', String(port))), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnv(), NODE_ENV: 'production', EGG_SERVER_ENV: 'prod', EGG_HOME: folder, HOME: folder, SHOP_PORT: String(port), ...env },
  });
  const ended = new Promise(resolve => child.once('exit', resolve));
  let output = '';
  const listening = new Promise(resolve => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', chunk => {
        output += chunk;
        if (/egg started on http/.test(output)) resolve(undefined);
      });
    }
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    // Where the child is egg-bin, the master and its workers outlive it for a moment.
    const pids = new Set([...output.matchAll(/\b(?:INFO|WARN|ERROR) (\d+) |#\d+:(\d+) started/g)].map(match => Number(match[1] || match[2])));
    for (const pid of pids) while (isAlive(pid)) await sleep(20);
  };
  const isListening = await Promise.race([listening.then(() => true), ended.then(() => false)]);
  if (isListening) return { port, stop };
  await stop();
  throw new Error(`${args[0]} ended with ${await ended}\n${output}`);
}

/**
 * One user, under frozen clocks: logs in, is remembered; finds the keys rotated and is remembered all the same, changes the
 * session, and logs out.
 *
 * @param {{ folder: string, node: string, plugin: 'stock' | 'ours' }} app
 * @returns {Promise<{ process: { isWorker: boolean, plugin: string }, answers: string[], cookies: string[][] }>}
 */
async function rotateKeys({ folder, node, plugin }) {
  const jar = new Map();
  const told = { process: { isWorker: false, plugin: '' }, answers: [], cookies: [] };
  const run = (/** @type {string[]} */ keys, /** @type {string[]} */ requests) => {
    const env = { SHOP_PLUGIN: plugin, SHOP_KEYS: keys.join(), NODE_OPTIONS: `--require ${JSON.stringify(CLOCK)}` };
    return withCluster({ folder, node, env }, async port => {
      for (const line of requests) {
        const [method, url] = line.split(' ');
        const { body, setCookie } = await request(port, method, url, jar);
        told.answers.push(body);
        told.cookies.push(setCookie);
      }
      told.process = JSON.parse((await request(port, 'GET', '/process', new Map())).body);
    });
  };
  await run(['old key'], ['POST /login?name=Ada', 'GET /me']);
  await run(['new key', 'old key'], ['GET /me', 'POST /visit', 'GET /me', 'POST /logout', 'GET /me']);
  return told;
}

/** What `rotateKeys` hears, whichever plugin answers. */
const REMEMBERED = ['welcome', '{"user":"Ada"}', '{"user":"Ada"}', '{"visits":1}', '{"user":"Ada"}', 'bye', '{"user":null}'];

module.exports = { withCluster, rotateKeys, REMEMBERED };
