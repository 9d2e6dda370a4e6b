'use strict';

/**
 * The conformance tests of a store, for its author: `require('egg-session-native/store-tests')`. They register with the author's own
 * test runner. docs/own-store.md states the contract in words.
 */

const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const basic = require('./basic');
const compareAndSet = require('./compare_and_set');
const lateWrites = require('./late_writes');
const lifetimes = require('./lifetimes');
const requests = require('./requests');
const text = require('./text');

/**
 * @typedef {object} Tools for a case
 * @property {any} store made for this case
 * @property {() => string} newKey makes a random key, since the store may hold other sessions
 * @property {number} lifetimeMs lifetime of the sessions that end during the test
 * @property {number} slackMs how late such a session may end
 * @property {(ms: number) => Promise<unknown>} advance moves the store's clock forward
 * @property {any} options as the middleware gives them to get and set: `{ ctx, rolling, changed }`
 *
 * @typedef {{ name: string, run: (tools: Tools) => Promise<void> }} Case `name` is the claim that `run` tests
 */

/** @type {Record<string, Case[]>} a level includes those before it */
const LEVELS = {
  basic: [...basic, ...lifetimes.basic],
  text: [...text, ...lifetimes.text],
  compareAndSet: [...compareAndSet, ...lifetimes.compareAndSet, ...requests],
  lateWrites,
};

/**
 * Registers each case with `options.test`.
 *
 * @param {any} options see store-tests.d.ts
 * @throws {TypeError} without a code, for an option that is missing or unknown
 */
function storeTests(options) {
  const { test, createStore, closeStore, level = 'compareAndSet', advance = sleep, lifetimeMs = 1000, slackMs = 500 } = options;
  for (const [name, value] of Object.entries({ test, createStore, advance })) {
    if (typeof value !== 'function') throw new TypeError(`storeTests needs a function as \`${name}\``);
  }
  const names = Object.keys(LEVELS);
  if (!names.includes(level)) throw new TypeError(`storeTests knows the levels ${names.join(', ')}`);

  for (const name of names.slice(0, names.indexOf(level) + 1)) {
    for (const { name: claim, run } of LEVELS[name]) {
      // The function has no parameter. With one, mocha would wait for a callback.
      test(`store (${name}): ${claim}`, async () => {
        const store = await createStore();
        try {
          const ctx = {};
          await run({
            store, lifetimeMs, slackMs, advance,
            newKey: () => `store-test-${randomUUID()}`,
            options: { ctx, rolling: false, changed: true },
          });
        } finally {
          if (closeStore) await closeStore(store);
        }
      });
    }
  }
}

module.exports = storeTests;
module.exports.storeTests = storeTests;
