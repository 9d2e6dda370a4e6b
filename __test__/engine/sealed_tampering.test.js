'use strict';

/** A sealed token that was touched in any way does not open, in either engine. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');

const NAME = 'EGG_SESS';
const KEY = 'test-only key, never used by an app';
const SESSION = '{"user":"alice","visits":1}';
const META = { createdAtMs: 1767323045678, expiresAtMs: 2 ** 48 - 1, id: 'lkGy8YcVSVqQn0kKFtmDkg' };
const NOW_MS = META.createdAtMs;
const PREFIX = 'v1=';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** @param {string} token */
const bodyOf = token => Buffer.from(token.slice(PREFIX.length), 'base64url');
/** @param {Uint8Array} body */
const tokenOf = body => PREFIX + Buffer.from(body).toString('base64url');

for (const { name: engine, load } of ENGINES) {
  const create = (keys = [KEY]) => new (load().Keyring)(keys);

  /** Tokens of each length modulo 3, with and without a header. */
  const tokens = (keyring = create()) => ['', ' ', '  '].flatMap(padding => [
    keyring.sealSealed(NAME, SESSION + padding).value,
    keyring.sealSealed(NAME, SESSION + padding, META).value,
  ]);

  /** @param {string} value @param {string} what @param {{ keyring?: any, name?: string }} [how] */
  function assertRefused(value, what, { keyring = create(), name = NAME } = {}) {
    assert.strictEqual(keyring.openSealed(name, value, NOW_MS), null, what);
    assert.strictEqual(keyring.open('sealed', name, value), null, what);
    assert.strictEqual(keyring.openValue('sealed', name, value), null, what);
  }

  test(`${engine}: every flipped bit of the text of a token is refused`, () => {
    const keyring = create();
    for (const token of tokens(keyring)) {
      assert.strictEqual(keyring.openSealed(NAME, token, NOW_MS)?.text.trim(), SESSION);
      for (let at = 0; at < token.length; at++) {
        // All 16 bits of a character, though a browser can send but eight: a decoder may look at the low byte only.
        for (let bit = 0; bit < 16; bit++) {
          const flipped = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1);
          assertRefused(flipped, `bit ${bit} of character ${at}`, { keyring });
        }
      }
    }
  });

  test(`${engine}: every flipped bit and every other value of a byte under base64 is refused`, () => {
    const keyring = create();
    const body = bodyOf(tokens(keyring)[1]);
    for (let at = 0; at < body.length; at++) {
      for (let mask = 1; mask < 256; mask++) {
        const changed = Buffer.from(body);
        changed[at] ^= mask;
        assertRefused(tokenOf(changed), `byte ${at} by ${mask}`, { keyring });
      }
    }
  });

  test(`${engine}: every truncation, at either end and inside, is refused`, () => {
    const keyring = create();
    for (const token of tokens(keyring)) {
      const body = bodyOf(token);
      for (let at = 0; at < token.length; at++) {
        assertRefused(token.slice(0, at), `the first ${at} characters`, { keyring });
        assertRefused(token.slice(at + 1), `without the first ${at + 1} characters`, { keyring });
        assertRefused(token.slice(0, at) + token.slice(at + 1), `without character ${at}`, { keyring });
      }
      for (let at = 0; at < body.length; at++) {
        assertRefused(tokenOf(body.subarray(0, at)), `the first ${at} bytes`, { keyring });
        assertRefused(tokenOf(body.subarray(at + 1)), `without the first ${at + 1} bytes`, { keyring });
        assertRefused(tokenOf(Buffer.concat([body.subarray(0, at), body.subarray(at + 1)])), `without byte ${at}`, { keyring });
      }
    }
  });

  test(`${engine}: every character added is refused`, () => {
    const keyring = create();
    const token = tokens(keyring)[0];
    for (let at = 0; at <= token.length; at++) {
      for (const char of [...BASE64URL, '=', '.', ' ', '"', '\0', '\u0100']) {
        assertRefused(token.slice(0, at) + char + token.slice(at), `${JSON.stringify(char)} at ${at}`, { keyring });
      }
    }
  });

  test(`${engine}: one token has one spelling`, () => {
    const keyring = create();
    for (const token of tokens(keyring)) {
      const spellings = [...BASE64URL].map(char => token.slice(0, -1) + char)
        .concat(`${token}=`, `${token}==`, token.replace(/-/g, '+'), token.replace(/_/g, '/'))
        .filter(spelling => spelling !== token);
      for (const spelling of spellings) assertRefused(spelling, spelling.slice(-3), { keyring });
    }
  });

  test(`${engine}: pieces of two tokens do not make a third`, () => {
    const keyring = create();
    const whole = [0, 1].map(() => keyring.sealSealed(NAME, SESSION).value);
    const [one, two] = whole.map(bodyOf);
    for (let at = 5; at < one.length; at++) {
      const spliced = tokenOf(Buffer.concat([one.subarray(0, at), two.subarray(at)]));
      // Both are random: in one pair of 128 the first or the last random byte is the same, and the splice is a whole token.
      if (!whole.includes(spliced)) assertRefused(spliced, `cut at ${at}`, { keyring });
    }
  });

  test(`${engine}: a token for a cookie of another name is refused`, () => {
    const keyring = create();
    const token = keyring.sealSealed(NAME, SESSION).value;
    for (const name of ['', 'EGG_SES', 'EGG_SESSX', 'egg_sess', '__Host-EGG_SESS', '_CHIPS-EGG_SESS', 'EGG_SESS=', 'EGG_SES\ufffd']) {
      assertRefused(token, name, { keyring, name });
    }
  });

  test(`${engine}: a token under another app key is refused, whatever key id it claims`, () => {
    const other = create(['another test-only key']);
    const token = create().sealSealed(NAME, SESSION).value;
    const claimed = bodyOf(other.sealSealed(NAME, SESSION).value).subarray(0, 4);
    assertRefused(token, 'its own key id', { keyring: other });
    assertRefused(tokenOf(Buffer.concat([claimed, bodyOf(token).subarray(4)])), 'the key id of the other', { keyring: other });
  });

  test(`${engine}: a token that claims another version is refused`, () => {
    const keyring = create();
    const token = keyring.sealSealed(NAME, SESSION).value;
    const versions = Array.from({ length: 256 }, (_, code) => `v${String.fromCharCode(code)}=`).filter(prefix => prefix !== PREFIX);
    for (const prefix of [...versions, '', 'v=', 'v1', 'v1.', 'v01=', 'v1 =', 'V1=', 'v11=', 'v1==']) {
      assertRefused(prefix + token.slice(PREFIX.length), prefix, { keyring });
    }
  });

  test(`${engine}: what is no string is refused`, () => {
    for (const value of [undefined, null, 0, NaN, true, {}, [], Buffer.from('v1='), Symbol('v1=')]) {
      assertRefused(/** @type {any} */ (value), typeof value);
    }
  });
}
