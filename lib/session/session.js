'use strict';

/**
 * The object that an app holds as `ctx.session`. Its own enumerable keys are the session's data, except `isNew` and keys that
 * start with `_`: these are never saved.
 */

const { dataOf, define, sessionJSON } = require('./data');
const { copyOfJSON } = require('./snapshot');
const { endOf, fromDigits, isMaxAge } = require('../engine/lifetime');
const { kindOf, misuse } = require('../errors');

const inspect = Symbol.for('nodejs.util.inspect.custom');

// The origin of a session's content: the app assigned it,
const ASSIGNED = 0;
// or it was loaded, and every key is data: none calls a setter,
const LOADED = 1;
// or it was loaded and is remembered for other requests: the session gets a copy of each object in it.
const COPIED = 2;

class Session {
  /**
   * @param {any} contextSession the request's `ContextSession`
   * @param {any} [content] what was loaded, or what the app assigned
   * @param {string} [externalKey] only with a store
   * @param {0 | 1 | 2} [origin] ASSIGNED, LOADED or COPIED
   */
  constructor(contextSession, content, externalKey, origin = ASSIGNED) {
    this._sessCtx = contextSession;
    this._ctx = contextSession.ctx;
    this._externalKey = externalKey;
    if (!content) this.isNew = true;
    else fill(this, content, contextSession.opts, origin);
  }

  /**
   * @returns {Record<string, any>} the data that is saved, in insertion order
   */
  toJSON() {
    return dataOf(this);
  }

  [inspect]() {
    return sessionJSON(this);
  }

  /** The number of keys of data. */
  get length() {
    return Object.keys(sessionJSON(this)).length;
  }

  /** True if there is data. */
  get populated() {
    return Object.keys(sessionJSON(this)).length > 0;
  }

  /** The session's lifetime in ms, or `'session'`. Setting it saves the session with this response. A number below 0 ends it. */
  get maxAge() {
    return this._sessCtx.opts.maxAge;
  }

  set maxAge(value) {
    this._sessCtx.opts.maxAge = checkedMaxAge(value);
    this._requireSave = true;
  }

  /** The key in the store; undefined in cookie mode. */
  get externalKey() {
    return this._externalKey;
  }

  /**
   * Saves now, even an unchanged or empty session.
   *
   * @param {(err?: any) => void} [callback]
   */
  save(callback) {
    return commitBy(this, { save: true }, callback);
  }

  /**
   * Saves the content under a new external key and destroys the entry under the old one.
   *
   * @param {(err?: any) => void} [callback]
   */
  regenerate(callback) {
    return commitBy(this, { regenerate: true }, callback);
  }

  /** Saves if there is a reason to, as `autoCommit` does at the end of a request. */
  manuallyCommit() {
    return commitBy(this);
  }

  /**
   * @param {{ save?: boolean, regenerate?: boolean } | ((err?: any) => void)} [options]
   * @param {(err?: any) => void} [callback]
   */
  commit(options, callback) {
    return typeof options === 'function' ? commitBy(this, {}, options) : commitBy(this, options, callback);
  }
}

/**
 * A Session with the own keys of koa-session 7, which Egg 4 has: the links to the request are private, so that a copy of the
 * session holds nothing of the request.
 */
const LinklessSession = class Session {
  #sessCtx;
  #ctx;
  #externalKey;
  isNew = false;
  _requireSave = false;
  /** @type {any} */
  _expire = undefined;

  /**
   * @param {any} contextSession
   * @param {any} [content]
   * @param {string} [externalKey]
   * @param {0 | 1 | 2} [origin]
   */
  constructor(contextSession, content, externalKey, origin = ASSIGNED) {
    this.#sessCtx = contextSession;
    this.#ctx = contextSession.ctx;
    this.#externalKey = externalKey;
    if (!content) this.isNew = true;
    else fill(this, content, contextSession.opts, origin);
  }

  get _sessCtx() {
    return this.#sessCtx;
  }

  get _ctx() {
    return this.#ctx;
  }

  get _externalKey() {
    return this.#externalKey;
  }

  set _externalKey(key) {
    this.#externalKey = key;
  }
};
const shared = Object.getOwnPropertyDescriptors(Session.prototype);
Reflect.deleteProperty(shared, 'constructor');
Object.defineProperties(LinklessSession.prototype, shared);

/**
 * @param {any} value what the app assigned; what is falsy means "not set", as in koa-session
 * @returns {any} the same, or the number that text of digits stands for
 * @throws {TypeError} ERR_SESSION_ARGUMENT for what is no lifetime
 */
function checkedMaxAge(value) {
  const maxAge = fromDigits(value);
  // The text '0' is no lifetime, though the number 0 is none that was set.
  if (isMaxAge(maxAge) && (maxAge || !value)) return maxAge;
  const received = typeof value === 'string' || typeof value === 'number' ? `another ${typeof value}` : kindOf(value);
  throw misuse('ERR_SESSION_ARGUMENT', `Expected milliseconds or 'session' for maxAge but received ${received}`);
}

/**
 * @param {Session} session
 * @param {{ save?: boolean, regenerate?: boolean }} [options]
 * @param {(err?: any) => void} [callback]
 * @returns {Promise<void> | undefined} undefined if there is a callback
 */
function commitBy(session, options, callback) {
  const promise = session._sessCtx.commit(options);
  if (!callback) return promise;
  promise.then(() => callback(), callback);
  return undefined;
}

/**
 * @param {any} session
 * @param {any} content
 * @param {{ maxAge?: any }} requestOptions
 * @param {0 | 1 | 2} origin
 */
function fill(session, content, requestOptions, origin) {
  for (const key in content) {
    let value = content[key];
    if (origin === COPIED && typeof value === 'object' && value !== null) value = copyOfJSON(value);
    switch (key) {
      case '_maxAge':
        requestOptions.maxAge = fromDigits(value);
        break;
      case '_expire':
        session._expire = endOf(content);
        break;
      case '_session':
        requestOptions.maxAge = 'session';
        break;
      // The session's own links to its request: stored JSON must not replace them.
      case '_sessCtx':
      case '_ctx':
      case '_externalKey':
        break;
      case 'maxAge':
        if (origin !== ASSIGNED) define(session, key, value);
        else session.maxAge = value;
        break;
      case 'toJSON':
        // Without the method, JSON.stringify(session) would follow the links and meet a circle.
        if (origin !== ASSIGNED) hideLinks(session);
        session[key] = value;
        break;
      case '__proto__':
      case 'length':
      case 'populated':
      case 'externalKey':
        define(session, key, value);
        break;
      default:
        session[key] = value;
    }
  }
}

/** @param {any} session */
function hideLinks(session) {
  for (const link of ['_sessCtx', '_ctx', '_externalKey']) {
    if (Object.hasOwn(session, link)) Object.defineProperty(session, link, { enumerable: false });
  }
}

module.exports = { COPIED, LOADED, LinklessSession, Session };
