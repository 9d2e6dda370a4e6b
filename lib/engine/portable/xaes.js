'use strict';

/**
 * XAES-256-GCM (https://c2sp.org/XAES-256-GCM) on node:crypto: AES-256-GCM with a nonce of 24 bytes. A random nonce of this length
 * is safe for any practical number of messages under one key. The key and the nonce's first 12 bytes give the message key, by
 * the KDF of NIST SP 800-108r1 in counter mode over CMAC (NIST SP 800-38B); for inputs of this size each CMAC is one AES block.
 * The last 12 bytes are GCM's own nonce (NIST SP 800-38D).
 *
 * In: bytes. Out: ciphertext, as long as the plaintext, followed by the tag of 16 bytes. The ciphertext hides the message's
 * content but not its length. The tag proves that a holder of the key sealed it under this nonce and this associated data.
 * Nothing here stops replay.
 */

const crypto = require('node:crypto');

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
/** GCM's nonce is the last half of the nonce. The first half goes into the message key. */
const GCM_NONCE_BYTES = 12;
/** In CMAC's field x¹²⁸ = x⁷ + x² + x + 1 (NIST SP 800-38B). */
const REDUCTION = 0b10000111;

/**
 * AES-256-GCM with a 12-byte nonce and a 16-byte tag.
 *
 * @param {crypto.CipherKey} key 32 bytes
 * @param {Buffer} nonce 12 bytes, never used twice under one key
 * @param {Buffer} plain
 * @param {Buffer} associated authenticated, but not part of the answer
 * @returns {Buffer} ciphertext, as long as `plain`, followed by the tag
 */
function sealGcm(key, nonce, plain, associated) {
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @param {crypto.CipherKey} key 32 bytes
 * @param {Buffer} nonce 12 bytes
 * @param {Buffer} sealed ciphertext followed by the tag, as received, any length
 * @param {Buffer} associated
 * @returns {Buffer | null} the plaintext; null unless the tag fits, which OpenSSL compares in constant time
 */
function openGcm(key, nonce, sealed, associated) {
  const tagStart = sealed.length - TAG_BYTES;
  if (tagStart < 0) return null;
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated).setAuthTag(sealed.subarray(tagStart));
  const plain = decipher.update(sealed.subarray(0, tagStart));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plain;
}

/** Seals and opens under one key. */
class Xaes256Gcm {
  /** @type {crypto.KeyObject} */
  #key;
  /** @type {Buffer} CMAC's subkey K1, for whole blocks */
  #k1;

  /** @param {Buffer} key 32 bytes */
  constructor(key) {
    this.#key = crypto.createSecretKey(key);
    const doubled = this.#encryptBlocks(Buffer.alloc(BLOCK_BYTES));
    let carry = 0;
    for (let i = BLOCK_BYTES - 1; i >= 0; i--) {
      const byte = doubled[i];
      doubled[i] = (byte << 1) | carry;
      carry = byte >> 7;
    }
    doubled[BLOCK_BYTES - 1] ^= carry * REDUCTION;
    this.#k1 = doubled;
  }

  /**
   * @param {Buffer} nonce 24 bytes, random
   * @param {Buffer} plain
   * @param {Buffer} associated
   * @returns {Buffer} ciphertext, as long as `plain`, followed by the tag of 16 bytes
   */
  seal(nonce, plain, associated) {
    const messageKey = this.#messageKey(nonce);
    const sealed = sealGcm(messageKey, nonce.subarray(-GCM_NONCE_BYTES), plain, associated);
    messageKey.fill(0);
    return sealed;
  }

  /**
   * @param {Buffer} nonce 24 bytes
   * @param {Buffer} sealed ciphertext followed by the tag
   * @param {Buffer} associated
   * @returns {Buffer | null} null unless this key sealed it under this nonce and associated data
   */
  open(nonce, sealed, associated) {
    const messageKey = this.#messageKey(nonce);
    const plain = openGcm(messageKey, nonce.subarray(-GCM_NONCE_BYTES), sealed, associated);
    messageKey.fill(0);
    return plain;
  }

  /** @param {Buffer} nonce @returns {Buffer} AES(M1 ⊕ K1) ‖ AES(M2 ⊕ K1), where Mi = 00 ‖ 0i ‖ 'X' ‖ 00 ‖ nonce[0…12] */
  #messageKey(nonce) {
    const blocks = Buffer.alloc(KEY_BYTES);
    for (const counter of [1, 2]) {
      const block = blocks.subarray((counter - 1) * BLOCK_BYTES, counter * BLOCK_BYTES);
      block[1] = counter;
      block[2] = 0x58;
      nonce.copy(block, BLOCK_BYTES - GCM_NONCE_BYTES, 0, NONCE_BYTES - GCM_NONCE_BYTES);
      for (let i = 0; i < BLOCK_BYTES; i++) block[i] ^= this.#k1[i];
    }
    return this.#encryptBlocks(blocks);
  }

  /** @param {Buffer} blocks of 16 bytes @returns {Buffer} each block under AES-256 (ECB) */
  #encryptBlocks(blocks) {
    return crypto.createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false).update(blocks);
  }
}

module.exports = { Xaes256Gcm, sealGcm, openGcm, KEY_BYTES, NONCE_BYTES, TAG_BYTES };
