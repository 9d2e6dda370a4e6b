'use strict';

/**
 * The contract of a store, as tests that its author can run: `require('egg-session-native/store-tests')`.
 * docs/stores.md says the same in words.
 */

const { randomUUID } = require('node:crypto');
const { setTimeout: sleep } = require('node:timers/promises');
const basic = require('./basic');
const compareAndSet = require('./compare_and_set');
const lifetimes = require('./lifetimes');
const requests = require('./requests');
const text = require('./text');

/**
 * @typedef {object} Tools what a case is given
 * @property {any} store
 * @property {() => string} newKey
 * @property {number} lifetimeMs of sessions that are to end during the test
 * @property {number} slackMs
 * @property {(ms: number) => Promise<unknown>} advance
 * @property {any} options what the middleware gives to every method
 *
 * @typedef {{ name: string, run: (tools: Tools) => Promise<void> }} Case
 */

/** @type {Record<string, Case[]>} */
const LEVELS = {
  basic: [...basic, ...lifetimes.basic],
  text: [...text, ...lifetimes.text],
  compareAndSet: [...compareAndSet, ...lifetimes.compareAndSet, ...requests],
};

/** @param {any} options see store-tests.d.ts */
function storeTests(options) {
  const { test, createStore, closeStore, level = 'compareAndSet', advance = sleep, lifetimeMs = 1000, slackMs = 500 } = options;
  for (const [name, value] of Object.entries({ test, createStore, advance })) {
    if (typeof value !== 'function') throw new TypeError(`storeTests needs a function as \`${name}\``);
  }
  const names = Object.keys(LEVELS);
  if (!names.includes(level)) throw new TypeError(`storeTests knows the levels ${names.join(', ')}`);

  for (const name of names.slice(0, names.indexOf(level) + 1)) {
    for (const { name: claim, run } of LEVELS[name]) {
      // Without parameters: mocha would wait for a callback.
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
