'use strict';

/** After a rotation the newest key happens to "open" one older cookie in 256: the originals lose that session, we do not. */

const test = require('node:test');
const assert = require('node:assert');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { createApp, createContext, cookieHeader } = require('../generate/koa_context');

const NAME = 'EGG_SESS';
const OLD = ['the key before the rotation'];
const ROTATED = ['the key after the rotation', ...OLD];

for (const original of originals) {
  const { Keygrip, codec, writer } = original;

  /** @param {(id: number) => string} contentOf @returns {{ content: string, value: string }} a cookie that the new key decrypts to rubbish */
  function findLostCookie(contentOf) {
    const [old, renewed] = [new Keygrip(OLD), new Keygrip(ROTATED.slice(0, 1))];
    for (let id = 0; id < 20_000; id++) {
      const sealed = old.encrypt(contentOf(id));
      if (renewed.decrypt(sealed) !== false) {
        return { content: contentOf(id), value: sealed.toString('base64').replace(/\+/g, '-').replace(/\//g, '_') };
      }
    }
    throw new Error('no cookie fits both keys');
  }

  /** @param {string} value @returns {string | undefined} what the original reads after the rotation */
  const originalReads = value =>
    createContext(createApp(original, ROTATED), cookieHeader(NAME, value)).cookies.get(NAME, MODE_OPTIONS.encrypted);

  test(`${writer} loses a session that the new key seems to open`, () => {
    const { value } = findLostCookie(id => codec.encode({ id }));
    assert.throws(() => codec.decode(originalReads(value)), SyntaxError);
  });

  for (const { name, load } of ENGINES) {
    test(`the ${name} engine opens the session that ${writer} loses`, () => {
      const { content, value } = findLostCookie(id => codec.encode({ id }));
      const text = Buffer.from(content, 'base64').toString();
      assert.deepStrictEqual(new (load().Keyring)(ROTATED).open('encrypted', NAME, value), { text, keyIndex: 1 });
    });

    test(`the ${name} engine opens the external key that ${writer} loses`, () => {
      const { content, value } = findLostCookie(id => `sess-${id}`);
      assert.notStrictEqual(originalReads(value), content);
      assert.deepStrictEqual(new (load().Keyring)(ROTATED).openValue('encrypted', NAME, value), { value: content, keyIndex: 1 });
    });

    test(`where no key opens a session the ${name} engine answers as ${writer}`, () => {
      // a string of the app's own under the old key, that no rule can tell from rubbish
      const { value } = findLostCookie(id => `\x01${id}`);
      const keyring = new (load().Keyring)(ROTATED);
      assert.deepStrictEqual(keyring.openValue('encrypted', NAME, value), { value: originalReads(value), keyIndex: 0 });
    });
  }
}
