'use strict';

const { fork } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const REPOSITORY = path.join(__dirname, '../..');

/**
 * DIFFERENTIAL_OURS is for work on the tests themselves: the directory of a copy of this plugin that was broken on purpose,
 * or the word `original`, because the originals must come out equal to themselves.
 */
function ourPlugin() {
  const { DIFFERENTIAL_OURS = REPOSITORY } = process.env;
  return DIFFERENTIAL_OURS === 'original' ? '' : DIFFERENTIAL_OURS;
}

/** One forked worker: a major of Egg with one implementation of the session plugin. */
class AppProcess {
  #child;
  #scratch;
  #answers = new Map();
  #lastId = 0;
  #apps = new Map();
  #output = '';

  /**
   * @param {object} options
   * @param {3 | 4} options.major
   * @param {'original' | 'ours'} options.implementation original: the plugin that the framework itself depends on
   * @param {object} [options.env] more of the environment
   */
  constructor({ major, implementation, env = {} }) {
    this.name = `egg ${major}, ${implementation}`;
    this.#scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-fixture-'));
    const plugin = implementation === 'ours' ? ourPlugin() : '';
    this.#child = fork(path.join(__dirname, 'app_worker.js'), [], {
      execArgv: ['--require', path.join(__dirname, 'frozen_clock.js')],
      env: {
        ...process.env,
        FIXTURE_MAJOR: String(major),
        FIXTURE_PLUGIN: plugin,
        FIXTURE_SCRATCH: this.#scratch,
        EGG_SERVER_ENV: 'prod',
        NODE_ENV: 'production',
        NODE_OPTIONS: '',
        // Egg's own spelling: hundreds of apps start here, and none needs to say so
        NODE_CONSOLE_LOGGRE_LEVEL: 'WARN',
        ...env,
      },
      silent: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', chunk => { this.#output = (this.#output + chunk).slice(-20000); });
    }
    this.#child.on('message', message => this.#onMessage(message));
    this.#child.on('exit', code => {
      const error = new Error(`${this.name}: the worker ended with ${code}\n${this.#output.slice(-2000)}`);
      for (const { reject } of this.#answers.values()) reject(error);
      this.#answers.clear();
    });
  }

  #onMessage({ id, answer, error }) {
    const waiting = this.#answers.get(id);
    if (!waiting) return;
    this.#answers.delete(id);
    if (error) waiting.reject(new Error(`${this.name}: ${error}`));
    else waiting.resolve(answer);
  }

  #ask(fixtureCommand, details = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, fixtureCommand, ...details });
    });
  }

  /**
   * Starts the fixture app in a variant, or gives the one that runs already.
   * @param {object} variant
   * @returns {Promise<{ port: number, log: object[] } | { failed: string }>} log: what was recorded while it started
   */
  app(variant) {
    const key = JSON.stringify(variant);
    if (!this.#apps.has(key)) {
      // one after the other: an app reads its variant from the environment while it starts
      const previous = [...this.#apps.values()].at(-1);
      this.#apps.set(key, Promise.resolve(previous).then(
        () => this.#ask('start', { variant }).catch(error => ({ failed: error.message }))));
    }
    return this.#apps.get(key);
  }

  /** What it printed, the end of it where that is long. */
  get output() {
    return this.#output;
  }

  /** @returns {Promise<object[]>} the log since the last call */
  async collect() {
    return (await this.#ask('collect')).log;
  }

  /** Empties the stores and starts generated ids anew. */
  reset() {
    return this.#ask('reset');
  }

  /** Stops all apps, and keeps the process. */
  stopApps() {
    this.#apps.clear();
    return this.#ask('stopApps');
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.connected) {
      const ended = new Promise(resolve => this.#child.once('exit', resolve));
      await this.#ask('stop').catch(() => this.#child.kill('SIGKILL'));
      await ended;
    }
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }
}

module.exports = { AppProcess, REPOSITORY };
