'use strict';

/**
 * The sealed format, version 1: authenticated encryption, bound to the cookie's name. docs/format.md specifies it; src/sealed.rs
 * is the native twin.
 *
 *   token  = "v1=" base64url( key id [4] ‖ nonce [24] ‖ XAES-256-GCM( header ‖ text ) ), no padding
 *   header = flags [1] ‖ created at [6]? ‖ expires at [6]? ‖ ( id length [1] ‖ id )?
 *
 * `[n]` is a length in bytes; numbers are big-endian. The encryption key and the key id come from the app key by HKDF-SHA256
 * (RFC 5869). In: any text, the header's fields and the cookie's name. Out: a token of ASCII characters that a cookie may hold.
 *
 * A token hides the text and its header, and proves that a holder of the app key sealed them for this cookie name. It does not
 * hide the text's length. It does not stop replay: an old token stays valid until it expires or its key is removed.
 */

const { isUtf8 } = require('node:buffer');
const crypto = require('node:crypto');
const { Xaes256Gcm, KEY_BYTES, NONCE_BYTES, TAG_BYTES } = require('./xaes');
const { SEALED_PREFIX } = require('../arguments');

const KEY_INFO = 'egg-session-native sealed v1 encryption key';
const KEY_ID_INFO = 'egg-session-native sealed v1 key id';
const KEY_ID_BYTES = 4;

const HAS_CREATED_AT = 1;
const HAS_EXPIRES_AT = 2;
const HAS_ID = 4;
const KNOWN_FLAGS = HAS_CREATED_AT | HAS_EXPIRES_AT | HAS_ID;
const TIME_BYTES = 6;
const SHORTEST_BYTES = KEY_ID_BYTES + NONCE_BYTES + 1 + TAG_BYTES;

/**
 * @typedef {object} SealedKey derived from one app key
 * @property {Buffer} id 4 bytes, public: tells which key to try
 * @property {Xaes256Gcm} cipher
 */
/** @typedef {ReturnType<typeof import('../arguments').checkMeta>} CheckedMeta */
/**
 * @typedef {object} Opened an opened token; a field that the header lacks is an absent property
 * @property {string} text
 * @property {number} keyIndex 0 is the newest key
 * @property {number} [createdAtMs] when the session began, in milliseconds since 1970
 * @property {number} [expiresAtMs] from this time on the token does not open, in milliseconds since 1970
 * @property {string} [id] the session's id
 */

/** @param {Uint8Array} secret @param {string} info @param {number} length in bytes @returns {Buffer} HKDF-SHA256 (RFC 5869), no salt */
function derive(secret, info, length) {
  return Buffer.from(crypto.hkdfSync('sha256', secret, '', info, length));
}

/** @param {Uint8Array} appKey copied: the caller may wipe it @returns {SealedKey} */
function deriveSealedKey(appKey) {
  const key = derive(appKey, KEY_INFO, KEY_BYTES);
  const derived = { id: derive(appKey, KEY_ID_INFO, KEY_ID_BYTES), cipher: new Xaes256Gcm(key) };
  key.fill(0);
  return derived;
}

/** @param {Buffer} keyId @param {string} name @returns {Buffer} the parts that the tag authenticates beside header and text */
function associatedData(keyId, name) {
  return Buffer.concat([Buffer.from(SEALED_PREFIX, 'latin1'), keyId, Buffer.from(name, 'utf8')]);
}

/** @param {number} timeMs @returns {Buffer} 6 bytes, big-endian */
function timeBytes(timeMs) {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeUIntBE(timeMs, 0, TIME_BYTES);
  return bytes;
}

/** @param {CheckedMeta} meta @param {string} text @returns {Buffer} header ‖ text */
function writePlain({ createdAtMs, expiresAtMs, id }, text) {
  /** @type {Buffer[]} */
  const parts = [Buffer.alloc(1)];
  if (!Number.isNaN(createdAtMs)) {
    parts[0][0] |= HAS_CREATED_AT;
    parts.push(timeBytes(createdAtMs));
  }
  if (!Number.isNaN(expiresAtMs)) {
    parts[0][0] |= HAS_EXPIRES_AT;
    parts.push(timeBytes(expiresAtMs));
  }
  if (id !== '') {
    const bytes = Buffer.from(id, 'utf8');
    parts[0][0] |= HAS_ID;
    parts.push(Buffer.from([bytes.length]), bytes);
  }
  parts.push(Buffer.from(text, 'utf8'));
  return Buffer.concat(parts);
}

