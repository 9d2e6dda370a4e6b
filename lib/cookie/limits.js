'use strict';

/**
 * What a cookie can carry. A browser drops a cookie whose name and value take more than 4,096 octets together, and ignores an
 * attribute whose value takes more than 1,024 (RFC 6265bis, section 5.6, "the Set-Cookie header field").
 */

const { LONGEST_MAX_AGE_MS } = require('../engine/lifetime');

const MAX_PAIR_OCTETS = 4096;
const MAX_ATTRIBUTE_OCTETS = 1024;
// A session in several cookies takes at most this number of them. The number has one digit in the format.
const MAX_PIECES = 8;
// Behind the session's name: its cookie, the cookie's signature, and the pieces.
const SUFFIXES = ['', '.sig', ...Array.from({ length: MAX_PIECES - 1 }, (_, i) => `.${i + 1}`)];
// A character that a cookie can carry takes two octets at most.
const SURELY_SMALL_LENGTH = MAX_PAIR_OCTETS / 2;
const SURELY_SMALL_ATTRIBUTE_LENGTH = MAX_ATTRIBUTE_OCTETS / 2;
// The values of the attributes `sameSite` and `priority`, as egg-cookies and `cookies` take them.
const SAME_SITE = /^(?:none|lax|strict)$/i;
const PRIORITY = /^(?:low|medium|high)$/i;
// field-content of RFC 7230, section 3.2: egg-cookies checks a cookie's name, value, path and domain with it.
const FIELD_CONTENT = /^[\t\x20-\x7e\x80-\xff]+$/;

/**
 * @typedef {object} Oversized
 * @property {string} key the cookie's name
 * @property {string} [attribute] the attribute that is too large; absent where name and value are too large
 * @property {number} octets the size
 * @property {number} limit the size that a browser takes
 * @property {number} over the difference
 */

/** @param {any} value */
function isFieldContent(value) {
  return typeof value === 'string' && FIELD_CONTENT.test(value);
}

/**
 * @param {any} value
 * @returns {boolean} whether it can name a cookie: a browser ends the cookie at the first semicolon (RFC 6265, section 5.2)
 */
function isCookieName(value) {
  return isFieldContent(value) && !value.includes(';');
}

/**
 * @param {any} maxAge
 * @returns {boolean} whether it is a lifetime in whole ms that gives a date
 */
function isLifetime(maxAge) {
  return Number.isInteger(maxAge) && maxAge > 0 && maxAge <= LONGEST_MAX_AGE_MS;
}

/**
 * Octets on the wire. Node writes a header in Latin-1, or in UTF-8 together with a body that is a string: the larger one counts.
 *
 * @param {string} text
 */
function octetsOf(text) {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * @param {string} line the content of a Set-Cookie header
 * @returns {Oversized | null} the first part of the line that a browser drops
 */
function oversizedPart(line) {
  const [pair, ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const key = pair.slice(0, equals);
  const octets = octetsOf(pair) - 1;
  if (octets > MAX_PAIR_OCTETS) return { key, octets, limit: MAX_PAIR_OCTETS, over: octets - MAX_PAIR_OCTETS };
  for (const text of attributes) {
    const [, attribute, value] = /** @type {RegExpExecArray} */ (/^ *([^=]*)=?(.*)$/s.exec(text));
    const valueOctets = octetsOf(value.trim());
    if (valueOctets > MAX_ATTRIBUTE_OCTETS) {
      return { key, attribute, octets: valueOctets, limit: MAX_ATTRIBUTE_OCTETS, over: valueOctets - MAX_ATTRIBUTE_OCTETS };
    }
  }
  return null;
}

module.exports = {
  isCookieName,
  isFieldContent,
  isLifetime,
  octetsOf,
  oversizedPart,
  MAX_PAIR_OCTETS,
  MAX_ATTRIBUTE_OCTETS,
  MAX_PIECES,
  SUFFIXES,
  PRIORITY,
  SAME_SITE,
  SURELY_SMALL_LENGTH,
  SURELY_SMALL_ATTRIBUTE_LENGTH,
};
