'use strict';

/**
 * XAES-256-GCM (C2SP) on node:crypto: AES-256-GCM with a nonce of 24 bytes, so long that it may be drawn at random for
 * any number of messages under one key. From the key and the first half of the nonce comes a key for this one message
 * (NIST SP 800-108r1 in counter mode over CMAC, which for inputs of this size is one AES block each); the second half
 * is GCM's own nonce (NIST SP 800-38D).
 *
 * In: bytes. Out: ciphertext followed by the tag. Hides the message's content but not its length, and proves that a
 * holder of the key wrote it, under this nonce and with this associated data.
 */

const crypto = require('node:crypto');

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
/** GCM takes this half of the nonce; the other half went into the message's key. */
const GCM_NONCE_BYTES = 12;
/** x¹²⁸ = x⁷ + x² + x + 1 in CMAC's field */
const REDUCTION = 0b10000111;

/**
 * AES-256-GCM with a 12-byte nonce and a 16-byte tag.
 *
 * @param {crypto.CipherKey} key 32 bytes
 * @param {Buffer} nonce never twice under one key
 * @param {Buffer} plain
 * @param {Buffer} associated authenticated, not part of the answer
 * @returns {Buffer} as long as `plain`, and the tag
 */
function sealGcm(key, nonce, plain, associated) {
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * @param {crypto.CipherKey} key 32 bytes
 * @param {Buffer} nonce
 * @param {Buffer} sealed what `sealGcm` gave
 * @param {Buffer} associated
 * @returns {Buffer | null} nothing unless the tag fits, which OpenSSL compares in constant time
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

/** One key, ready to seal and open. */
class Xaes256Gcm {
  /** @type {crypto.KeyObject} */
  #key;
  /** @type {Buffer} CMAC's subkey for whole blocks */
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
   * @returns {Buffer} as long as `plain`, and the tag of 16 bytes
   */
  seal(nonce, plain, associated) {
    const messageKey = this.#messageKey(nonce);
    const sealed = sealGcm(messageKey, nonce.subarray(-GCM_NONCE_BYTES), plain, associated);
    messageKey.fill(0);
    return sealed;
  }

  /**
   * @param {Buffer} nonce
   * @param {Buffer} sealed
   * @param {Buffer} associated
   * @returns {Buffer | null} nothing for what this key did not seal with this nonce and associated data
   */
  open(nonce, sealed, associated) {
    const messageKey = this.#messageKey(nonce);
    const plain = openGcm(messageKey, nonce.subarray(-GCM_NONCE_BYTES), sealed, associated);
    messageKey.fill(0);
    return plain;
  }

  /** @param {Buffer} nonce @returns {Buffer} AES(M1 ⊕ K1) and AES(M2 ⊕ K1), where Mi = 00 0i 'X' 00 and half of the nonce */
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

  /** @param {Buffer} blocks @returns {Buffer} */
  #encryptBlocks(blocks) {
    return crypto.createCipheriv('aes-256-ecb', this.#key, null).setAutoPadding(false).update(blocks);
  }
}

module.exports = { Xaes256Gcm, sealGcm, openGcm, KEY_BYTES, NONCE_BYTES, TAG_BYTES };
