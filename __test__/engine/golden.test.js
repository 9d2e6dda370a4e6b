'use strict';

/** Both engines against the cookies that the originals wrote (golden/cookies.json). */

const test = require('node:test');
const assert = require('node:assert');
const golden = require('../golden/cookies.json');
const { ENGINES } = require('../generate/engines');

const WRITERS = ['koa-session 6.4.0 with egg-cookies 2.10.1', 'koa-session 7.0.2 with @eggjs/cookies 3.1.0'];

test('the golden file holds cookies of every mode from both originals', () => {
  for (const writer of WRITERS) {
    for (const mode of ['encrypted', 'signed', 'plain']) {
      const count = golden.cookies.filter(cookie => cookie.mode === mode && cookie.writers.includes(writer)).length;
      assert.ok(count >= 20, `${count} ${mode} cookies of ${writer}`);
    }
  }
});

for (const { name: engineName, load } of ENGINES) {
  test(`${engineName}: opens every cookie that koa-session 6.4.0 and 7.0.2 wrote`, () => {
    const { Keyring } = load();
    for (const { name, mode, cookie, openKeys, keyIndex, value, signature, text } of golden.cookies) {
      if (text === undefined) continue;
      const opened = new Keyring(openKeys).open(mode, cookie, value, signature);
      // A plain cookie is under no key: index 0 stands for "nothing to renew".
      assert.deepStrictEqual({ ...opened }, { text, keyIndex: mode === 'plain' ? 0 : keyIndex }, name);
    }
  });

  test(`${engineName}: opens every external key and custom text that egg-cookies 2.10.1 and 3.1.0 wrote`, () => {
    const { Keyring } = load();
    for (const { name, mode, cookie, openKeys, keyIndex, value, signature, opened: expected } of golden.cookies) {
      const opened = new Keyring(openKeys).openValue(mode, cookie, value, signature);
      assert.deepStrictEqual({ ...opened }, { value: expected, keyIndex: mode === 'plain' ? 0 : keyIndex }, name);
    }
  });

  test(`${engineName}: seals the same texts to the same bytes and signatures`, () => {
    const { Keyring } = load();
    for (const { name, mode, cookie, keys, value, signature, text, encoded, externalKey } of golden.cookies) {
      const keyring = new Keyring(keys);
      const sealed = text === undefined
        ? keyring.sealValue(mode, cookie, encoded ?? externalKey)
        : keyring.seal(mode, cookie, text);
      assert.deepStrictEqual({ value: sealed.value, signature: sealed.signature }, { value, signature }, name);
    }
  });

  test(`${engineName}: opens no encrypted or signed cookie without its key`, () => {
    const { Keyring } = load();
    const stranger = new Keyring(['a key that sealed none of them']);
    for (const { name, mode, cookie, value, signature, text } of golden.cookies) {
      if (mode === 'plain') continue;
      const opened = stranger.open(mode, cookie, value, signature);
      // By chance one padding in 256 fits a wrong key, but the text is then not the session's.
      if (mode === 'signed') assert.strictEqual(opened, null, name);
      else assert.ok(opened === null || opened.text !== text, name);
    }
  });
}
