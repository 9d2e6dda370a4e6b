'use strict';

/**
 * A session's lifetime in the wire format of koa-session 6.4: `_expire` (ms since 1970) and `_maxAge` (ms) are the last two
 * members of the session's JSON. Also the limits of time that several folders share.
 */

const ONE_DAY_MS = 24 * 60 * 60 * 1000;
// The longest `absoluteMaxAge`, about 100 years.
const LONGEST_LIFETIME_MS = 100 * 365 * ONE_DAY_MS;
// The latest time that a Date holds, in ms since 1970 (ECMA-262, "Time Values and Time Range").
const LATEST_TIME_MS = 8.64e15;
// The longest `maxAge`: a longer one, added to the time, could pass the latest.
const LONGEST_MAX_AGE_MS = 4e15;
// Node fires a timer with a longer delay after 1 ms.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Puts the lifetime behind the session's data without parsing the text.
 *
 * @param {string} text JSON of an object, without white space
 * @param {number} expire in ms since 1970; NaN if the text already has its lifetime
 * @param {number} maxAge in ms
 * @returns {string} JSON
 */
function withLifetime(text, expire, maxAge) {
  if (Number.isNaN(expire)) return text;
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"_expire":${expire},"_maxAge":${maxAge}}`;
}

/**
 * A lifetime from an environment variable is text. Text of digits becomes a number here, because `'3600000' + Date.now()` is a text
 * too, and a session with such an `_expire` never ends.
 *
 * @param {any} value
 * @returns {any} the number that text of digits stands for; any other value as it is
 */
function fromDigits(value) {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

/**
 * @param {any} maxAge
 * @returns {boolean} whether a cookie can last so long: 'session', nothing, or ms that give a date
 */
function isMaxAge(maxAge) {
  return (!maxAge && !Number.isNaN(maxAge)) || maxAge === 'session' || (typeof maxAge === 'number' && Math.abs(maxAge) <= LONGEST_MAX_AGE_MS);
}

/**
 * The end of a stored session. Where `maxAge` was text, egg-session has written `_maxAge` and the time of saving behind each other.
 *
 * @param {any} stored
 * @returns {any} ms since 1970 for text that ends with a time, NaN if it is none; any other `_expire` as it is, as egg-session has it
 */
function endOf({ _expire, _maxAge }) {
  if (typeof _expire !== 'string' || !/\d$/.test(_expire)) return _expire;
  const length = isDigits(_maxAge) && _expire.startsWith(String(_maxAge)) ? String(_maxAge).length : 0;
  const end = isDigits(_expire.slice(length)) ? Number(_expire.slice(length)) + (length > 0 ? Number(_maxAge) : 0) : NaN;
  return end <= LATEST_TIME_MS ? end : NaN;
}

/** @param {any} value text or a number */
function isDigits(value) {
  return (typeof value === 'string' || typeof value === 'number') && /^\d+$/.test(String(value));
}

module.exports = { endOf, fromDigits, isMaxAge, withLifetime, ONE_DAY_MS, LONGEST_LIFETIME_MS, LONGEST_MAX_AGE_MS, LONGEST_TIMER_MS };
