'use strict';

const assert = require('node:assert/strict');
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

/**
 * @param {Promise<void>} refused of `writeLarge`
 * @param {number} count
 */
async function assertRefused(refused, count) {
  await assert.rejects(refused, error => {
    assert.equal(error.code, 'ERR_SESSION_STORE_BUSY');
    assert.match(error.message, new RegExp(`maxPendingBytes is ${count * LARGE_BYTES}$`));
    assert.doesNotMatch(error.stack, /large-|xx/);
    return true;
  });
}

/**
 * The server hangs and answers again, three times. It holds `key` → `1`.
 *
 * @param {any} store whose commands time out soon, and that may have `count` large ones pending
 * @param {any} server
 * @param {number} count
 */
async function refusesWhileHung(store, server, count) {
  for (let round = 0; round < 3; round++) {
    await server.freeze();
    const { accepted, refused } = writeLarge(store, count);
    await assertRefused(refused, count);
    assert.deepEqual(new Set(await Promise.all(accepted.map(codeOf))), new Set(['ERR_SESSION_STORE_TIMEOUT']));
    // The client holds them still.
    const calls = [store.getText('key'), store.setText('key', '2'), store.compareAndSet('key', '1', '2'), store.destroy('key')];
    assert.deepEqual(new Set(await Promise.all(calls.map(codeOf))), new Set(['ERR_SESSION_STORE_BUSY']));
    server.thaw();
    await takesAgain(store, count);
    assert.equal(await store.getText('key'), '1');
  }
}

module.exports = { LARGE_BYTES, assertRefused, codeOf, refusesWhileHung, takesAgain, writeLarge };
