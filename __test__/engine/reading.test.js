'use strict';

/** What one side seals, the other opens: 10,000 generated sessions, both directions, all modes, both engines, both originals. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { makeSession } = require('../generate/sessions');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { createApp, createContext, cookieHeader, sealedBy } = require('../generate/koa_context');

const SESSIONS = 10_000;
const NAME = 'EGG_SESS';
const KEYS = ['test-only key', 'an older test-only key'];

const prng = new Prng(seed);
const texts = Array.from({ length: SESSIONS }, () => JSON.stringify(makeSession(prng)));

/**
 * Fails with what is needed to see the case again, instead of with 10 KB of base64.
 * @param {unknown} actual @param {unknown} expected @param {number} index
 */
function assertSame(actual, expected, index) {
  if (actual === expected) return;
  assert.strictEqual(actual, expected, `session ${index} of TEST_SEED=${seed}: ${texts[index].slice(0, 300)}`);
}

test('the generated sessions hold what has broken sessions before', () => {
  const sessions = texts.map(text => JSON.parse(text));
  const withKey = (/** @type {string} */ key) => sessions.filter(session => Object.hasOwn(session, key)).length;
  for (const key of ['__proto__', 'length', 'maxAge', 'constructor', '10', '']) assert.ok(withKey(key) > 100, key);
  assert.ok(texts.includes('{}'), 'the empty session');
  assert.ok(texts.some(text => text.length > 20_000), 'a long one');
  assert.ok(texts.some(text => /[[{]{30}/.test(text.replace(/"d":/g, ''))), 'a deep one');
  for (const found of [/\\ud[89ab]../, /\\ud[c-f]../, /🦀/, /\\u0000/, /1e\+21/, /5e-324/, /\u2028/]) {
    assert.ok(texts.filter(text => found.test(text)).length > 20, String(found));
  }
});

for (const original of originals) {
  const { writer, codec } = original;
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    const options = MODE_OPTIONS[mode];
    const app = createApp(original, KEYS);
    /** @type {{ value: string, signature?: string }[]} */
    const sealedByOriginal = texts.map(text => {
      const ctx = createContext(app);
      ctx.cookies.set(NAME, codec.encode(JSON.parse(text)), options);
      return sealedBy(ctx, NAME);
    });

    for (const { name: engineName, load } of ENGINES) {
      test(`${engineName}: opens ${SESSIONS} ${mode} sessions of ${writer}`, () => {
        const { Keyring } = load();
        const keyring = new Keyring(KEYS);
        const rotated = new Keyring(['a new test-only key', ...KEYS]);
        texts.forEach((text, index) => {
          const { value, signature } = sealedByOriginal[index];
          const opened = keyring.open(mode, NAME, value, signature);
          assertSame(opened && opened.text, text, index);
          assertSame(opened && opened.keyIndex, 0, index);
          const openedLater = rotated.open(mode, NAME, value, signature);
          assertSame(openedLater && openedLater.text, text, index);
          assertSame(openedLater && openedLater.keyIndex, mode === 'plain' ? 0 : 1, index);
        });
      });

      test(`${writer}: opens ${SESSIONS} ${mode} sessions of the ${engineName} engine, which are its own bytes`, () => {
        const { Keyring } = load();
        const keyring = new Keyring(KEYS);
        texts.forEach((text, index) => {
          const { value, signature } = keyring.seal(mode, NAME, text);
          assertSame(value, sealedByOriginal[index].value, index);
          assertSame(signature, sealedByOriginal[index].signature, index);
          const cookie = createContext(app, cookieHeader(NAME, value, signature)).cookies.get(NAME, options);
          assertSame(JSON.stringify(codec.decode(cookie)), text, index);
        });
      });
    }
  }
}
