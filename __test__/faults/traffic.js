'use strict';

/** Sends the requests of all browsers of one store, and judges how each was answered. Keeps the cookies of sessions that have ended. */

const http = require('node:http');
const { CookieJar } = require('../support/client');

/** Above every deadline on the way: those of the store, and the longest stop of a worker or a server. */
const DEADLINE_MS = 12_000;
const MOST_GRAVES = 1500;

class Traffic {
  requests = 0;
  errors = 0;
  closed = 0;
  /** True while nothing is broken: then every answer must be 200. */
  isCalm = false;
  #graves = [];

  /**
   * @param {object} options
   * @param {import('./ledger').Ledger} options.ledger
   * @param {import('../generate/prng').Prng} options.prng
   * @param {import('./workers').Worker[]} options.workers
   * @param {{ epoch: number }} options.clock theirs
   * @param {(kind: string, details: string) => void} options.report
   */
  constructor({ ledger, prng, workers, clock, report }) {
    Object.assign(this, { ledger, prng, workers, clock, report });
  }

  /**
   * @param {string} action
   * @param {string} cookie
   * @param {{ device?: string } & Record<string, any>} [details] `device`: the key that the app gives its sessions
   * @returns {Promise<{ status: number, session?: any, setCookie?: string[], code?: string }>} status 0: no answer
   */
  async send(action, cookie, { device, ...details } = {}) {
    const ready = this.workers.filter(({ isReady }) => isReady);
    if (ready.length === 0) return { status: 0, code: 'no worker' };
    const worker = this.prng.pick(ready);
    const { disturbances, isDisturbed } = worker;
    this.requests++;
    const started = performance.now();
    try {
      const { status, setCookie, body } = await ask(worker, cookie, { action, ...details }, device);
      if (status === 200) return { status, setCookie, session: body.session };
      this.errors++;
      if (this.isCalm) this.report('not recovered', `${action} was answered with ${status} ${JSON.stringify(body)}, and nothing is broken`);
      return { status, code: body.code };
    } catch (error) {
      const tookMs = Math.round(performance.now() - started);
      if (error.code === 'DEADLINE') this.report('no answer', `${action} had none after ${tookMs} ms from worker ${worker.index}`);
      else if (!isDisturbed && worker.disturbances === disturbances && worker.isReady) {
        // The worker's exit may be told a moment later than the socket's end.
        await new Promise(resolve => setTimeout(resolve, 200));
        if (worker.disturbances === disturbances) this.report('closed', `${action}: ${error.code} from worker ${worker.index}, which nothing had happened to`);
      }
      this.closed++;
      return { status: 0, code: error.code };
    }
  }

  /** Whether a worker serves a session from its store, without a visitor. @param {import('./workers').Worker} worker */
  async probe(worker) {
    const user = 'probe';
    const login = await ask(worker, '', { action: 'login', user, life: 'probe' }).catch(() => ({ status: 0, setCookie: [] }));
    if (login.status !== 200) return false;
    const jar = new CookieJar();
    jar.store(login.setCookie, 0);
    const logout = await ask(worker, jar.header(0, '/'), { action: 'logout' }).catch(() => ({ status: 0 }));
    return logout.status === 200;
  }

  /** The session of this cookie has ended. */
  bury(life, cookie) {
    if (cookie === '') return;
    this.#graves.push({ life, cookie, buriedAt: performance.now() });
    if (this.#graves.length > MOST_GRAVES) this.#graves.splice(this.prng.below(MOST_GRAVES), 1);
  }

  /** @param {any} life @param {string[]} setCookie of an answer that came after the end */
  buryLate(life, setCookie) {
    const jar = new CookieJar();
    jar.store(setCookie, 0);
    this.bury(life, jar.header(0, '/'));
  }

  /** Anybody's old cookie: the latest more often, since what is late comes soon. */
  async visitGrave() {
    const { length } = this.#graves;
    if (length === 0) return;
    const at = this.prng.chance(0.5) ? length - 1 - this.prng.below(Math.min(length, 10)) : this.prng.below(length);
    await this.#look(this.#graves[at]);
  }

  /** Every old cookie, a few at a time. */
  async visitAllGraves() {
    const graves = [...this.#graves];
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let grave; (grave = graves.pop()) !== undefined;) await this.#look(grave);
    }));
  }

  forgetGraves() {
    this.#graves = [];
  }

  async #look(grave) {
    if (grave.isReported) return;
    const sentAt = performance.now();
    const answer = await this.send('read', grave.cookie);
    if (answer.status !== 200 || answer.session === null) return;
    grave.isReported = true;
    this.ledger.buried(grave.life, answer.session, `${Math.round(sentAt - grave.buriedAt)} ms after it had ended`);
  }
}

/** @param {import('./workers').Worker} worker @param {string} cookie @param {object} body @param {string} [device] */
function ask({ port, agent }, cookie, body, device) {
  const payload = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1', port, agent, method: 'POST', path: '/',
      headers: {
        'content-type': 'application/json', 'content-length': Buffer.byteLength(payload),
        ...(cookie === '' ? {} : { cookie }), ...(device === undefined ? {} : { 'x-device': device }),
      },
    }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', chunk => { text += chunk; }).on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        let parsed = {};
        try { parsed = JSON.parse(text); } catch { /* Koa's own page of an error */ }
        resolve({ status: response.statusCode, setCookie: response.headers['set-cookie'] || [], body: parsed });
      });
    });
    const fail = error => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => request.destroy(Object.assign(new Error('no answer'), { code: 'DEADLINE' })), DEADLINE_MS);
    request.on('error', fail);
    request.end(payload);
  });
}

module.exports = { Traffic, DEADLINE_MS };
