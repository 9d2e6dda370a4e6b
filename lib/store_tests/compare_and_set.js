'use strict';

/** Level `compareAndSet` of the conformance tests: replaces a text atomically, if it is still the current text. */

const assert = require('node:assert/strict');

const HOUR_MS = 60 * 60 * 1000;
const MAX_ATTEMPTS = 10_000;

/** @type {import('.').Case[]} */
module.exports = [
  {
    name: 'replaces the text that is expected',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '{"n":1}', HOUR_MS, options);
      assert.deepEqual(await store.compareAndSet(key, '{"n":1}', '{"n":2}', HOUR_MS, options), { status: 'done' });
      assert.equal(await store.getText(key, HOUR_MS, options), '{"n":2}');
    },
  },
  {
    name: 'leaves another text alone, and tells it',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '{"n":1}', HOUR_MS, options);
      const loaded = await store.getText(key, HOUR_MS, options);
      await store.setText(key, '{"n":2}', HOUR_MS, options);
      assert.deepEqual(await store.compareAndSet(key, loaded, '{"n":3}', HOUR_MS, options), { status: 'conflict', text: '{"n":2}' });
      assert.deepEqual(await store.compareAndSet(key, loaded, '{"n":3}', HOUR_MS, options), { status: 'conflict', text: '{"n":2}' });
      assert.equal(await store.getText(key, HOUR_MS, options), '{"n":2}');
      assert.deepEqual(await store.compareAndSet(key, '{"n":2}', '{"n":3}', HOUR_MS, options), { status: 'done' });
    },
  },
  {
    name: 'creates an entry only where nothing is',
    async run({ store, newKey, options }) {
      const key = newKey();
      assert.deepEqual(await store.compareAndSet(key, null, '{"n":1}', HOUR_MS, options), { status: 'done' });
      assert.deepEqual(await store.compareAndSet(key, null, '{"n":2}', HOUR_MS, options), { status: 'conflict', text: '{"n":1}' });
      assert.equal(await store.getText(key, HOUR_MS, options), '{"n":1}');
      const contested = newKey();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
        store.compareAndSet(contested, null, `${i}`, HOUR_MS, { ...options, ctx: {} })));
      assert.equal(answers.filter(({ status }) => status === 'done').length, 1);
    },
  },
  {
    name: 'compares the text and not what it means',
    async run({ store, newKey, options }) {
      const key = newKey();
      const text = '{"a":1,"b":"ä😀"}';
      await store.setText(key, text, HOUR_MS, options);
      for (const other of ['{"b":"ä😀","a":1}', '{"a":1, "b":"ä😀"}', '{"a":1.0,"b":"ä😀"}', '{"a":1,"b":"a\u0308😀"}', `${text} `, '']) {
        assert.deepEqual(await store.compareAndSet(key, other, '{}', HOUR_MS, options), { status: 'conflict', text });
      }
    },
  },
  {
    name: 'sees what another request has written since this one read',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '1', HOUR_MS, options);
      const [mine, theirs] = [{ ...options, ctx: {} }, { ...options, ctx: {} }];
      await store.getText(key, HOUR_MS, mine);
      await store.getText(key, HOUR_MS, theirs);
      assert.deepEqual(await store.compareAndSet(key, '1', '2', HOUR_MS, theirs), { status: 'done' });
      assert.deepEqual(await store.compareAndSet(key, '1', '3', HOUR_MS, mine), { status: 'conflict', text: '2' });
      assert.deepEqual(await store.compareAndSet(key, '2', '3', HOUR_MS, mine), { status: 'done' });
      assert.deepEqual(await store.compareAndSet(key, '3', '4', HOUR_MS, mine), { status: 'done' });
      assert.equal(await store.getText(key, HOUR_MS, theirs), '4');
    },
  },
  {
    name: 'never brings back what was destroyed',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '1', HOUR_MS, options);
      await store.getText(key, HOUR_MS, options);
      await store.destroy(key, { ctx: options.ctx });
      assert.deepEqual(await store.compareAndSet(key, '1', '2', HOUR_MS, options), { status: 'gone' });
      assert.ok(!await store.getText(key, HOUR_MS, options));
      assert.deepEqual(await store.compareAndSet(newKey(), '1', '2', HOUR_MS, options), { status: 'gone' });
    },
  },
  {
    name: 'never brings back what is destroyed at the same time',
    async run({ store, newKey, options }) {
      for (let i = 0; i < 50; i++) {
        const key = newKey();
        await store.setText(key, '1', HOUR_MS, options);
        await Promise.all([
          store.compareAndSet(key, '1', '2', HOUR_MS, { ...options, ctx: {} }),
          store.destroy(key, { ctx: {} }),
          store.compareAndSet(key, '1', '3', HOUR_MS, { ...options, ctx: {} }),
        ]);
        assert.ok(!await store.getText(key, HOUR_MS, options));
      }
    },
  },
  {
    name: 'of many at once that expect the same text, exactly one is done',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '"before"', HOUR_MS, options);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) =>
        store.compareAndSet(key, '"before"', `${i}`, HOUR_MS, { ...options, ctx: {} })));
      const winners = answers.flatMap(({ status }, i) => (status === 'done' ? [`${i}`] : []));
      assert.deepEqual(winners, [await store.getText(key, HOUR_MS, options)]);
      for (const answer of answers) if (answer.status !== 'done') assert.deepEqual(answer, { status: 'conflict', text: winners[0] });
    },
  },
  {
    name: 'counts without a gap when many count at once',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.setText(key, '0', HOUR_MS, options);
      await Promise.all(Array.from({ length: 8 }, async () => {
        const mine = { ...options, ctx: {} };
        for (let i = 0; i < 25; i++) {
          let text = await store.getText(key, HOUR_MS, mine);
          for (let attempt = 1; ; attempt++) {
            assert.ok(attempt < MAX_ATTEMPTS, 'one of those that compete gets through each time');
            const answer = await store.compareAndSet(key, text, `${Number(text) + 1}`, HOUR_MS, mine);
            if (answer.status === 'done') break;
            assert.equal(answer.status, 'conflict');
            text = answer.text;
          }
        }
      }));
      assert.equal(await store.getText(key, HOUR_MS, options), '200');
    },
  },
];
