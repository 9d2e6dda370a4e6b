'use strict';

/** A redis-server and a memcached of the tests' own: on loopback, on a free port, in a folder that goes away with them. */

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { freePort } = require('./ports');
const { TOOLS, adviceFor } = require('../../scripts/system_tools');

const DEADLINE_MS = 10_000;
const TRIES = 5;

/** @param {string} command */
function need(command) {
  if (spawnSync(command, ['--version']).error === undefined) return;
  throw new Error(adviceFor([TOOLS.find(tool => tool.command === command) ?? { command, purpose: 'this test', debian: command, brew: command }]));
}

/** @param {number} port @returns {Promise<boolean>} whether somebody listens */
function answers(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Whether every thread of a process is stopped. A signal takes a moment to arrive, and each thread stops for itself;
 * see proc(5) and ps(1) for the states.
 * @param {number} pid
 */
function isStopped(pid) {
  const tasks = `/proc/${pid}/task`;
  const states = fs.existsSync(tasks)
    ? fs.readdirSync(tasks).map(thread => /\) (.)[^)]*$/.exec(fs.readFileSync(`${tasks}/${thread}/stat`, 'latin1'))[1])
    : spawnSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'latin1' }).stdout.trim().slice(0, 1);
  return [...states].every(state => state === 'T');
}

/** A server's process. `stop` and `start` again keep the port. */
class Server {
  #command;
  #argsFor;
  #child;
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-server-'));

  /** @param {string} command @param {(port: number, folder: string) => string[]} argsFor */
  constructor(command, argsFor) {
    this.#command = command;
    this.#argsFor = argsFor;
    this.port = 0;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Of its own; it lasts over a `stop`, and with it what the server has written there. */
  get folder() {
    return this.#folder;
  }

  async start() {
    for (let i = 1; ; i++) {
      const port = this.port || await freePort();
      if (await this.#startOn(port)) {
        this.port = port;
        return;
      }
      // Somebody else took the port meanwhile.
      if (i === TRIES) throw new Error(`${this.#command} did not start`);
    }
  }

  /** @param {number} port */
  async #startOn(port) {
    const child = spawn(this.#command, this.#argsFor(port, this.#folder), { cwd: this.#folder, stdio: 'ignore' });
    this.#child = child;
    for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(10)) {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      if (!await answers(port)) continue;
      // It may be another server that answers, and ours has yet to find its port taken.
      await sleep(30);
      return child.exitCode === null && child.signalCode === null;
    }
    await this.stop();
    return false;
  }

  /** Ends it at once, as a crash would. */
  async stop() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Connections stay open, and nothing is answered from the moment on that this is done. */
  async freeze() {
    process.kill(this.pid, 'SIGSTOP');
    for (const end = Date.now() + DEADLINE_MS; !isStopped(this.pid); await sleep(1)) {
      if (Date.now() > end) throw new Error(`${this.#command} did not stop`);
    }
  }

  thaw() {
    process.kill(this.pid, 'SIGCONT');
  }

  /** While it is stopped: it starts again without its files. */
  forget() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
    fs.mkdirSync(this.#folder);
  }

  async remove() {
    await this.stop();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * @param {string[]} [settings] as on redis-server's command line
 * @returns {Promise<Server>}
 */
async function startRedis(settings = []) {
  need('redis-server');
  const server = new Server('redis-server', (port, folder) => [
    '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...settings,
  ]);
  await server.start();
  return server;
}

/**
 * @param {string[]} [settings] as on memcached's command line
 * @returns {Promise<Server>}
 */
async function startMemcached(settings = []) {
  need('memcached');
  const user = process.getuid && process.getuid() === 0 ? ['-u', 'root'] : [];
  const server = new Server('memcached', port => ['-l', '127.0.0.1', '-p', `${port}`, '-U', '0', ...user, ...settings]);
  await server.start();
  return server;
}

module.exports = { Server, need, startRedis, startMemcached };
