'use strict';

/**
 * Contenders take turns, so that a busy moment of the machine hits all of them, and the order rotates, so that none is
 * always first. What counts is a contender's time divided by another's in the same round.
 */

const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

/**
 * So that nobody pays for another's garbage, nor for moving what the benchmark itself keeps: what survives twice is old.
 */
function clearYoungGeneration() {
  collect({ type: 'minor' });
  collect({ type: 'minor' });
}

/** CPU time of all threads of this process, the garbage collector's too, in µs. It repeats better than the clock. */
function cpuMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * @param {string[]} names
 * @param {number} rounds counted rounds; as many again, at most ten, warm up
 * @param {(name: string) => Promise<any>} sample
 * @returns {Promise<Record<string, any[]>>} for each name its samples, by round
 */
async function takeTurns(names, rounds, sample) {
  /** @type {Record<string, any[]>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  const warmUp = Math.min(rounds, 10);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const measured = await sample(name);
      if (round >= warmUp) samples[name].push(measured);
    }
  }
  return samples;
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

module.exports = { clearYoungGeneration, collect, cpuMicros, takeTurns, summary, ratio, difference };
