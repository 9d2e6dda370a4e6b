'use strict';

/** What a session costs a request in this process: egg-session and ours take turns, above a request without a session. */

const os = require('node:os');
const { setImmediate: pause } = require('node:timers/promises');
const { createContext } = require('./originals');

const CONTENDERS = /** @type {const} */ (['none', 'egg-session', 'ours']);
const BATCH = 50;
/** At least so long, and so many rounds, for each case: the first third warms up. */
const TIME_MS = 450;
const ROUNDS = 18;
const LIMIT_MS = 2500;
const CONTENT = {
  userId: 1000001, name: 'Ada Lovelace', email: 'ada.lovelace@example.com', roles: ['admin', 'editor'], locale: 'en-GB',
  csrfSecret: 'Zm9vYmFyYmF6cXV4MTIzNDU2', loggedInAt: 1760000000000, returnTo: '/orders/2026/11?page=3&sort=date',
};

/** What a request does. `cookies`: of how many users in turn. */
const CASES = {
  seen: { cookies: 1, run: (/** @type {any} */ ctx) => ctx.session.userId },
  first: { cookies: Infinity, run: (/** @type {any} */ ctx) => ctx.session.userId },
  write: {
    cookies: Infinity,
    run(/** @type {any} */ ctx) {
      ctx.session.visits = 1;
      return ctx.session.userId;
    },
  },
};

/** The lower quartile: what is above it was disturbed more often than not. @param {number[]} numbers */
function typical(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 2];
}

/** @param {any} ctx @returns {string} what a browser would send back */
function cookieOf(ctx) {
  return Buffer.from(ctx.response.get('set-cookie')[0].split(';')[0], 'latin1').toString('latin1');
}

class Contender {
  #serial = 0;
  /** @type {string | undefined} */
  #known;

  /** @param {{ app: any, middleware: Function }} parts @param {boolean} hasSession */
  constructor({ app, middleware }, hasSession) {
    this.app = app;
    this.middleware = middleware;
    this.hasSession = hasSession;
  }

  /** @returns {Promise<string>} the cookie of another user */
  async logIn() {
    if (!this.hasSession) return 'EGG_SESS=none';
    const ctx = createContext(this.app, undefined);
    await this.middleware(ctx, async () => { ctx.session = { ...CONTENT, userId: ++this.#serial }; });
    return cookieOf(ctx);
  }

  /**
   * @param {keyof typeof CASES} name
   * @returns {Promise<number>} µs of CPU time for a request: the clock would count what else the machine does
   */
  async sample(name) {
    const { cookies, run } = CASES[name];
    const headers = [];
    for (let i = 0; i < BATCH; i++) headers.push(cookies === 1 ? this.#known ??= await this.logIn() : await this.logIn());
    let answer;
    const start = process.cpuUsage();
    for (const header of headers) {
      const ctx = createContext(this.app, header);
      await this.middleware(ctx, async () => { answer = this.hasSession ? run(ctx) : 1; });
      if (!answer) throw new Error('the session was not read');
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / BATCH;
  }
}

/** @param {number} rounds @param {number} ms @returns {boolean} */
function isDue(rounds, ms) {
  return ms < LIMIT_MS && (ms < TIME_MS || rounds < ROUNDS);
}

/** @typedef {{ name: string, original: number, ours: number }} Cost in µs */

/**
 * @param {import('./originals').Originals} originals
 * @returns {Promise<{ machine: string, cores: number, node: string, version: string, cases: Cost[] }>}
 */
async function measure(originals) {
  const contenders = CONTENDERS.map(name => new Contender(originals.create(name), name !== 'none'));
  const cases = [];
  for (const name of /** @type {(keyof typeof CASES)[]} */ (Object.keys(CASES))) {
    /** @type {number[][]} */
    const samples = [[], [], []];
    const start = Date.now();
    for (let round = 0; isDue(round, Date.now() - start); round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const which = (round + turn) % contenders.length;
        samples[which].push(await contenders[which].sample(name));
        // Other requests are served meanwhile.
        await pause();
      }
    }
    const [none, original, ours] = samples.map(all => typical(all.slice(all.length / 3)));
    cases.push({ name, original: Math.max(0, original - none), ours: Math.max(0, ours - none) });
  }
  const cpus = os.cpus();
  const machine = cpus[0]?.model.trim() || process.arch;
  return { machine, cores: cpus.length, node: process.versions.node, version: originals.version, cases };
}

module.exports = { measure };
