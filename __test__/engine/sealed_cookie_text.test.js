'use strict';

/** A sealed token as the text of a cookie: what it is made of and how long it is. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');
const { originals } = require('../generate/originals');

/** cookie-octet, RFC 6265 section 4.1.1 */
const COOKIE_OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;
/** What may stand in a cookie together with its name: RFC 6265bis. */
const COOKIE_BYTES = 4096;
const NAME = 'EGG_SESS';

/** @param {number} bytes */
const sessionOf = bytes => JSON.stringify({ text: 'x'.repeat(bytes - '{"text":""}'.length) });

for (const { name: engine, load } of ENGINES) {
  const keyring = new (load().Keyring)(['test-only key']);

  test(`${engine}: a token is made of what RFC 6265 allows in a cookie`, () => {
    for (let length = 0; length < 300; length++) {
      const { value, ...rest } = keyring.seal('sealed', NAME, '\u738b\0;,"\\ '.repeat(length).slice(0, length));
      assert.match(value, COOKIE_OCTETS);
      assert.deepStrictEqual(rest, {});
    }
  });

  test(`${engine}: a token takes four characters for three bytes, and 63 for nothing`, () => {
    for (let length = 0; length < 300; length++) {
      const { value } = keyring.sealSealed(NAME, 'x'.repeat(length));
      assert.strictEqual(value.length, 3 + Math.ceil((4 + 24 + 1 + length + 16) * 4 / 3));
    }
  });

  test(`${engine}: 3,018 bytes of session fit in a cookie, where the originals' encryption takes 2,289`, () => {
    const fits = (/** @type {string} */ value) => NAME.length + value.length <= COOKIE_BYTES;
    const seals = (/** @type {number} */ bytes) => fits(keyring.seal('sealed', NAME, sessionOf(bytes)).value);
    assert.deepStrictEqual([seals(3018), seals(3019)], [true, false]);
    for (const { Keygrip } of originals) {
      const keygrip = new Keygrip(['test-only key']);
      const encrypts = (/** @type {number} */ bytes) => fits(keygrip.encrypt(Buffer.from(sessionOf(bytes)).toString('base64')).toString('base64'));
      assert.deepStrictEqual([encrypts(2289), encrypts(2290)], [true, false]);
    }
  });
}
