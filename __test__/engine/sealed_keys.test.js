'use strict';

/** Which key seals and which keys open: rotation, and keys that cannot be told apart by their id. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');

const NAME = 'EGG_SESS';
const SESSION = '{"user":"alice"}';
/** Found by search: HKDF gives both of them the key id 045143d1. */
const TWINS = ['test-only key 33258', 'test-only key 75239'];
const TWINS_ID = '045143d1';

/** @param {string} token */
const keyIdOf = token => Buffer.from(token.slice('v1='.length), 'base64url').toString('hex', 0, 4);

for (const { name: engine, load } of ENGINES) {
  const create = (/** @type {string[]} */ ...keys) => new (load().Keyring)(keys);

  test(`${engine}: the first key seals, every key opens and is told by its index`, () => {
    const keys = Array.from({ length: 20 }, (_, i) => `test-only key ${i}`);
    const keyring = create(...keys);
    keys.forEach((key, keyIndex) => {
      const token = create(key).sealSealed(NAME, SESSION).value;
      assert.deepStrictEqual(keyring.openSealed(NAME, token), { text: SESSION, keyIndex });
    });
    const token = keyring.sealSealed(NAME, SESSION).value;
    assert.deepStrictEqual(create(keys[0]).openSealed(NAME, token), { text: SESSION, keyIndex: 0 });
    assert.strictEqual(create(...keys.slice(1)).openSealed(NAME, token), null);
  });

  test(`${engine}: a token of a key that was taken away does not open any more`, () => {
    const token = create('an old test-only key').sealSealed(NAME, SESSION).value;
    assert.strictEqual(create('a new test-only key').openSealed(NAME, token), null);
    assert.notStrictEqual(create('a new test-only key', 'an old test-only key').openSealed(NAME, token), null);
  });

  test(`${engine}: of two keys with the same id each opens its own tokens only`, () => {
    TWINS.forEach((key, keyIndex) => {
      const token = create(key).sealSealed(NAME, SESSION).value;
      assert.strictEqual(keyIdOf(token), TWINS_ID);
      assert.deepStrictEqual(create(...TWINS).openSealed(NAME, token), { text: SESSION, keyIndex });
      assert.deepStrictEqual(create('a new test-only key', ...TWINS).openSealed(NAME, token), { text: SESSION, keyIndex: keyIndex + 1 });
      assert.strictEqual(create(TWINS[1 - keyIndex]).openSealed(NAME, token), null);
    });
  });

  test(`${engine}: a key that stands there twice counts where it stands first`, () => {
    const token = create('test-only key').sealSealed(NAME, SESSION).value;
    assert.strictEqual(create('new', 'test-only key', 'test-only key').openSealed(NAME, token)?.keyIndex, 1);
  });

  test(`${engine}: keys that differ in their last bit, or after a long common part, are different keys`, () => {
    const long = 'x'.repeat(1000);
    for (const [one, two] of [['key a', 'key `'], [`${long}a`, `${long}b`], ['k', 'k\0'], ['\u00e9', 'e\u0301']]) {
      assert.strictEqual(create(two).openSealed(NAME, create(one).sealSealed(NAME, SESSION).value), null);
    }
  });
}
