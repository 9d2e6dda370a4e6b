'use strict';

/** The options of SqliteStore, checked once at start. In every option `null` means "not set". */

const path = require('node:path');
const { LONGEST_TIMER_MS, ONE_DAY_MS } = require('../../engine/lifetime');
const { optionError } = require('../../errors');
const { PENDING_BYTES, checkInteger, refuseUnknown } = require('../options');

const MOST_PENDING = 1_000_000;

/**
 * @typedef {object} SqliteStoreOptions
 * @property {string} path the database file; made where there is none, and its folder too
 * @property {'normal' | 'full' | null} [synchronous] what an acknowledged write survives: 'normal' (default) the death
 *   of the process, 'full' also a power cut
 * @property {number | null} [busyTimeoutMs] how long a call may wait for another process's lock. Default 5000
 * @property {number | null} [sweepIntervalMs] how often expired sessions are deleted, 0 for never. Default 60000
 * @property {number | null} [defaultMaxAgeMs] how long sessions of `maxAge: 'session'` are kept. Default one day
 * @property {number | null} [maxPending] how many calls of a kind may queue before more are refused. Default 10000
 * @property {number | null} [maxPendingBytes] how much memory writes that wait may hold, and reads that wait. Default 64 MiB
 * @property {number | null} [maxFileBytes] how large the file may become, its log not counted. Default: as large as it
 *   gets
 * @property {((session: any) => string | number | null | undefined) | null} [userOf] whose session it is: for `list` and
 *   `destroyAll`
 * @property {((error: Error & { code?: string }) => void) | null} [onError] told of errors that no caller waits for.
 *   Default: process warnings
 */

/**
 * @typedef {object} CheckedOptions
 * @property {string} path absolute
 * @property {boolean} synchronousFull
 * @property {number} busyTimeoutMs
 * @property {number} sweepIntervalMs
 * @property {number} defaultMaxAgeMs
 * @property {number} maxPending
 * @property {number} maxPendingBytes
 * @property {number | undefined} maxFileBytes
 * @property {((session: any) => any) | undefined} userOf
 * @property {(error: Error & { code?: string }) => void} onError
 */

/** @typedef {[name: string, fallback: number | undefined, least: number, most: number]} NumberOption */
/** @type {NumberOption[]} */
const NUMBERS = [
  ['busyTimeoutMs', 5000, 0, LONGEST_TIMER_MS],
  ['sweepIntervalMs', 60_000, 0, LONGEST_TIMER_MS],
  ['defaultMaxAgeMs', ONE_DAY_MS, 1, Number.MAX_SAFE_INTEGER],
  ['maxPending', 10_000, 1, MOST_PENDING],
  ['maxPendingBytes', PENDING_BYTES.fallback, PENDING_BYTES.least, PENDING_BYTES.most],
  ['maxFileBytes', undefined, 65_536, Number.MAX_SAFE_INTEGER],
];
const FUNCTIONS = ['userOf', 'onError'];
const NAMES = ['path', 'synchronous', ...NUMBERS.map(([name]) => name), ...FUNCTIONS];

/**
 * @param {unknown} options as the app gave them
 * @returns {CheckedOptions}
 * @throws {TypeError} with code ERR_SESSION_OPTION
 */
function checkOptions(options) {
  if (typeof options !== 'object' || options === null) {
    throw optionError('path', 'SqliteStore needs an object of options, with the path of a file in it');
  }
  const given = /** @type {Record<string, any>} */ (options);
  refuseUnknown(given, 'SqliteStore', NAMES);

  const { path: file, synchronous, userOf, onError } = given;
  if (typeof file !== 'string' || file === '' || file.includes('\0') || /^(?::memory:|file:)/.test(file)) {
    throw optionError('path', 'SqliteStore needs the path of a file; in memory nothing would be shared between processes');
  }
  if (synchronous != null && synchronous !== 'normal' && synchronous !== 'full') {
    throw optionError('synchronous', "expected 'normal' or 'full'");
  }
  for (const name of FUNCTIONS) {
    if (given[name] != null && typeof given[name] !== 'function') throw optionError(name, 'expected a function');
  }
  return /** @type {CheckedOptions} */ ({
    path: path.resolve(file),
    synchronousFull: synchronous === 'full',
    ...Object.fromEntries(NUMBERS.map(option => [option[0], checkNumber(given, option)])),
    userOf: userOf ?? undefined,
    onError: onError ?? warn,
  });
}

/** @param {Record<string, any>} given @param {NumberOption} option @returns {number | undefined} */
function checkNumber(given, [name, fallback, least, most]) {
  if (fallback === undefined && given[name] == null) return undefined;
  return checkInteger(given, name, { fallback, least, most });
}

/** @param {Error & { code?: string }} error */
function warn(error) {
  process.emitWarning(`egg-session-native: ${error.message}`, { code: error.code });
}

module.exports = { checkOptions };
