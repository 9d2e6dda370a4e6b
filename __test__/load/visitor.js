'use strict';

const { isDeepStrictEqual } = require('node:util');
const { CookieJar, send } = require('../support/client');

/** @typedef {import('../generate/prng').Prng} Prng */

/**
 * @typedef {object} Traffic what all visitors of one app count together
 * @property {number} answers
 * @property {number} hostile answers to hostile cookies
 * @property {string[]} wrong what was wrong with an answer, without cookies and sessions
 */

const HOSTILE_SHARE = 0.01;
/** Half of them read, as on a real site. @type {[string, number][]} */
const ACTIONS = [['read', 0.5], ['count', 0.25], ['untouched', 0.1], ['note', 0.05], ['regenerate', 0.05], ['logout', 0.05]];

/** One browser, that knows at each moment what its session must be. */
class Visitor {
  #jar = new CookieJar();
  /** @type {{ user: string, count: number, note?: string } | null} */
  #session = null;

  /**
   * @param {object} options
   * @param {number} options.port
   * @param {import('node:http').Agent} options.agent
   * @param {Prng} options.prng
   * @param {string} options.user
   * @param {import('./apps').LoadApp} options.app
   * @param {() => string} options.makeHostile a Cookie header
   * @param {Traffic} options.traffic
   */
  constructor({ port, agent, prng, user, app, makeHostile, traffic }) {
    Object.assign(this, { port, agent, prng, user, app, makeHostile, traffic });
  }

  async visit() {
    if (this.prng.chance(HOSTILE_SHARE)) return this.#attack();
    if (!this.#session) return this.#act('login', { user: this.user }, { user: this.user, count: 0 });
    const action = this.#pickAction();
    switch (action) {
      case 'untouched': return this.#pass();
      case 'count': return this.#act(action, {}, { ...this.#session, count: this.#session.count + 1 });
      case 'logout': return this.#logOut();
      case 'note': {
        const characters = this.prng.below(this.app.longestNote);
        return this.#act(action, { characters }, { ...this.#session, note: 'n'.repeat(characters) });
      }
      default: return this.#act(action, {}, this.#session);
    }
  }

  #pickAction() {
    let at = this.prng.bits() / 2 ** 32;
    const [action] = ACTIONS.find(([, share]) => (at -= share) < 0) || ACTIONS[0];
    return action;
  }

  async #act(action, details, expected) {
    const answer = await this.#request('/session', { action, ...details }, this.#cookies());
    if (!answer) return;
    this.#session = expected;
    this.#jar.store(answer.setCookie, Date.now());
    if (!isDeepStrictEqual(answer.body, { session: expected })) this.#isWrong(action, 'another session than this visitor\'s');
    const mustSet = !['read', 'count', 'note'].includes(action) || (action === 'count' && !this.app.store);
    if (mustSet && answer.setCookie.length === 0) this.#isWrong(action, 'no Set-Cookie');
    if (action === 'read' && answer.setCookie.length > 0) this.#isWrong(action, 'a Set-Cookie that nothing asked for');
  }

  /** In a store, what was logged out stays logged out. */
  async #logOut() {
    const copied = this.#cookies();
    await this.#act('logout', {}, null);
    if (this.#cookies() !== '') this.#isWrong('logout', 'a cookie that stays');
    if (!this.app.store) return;
    const answer = await this.#request('/session', { action: 'read' }, copied);
    if (answer && !isDeepStrictEqual(answer.body, { session: {} })) this.#isWrong('read after logout', 'a session');
  }

  async #pass() {
    const answer = await this.#request('/untouched', {}, this.#cookies());
    if (answer && answer.setCookie.length > 0) this.#isWrong('untouched', 'a Set-Cookie');
  }

  /** Somebody's invention, or this visitor's cookie with a character changed. */
  async #attack() {
    const own = this.#cookies();
    const isSpoiled = own !== '' && this.prng.chance(0.5);
    const answer = await this.#request('/session', { action: 'read' }, isSpoiled ? spoil(own, this.prng) : this.makeHostile());
    if (!answer) return;
    this.traffic.hostile++;
    // Egg's encrypted cookies can be forged: that is what the sealed ones are for.
    if (this.app.forgeable) return;
    if (!isDeepStrictEqual(answer.body, { session: {} })) this.#isWrong('attack', 'a session');
  }

  #cookies() {
    return this.#jar.header(Date.now(), '/');
  }

  #isWrong(action, what) {
    this.traffic.wrong.push(`${this.app.name}: ${action} was answered with ${what}`);
  }

  /** @returns {Promise<{ setCookie: string[], body: any } | undefined>} nothing when there was no right answer */
  async #request(path, body, cookie) {
    const { port, agent, traffic } = this;
    try {
      const answer = await send({ port, path, agent, body, headers: cookie === '' ? {} : { cookie } });
      traffic.answers++;
      if (answer.status === 200) return answer;
      this.#isWrong(body.action || path, `status ${answer.status}`);
    } catch (error) {
      this.#isWrong(body.action || path, `no answer: ${error.code || error.name}`);
    }
    return undefined;
  }
}

/** One character of the cookie's value becomes another one that a cookie may hold. @param {string} header @param {Prng} prng */
function spoil(header, prng) {
  const start = header.indexOf('=') + 1;
  const at = start + prng.below(header.length - start);
  const other = header[at] === 'A' ? 'B' : 'A';
  return `${header.slice(0, at)}${other}${header.slice(at + 1)}`;
}

module.exports = { Visitor };
