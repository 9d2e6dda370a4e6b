'use strict';

/** What the portable sealed format is made of, against published vectors; `cargo test` does it for the native one. */

const test = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const { Xaes256Gcm, sealGcm, openGcm } = require('../../lib/engine/portable/xaes');
const c2sp = require('../vectors/xaes_256_gcm_c2sp.json');
const rfc5869 = require('../vectors/hkdf_sha256_rfc5869.json');
const hkdfWycheproof = require('../vectors/hkdf_sha256_wycheproof.json');
const gcmWycheproof = require('../vectors/aes_256_gcm_wycheproof.json');

/** @param {string} text */
const hex = text => Buffer.from(text, 'hex');

test('XAES-256-GCM gives the answers in the specification of C2SP, and opens them', () => {
  assert.strictEqual(c2sp.tests.length, 2);
  for (const { key, nonce, plaintext, aad, ciphertext, tag } of c2sp.tests) {
    const cipher = new Xaes256Gcm(hex(key));
    const sealed = cipher.seal(Buffer.from(nonce), Buffer.from(plaintext), Buffer.from(aad));
    assert.strictEqual(sealed.toString('hex'), ciphertext + tag);
    assert.strictEqual(cipher.open(Buffer.from(nonce), sealed, Buffer.from(aad))?.toString(), plaintext);
  }
});

test("XAES-256-GCM gives C2SP's answer to 10,000 random messages, and opens them", () => {
  const { iterations, shake128 } = c2sp.accumulated.tests[0];
  assert.strictEqual(iterations, 10_000);
  const longest = 32 + 24 + 1 + 255 + 1 + 255;
  const random = crypto.createHash('shake128', { outputLength: iterations * longest }).digest();
  let at = 0;
  const take = (/** @type {number} */ bytes) => random.subarray(at, at += bytes);
  const answer = crypto.createHash('shake128', { outputLength: 32 });
  for (let i = 0; i < iterations; i++) {
    const cipher = new Xaes256Gcm(take(32));
    const nonce = take(24);
    const plain = take(take(1)[0]);
    const associated = take(take(1)[0]);
    const sealed = cipher.seal(nonce, plain, associated);
    assert.ok(cipher.open(nonce, sealed, associated)?.equals(plain));
    answer.update(sealed);
  }
  assert.strictEqual(answer.digest('hex'), shake128);
});

test('AES-256-GCM passes Wycheproof', () => {
  assert.strictEqual(gcmWycheproof.tests.length, 66);
  for (const { tcId, key, iv, aad, msg, ct, tag, result } of gcmWycheproof.tests) {
    const opened = openGcm(hex(key), hex(iv), hex(ct + tag), hex(aad));
    if (result !== 'valid') {
      assert.strictEqual(opened, null, `tcId ${tcId}`);
      continue;
    }
    assert.strictEqual(opened?.toString('hex'), msg, `tcId ${tcId}`);
    assert.strictEqual(sealGcm(hex(key), hex(iv), hex(msg), hex(aad)).toString('hex'), ct + tag, `tcId ${tcId}`);
  }
});

test("Node's HKDF-SHA256 is that of RFC 5869 and passes Wycheproof", () => {
  assert.strictEqual(rfc5869.tests.length + hkdfWycheproof.tests.length, 3 + 86);
  for (const vector of [...rfc5869.tests, ...hkdfWycheproof.tests]) {
    const { ikm, salt, info, size, okm } = vector;
    const derive = () => Buffer.from(crypto.hkdfSync('sha256', hex(ikm), hex(salt), hex(info), size)).toString('hex');
    if ('result' in vector && vector.result !== 'valid') assert.throws(derive, { code: 'ERR_CRYPTO_INVALID_KEYLEN' });
    else assert.strictEqual(derive(), okm, JSON.stringify(vector).slice(0, 40));
  }
});
