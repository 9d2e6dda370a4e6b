'use strict';

/** The processes of an app: starts them, breaks them, and starts them again. */

const { execFileSync, fork } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { freePort } = require('../support/ports');
const { send } = require('../support/client');

const READY_MS = 20_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });

class Worker {
  #child;
  isReady = false;
  /** How often it was killed or could take no connection: only then may a connection close without an answer. */
  disturbances = 0;
  isDisturbed = false;

  /**
   * @param {object} options
   * @param {number} options.index
   * @param {any} options.spec for worker_stores
   * @param {Record<string, string>} options.env
   * @param {(trouble: string, details: string) => void} options.onTrouble
   */
  constructor({ index, spec, env, onTrouble }) {
    Object.assign(this, { index, spec, env, onTrouble });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
  }

  get pid() {
    return this.#child.pid;
  }

  async start() {
    this.port = this.port || await freePort();
    const child = fork(path.join(__dirname, 'worker.js'), [], {
      silent: true, execArgv: [], env: { ...process.env, NODE_ENV: 'production', FAULTS_SPEC: JSON.stringify({ port: this.port, spec: this.spec }), ...this.env },
    });
    this.#child = child;
    children.add(child);
    this.isAwaited = false;
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output = (output + chunk).slice(-4000); });
    const ended = new Promise(resolve => child.once('exit', (code, signal) => {
      children.delete(child);
      this.isReady = false;
      this.disturbances++;
      if (!this.isAwaited) this.onTrouble('crash', `worker ${this.index} ended with ${code ?? signal}\n${output}`);
      resolve();
    }));
    this.ended = ended;
    const ready = new Promise(resolve => child.on('message', message => {
      if (message.ready) resolve(true);
      else this.onTrouble(message.trouble, message.details);
    }));
    const isReady = await Promise.race([ready, ended.then(() => false), sleep(READY_MS, false, { ref: false })]);
    if (!isReady) throw new Error(`worker ${this.index} did not start\n${output}`);
    this.isReady = true;
  }

  async kill() {
    this.isAwaited = true;
    this.isReady = false;
    this.disturbances++;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** @param {number} forMs */
  async freeze(forMs) {
    this.#child.kill('SIGSTOP');
    await sleep(forMs);
    this.#child.kill('SIGCONT');
  }

  /** @param {string} limits as for prlimit(1); soft ones of a process of the same user, which it may raise again */
  limit(...limits) {
    execFileSync('prlimit', ['--pid', `${this.pid}`, ...limits]);
  }

  /** All descriptors stay that it has, and it gets no other. @param {number} forMs */
  async starveOfFiles(forMs) {
    const [, soft] = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.pid}/limits`, 'latin1'));
    this.disturbances++;
    this.isDisturbed = true;
    this.limit('--nofile=3:');
    await sleep(forMs);
    this.limit(`--nofile=${soft}:`);
    // What was refused meanwhile is closed in the next turns of its loop.
    await sleep(100);
    this.isDisturbed = false;
    this.disturbances++;
  }

  /** @returns {Promise<import('../load/verdict').Sample>} right after a garbage collection */
  async sample() {
    const { status, body } = await send({ port: this.port, path: '/worker', body: {}, agent: this.agent });
    if (status !== 200) throw new Error(`no sample: ${status}`);
    return body;
  }

  async stop() {
    this.agent.destroy();
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
  }
}

module.exports = { Worker };
