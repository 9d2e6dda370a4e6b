'use strict';

/** Browsers: each has one session at a time and several lanes, which are requests at the same time. */

const { setTimeout: sleep } = require('node:timers/promises');
const { CookieJar } = require('../support/client');

const MOST_COPIES = 6;
const MOST_WAIT_MS = 25;
const LONG_WAIT_MS = 250;

/**
 * What a lane does next, with its share; the rest reads. An account operation needs the session for itself.
 *
 * `hasOneKey`: the app's `genid` gives the key of the device, to one user after another. A request that is slow enough finds the session
 * of the next user under its own cookie, so each says which session it is about, and the worker leaves any other alone.
 *
 * `toggler` waits a while between two requests: a late write that lands while one is under way is merged, and undoes nothing.
 *
 * Under stepped clocks the rest of a sealed session is promised, and "everywhere" is not: it compares the times at which a session
 * began and its user was logged out. So a user who logs out everywhere is another user after each step.
 */
const HABITS = {
  lanes: { lanes: 3, pauseMs: 12, actions: [['update', 0.6], ['regenerate', 0.04], ['logout', 0.04], ['buried', 0.06]] },
  toggler: { lanes: 1, pauseMs: 20, isBrowserSession: true, actions: [['toggle', 0.75], ['logout', 0.01]] },
  hurried: { lanes: 1, pauseMs: 2, actions: [['update', 0.5], ['regenerate', 0.1], ['logout', 0.25], ['buried', 0.05]] },
  device: { lanes: 3, pauseMs: 12, hasOneKey: true, waitMs: LONG_WAIT_MS, actions: [['update', 0.7], ['regenerate', 0.03], ['logout', 0.1]] },
  sealed: { lanes: 2, pauseMs: 10, isSealed: true, actions: [['update', 0.4], ['regenerate', 0.08], ['logout', 0.1], ['buried', 0.2]] },
  everywhere: {
    lanes: 2, pauseMs: 10, isSealed: true, comparesClocks: true,
    actions: [['update', 0.4], ['regenerate', 0.08], ['logout', 0.02], ['everywhere', 0.1], ['buried', 0.2]],
  },
};
const ACCOUNT = new Set(['regenerate', 'logout', 'everywhere']);

class Browser {
  #jar = new CookieJar();
  /** @type {ReturnType<import('./ledger').Ledger['open']> | null} */
  #life = null;
  #isAtAccount = false;
  #lives = 0;
  /** Counts the devices of `hasOneKey`: where nobody knows whether a session ended, the next user has another one. */
  #devices = 1;
  /** Sealed sessions: cookies that the session had, each a session of its own to who holds a copy. */
  #copies = new Set();
  /** The lives of requests without an answer yet, once for each. */
  #underWay = [];

  /**
   * @param {object} options
   * @param {keyof HABITS} options.habit
   * @param {string} options.user
   * @param {import('../generate/prng').Prng} options.prng
   * @param {import('./traffic').Traffic} options.traffic
   */
  constructor({ habit, user, prng, traffic }) {
    Object.assign(this, { user, prng, traffic, isSealed: HABITS[habit].isSealed, habit: HABITS[habit] });
  }

  /** @param {() => boolean} isOver @returns {Promise<void>} once no request of this browser is under way */
  async browse(isOver) {
    await Promise.all(Array.from({ length: this.habit.lanes }, async (_, lane) => {
      while (!isOver()) {
        await this.#act(`slot${lane}`);
        await sleep(this.prng.below(this.habit.pauseMs));
      }
    }));
  }

  /** Looks at the session while nothing else happens. */
  async audit() {
    if (this.#isOfOldClock(this.#life)) this.forget();
    if (this.#life !== null) await this.#request('read');
  }

  get hasOneKey() {
    return Boolean(this.habit.hasOneKey);
  }

  /** Forgets the session: after a loss of data nothing is known of it. */
  forget() {
    this.#devices++;
    this.#reset();
  }

  #reset() {
    this.#life = null;
    this.#jar = new CookieJar();
    this.#copies.clear();
  }

  #pick() {
    let at = this.prng.bits() / 2 ** 32;
    const [action] = this.habit.actions.find(([, share]) => (at -= share) < 0) || ['read'];
    return action;
  }

