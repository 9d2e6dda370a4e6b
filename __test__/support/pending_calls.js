'use strict';

const assert = require('node:assert');
const { setTimeout: sleep } = require('node:timers/promises');

const DEADLINE_MS = 20_000;
const LARGE_UNITS = 100_000;
/** What one write of `writeLarge` counts as: two bytes a unit of key and text, and 1 KiB. */
const LARGE_BYTES = 2 * LARGE_UNITS + 1024;

/**
 * Starts one write more than a store may have pending.
 *
 * @param {{ setText(key: string, text: string, maxAge: number): Promise<void> }} store
 * @param {number} count how many it may have pending
 * @returns {{ accepted: Promise<void>[], refused: Promise<void> }}
 */
function writeLarge(store, count) {
  const write = (/** @type {number} */ i) => {
    const key = `large-${i}`;
    const promise = store.setText(key, `"${'x'.repeat(LARGE_UNITS - key.length - 2)}"`, 60_000);
    // The caller looks at it later.
    promise.catch(() => {});
    return promise;
  };
  return { accepted: Array.from({ length: count }, (_, i) => write(i)), refused: write(count) };
}

/** @param {Promise<unknown>} promise @returns {Promise<string>} 'done', or the code of the error */
function codeOf(promise) {
  return promise.then(() => 'done', error => error.code);
}

/**
 * Resolves once the store takes all that it may have pending, and answers it.
 * @param {Parameters<typeof writeLarge>[0]} store
 * @param {number} count
 */
async function takesAgain(store, count) {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(10)) {
    const { accepted } = writeLarge(store, count);
    if ((await Promise.all(accepted.map(codeOf))).every(code => code === 'done')) return;
  }
  assert.fail('it never took as much again');
}

module.exports = { LARGE_BYTES, writeLarge, takesAgain, codeOf };
