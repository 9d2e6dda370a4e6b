'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { onServerCore } = require('./pinning');
const { TraceGc } = require('./trace_gc');

/** A server process of its own, and what it says about itself. */
class ServerProcess {
  #child;
  #scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-bench-'));
  #answers = new Map();
  #lastId = 0;
  #errors = '';
  #trace = new TraceGc();
  port = 0;

  /**
   * @param {{ plugin?: string, store?: boolean, koa?: string, keys: string, isPinned: boolean }} options `plugin`: the folder of a
   *   session plugin, in place of Egg's own; `koa`: the package of the session middleware in a Koa app instead
   */
  constructor({ plugin = '', store = false, koa = '', keys, isPinned }) {
    const [command, ...args] = onServerCore(isPinned, [process.execPath, '--expose-gc', '--trace-gc', path.join(__dirname, 'server.js')]);
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        BENCH_PLUGIN: plugin,
        BENCH_STORE: store ? 'sqlite' : '',
        BENCH_KOA: koa,
        BENCH_KEYS: keys,
        BENCH_SCRATCH: this.#scratch,
        EGG_SERVER_ENV: 'prod',
        NODE_ENV: 'production',
        NODE_OPTIONS: '',
      },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => this.#trace.add(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => { this.#errors = (this.#errors + text).slice(-2000); });
    this.#child.on('message', (/** @type {any} */ { id, answer, error }) => {
      const { resolve, reject } = this.#answers.get(id);
      this.#answers.delete(id);
      if (error) reject(new Error(error));
      else resolve(answer);
    });
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.ended.then((code) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`the server ended with ${code}\n${this.#errors}`));
    });
  }

  /** @param {'start' | 'usage' | 'heap' | 'stop'} command @returns {Promise<any>} */
  #ask(command) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, command });
    });
  }

  async start() {
    this.port = await this.#ask('start');
    return this;
  }

  /** @returns {Promise<{ mark: number, cpu: number }>} */
  usage() {
    return this.#ask('usage');
  }

  /** After full collections. @returns {Promise<{ heapUsed: number, external: number, rss: number }>} */
  heap() {
    return this.#ask('heap');
  }

  /** See TraceGc, with the marks of `usage`. To be asked when the server has ended. */
  scavenges(from, to) {
    return this.#trace.scavenges(from, to);
  }

  async stop() {
    try {
      await this.#ask('stop');
    } catch (err) {
      this.#child.kill('SIGKILL');
      throw err;
    } finally {
      await this.ended;
      fs.rmSync(this.#scratch, { recursive: true, force: true });
    }
  }
}

module.exports = { ServerProcess };
