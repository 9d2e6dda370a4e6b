'use strict';

/** Egg 4 signs where Egg 3 encrypts: in mode encrypted a cookie that no key opens may still come with its signature. */

const test = require('node:test');
const assert = require('node:assert');
const { egg4, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { createApp, createContext, sealedBy } = require('../generate/koa_context');

const NAME = 'EGG_SESS';
const KEYS = ['the newest key', 'an old key'];

/** @param {string[]} keys @param {string} value */
function signedByEgg4(keys, value) {
  const ctx = createContext(createApp(egg4, keys));
  ctx.cookies.set(NAME, value, MODE_OPTIONS.signed);
  return sealedBy(ctx, NAME);
}

for (const { name, load } of ENGINES) {
  const keyring = new (load().Keyring)(KEYS);

  test(`the ${name} engine opens a session that Egg 4 signed`, () => {
    KEYS.forEach((key, keyIndex) => {
      const { value, signature } = signedByEgg4([key], egg4.codec.encode({ user: '会' }));
      assert.deepStrictEqual(keyring.open('encrypted', NAME, value, signature), { text: '{"user":"会"}', keyIndex });
    });
  });

  test(`the ${name} engine opens an external key that Egg 4 signed`, () => {
    const { value, signature } = signedByEgg4(KEYS, 'sess:1');
    assert.deepStrictEqual(keyring.openValue('encrypted', NAME, value, signature), { value: 'sess:1', keyIndex: 0 });
  });

  test(`the ${name} engine opens nothing that is neither encrypted nor signed by a key`, () => {
    const { value, signature } = signedByEgg4(['a stranger'], egg4.codec.encode({ admin: true }));
    assert.strictEqual(keyring.open('encrypted', NAME, value, signature), null);
    assert.strictEqual(keyring.open('encrypted', NAME, value), null);
    const own = signedByEgg4(KEYS, egg4.codec.encode({ admin: true }));
    assert.strictEqual(keyring.open('encrypted', 'OTHER_NAME', own.value, own.signature), null);
  });

  test(`the ${name} engine prefers what a key opens to what a signature proves`, () => {
    const { value } = keyring.seal('encrypted', NAME, '{"a":1}');
    assert.deepStrictEqual(keyring.open('encrypted', NAME, value, keyring.sign(`${NAME}=${value}`)), { text: '{"a":1}', keyIndex: 0 });
  });
}
