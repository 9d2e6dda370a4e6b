'use strict';

/** What Egg does with one app key, or with several, on node:crypto: derives from it, encrypts and signs. */

const crypto = require('node:crypto');

/**
 * @typedef {object} DerivedKey
 * @property {crypto.KeyObject} hmacKey the app key's UTF-8 bytes
 * @property {crypto.KeyObject} aesKey 32 bytes
 * @property {Buffer} iv 16 bytes, fixed: equal values give equal cookies
 */

const SIGNATURE_CHARS = 43; // 32 bytes in base64 without padding

/**
 * EVP_BytesToKey with MD5, no salt and one round, as the app key has always been stretched.
 * @param {string} appKey
 * @returns {DerivedKey}
 */
function deriveKey(appKey) {
  const secret = Buffer.from(appKey, 'utf8');
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

/** @param {string} base64 @returns {string} */
function urlSafe(base64) {
  return base64.replace(/\+/g, '-').replace(/\//g, '_');
}

/** @param {DerivedKey} key @param {string | Buffer} data @returns {string} */
function signWith(key, data) {
  return crypto.createHmac('sha256', key.hmacKey).update(data).digest('base64url');
}

/** @param {DerivedKey} key @param {string | Buffer} data @returns {Buffer} */
function encryptWith(key, data) {
  const cipher = crypto.createCipheriv('aes-256-cbc', key.aesKey, key.iv);
  const head = typeof data === 'string' ? cipher.update(data, 'utf8') : cipher.update(data);
  return Buffer.concat([head, cipher.final()]);
}

/** @param {DerivedKey} key @param {Buffer} sealed @returns {Buffer | null} null when the padding does not fit */
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

/** @param {DerivedKey[]} keys @param {string | Buffer} data @param {unknown} digest @returns {number} */
function verifyWith(keys, data, digest) {
  if (typeof digest !== 'string') return -1;
  const given = Buffer.from(digest, 'utf8');
  // the length of a signature is no secret
  if (given.length !== SIGNATURE_CHARS) return -1;
  return keys.findIndex(key => crypto.timingSafeEqual(given, Buffer.from(signWith(key, data), 'latin1')));
}

module.exports = { decryptWith, deriveKey, encryptWith, signWith, urlSafe, verifyWith };
