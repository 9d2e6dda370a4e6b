'use strict';

/**
 * Seeded random numbers: a failing run is repeated by its seed (TEST_SEED=…). Not for secrets.
 */

const DEFAULT_SEED = 20261123;

/** The seed of this run; tests print it when they fail. */
const seed = Number.parseInt(process.env.TEST_SEED || '', 10) || DEFAULT_SEED;

class Prng {
  /** @param {number} start */
  constructor(start) {
    this.state = start >>> 0;
  }

  /** @returns {number} 32 random bits (mulberry32) */
  bits() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** @param {number} limit @returns {number} an integer from 0 up to, not including, limit */
  below(limit) {
    return Math.floor(this.bits() / 0x100000000 * limit);
  }

  /** @param {number} probability of true, 0 to 1 */
  chance(probability) {
    return this.bits() < probability * 0x100000000;
  }

  /** @template T @param {ReadonlyArray<T>} list @returns {T} */
  pick(list) {
    return list[this.below(list.length)];
  }

  /** @param {number} length @returns {Buffer} */
  bytes(length) {
    const buffer = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) buffer[i] = this.bits();
    return buffer;
  }

  /** @param {number} length @param {string} alphabet */
  text(length, alphabet) {
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet[this.below(alphabet.length)];
    return text;
  }
}

module.exports = { Prng, seed };
