'use strict';

/** The backend of a SessionRegistry for sessions in a store: the record is a member of each session's text (store/record.js). */

const { userOfSession, userOfText } = require('../users');
const { publicIdOf } = require('../../store/record');
const { isTombstone, tombstone, TOMBSTONE_MS } = require('../../store/tombstone');

const EVERY_SESSION = 2 ** 32 - 1;
/** How often a session is looked for in vain: `regenerate()` may move it while it is listed. */
const MOST_LOOKS = 2;
const MOST_ROUNDS = 100;

/**
 * @typedef {import('./registry').UserSession} UserSession
 * @typedef {{ key: string, session: any, expiresAt: number, record?: import('../../store/record').SessionRecord }} Row
 */

class StoreBackend {
  #store;
  #currents = new WeakMap();

  /** @param {import('./options').CheckedOptions} options @param {(ctx: any) => any} describe */
  constructor({ store, touchAfterMs }, describe) {
    this.#store = store;
    this.touchAfterMs = touchAfterMs;
    this.describe = describe;
  }

  /** @param {any} store @param {any} _revocation */
  serves(store, _revocation) {
    return store === this.#store;
  }

  /** @param {any} session */
  userOf(session) {
    return userOfSession(this.#store.userOf, session);
  }

  /** @param {object} ctx @param {any} recorder */
  enter(ctx, recorder) {
    this.#currents.set(ctx, recorder);
  }

  /** @param {any} ctx @returns {any} the recorder of the request; undefined if its session was not loaded */
  currentOf(ctx) {
    return this.#currents.get(Object(ctx));
  }

  /**
   * @param {string} user
   * @param {{ current?: string, limit?: number }} options `current`: this session's name in the store
   * @returns {Promise<UserSession[]>}
   */
  async list(user, { current, limit }) {
    const nowMs = Date.now();
    return (await this.#rows(user, limit)).flatMap(({ key, session, expiresAt, record }) => {
      const endsAtMs = typeof session._expire === 'number' ? session._expire : expiresAt;
      if (endsAtMs < nowMs) return [];
      return [{
        id: idOf(key, record),
        createdAt: record?.beganAtMs || undefined,
        lastSeenAt: record?.seenAtMs,
        expiresAt: endsAtMs,
        label: record?.label,
        address: record?.address,
        current: key === current,
      }];
    });
  }

  /**
   * @param {string} user
   * @param {string} id
   * @returns {Promise<boolean>} true if a session was ended
   */
  async end(user, id) {
    for (let looks = 0, rounds = 0; looks < MOST_LOOKS && rounds < MOST_ROUNDS; rounds++) {
      const rows = (await this.#rows(user, EVERY_SESSION)).filter(({ key, record }) => idOf(key, record) === id);
      if (rows.length === 0) looks++;
      const isEnded = await Promise.all(rows.map(({ key }) => this.#destroy(user, key)));
      if (isEnded.includes(true)) return true;
    }
    return false;
  }

  /** @param {string} user @param {{ except?: string }} [current] the recorder of a request whose session stays */
  async endAll(user, { except } = {}) {
    await this.#store.destroyAll({ user, except });
  }

  async checkAccess() {}

  /** @param {string} user @param {number} [limit] @returns {Promise<Row[]>} */
  #rows(user, limit) {
    return this.#store.list({ user, limit, withRecords: true });
  }

  /**
   * Puts a tombstone in the session's place, but only if it is still this user's.
   *
   * @param {string} user
   * @param {string} key
   * @returns {Promise<boolean>}
   */
  async #destroy(user, key) {
    const store = this.#store;
    let text = await store.getText(key);
    while (text && !isTombstone(text) && userOfText(store.userOf, text) === user) {
      const answer = await store.compareAndSet(key, text, tombstone(), TOMBSTONE_MS, { changed: true });
      if (answer.status === 'done') return true;
      text = answer.text;
    }
    return false;
  }
}

/**
 * @param {string} key in the store
 * @param {import('../../store/record').SessionRecord} [record]
 * @returns {string}
 */
function idOf(key, record) {
  return record === undefined ? publicIdOf(key) : record.id;
}

module.exports = { StoreBackend };
