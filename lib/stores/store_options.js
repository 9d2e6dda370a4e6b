'use strict';

/** What RedisStore and MemcachedStore ask of their options and arguments alike. `null` means "not set". */

const { optionError } = require('../errors');
const { misuse } = require('../engine/misuse');

const ONE_DAY_MS = 24 * 60 * 60 * 1000;
// Nobody's session lives longer, and every server can still count to it.
const LONGEST_LIFETIME_MS = 100 * 365 * ONE_DAY_MS;
const DEFAULT_TIMEOUT_MS = 5000;
/** The longest time that a timer of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @typedef {number | 'session' | null | undefined} MaxAge milliseconds, or until the browser closes */

/**
 * @param {unknown} options as the app gave them
 * @param {string} store the class's name, for messages
 * @param {readonly string[]} names of the options there are
 * @returns {Record<string, any>}
 * @throws {TypeError} with code ERR_SESSION_OPTION
 */
function checkNames(options, store, names) {
  if (typeof options !== 'object' || options === null) {
    throw optionError('client', `${store} needs an object of options, with the app's client in it`);
  }
  const unknown = Object.keys(options).find(name => !names.includes(name));
  if (unknown !== undefined) throw optionError(unknown, `${store} knows only ${names.join(', ')}`);
  return options;
}

/**
 * @param {Record<string, any>} options
 * @param {string} name
 * @param {{ fallback: number, least?: number, most: number }} range
 * @returns {number}
 */
function checkInteger(options, name, { fallback, least = 1, most }) {
  const value = options[name] ?? fallback;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw optionError(name, `expected an integer from ${least} to ${most}`);
}

/**
 * @param {Record<string, any>} options
 * @returns {{ prefix: string, timeoutMs: number, defaultMaxAgeMs: number }}
 */
function checkCommon(options) {
  const prefix = options.prefix ?? '';
  if (typeof prefix !== 'string') throw optionError('prefix', 'expected a string');
  return {
    prefix,
    timeoutMs: checkInteger(options, 'timeoutMs', { fallback: DEFAULT_TIMEOUT_MS, most: LONGEST_TIMER_MS }),
    defaultMaxAgeMs: checkInteger(options, 'defaultMaxAgeMs', { fallback: ONE_DAY_MS, most: LONGEST_LIFETIME_MS }),
  };
}

/**
 * @param {MaxAge} maxAge as a store is given it
 * @param {number} defaultMaxAgeMs
 * @returns {number} whole milliseconds; 0 or less for what has ended
 */
function lifetimeOf(maxAge, defaultMaxAgeMs) {
  if (maxAge === 'session' || maxAge == null) return defaultMaxAgeMs;
  if (typeof maxAge !== 'number' || Number.isNaN(maxAge)) {
    throw misuse('ERR_SESSION_ARGUMENT', "Expected milliseconds or 'session' for maxAge");
  }
  return Math.min(Math.ceil(maxAge), LONGEST_LIFETIME_MS);
}

module.exports = { checkNames, checkInteger, checkCommon, lifetimeOf };
