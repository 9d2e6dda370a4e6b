'use strict';

/** Level `text` of the conformance tests: getText and setText, which take JSON text in place of objects. */

const assert = require('node:assert/strict');

const HOUR_MS = 60 * 60 * 1000;
const TEXTS = [
  '{}',
  '{"b":1,"a":2}',
  '{ "b" : 1.0 , "a" : 1e400 , "a" : 12345678901234567890 }',
  '{"e":"\\u00e4ä\\ud800😀"}',
  '{\r\n  "lines": true\n}\r\n',
  `{"long":"${'x😀'.repeat(20_000)}"}`,
];

/** @type {import('.').Case[]} */
module.exports = [
  {
    name: 'answers something falsy for a key that it does not know',
    async run({ store, newKey, options }) {
      assert.ok(!await store.getText(newKey(), HOUR_MS, options));
    },
  },
  {
    name: 'keeps a text to the character',
    async run({ store, newKey, options }) {
      for (const text of TEXTS) {
        const key = newKey();
        await store.setText(key, text, HOUR_MS, options);
        assert.equal(await store.getText(key, HOUR_MS, options), text);
      }
    },
  },
  {
    name: 'has one session for both kinds of methods',
    async run({ store, newKey, options }) {
      const key = newKey();
      await store.set(key, { n: 1 }, HOUR_MS, options);
      assert.deepEqual(JSON.parse(await store.getText(key, HOUR_MS, options)), { n: 1 });
      await store.setText(key, '{"n":2}', HOUR_MS, options);
      assert.deepEqual(await store.get(key, HOUR_MS, options), { n: 2 });
      await store.destroy(key, { ctx: options.ctx });
      assert.ok(!await store.getText(key, HOUR_MS, options));
    },
  },
];
