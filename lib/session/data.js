'use strict';

/**
 * A session's data: the object's own enumerable keys, except `isNew` and keys that start with `_`. Beside the data, stored JSON has
 * the session's lifetime, as koa-session 6.4 writes it: `_expire` (ms since 1970) and `_maxAge` (ms), or `_session: true`. The JSON of a
 * session with the option `as` has that name before it, in `_as`.
 */

const { endOf } = require('../engine/lifetime');

// In a loop over an object's keys V8 optimises this call away; `Object.hasOwn` costs as much as the loop.
const { hasOwnProperty } = Object.prototype;

/**
 * Makes an own property where an assignment would call an accessor of the prototype.
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
 * @returns {Record<string, any>} its data, in insertion order
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
 * @param {any} session or its stored JSON, parsed
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
 * @param {string} key an own key of a session
 * @returns {boolean} whether it is saved
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
 * @param {any} content what was loaded
 * @returns {Record<string, any>} what `toJSON()` gives of a session that was just loaded with this content
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
 * @param {any} session
 * @returns {Record<string, any>} what is saved: `toJSON()`, or the data if a stored key of that name hides the method
 */
function sessionJSON(session) {
  return typeof session.toJSON === 'function' ? session.toJSON() : dataOf(session);
}

/**
 * @param {any} json a session as it was stored
 * @returns {boolean} whether its lifetime is over
 */
function hasExpired(json) {
  const end = endOf(json);
  return Number.isNaN(end) || Boolean(end && end < Date.now());
}

/**
 * @param {any} json gets the keys that carry the lifetime
 * @param {any} lifetime ms or 'session'
 * @returns {any} the same object
 */
function addLifetime(json, lifetime) {
  if (lifetime === 'session') {
    json._session = true;
  } else {
    json._expire = lifetime + Date.now();
    json._maxAge = lifetime;
  }
  return json;
}

/**
 * @param {any} json gets the name of its session, the option `as`
 * @param {string} as
 */
function addName(json, as) {
  json._as = as;
}

/**
 * @param {string} text JSON of an object, without white space
 * @param {string} as
 * @returns {string} the same with the name of its session, which goes before its lifetime
 */
function withName(text, as) {
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"_as":"${as}"}`;
}

/**
 * @param {any} json a session as it was stored, of any shape
 * @returns {unknown} the name that it carries; undefined for the session without `as`
 */
function nameOf(json) {
  return json._as;
}

/**
 * @param {string} text as a store holds it; another program may have written it
 * @returns {unknown} as `nameOf`
 */
function nameIn(text) {
  if (!text.includes('"_as":')) return undefined;
  try {
    return nameOf(Object(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

/**
 * Reads the lifetime out of a stored text. Another program may have written any text into the store.
 *
 * @param {string} text
 * @returns {{ maxAge: number | 'session', leftMs: number } | undefined} `leftMs`: until it ends, NaN for 'session'; undefined if the
 *   text has no lifetime of the form above
 */
function lifetimeIn(text) {
  let json;
  try {
    json = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const { _session, _expire, _maxAge } = json;
  if (_session === true) return { maxAge: 'session', leftMs: NaN };
  return typeof _expire === 'number' && _maxAge > 0 && typeof _maxAge === 'number'
    ? { maxAge: _maxAge, leftMs: _expire - Date.now() }
    : undefined;
}

module.exports = {
  addLifetime, addName, dataKeys, dataOf, define, hasExpired, isData, lifetimeIn, nameIn, nameOf, sessionJSON, storedJSON, withName,
};
