'use strict';

/**
 * Compares two values of JSON texts by what they mean. src/json/equal.rs is the native twin, with the same algorithm.
 *
 *   arrays   the same elements in the same order
 *   objects  the same keys with the same values, in any order
 *   strings  the same UTF-16 units, escaped or not
 *   numbers  the same decimal value, not rounded to a double: 1 is 1.0, and 9007199254740993 is not 9007199254740992.
 *            -0 is not 0, because JSON.parse tells them apart
 */

const { OBJECT, ARRAY, STRING, NUMBER } = require('./text');

/** @typedef {import('./text').JsonText} JsonText */

/** Longer exponents are compared as written. Up to here the sum of an exponent and a text's length is exact in a double. */
const MAX_EXPONENT_DIGITS = 15;

/** @param {string} number @param {string} digit @returns {number} index of the first character that is not `digit` */
function skipDigit(number, digit) {
  let at = 0;
  while (number[at] === digit) at++;
  return at;
}

/**
 * @param {string} written a JSON number; its sign is ignored
 * @returns {{ digits: string, exponent: number } | null} digits × 10^exponent, where `digits` has no leading or trailing zeros;
 *   null if the exponent is too long
 */
function decimal(written) {
  const unsigned = written.startsWith('-') ? written.slice(1) : written;
  const [mantissa, power = ''] = unsigned.split(/[eE]/);
  const [whole, fraction = ''] = mantissa.split('.');
  const padded = whole + fraction;
  let end = padded.length;
  while (padded[end - 1] === '0') end--;
  const digits = padded.slice(skipDigit(padded, '0'), end);
  if (digits === '') return { digits, exponent: 0 };

  const magnitude = power.startsWith('-') || power.startsWith('+') ? power.slice(1) : power;
  const significant = magnitude.slice(skipDigit(magnitude, '0'));
  if (significant.length > MAX_EXPONENT_DIGITS) return null;
  const exponent = power.startsWith('-') ? -Number(significant) : Number(significant);
  return { digits, exponent: exponent - fraction.length + padded.length - end };
}

/** @param {string} a a JSON number @param {string} b */
function sameNumber(a, b) {
  if (a.startsWith('-') !== b.startsWith('-')) return false;
  const [left, right] = [decimal(a), decimal(b)];
  return left !== null && right !== null && left.digits === right.digits && left.exponent === right.exponent;
}

/** @param {JsonText} a @param {number} left a scalar @param {JsonText} b @param {number} right a scalar of the same kind */
function sameScalar(a, left, b, right) {
  const [leftWritten, rightWritten] = [a.slice(left), b.slice(right)];
  if (leftWritten === rightWritten) return true;
  if (a.kind(left) === NUMBER) return sameNumber(leftWritten, rightWritten);
  const mayBeEscaped = a.kind(left) === STRING && (leftWritten.includes('\\') || rightWritten.includes('\\'));
  return mayBeEscaped && a.string(left) === b.string(right);
}

/**
 * Works without recursion, so that deep nesting cannot overflow the stack.
 *
 * @param {JsonText} a @param {number} left index of a value in `a` @param {JsonText} b @param {number} right index of a value in `b`
 * @returns {boolean}
 */
function sameValue(a, left, b, right) {
  if (a.slice(left) === b.slice(right)) return true;
  /** @type {number[]} pairs still to compare: a value of `a`, then a value of `b` */
  const pairs = [left, right];
  while (pairs.length > 0) {
    right = /** @type {number} */ (pairs.pop());
    left = /** @type {number} */ (pairs.pop());
    const kind = a.kind(left);
    if (kind !== b.kind(right)) return false;
    if (kind === ARRAY) {
      const [leftEnd, rightEnd] = [a.next(left), b.next(right)];
      let [i, j] = [left + 1, right + 1];
      for (; i < leftEnd && j < rightEnd; i = a.next(i), j = b.next(j)) pairs.push(i, j);
      if (i < leftEnd || j < rightEnd) return false;
    } else if (kind === OBJECT) {
      const [leftMembers, rightMembers] = [a.members(left), b.members(right)];
      if (leftMembers.size !== rightMembers.size) return false;
      for (const [key, value] of leftMembers) {
        const other = rightMembers.get(key);
        if (other === undefined) return false;
        pairs.push(value, other);
      }
    } else if (!sameScalar(a, left, b, right)) {
      return false;
    }
  }
  return true;
}

module.exports = { sameValue };