  async #act(slot) {
    const action = this.#pick();
    if (!this.#isAtAccount && this.#isOfOldClock(this.#life)) this.forget();
    if (action === 'buried') return this.traffic.visitGrave();
    const isAccount = this.#life === null || ACCOUNT.has(action);
    if (!isAccount) return this.#request(action, { slot });
    if (this.#isAtAccount) return undefined;
    this.#isAtAccount = true;
    try {
      if (this.#life === null) await this.#logIn();
      else await this.#request(action, { isAccount: true });
    } finally {
      this.#isAtAccount = false;
    }
    return undefined;
  }

  async #logIn() {
    const { ledger } = this.traffic;
    const { epoch } = this.traffic.clock;
    const user = this.#nextUser(epoch);
    const life = ledger.open(user, `${this.user}.${++this.#lives}`, { isMerged: !this.isSealed });
    life.clockEpoch = epoch;
    const ticket = ledger.begin(life, { isAccount: true });
    const { isBrowserSession } = this.habit;
    const answer = await this.traffic.send('login', '', { user, life: life.name, isBrowserSession, device: this.#device() });
    life.note(`login ${answer.status}`);
    if (answer.status !== 200) {
      this.#devices++;
      return ledger.inDoubt(ticket);
    }
    ledger.answered(ticket, answer.session);
    this.#jar = new CookieJar();
    this.#copies.clear();
    this.#take(answer.setCookie);
    this.#life = life;
    return undefined;
  }

  /** @param {number} epoch of the clock */
  #nextUser(epoch) {
    if (this.hasOneKey) return `${this.user}.${this.#lives + 1}`;
    return this.habit.comparesClocks ? `${this.user}@${epoch}` : this.user;
  }

  /** The external key of every session of this device; undefined: each has a key of its own. */
  #device() {
    return this.hasOneKey ? `${this.user}-${this.#devices}` : undefined;
  }

  /** @param {string} action @param {{ slot?: string, isAccount?: boolean }} [options] */
  async #request(action, { slot, isAccount = false } = {}) {
    const { ledger } = this.traffic;
    const life = this.#life;
    const cookie = this.#cookie();
    const isUpdate = action === 'update';
    const { waitMs = MOST_WAIT_MS } = this.habit;
    const details = isUpdate ? { slot, value: ledger.nextValue(life, slot), waitMs: this.prng.below(waitMs) } : {};
    if (this.hasOneKey) Object.assign(details, { device: this.#device(), only: life.name });
    const ticket = ledger.begin(life, { isAccount, isToggle: action === 'toggle', slot: isUpdate ? slot : undefined });
    // A slow request may be about a session that this browser has left, and that did not end: all of its user's sessions end now.
    if (action === 'everywhere') for (const slow of this.#underWay) if (slow !== life) slow.mayVanish = true;
    this.#underWay.push(life);
    const answer = await this.traffic.send(action, cookie, details);
    this.#underWay.splice(this.#underWay.indexOf(life), 1);
    // It came so late that the device has a new user, whose session it finds and leaves alone.
    if (this.hasOneKey && this.#life !== life && answer.session && answer.session.life !== life.name) answer.session = null;
    life.note(`${action}${isUpdate ? ` ${slot}=${details.value}` : ''} ${answer.status}${answer.code ? ` ${answer.code}` : ''}`
      + (answer.session ? ` ${JSON.stringify(answer.session.slots)} ${answer.session.role}` : ''));
    if (answer.status !== 200 || (answer.session === null && this.#isOfOldClock(life))) {
      ledger.inDoubt(ticket);
      // Whether it was done is unknown: the next request tells, or a new session begins.
      if (isAccount && this.isSealed) this.#leave(life);
      return;
    }
    if (action === 'logout' || action === 'everywhere') this.#ended(ticket, action, answer, cookie);
    else this.#answered(ticket, action, answer, cookie, isAccount);
  }

  #ended(ticket, action, answer, cookie) {
    const { traffic } = this;
    const { ledger } = traffic;
    const { life } = ticket;
    ledger.ended(ticket, answer.session);
    life.mayComeBack = answer.session === null || (action === 'everywhere' && this.#isOfOldClock(life));
    if (this.hasOneKey && !life.mayComeBack) {
      // The next user of the device has the same cookie.
      if (this.#life === life) this.#reset();
      return;
    }
    if (!life.mayComeBack) for (const each of this.isSealed ? [cookie, ...this.#copies] : [cookie]) traffic.bury(life, each);
    this.#leave(life);
  }

  #answered(ticket, action, answer, cookie, isAccount) {
    const { traffic } = this;
    const { ledger } = traffic;
    const { life } = ticket;
    if (ledger.answered(ticket, answer.session) !== 'live') {
      // Another lane may have logged in again meanwhile.
      if (!this.#isAtAccount || isAccount) this.#leave(life);
      return;
    }
    if (this.#life !== life) {
      // It was under way when the session ended: a copy that comes too late is revoked as well.
      if (this.isSealed && life.isEnded && !life.mayComeBack) traffic.buryLate(life, answer.setCookie);
      return;
    }
    if (action === 'regenerate' && !this.hasOneKey) {
      for (const each of this.isSealed ? [cookie, ...this.#copies] : [cookie]) traffic.bury(life, each);
      this.#copies.clear();
      this.#jar = new CookieJar();
      life.regenerations = (life.regenerations || 0) + 1;
      this.#take(answer.setCookie);
    } else if (ticket.epoch === life.accountEpoch && !ticket.isShared) {
      this.#take(answer.setCookie);
    }
  }

  /** @param {any} life */
  #isOfOldClock(life) {
    return Boolean(this.habit.comparesClocks && life) && life.clockEpoch !== this.traffic.clock.epoch;
  }

  #leave(life) {
    if (this.#life === life) this.forget();
  }

  /** @param {string[]} setCookie */
  #take(setCookie) {
    if (setCookie.length === 0) return;
    if (this.isSealed && this.#cookie() !== '' && this.#copies.size < MOST_COPIES) this.#copies.add(this.#cookie());
    this.#jar.store(setCookie, 0);
  }

  #cookie() {
    return this.#jar.header(0, '/');
  }
}

module.exports = { Browser, HABITS };
