'use strict';

/**
 * Generates what apps may keep in a session, and what they should not but could.
 * Own keys such as `__proto__` and `length` are made as JSON.parse makes them: plain data.
 */

/** @typedef {import('./prng').Prng} Prng */

const AWKWARD_KEYS = [
  '__proto__', 'length', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'maxAge', 'externalKey', 'isNew',
  'populated', '_expire_', 'toJSON', '', ' ', '0', '1', '10', '9', '-1', '1.5', '4294967294', '4294967295', '01',
];
const AWKWARD_NUMBERS = [
  0, -0, 1, -1, 0.1, 1 / 3, 1e21, -1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER,
  Number.MAX_VALUE, 2 ** 53, 2 ** 31, 2 ** 32, 123456789.987654321,
];
const AWKWARD_CHARACTERS = [
  '\u0000', '\u0001', '\b', '\n', '\r', '\t', '"', '\\', '/', '\u007f', '\u0080', 'é', 'ÿ', '\u0100', 'ß', '杭', '州', 'ש',
  '\u0301', '\u200d', '\u2028', '\u2029', '\ufeff', '\ufffd', '\uffff', '🦀', '👩', '\u{10ffff}', '𝔘',
  '\ud800', '\udbff', '\udc00', '\udfff', ';', '=', '+', '-', '_', '%', '<', '>', '&',
];
const ASCII = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.';
const MAX_DEPTH = 6;

/** @param {Prng} prng */
function makeString(prng) {
  const kind = prng.below(20);
  if (kind === 0) return '';
  if (kind === 1) return prng.text(200 + prng.below(1800), ASCII);
  if (kind < 10) return prng.text(1 + prng.below(24), ASCII);
  let text = '';
  for (let i = 1 + prng.below(12); i > 0; i--) {
    text += prng.chance(0.7) ? prng.pick(AWKWARD_CHARACTERS) : String.fromCharCode(prng.below(0x10000));
  }
  return text;
}

/** @param {Prng} prng */
function makeNumber(prng) {
  const kind = prng.below(4);
  if (kind === 0) return prng.pick(AWKWARD_NUMBERS);
  if (kind === 1) return prng.below(1000);
  // Any double there is, but for those that JSON turns into null.
  const number = kind === 2 ? prng.bytes(8).readDoubleLE() : (prng.bits() - 2 ** 31) / 2 ** prng.below(40);
  return Number.isFinite(number) ? number : 0;
}

/** @param {Prng} prng @param {number} depth @returns {unknown} */
function makeValue(prng, depth) {
  const kind = prng.below(depth < MAX_DEPTH ? 10 : 7);
  if (kind < 3) return makeString(prng);
  if (kind < 5) return makeNumber(prng);
  if (kind === 5) return prng.chance(0.5);
  if (kind === 6) return null;
  if (kind === 7) return Array.from({ length: prng.below(5) }, () => makeValue(prng, depth + 1));
  return makeObject(prng, depth + 1, prng.below(5));
}

/** @param {Prng} prng @param {number} depth @param {number} size */
function makeObject(prng, depth, size) {
  const object = {};
  for (let i = 0; i < size; i++) {
    const key = prng.chance(0.3) ? prng.pick(AWKWARD_KEYS) : makeString(prng);
    // As JSON.parse does it: `object['__proto__'] = …` would set the prototype instead.
    Object.defineProperty(object, key, {
      value: makeValue(prng, depth), enumerable: true, configurable: true, writable: true,
    });
  }
  return object;
}

/** @param {Prng} prng One nest of `levels` objects and arrays, deeper than any fixed-size stack of a parser. */
function makeDeep(prng, levels = 200) {
  /** @type {unknown} */
  let value = makeString(prng);
  for (let i = 0; i < levels; i++) value = prng.chance(0.5) ? [value] : { d: value };
  return { deep: value };
}

/** @param {Prng} prng Up to ten times what a cookie holds. */
function makeLong(prng) {
  const text = makeString(prng) || 'x';
  return text.repeat(Math.ceil((500 + prng.below(40_000)) / text.length));
}

/**
 * @param {Prng} prng
 * @returns {Record<string, unknown>} a session as an app may fill it
 */
function makeSession(prng) {
  const kind = prng.below(200);
  if (kind === 0) return {};
  if (kind === 1) return makeDeep(prng);
  if (kind === 2) return { long: makeLong(prng) };
  return makeObject(prng, 0, 1 + prng.below(8));
}

module.exports = { makeSession, makeString };
