'use strict';

/** Sealed tokens and the originals' cookies are never taken for one another. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { createApp, createContext, cookieHeader } = require('../generate/koa_context');
const { cookies: golden } = require('../golden/cookies.json');

const NAME = 'EGG_SESS';
const KEY = 'test-only key';
/** Of all lengths that matter to a cipher with blocks of 16 bytes, and enough that one in 256 would be seen. */
const LENGTHS = Array.from({ length: 6000 }, (_, i) => i % 300);

for (const { name: engine, load } of ENGINES) {
  const { Keyring } = load();
  const keyring = new Keyring([KEY]);

  for (const original of originals) {
    test(`${original.writer} reads no session out of a token of the ${engine} engine`, () => {
      const keygrip = new original.Keygrip([KEY]);
      const app = createApp(original, [KEY]);
      for (const length of LENGTHS) {
        const token = keyring.sealSealed(NAME, 'x'.repeat(length)).value;
        assert.strictEqual(keygrip.decrypt(Buffer.from(token, 'base64')), false);
        if (length > 0 && length < 290) continue;
        for (const signature of [undefined, '', token, keygrip.sign(token), keygrip.sign(`OTHER=${token}`)]) {
          const { cookies } = createContext(app, cookieHeader(NAME, token, signature));
          assert.strictEqual(cookies.get(NAME, MODE_OPTIONS.encrypted), undefined);
          assert.strictEqual(cookies.get(NAME, MODE_OPTIONS.signed), undefined);
        }
      }
    });
  }

  test(`${engine}: a token does not open in the modes of the originals`, () => {
    const manyKeys = new Keyring([KEY, ...Array.from({ length: 50 }, (_, i) => `test-only key ${i}`)]);
    for (const length of LENGTHS) {
      const token = keyring.sealSealed(NAME, 'x'.repeat(length)).value;
      for (const mode of /** @type {const} */ (['encrypted', 'signed'])) {
        assert.strictEqual(keyring.open(mode, NAME, token), null);
        assert.strictEqual(keyring.openValue(mode, NAME, token), null);
        if (length === 0) assert.strictEqual(manyKeys.open(mode, NAME, token), null);
      }
    }
  });

  test(`${engine}: no cookie that an original wrote opens as sealed`, () => {
    assert.ok(golden.length > 20);
    for (const { keys, openKeys, cookie, value } of /** @type {any[]} */ (golden)) {
      const reader = new Keyring([...keys, ...openKeys]);
      for (const text of [value, `v1=${value}`, `v1=${value.replace(/=+$/, '')}`]) {
        assert.strictEqual(reader.openSealed(cookie, text), null);
        assert.strictEqual(reader.open('sealed', cookie, text), null);
        assert.strictEqual(reader.openValue('sealed', cookie, text), null);
      }
    }
  });

  test(`${engine}: what the older modes write for any text does not open as sealed`, () => {
    for (const length of LENGTHS) {
      for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
        assert.strictEqual(keyring.openSealed(NAME, keyring.seal(mode, NAME, 'x'.repeat(length)).value), null);
        assert.strictEqual(keyring.openSealed(NAME, keyring.sealValue(mode, NAME, 'x'.repeat(length)).value), null);
      }
    }
  });
}
