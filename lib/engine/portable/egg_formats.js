'use strict';

/**
 * The cryptography of the two Keygrips, on node:crypto. That of egg-cookies 2.10.1 derives keys from an app key, encrypts with
 * AES-256-CBC and signs with HMAC-SHA256. Koa's (keygrip 1.1.0) signs with HMAC-SHA1. docs/format-older.md specifies both.
 *
 * In: strings, taken as UTF-8, or bytes. Out: bytes of ciphertext; a signature of 43 characters, or of 27 with SHA-1, in base64url
 * without padding (RFC 4648, section 5).
 *
 * Encryption does not authenticate: a user can flip bits of the ciphertext and change the session. The key and the IV are the
 * same for every value, so equal values give equal ciphertext, and equal beginnings show. A signature hides nothing.
 */

const crypto = require('node:crypto');

/**
 * @typedef {object} DerivedKey
 * @property {crypto.KeyObject} hmacKey the app key's bytes, for both hashes
 * @property {crypto.KeyObject} aesKey 32 bytes, for AES-256
 * @property {Buffer} iv 16 bytes, for CBC; the same for every value
 */

/** @typedef {'sha256' | 'sha1'} Hash under a signature: Egg's, Koa's */

/** 32 and 20 bytes in base64 without padding. @type {Record<Hash, number>} */
const SIGNATURE_CHARS = { sha256: 43, sha1: 27 };

/**
 * OpenSSL's EVP_BytesToKey with MD5, no salt and one round, as in egg-cookies 2.10.1: aesKey ‖ iv = D₁ ‖ D₂ ‖ D₃, where
 * D₁ = MD5(app key) and Dᵢ = MD5(Dᵢ₋₁ ‖ app key).
 *
 * @param {Uint8Array} appKey copied: the caller may wipe it
 * @returns {DerivedKey}
 */
function deriveKey(appKey) {
  /** @type {Buffer} */
  let digest = Buffer.alloc(0);
  const stretched = Buffer.concat([0, 1, 2].map(() => {
    digest = crypto.createHash('md5').update(digest).update(appKey).digest();
    return digest;
  }));
  const derived = {
    hmacKey: crypto.createSecretKey(appKey),
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

/** @param {Hash} hash @param {DerivedKey} key @param {string | Buffer} data @returns {string} HMAC in base64url without padding */
function signWith(hash, key, data) {
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
 * @param {Hash} hash
 * @param {DerivedKey[]} keys newest first
 * @param {string | Buffer} data
 * @param {unknown} digest the signature as received; compared as text and in constant time, so a signature has one spelling
 * @returns {number} the index of the key that signed, or -1
 */
function verifyWith(hash, keys, data, digest) {
  if (typeof digest !== 'string') return -1;
  const given = Buffer.from(digest, 'utf8');
  // timingSafeEqual() throws for different lengths. The length is public, so this check reveals nothing.
  if (given.length !== SIGNATURE_CHARS[hash]) return -1;
  return keys.findIndex(key => crypto.timingSafeEqual(given, Buffer.from(signWith(hash, key, data), 'latin1')));
}

module.exports = { decryptWith, deriveKey, encryptWith, signWith, urlSafe, verifyWith };
