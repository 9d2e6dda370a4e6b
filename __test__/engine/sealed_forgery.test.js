'use strict';

/**
 * Why the sealed format is there. A visitor who is user 1001 flips one bit in his own cookie and asks the server who he
 * is. Under egg's encryption (AES-256-CBC without authentication) that makes him user 9001: the flipped bit spoils the
 * block it is in, which holds part of the nickname he chose, and changes one digit of the id in the block behind it.
 */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');
const { originals } = require('../generate/originals');
const { createApp, createContext, cookieHeader } = require('../generate/koa_context');

const NAME = 'EGG_SESS';
const KEY = 'test-only key';
const ATTEMPTS = 400;
const BLOCK_BYTES = 16;
/** In the session's JSON; it is the first of three bytes that are four characters of base64. */
const DIGIT_AT = 45;
/** From '1' to '9'. */
const BIT = 0x08;
/** From 'M' to 'O', as the same digits are in base64. */
const BIT_IN_BASE64 = 0x02;

/** @param {number} attempt each with another nickname, so that other rubbish comes out of the spoiled block */
const sessionText = attempt => JSON.stringify({ name: `nickname-${String(attempt).padStart(19, '0')}`, uid: 1001, _expire: 1767409445678, _maxAge: 86400000 });

/** @param {string} text what the server read @returns {unknown} the user it takes the visitor for */
function userOf(text) {
  try {
    return JSON.parse(text).uid;
  } catch {
    return undefined;
  }
}

/** @param {string} value */
function forgeEncrypted(value) {
  const bytes = Buffer.from(value, 'base64');
  bytes[DIGIT_AT / 3 * 4 - BLOCK_BYTES] ^= BIT_IN_BASE64;
  return bytes.toString('base64url');
}

/** GCM is a stream cipher: without its tag this bit alone would do, and spoil nothing else. @param {string} value */
function forgeSealed(value) {
  const bytes = Buffer.from(value.slice('v1='.length), 'base64url');
  bytes[4 + 24 + 1 + DIGIT_AT] ^= BIT;
  return `v1=${bytes.toString('base64url')}`;
}

test('the attempts are made on a session whose bits are where the attacker expects them', () => {
  for (let i = 0; i < ATTEMPTS; i++) assert.strictEqual(sessionText(i)[DIGIT_AT], '1');
});

for (const original of originals) {
  test(`${original.writer} takes a visitor for another user when he flips a bit of his encrypted cookie`, () => {
    const app = createApp(original, [KEY]);
    const keygrip = new original.Keygrip([KEY]);
    let forged = 0;
    for (let i = 0; i < ATTEMPTS; i++) {
      const cookie = keygrip.encrypt(Buffer.from(sessionText(i)).toString('base64')).toString('base64');
      const { cookies } = createContext(app, cookieHeader(NAME, forgeEncrypted(cookie)));
      const value = cookies.get(NAME, { encrypt: true });
      if (value && userOf(Buffer.from(value, 'base64').toString()) === 9001) forged++;
    }
    assert.ok(forged >= 10, `${forged} of ${ATTEMPTS} attempts`);
  });
}

for (const { name: engine, load } of ENGINES) {
  const keyring = new (load().Keyring)([KEY]);

  test(`${engine}: mode 'encrypted' can be forged as the originals can, for it reads what they read`, () => {
    let forged = 0;
    for (let i = 0; i < ATTEMPTS; i++) {
      const opened = keyring.open('encrypted', NAME, forgeEncrypted(keyring.seal('encrypted', NAME, sessionText(i)).value));
      if (opened && userOf(opened.text) === 9001) forged++;
    }
    assert.ok(forged >= 10, `${forged} of ${ATTEMPTS} attempts`);
  });

  test(`${engine}: mode 'sealed' opens none of the forgeries`, () => {
    for (let i = 0; i < ATTEMPTS; i++) {
      const { value } = keyring.seal('sealed', NAME, sessionText(i));
      assert.strictEqual(userOf(keyring.open('sealed', NAME, value)?.text ?? ''), 1001);
      assert.strictEqual(keyring.open('sealed', NAME, forgeSealed(value)), null);
    }
  });
}
