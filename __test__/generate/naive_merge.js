'use strict';

/** The rules of merging once more, as short as can be, on parsed values: the oracle of the engines. */

const { isDeepStrictEqual } = require('node:util');
const { isObject, setOwn } = require('./session_edits');

const ABSENT = Symbol('absent');
const BOOKKEEPING = ['_expire', '_maxAge', '_session'];
const LENGTH = ['_maxAge', '_session'];

/** @param {any} object @param {string} key */
const own = (object, key) => (isObject(object) && Object.hasOwn(object, key) ? object[key] : ABSENT);

/**
 * @param {any} base @param {any} mine @param {any} theirs parsed sessions
 * @returns {{ session: any, conflicts: string[] }} conflicts sorted
 */
function naiveMerge(base, mine, theirs) {
  /** @type {string[][]} */
  const conflicts = [];

  /** @param {any} b @param {any} m @param {any} t @param {string[]} path @returns {any} */
  const merge = (b, m, t, path) => {
    if (isObject(m) && isObject(t)) {
      const merged = {};
      for (const key of new Set([...Object.keys(t), ...Object.keys(m)])) {
        const value = merge(own(b, key), own(m, key), own(t, key), [...path, key]);
        if (value !== ABSENT) setOwn(merged, key, value);
      }
      return merged;
    }
    if (isDeepStrictEqual(m, t) || isDeepStrictEqual(m, b)) return t;
    if (!isDeepStrictEqual(t, b)) conflicts.push(path);
    return m;
  };

  const session = merge(base, mine, theirs, []);
  const hasOtherLength = side => LENGTH.some(key => !isDeepStrictEqual(own(side, key), own(base, key)));
  const lifetime = [mine, theirs].find(hasOtherLength);
  for (const key of lifetime ? BOOKKEEPING : []) {
    delete session[key];
    if (own(lifetime, key) !== ABSENT) session[key] = lifetime[key];
  }
  const counted = conflicts.filter(path => !BOOKKEEPING.includes(path[0]));
  return { session, conflicts: counted.map(pointer).sort() };
}

/** RFC 6901. @param {string[]} path @returns {string} */
function pointer(path) {
  return path.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

module.exports = { naiveMerge, pointer };