/**
 * @param {Buffer} plain one byte or more
 * @param {number} keyIndex
 * @returns {Opened | null} null for a header that is cut or has an unknown flag, as of a later version, and for broken UTF-8
 */
function readPlain(plain, keyIndex) {
  const flags = plain[0];
  if ((flags & ~KNOWN_FLAGS) !== 0) return null;
  let at = 1;
  /** @type {Opened} */
  const opened = { text: '', keyIndex };
  for (const [flag, field] of /** @type {const} */ ([[HAS_CREATED_AT, 'createdAtMs'], [HAS_EXPIRES_AT, 'expiresAtMs']])) {
    if ((flags & flag) === 0) continue;
    if (at + TIME_BYTES > plain.length) return null;
    opened[field] = plain.readUIntBE(at, TIME_BYTES);
    at += TIME_BYTES;
  }
  if ((flags & HAS_ID) !== 0) {
    const length = plain[at++];
    // If the plaintext ends before the length, `length` is undefined and this comparison fails, too.
    if (!(length > 0) || at + length > plain.length) return null;
    const id = plain.subarray(at, at + length);
    if (!isUtf8(id)) return null;
    opened.id = id.toString('utf8');
    at += length;
  }
  const text = plain.subarray(at);
  if (!isUtf8(text)) return null;
  opened.text = text.toString('utf8');
  return opened;
}

/**
 * For tests only. A nonce that is used twice under one key ends both secrecy and authentication (NIST SP 800-38D, appendix A).
 *
 * @param {SealedKey} key
 * @param {string} name cookie name
 * @param {string} text
 * @param {CheckedMeta} meta
 * @param {Buffer} nonce 24 bytes
 * @returns {string}
 */
function sealWithNonce(key, name, text, meta, nonce) {
  const sealed = key.cipher.seal(nonce, writePlain(meta, text), associatedData(key.id, name));
  return SEALED_PREFIX + Buffer.concat([key.id, nonce, sealed]).toString('base64url');
}

/**
 * Seals under a random nonce.
 *
 * @param {SealedKey} key
 * @param {string} name cookie name
 * @param {string} text lone surrogates become U+FFFD
 * @param {CheckedMeta} meta
 * @returns {string} the token: ASCII without spaces, quotes, commas, semicolons and backslashes
 */
function sealToken(key, name, text, meta) {
  return sealWithNonce(key, name, text, meta, crypto.randomBytes(NONCE_BYTES));
}

/**
 * @param {SealedKey[]} keys newest first
 * @param {string} name cookie name
 * @param {unknown} value as received
 * @param {number} nowMs milliseconds since 1970
 * @returns {Opened | null} null if no key opens the token for this name, or if it has expired
 */
function openToken(keys, name, value, nowMs) {
  if (typeof value !== 'string' || !value.startsWith(SEALED_PREFIX)) return null;
  const base64 = value.slice(SEALED_PREFIX.length);
  const token = Buffer.from(base64, 'base64url');
  // One token has one spelling. Node's decoder is lenient, so the token is encoded again and compared.
  if (token.length < SHORTEST_BYTES || token.toString('base64url') !== base64) return null;
  const keyId = token.subarray(0, KEY_ID_BYTES);
  const nonce = token.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
  const sealed = token.subarray(KEY_ID_BYTES + NONCE_BYTES);
  for (let keyIndex = 0; keyIndex < keys.length; keyIndex++) {
    const key = keys[keyIndex];
    // Two keys share an id with a chance of 2⁻³². Then the tag decides.
    if (!key.id.equals(keyId)) continue;
    const plain = key.cipher.open(nonce, sealed, associatedData(keyId, name));
    if (plain === null) continue;
    const opened = readPlain(plain, keyIndex);
    const expired = opened !== null && opened.expiresAtMs !== undefined && nowMs >= opened.expiresAtMs;
    return expired ? null : opened;
  }
  return null;
}

module.exports = { deriveSealedKey, sealToken, sealWithNonce, openToken };
