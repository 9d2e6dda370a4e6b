'use strict';

const { sentCookies } = require('./sent_cookies');

/**
 * How large a cookie may be: a browser drops one whose name and value take more than 4,096 octets together, and ignores an
 * attribute whose value takes more than 1,024 (RFC 6265bis, section 5.6, "the Set-Cookie header field").
 */

const MAX_PAIR_OCTETS = 4096;
const MAX_ATTRIBUTE_OCTETS = 1024;
// A character that a cookie can carry takes two octets at most.
const SURELY_SMALL_LENGTH = MAX_PAIR_OCTETS / 2;
const SURELY_SMALL_ATTRIBUTE_LENGTH = MAX_ATTRIBUTE_OCTETS / 2;

/**
 * @typedef {object} Oversized
 * @property {string} key the cookie's name
 * @property {string} [attribute] the attribute that is too large; absent where name and value are
 * @property {number} octets what it takes
 * @property {number} limit what it may take
 * @property {number} over the difference
 */

/**
 * Octets on the wire. Node writes a header in Latin-1, or in UTF-8 together with a body that is a string: the more of both.
 *
 * @param {string} text
 */
function octetsOf(text) {
  return Buffer.byteLength(text, 'utf8');
}

/**
 * @param {string} line what follows `Set-Cookie:`
 * @returns {Oversized | null} the first part of it that a browser drops
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

/**
 * Tells the app which of the session's cookies in this response a browser will not take as they are.
 *
 * @param {any} ctx
 * @param {string} name
 */
function reportOversized(ctx, name) {
  for (const line of sentCookies(ctx)) {
    // egg-cookies with `autoChips` sets a second one.
    if (line.length <= SURELY_SMALL_ATTRIBUTE_LENGTH || !(line.startsWith(`${name}=`) || line.startsWith(`_CHIPS-${name}=`))) continue;
    const oversized = oversizedPart(line);
    if (oversized) emitOversized(ctx, oversized);
  }
}

/**
 * @param {any} ctx
 * @param {Oversized} oversized
 */
function emitOversized(ctx, oversized) {
  setImmediate(() => {
    ctx.app.emit('session:oversized', { ...oversized, ctx });
  });
}

module.exports = {
  octetsOf,
  reportOversized,
  emitOversized,
  MAX_PAIR_OCTETS,
  MAX_ATTRIBUTE_OCTETS,
  SURELY_SMALL_LENGTH,
  SURELY_SMALL_ATTRIBUTE_LENGTH,
};
