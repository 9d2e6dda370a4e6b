'use strict';

const { copyOfJSON } = require('./snapshot');

const inspect = Symbol.for('nodejs.util.inspect.custom');
// See snapshot.js.
const { hasOwnProperty } = Object.prototype;

// Where a session's content comes from.
const ASSIGNED = 0;
// Every key is data: none runs a setter.
const LOADED = 1;
// The same, of which others have to keep what they have: all that can be changed in it is copied.
const COPIED = 2;

/**
 * What an app holds as `ctx.session`. Its own enumerable keys are the session's data, except `isNew` and keys that start
 * with `_`, which are never saved.
 */
class Session {
  /**
   * @param {import('./context_session')} contextSession
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

  /** How many keys of data there are. */
  get length() {
    return Object.keys(sessionJSON(this)).length;
  }

  /** Whether there is any data. */
  get populated() {
    return Object.keys(sessionJSON(this)).length > 0;
  }

  /** Lifetime of this session in ms, or `'session'`; setting it saves the session with this response. */
  get maxAge() {
    return this._ctx.sessionOptions.maxAge;
  }

  set maxAge(value) {
    this._ctx.sessionOptions.maxAge = value;
    this._requireSave = true;
  }

  /** The key in the store; undefined in cookie mode. */
  get externalKey() {
    return this._externalKey;
  }

  /**
   * Saves now, changed or not, empty or not.
   *
   * @param {(err?: any) => void} [callback]
   */
  save(callback) {
    return commit(this, { save: true }, callback);
  }

  /**
   * Destroys what is stored, takes a new external key and saves the content under it.
   *
   * @param {(err?: any) => void} [callback]
   */
  regenerate(callback) {
    return commit(this, { regenerate: true }, callback);
  }

  /** Saves if there is a reason to: what `autoCommit` does at the end of a request. */
  manuallyCommit() {
    return commit(this);
  }

  /**
   * @param {{ save?: boolean, regenerate?: boolean } | ((err?: any) => void)} [options]
   * @param {(err?: any) => void} [callback]
   */
  commit(options, callback) {
    return typeof options === 'function' ? commit(this, {}, options) : commit(this, options, callback);
  }
}

/**
 * The same with the own keys of koa-session 7, which Egg 4 has: the links are out of sight, so that a copy of the session holds
 * nothing of the request.
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
   * @param {import('./context_session')} contextSession
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
 * @param {Session} session
 * @param {{ save?: boolean, regenerate?: boolean }} [options]
 * @param {(err?: any) => void} [callback]
 * @returns {Promise<void> | undefined} undefined when there is a callback
 */
function commit(session, options, callback) {
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
        requestOptions.maxAge = value;
        break;
      case '_session':
        requestOptions.maxAge = 'session';
        break;
      // The session's own links: stored JSON must not be able to cut them.
      case '_sessCtx':
      case '_ctx':
      case '_externalKey':
        break;
      case 'maxAge':
        if (origin !== ASSIGNED) define(session, key, value);
        else session.maxAge = value;
        break;
      case 'toJSON':
        // Without the method, JSON.stringify(session) would follow the links into a circle.
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
    if (hasOwnProperty.call(session, link)) Object.defineProperty(session, link, { enumerable: false });
  }
}

/**
 * Makes an own property where an assignment would run an accessor of the prototype.
 *
 * @param {object} target
 * @param {string} key
 * @param {any} value
 */
function define(target, key, value) {
  Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
}

/**
 * @param {any} session
 * @returns {Record<string, any>}
 */
function dataOf(session) {
  /** @type {Record<string, any>} */
  const data = {};
  for (const key in session) {
    if (hasOwnProperty.call(session, key) && isData(key)) assign(data, key, session[key]);
  }
  return data;
}

/**
 * @param {any} session or what was stored of one
 * @returns {string[]} the keys of its data
 */
function dataKeys(session) {
  const keys = [];
  for (const key in session) {
    if (hasOwnProperty.call(session, key) && isData(key)) keys.push(key);
  }
  return keys;
}

/**
 * Whether an own key of a session is saved.
 *
 * @param {string} key
 */
function isData(key) {
  return key.charCodeAt(0) !== 0x5f /* _ */ && key !== 'isNew';
}

/**
 * @param {Record<string, any>} data a plain object
 * @param {string} key
 * @param {any} value
 */
function assign(data, key, value) {
  if (key === '__proto__') define(data, key, value);
  else data[key] = value;
}

/**
 * What `toJSON()` of a session gives that was just loaded with this content.
 *
 * @param {any} content
 * @returns {Record<string, any>}
 */
function storedJSON(content) {
  /** @type {Record<string, any>} */
  const data = {};
  for (const key in content) {
    if (isData(key)) assign(data, key, content[key]);
  }
  return data;
}

/**
 * What is saved of a session: `toJSON()`, also where a stored key of that name hides the method.
 *
 * @param {any} session
 * @returns {Record<string, any>}
 */
function sessionJSON(session) {
  return typeof session.toJSON === 'function' ? session.toJSON() : dataOf(session);
}

module.exports = { COPIED, LOADED, LinklessSession, Session, dataKeys, isData, sessionJSON, storedJSON };
