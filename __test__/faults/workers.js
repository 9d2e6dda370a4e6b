'use strict';

/** The processes of an app: starts them, breaks them, and starts them again. */

const { execFileSync, fork } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { freePort } = require('../support/cluster_process');
const { send } = require('../support/client');

const READY_MS = 20_000;
const FAKETIME = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find(file => fs.existsSync(file));

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });

class Worker {
  #child;
  #clock;
  isReady = false;
  /** How often it was killed or could take no connection: only then may a connection close without an answer. */
  disturbances = 0;
  isDisturbed = false;

  /**
   * @param {object} options
   * @param {number} options.index
   * @param {any} options.spec for worker_stores
   * @param {string} options.folder
   * @param {(trouble: string, details: string) => void} options.onTrouble
   */
  constructor({ index, spec, folder, onTrouble }) {
    Object.assign(this, { index, spec, onTrouble });
    this.#clock = path.join(folder, `clock-${index}`);
    this.setClock(0);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
  }

  get pid() {
    return this.#child.pid;
  }

  async start() {
    this.port = this.port || await freePort();
    const faketime = FAKETIME && {
      LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: this.#clock, FAKETIME_CACHE_DURATION: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const child = fork(path.join(__dirname, 'worker.js'), [], {
      silent: true, execArgv: [], env: { ...process.env, NODE_ENV: 'production', FAULTS_SPEC: JSON.stringify({ port: this.port, spec: this.spec }), ...faketime },
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
      forgetFaketime(child.pid);
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

  /** Opens no file and takes no connection beyond those that it has. @param {number} forMs */
  async starveOfFiles(forMs) {
    const [, soft] = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.pid}/limits`, 'latin1'));
    const open = fs.readdirSync(`/proc/${this.pid}/fd`).length;
    this.disturbances++;
    this.isDisturbed = true;
    this.limit(`--nofile=${open}:`);
    await sleep(forMs);
    this.limit(`--nofile=${soft}:`);
    // What was refused meanwhile is closed in the next turns of its loop.
    await sleep(100);
    this.isDisturbed = false;
    this.disturbances++;
  }

  /** A worker looks there once in a second or two, and at its start. @param {number} seconds ahead of the machine's clock */
  setClock(seconds) {
    fs.writeFileSync(this.#clock, `${seconds < 0 ? '' : '+'}${seconds}s`);
  }

  /** @returns {Promise<number>} ms ahead of the machine's clock */
  async clockOffsetMs() {
    return (await send({ port: this.port, path: '/clock', body: {}, agent: this.agent })).body.now - Date.now();
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

/** libfaketime leaves these behind if a process is killed. @param {number} pid */
function forgetFaketime(pid) {
  if (FAKETIME) for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) fs.rmSync(`/dev/shm/${name}`, { force: true });
}

module.exports = { Worker, canStepClocks: FAKETIME !== undefined };
