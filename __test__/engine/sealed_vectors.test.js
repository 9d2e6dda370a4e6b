'use strict';

/** The sealed format against vectors that vectors/sealed_v1.py made: an implementation without any of our code. */

const test = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const { ENGINES } = require('../generate/engines');
const { deriveSealedKey, sealWithNonce } = require('../../lib/engine/portable/sealed');
const { checkMeta } = require('../../lib/engine/arguments');
const vectors = require('../vectors/sealed_v1.json');

test('there are vectors of every kind', () => {
  assert.ok(vectors.opened.length >= 20 && vectors.refused.length >= 40 && vectors.keys.length >= 4);
});

for (const { name: engine, load } of ENGINES) {
  test(`the ${engine} engine opens what the independent implementation sealed`, () => {
    const { Keyring } = load();
    for (const { name, appKeys, cookie, token, nowMs, ...vector } of vectors.opened) {
      /** @type {Record<string, unknown>} */
      const expected = {};
      for (const field of ['text', 'keyIndex', 'createdAtMs', 'expiresAtMs', 'id']) {
        if (field in vector) expected[field] = /** @type {any} */ (vector)[field];
      }
      assert.deepStrictEqual(new Keyring(appKeys).openSealed(cookie, token, nowMs), expected, name);
    }
  });

  test(`the ${engine} engine refuses what the independent implementation refuses`, () => {
    const { Keyring } = load();
    for (const { name, appKeys, cookie, token, nowMs } of vectors.refused) {
      assert.strictEqual(new Keyring(appKeys).openSealed(cookie, token, nowMs), null, name);
    }
  });
}

test('the portable engine seals the same bytes under the same nonce', () => {
  for (const { name, appKeys, keyIndex, cookie, nonce, token, text, ...vector } of vectors.opened) {
    const key = deriveSealedKey(Buffer.from(appKeys[keyIndex]));
    assert.strictEqual(sealWithNonce(key, cookie, text, checkMeta(vector), Buffer.from(nonce, 'hex')), token, name);
  }
});

test('keys and key ids come from the app key by HKDF-SHA256', () => {
  for (const { appKey, encryptionKey, keyId } of vectors.keys) {
    const derive = (/** @type {string} */ info, /** @type {number} */ bytes) =>
      Buffer.from(crypto.hkdfSync('sha256', appKey, '', info, bytes)).toString('hex');
    assert.strictEqual(derive('egg-session-native sealed v1 encryption key', 32), encryptionKey);
    assert.strictEqual(derive('egg-session-native sealed v1 key id', 4), keyId);
    assert.strictEqual(deriveSealedKey(Buffer.from(appKey)).id.toString('hex'), keyId);
  }
});
