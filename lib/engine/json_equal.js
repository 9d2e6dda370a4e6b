'use strict';

/**
 * Whether two values of JSON texts are the same value, however they are written. Same algorithm as src/json/equal.rs.
 *   objects  same keys with the same values, in any order
 *   strings  same UTF-16 units, however escaped
 *   numbers  same decimal value, not rounded to a double: 1 is 1.0, 9007199254740993 is not 9007199254740992.
 *            -0 is not 0, because JSON.parse tells them apart
 */

const { OBJECT, ARRAY, STRING, NUMBER } = require('./json');

/** @typedef {import('./json').JsonText} JsonText */

/** Exponents with more digits are compared as written: sums with a text's length stay exact. */
const MAX_EXPONENT_DIGITS = 15;

/** @param {string} number @param {string} digit @returns {number} index of the first character that is another one */
function skipDigit(number, digit) {
  let at = 0;
  while (number[at] === digit) at++;
  return at;
}

/**
 * @param {string} written
 * @returns {{ digits: string, exponent: number } | null} digits × 10^exponent without outer zeros; null when beyond us
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

/** @param {JsonText} a @param {number} left no object or array @param {JsonText} b @param {number} right of the same kind */
function sameScalar(a, left, b, right) {
  const [leftWritten, rightWritten] = [a.slice(left), b.slice(right)];
  if (leftWritten === rightWritten) return true;
  if (a.kind(left) === NUMBER) return sameNumber(leftWritten, rightWritten);
  const mayBeEscaped = a.kind(left) === STRING && (leftWritten.includes('\\') || rightWritten.includes('\\'));
  return mayBeEscaped && a.string(left) === b.string(right);
}

/**
 * Without recursion, so that no nesting is too deep.
 * @param {JsonText} a @param {number} left a value of `a` @param {JsonText} b @param {number} right a value of `b`
 * @returns {boolean}
 */
function sameValue(a, left, b, right) {
  if (a.slice(left) === b.slice(right)) return true;
  /** @type {number[]} values of `a` and `b`, by turns */
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
