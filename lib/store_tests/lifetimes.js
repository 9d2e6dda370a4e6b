'use strict';

/** The cases about a session's end, for each level of the conformance tests. */

const assert = require('node:assert/strict');

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** @type {import('.').Case[]} */
const basic = [
  {
    name: 'keeps a session for its lifetime, and no longer',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const key = newKey();
      await store.set(key, { a: 1 }, lifetimeMs, options);
      await advance(lifetimeMs / 2);
      assert.deepEqual(await store.get(key, HOUR_MS, options), { a: 1 });
      await advance(lifetimeMs / 2 + slackMs);
      assert.ok(!await store.get(key, HOUR_MS, options));
    },
  },
  {
    name: 'counts the lifetime from the last set, be it longer or shorter',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const [longer, shorter] = [newKey(), newKey()];
      await store.set(longer, { a: 1 }, lifetimeMs, options);
      await store.set(longer, { a: 2 }, HOUR_MS, options);
      await store.set(shorter, { a: 1 }, HOUR_MS, options);
      await store.set(shorter, { a: 2 }, lifetimeMs, options);
      await advance(lifetimeMs + slackMs);
      assert.deepEqual(await store.get(longer, HOUR_MS, options), { a: 2 });
      assert.ok(!await store.get(shorter, HOUR_MS, options));
    },
  },
  {
    name: 'does not prolong a session that is only read',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const key = newKey();
      await store.set(key, { a: 1 }, lifetimeMs, options);
      await advance(lifetimeMs / 2);
      await store.get(key, HOUR_MS, options);
      await advance(lifetimeMs / 2 + slackMs);
      assert.ok(!await store.get(key, HOUR_MS, options));
    },
  },
  {
    name: "takes 'session' and nothing as lifetimes",
    async run({ store, newKey, options }) {
      for (const lifetime of ['session', undefined]) {
        const key = newKey();
        await store.set(key, { a: 1 }, lifetime, options);
        assert.deepEqual(await store.get(key, 'session', options), { a: 1 });
      }
    },
  },
  {
    name: 'takes lifetimes of weeks, months and years, and parts of a millisecond',
    async run({ store, newKey, options }) {
      for (const lifetime of [24 * DAY_MS, 25 * DAY_MS, 29.9 * DAY_MS, 30 * DAY_MS, 31 * DAY_MS, 3650 * DAY_MS, HOUR_MS + 0.5]) {
        const key = newKey();
        await store.set(key, { lifetime }, lifetime, options);
        assert.deepEqual(await store.get(key, lifetime, options), { lifetime });
      }
    },
  },
];

/** @type {import('.').Case[]} */
const text = [
  {
    name: 'counts the lifetime from the last setText, be it longer or shorter',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const [longer, shorter] = [newKey(), newKey()];
      await store.setText(longer, '1', lifetimeMs, options);
      await store.setText(longer, '2', HOUR_MS, options);
      await store.setText(shorter, '1', HOUR_MS, options);
      await store.setText(shorter, '2', lifetimeMs, options);
      await advance(lifetimeMs + slackMs);
      assert.equal(await store.getText(longer, HOUR_MS, options), '2');
      assert.ok(!await store.getText(shorter, HOUR_MS, options));
    },
  },
];

/** @type {import('.').Case[]} */
const compareAndSet = [
  {
    name: 'moves the lifetime of what it replaces, be it longer or shorter, and only of that',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const [done, shorter, refused] = [newKey(), newKey(), newKey()];
      await store.setText(done, '1', lifetimeMs, options);
      await store.setText(shorter, '1', HOUR_MS, options);
      await store.setText(refused, '1', lifetimeMs, options);
      assert.deepEqual(await store.compareAndSet(done, '1', '2', HOUR_MS, options), { status: 'done' });
      assert.deepEqual(await store.compareAndSet(shorter, '1', '2', lifetimeMs, options), { status: 'done' });
      assert.deepEqual(await store.compareAndSet(refused, '0', '2', HOUR_MS, options), { status: 'conflict', text: '1' });
      await advance(lifetimeMs + slackMs);
      assert.equal(await store.getText(done, HOUR_MS, options), '2');
      assert.ok(!await store.getText(shorter, HOUR_MS, options));
      assert.ok(!await store.getText(refused, HOUR_MS, options));
    },
  },
  {
    name: 'takes a session that has ended as gone',
    async run({ store, newKey, options, lifetimeMs, slackMs, advance }) {
      const key = newKey();
      await store.setText(key, '1', lifetimeMs, options);
      await advance(lifetimeMs + slackMs);
      assert.deepEqual(await store.compareAndSet(key, '1', '2', HOUR_MS, options), { status: 'gone' });
      assert.ok(!await store.getText(key, HOUR_MS, options));
    },
  },
];

module.exports = { basic, text, compareAndSet };
