'use strict';

/**
 * Contenders take turns, so that a busy moment of the machine hits all of them, and the order rotates, so that none is
 * always first. What counts is a contender's time divided by another's in the same round.
 */

/**
 * @param {string[]} names
 * @param {number} rounds counted rounds; as many again, at most ten, warm up
 * @param {(name: string) => Promise<number>} sample one timed sample, in µs for one operation
 * @returns {Promise<Record<string, number[]>>} for each name its times, by round
 */
async function takeTurns(names, rounds, sample) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const warmUp = Math.min(rounds, 10);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const time = await sample(name);
      if (round >= warmUp) times[name].push(time);
    }
  }
  return times;
}

/**
 * @param {number[]} numbers
 * @returns {{ median: number, low: number, high: number }} low and high are the quartiles
 */
function summary(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/**
 * @param {number[]} dividends
 * @param {number[]} divisors of the same rounds
 */
function ratio(dividends, divisors) {
  return summary(dividends.map((dividend, round) => dividend / divisors[round]));
}

/** @param {number[]} from @param {number[]} what */
function difference(from, what) {
  return from.map((time, round) => time - what[round]);
}

module.exports = { takeTurns, summary, ratio, difference };
