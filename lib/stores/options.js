'use strict';

/**
 * The checks of options and arguments that the stores and Revocations share. Options are checked once, in the constructor.
 * `null` for an option means "not set". Messages name options and limits, never values.
 */

const { LONGEST_LIFETIME_MS, LONGEST_TIMER_MS, ONE_DAY_MS } = require('../engine/lifetime');
const { misuse, optionError } = require('../errors');

const DEFAULT_TIMEOUT_MS = 5000;
/** Of `maxPendingBytes`: default, and the range of values. */
const PENDING_BYTES = { fallback: 64 * 1024 * 1024, least: 1024, most: Number.MAX_SAFE_INTEGER };

/** @typedef {number | 'session' | null | undefined} MaxAge milliseconds; 'session': until the browser closes */

/**
 * @param {unknown} options as the app gave them
 * @param {string} store the class's name, for messages
 * @param {readonly string[]} names the known options
 * @returns {Record<string, any>} the same object
 * @throws {TypeError} ERR_SESSION_OPTION for an unknown option
 */
function checkNames(options, store, names) {
  if (typeof options !== 'object' || options === null) {
    throw optionError('client', `${store} needs an object of options, with the app's client in it`);
  }
  refuseUnknown(options, store, names);
  return options;
}

/**
 * @param {object} options
 * @param {string} store the class's name, for messages
 * @param {readonly string[]} names the known options
 * @throws {TypeError} ERR_SESSION_OPTION for an unknown option
 */
function refuseUnknown(options, store, names) {
  const unknown = Object.keys(options).find(name => !names.includes(name));
  if (unknown !== undefined) throw optionError(unknown, `${store} knows only ${names.join(', ')}`);
}

/**
 * @param {Record<string, any>} options
 * @param {string} name
 * @param {{ fallback: number | undefined, least?: number, most: number }} range both limits are allowed values
 * @returns {number} `fallback` if the option is not set
 * @throws {TypeError} ERR_SESSION_OPTION
 */
function checkInteger(options, name, { fallback, least = 1, most }) {
  const value = options[name] ?? fallback;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw optionError(name, `expected an integer from ${least} to ${most}`);
}

/**
 * @param {Record<string, any>} options
 * @returns {{ prefix: string, timeoutMs: number, defaultMaxAgeMs: number, maxPendingBytes: number }} with defaults
 * @throws {TypeError} ERR_SESSION_OPTION
 */
function checkCommon(options) {
  const prefix = options.prefix ?? '';
  if (typeof prefix !== 'string') throw optionError('prefix', 'expected a string');
  return {
    prefix,
    timeoutMs: checkInteger(options, 'timeoutMs', { fallback: DEFAULT_TIMEOUT_MS, most: LONGEST_TIMER_MS }),
    defaultMaxAgeMs: checkInteger(options, 'defaultMaxAgeMs', { fallback: ONE_DAY_MS, most: LONGEST_LIFETIME_MS }),
    maxPendingBytes: checkInteger(options, 'maxPendingBytes', PENDING_BYTES),
  };
}

/**
 * @param {MaxAge} maxAge as the middleware gives it to a store
 * @param {number} defaultMaxAgeMs for 'session' and for none
 * @returns {number} whole milliseconds, rounded up; 0 or less for a session that has ended
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function lifetimeOf(maxAge, defaultMaxAgeMs) {
  if (maxAge === 'session' || maxAge == null) return defaultMaxAgeMs;
  if (typeof maxAge !== 'number' || Number.isNaN(maxAge)) {
    throw misuse('ERR_SESSION_ARGUMENT', "Expected milliseconds or 'session' for maxAge");
  }
  return Math.min(Math.ceil(maxAge), LONGEST_LIFETIME_MS);
}

module.exports = { PENDING_BYTES, checkNames, refuseUnknown, checkInteger, checkCommon, lifetimeOf };
