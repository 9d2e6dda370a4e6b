'use strict';

/** External keys and custom codecs' texts: the strings right under encryption or signature, in both directions. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { makeString } = require('../generate/sessions');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { createApp, createContext, cookieHeader, sealedBy } = require('../generate/koa_context');

const VALUES = 5_000;
const NAME = 'EGG_SESS';
const KEYS = ['test-only key', 'an older test-only key'];

const prng = new Prng(seed);
/** Encryption takes any string; '' is no value, but a deletion. */
const anything = Array.from({ length: VALUES }, () => makeString(prng) || 'k');
/** What RFC 7230 lets into a header, less the semicolon that ends a cookie. */
const headerText = anything.map(value => value.replace(/[^\t\x20-\x3a\x3c-\x7e\x80-\xff]/g, '') || 'k');

for (const original of originals) {
  const { writer } = original;
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    const values = mode === 'encrypted' ? anything : headerText;
    const options = MODE_OPTIONS[mode];
    const app = createApp(original, KEYS);

    for (const { name: engineName, load } of ENGINES) {
      test(`${engineName}: shares ${VALUES} ${mode} texts that are not JSON with ${writer}`, () => {
        const { Keyring } = load();
        const keyring = new Keyring(KEYS);
        values.forEach((value, index) => {
          const where = `value ${index} of TEST_SEED=${seed}: ${JSON.stringify(value).slice(0, 200)}`;
          const ctx = createContext(app);
          ctx.cookies.set(NAME, value, options);
          const theirs = sealedBy(ctx, NAME);
          const ours = keyring.sealValue(mode, NAME, value);
          assert.strictEqual(ours.value, theirs.value, where);
          assert.strictEqual(ours.signature, theirs.signature, where);
          const readByThem = createContext(app, cookieHeader(NAME, ours.value, ours.signature)).cookies.get(NAME, options);
          const readByUs = keyring.openValue(mode, NAME, theirs.value, theirs.signature);
          assert.strictEqual(readByUs && readByUs.value, readByThem, where);
          assert.strictEqual(readByUs && readByUs.keyIndex, 0, where);
          // UTF-8 has no lone surrogates: Node writes U+FFFD for them.
          assert.strictEqual(readByThem, Buffer.from(value).toString(), where);
        });
      });
    }
  }
}
