'use strict';

/**
 * The cryptography of egg-cookies 2.10.1 (Keygrip), on node:crypto: derives keys from an app key, encrypts with AES-256-CBC and
 * signs with HMAC-SHA256. docs/format.md specifies it.
 *
 * In: strings, taken as UTF-8, or bytes. Out: bytes of ciphertext; a signature of 43 characters, base64url without padding
 * (RFC 4648, section 5).
 *
 * Encryption does not authenticate: a user can flip bits of the ciphertext and change the session. The key and the IV are the
 * same for every value, so equal values give equal ciphertext, and equal beginnings show. A signature hides nothing.
 */

const crypto = require('node:crypto');

/**
 * @typedef {object} DerivedKey
 * @property {crypto.KeyObject} hmacKey the app key's bytes
 * @property {crypto.KeyObject} aesKey 32 bytes, for AES-256
 * @property {Buffer} iv 16 bytes, for CBC; the same for every value
 */

/** Characters of a signature: base64 without padding of 32 and of 20 bytes. */
const SIGNATURE_CHARS = { sha256: 43, sha1: 27 };

/**
 * OpenSSL's EVP_BytesToKey with MD5, no salt and one round, as in egg-cookies 2.10.1: aesKey ‖ iv = D₁ ‖ D₂ ‖ D₃, where
 * D₁ = MD5(app key) and Dᵢ = MD5(Dᵢ₋₁ ‖ app key).
 *
 * @param {import('../arguments').AppKey} appKey
 * @returns {DerivedKey}
 */
function deriveKey(appKey) {
  const secret = bytesOf(appKey);
  /** @type {Buffer} */
  let digest = Buffer.alloc(0);
  const stretched = Buffer.concat([0, 1, 2].map(() => {
    digest = crypto.createHash('md5').update(digest).update(secret).digest();
    return digest;
  }));
  const derived = {
    hmacKey: crypto.createSecretKey(secret),
    aesKey: crypto.createSecretKey(stretched.subarray(0, 32)),
    iv: Buffer.from(stretched.subarray(32)),
  };
  stretched.fill(0);
  return derived;
}

/** @param {string} base64 @returns {string} in the URL-safe alphabet, padding kept */
function urlSafe(base64) {
  return base64.replace(/\+/g, '-').replace(/\//g, '_');
}

/** @param {import('../arguments').AppKey} appKey @returns {Buffer} a copy of its bytes */
function bytesOf(appKey) {
  return typeof appKey === 'string' ? Buffer.from(appKey, 'utf8') : Buffer.from(appKey);
}

/** @param {import('../arguments').Mode} mode of a signed cookie @returns {'sha1' | 'sha256'} the hash of its signature */
function hashOf(mode) {
  return mode === 'signed-sha1' ? 'sha1' : 'sha256';
}

/**
 * @param {DerivedKey} key @param {string | Buffer} data @param {'sha1' | 'sha256'} [hash]
 * @returns {string} HMAC in base64url without padding
 */
function signWith(key, data, hash = 'sha256') {
  return crypto.createHmac(hash, key.hmacKey).update(data).digest('base64url');
}

/** @param {DerivedKey} key @param {string | Buffer} data @returns {Buffer} AES-256-CBC with PKCS#7 padding */
function encryptWith(key, data) {
  const cipher = crypto.createCipheriv('aes-256-cbc', key.aesKey, key.iv);
  const head = typeof data === 'string' ? cipher.update(data, 'utf8') : cipher.update(data);
  return Buffer.concat([head, cipher.final()]);
}

/**
 * @param {DerivedKey} key
 * @param {Buffer} sealed as received, any length
 * @returns {Buffer | null} null unless it is whole blocks and the padding fits; a wrong key's padding fits in 1 of 256 cases
 */
function decryptWith(key, sealed) {
  if (sealed.length === 0 || sealed.length % 16 !== 0) return null;
  const decipher = crypto.createDecipheriv('aes-256-cbc', key.aesKey, key.iv);
  const head = decipher.update(sealed);
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    return null;
  }
}

/**
 * @param {DerivedKey[]} keys newest first
 * @param {string | Buffer} data
 * @param {unknown} digest the signature as received; compared as text and in constant time, so a signature has one spelling
 * @param {'sha1' | 'sha256'} [hash]
 * @returns {number} the index of the key that signed, or -1
 */
function verifyWith(keys, data, digest, hash = 'sha256') {
  if (typeof digest !== 'string') return -1;
  const given = Buffer.from(digest, 'utf8');
  // timingSafeEqual() throws for different lengths. The length is public, so this check reveals nothing.
  if (given.length !== SIGNATURE_CHARS[hash]) return -1;
  return keys.findIndex(key => crypto.timingSafeEqual(given, Buffer.from(signWith(key, data, hash), 'latin1')));
}

module.exports = { decryptWith, deriveKey, bytesOf, encryptWith, hashOf, signWith, urlSafe, verifyWith };
