'use strict';

/**
 * Remembers the sessions in received cookies, under the default codec, so that a cookie that comes again is neither decrypted nor
 * parsed again. Only the content is remembered. Expiry, `valid`, revocation and the age of the key are checked each time. The
 * memory belongs to one keyring, so a change of keys empties it.
 *
 * A cookie is remembered when it comes for the second time. A cookie that never comes again would only grow old here, and that
 * costs the garbage collector more than one decryption costs. Each cookie has one slot, chosen by a few characters of its
 * ciphertext or signature and a random seed of this process. Those characters are as good as random; V8's own hash would read
 * the whole string, which takes longer than decrypting it. Two cookies in one slot evict each other; an attacker can do no worse.
 * Only a cookie that opened gets in. A cookie is always compared as a whole, and its signature in constant time.
 *
 * @typedef {import('./keyring').CookieKeyring} CookieKeyring
 * @typedef {import('../engine/portable/sealed').Opened} Token
 * @typedef {'sealed' | 'encrypted' | 'signed' | 'signed-sha1'} OpenedMode
 */

const { randomInt } = require('node:crypto');
const { isSigned } = require('./mode');
const { parseObject } = require('../session/codec');
const { dataKeys } = require('../session/data');

// About 2 MB for each worker, with sessions of 300 bytes.
const DEFAULT_CAPACITY = 1000;
// A longer cookie is not remembered, so that the memory is bounded. Browsers stop at 4 KiB.
const MAX_COOKIE_LENGTH = 4096;
// The last characters of a value, before the padding that base64 may have there.
const SAMPLE_LENGTH = 12;
const PADDING_LENGTH = 2;
const SEED = randomInt(2 ** 32);
// FNV-1a, 32 bit
const FNV_PRIME = 0x01000193;

/** A cookie that holds a session for certain. */
class OpenedSession {
  /**
   * @param {OpenedMode} mode
   * @param {string} name
   * @param {string} value as received
   * @param {string | undefined} signature as received
   * @param {number} openedWith the index of the key that opened it
   * @param {any} pristine a plain object, to be read only
   * @param {Token} [token] of a sealed cookie: what it says of itself
   * @param {string[]} [dataKeys] of `pristine`
   */
  constructor(mode, name, value, signature, openedWith, pristine, token, dataKeys) {
    this.mode = mode;
    this.name = name;
    this.value = value;
    this.signature = signature;
    /** > 0: an older key signed it. */
    this.keyIndex = isSigned(mode) ? openedWith : 0;
    this.openedWith = openedWith;
    this.pristine = pristine;
    this.token = token;
    this.dataKeys = dataKeys;
  }

  /**
   * @param {OpenedMode} mode
   * @param {string} name
   * @param {string} value
   * @param {string | undefined} signature
   */
  is(mode, name, value, signature) {
    return this.value === value && this.mode === mode && this.name === name && !this._hasExpired()
      && (signature === undefined ? this.signature === undefined : isSameInConstantTime(this.signature, signature));
  }

  /** A sealed token may have ended. The caller checks whether the session in it has. */
  _hasExpired() {
    return this.token !== undefined && this.token.expiresAtMs !== undefined && this.token.expiresAtMs <= Date.now();
  }
}

class RememberedCookies {
  /** @type {(OpenedSession | undefined)[]} by slot */
  #kept;
  /** The tag of the cookie that was opened last, by slot. */
  #lastTags;
  #capacity;
  /** @type {CookieKeyring} */
  #keyring;

  /**
   * @param {CookieKeyring} keyring
   * @param {number} [capacity] how many cookies are remembered at most
   */
  constructor(keyring, capacity = DEFAULT_CAPACITY) {
    this.#keyring = keyring;
    this.#capacity = capacity;
    this.#kept = new Array(capacity);
    this.#lastTags = new Int32Array(capacity);
  }

  /**
   * @param {OpenedMode} mode
   * @param {string} name
   * @param {string} value as received
   * @param {string | undefined} signature as received
   * @returns {OpenedSession | null} null for a value that is no session for certain, and for one that only `Keyring#open` can judge
   */
  open(mode, name, value, signature) {
    const tag = tagOf(signature === undefined ? value : signature);
    const slot = (tag >>> 0) % this.#capacity;
    const known = this.#kept[slot];
    if (known !== undefined && known.is(mode, name, value, signature)) return known;
    const isSealed = mode === 'sealed';
    const text = isSealed ? this.#keyring.openSealed(name, value) : this.#keyring.openSession(mode, name, value, signature);
    if (text === null) return null;
    const pristine = parseObject(text.text);
    if (pristine === undefined) return null;
    const opened = new OpenedSession(mode, name, value, signature, text.keyIndex, pristine, isSealed ? text : undefined);
    if (this.#lastTags[slot] === tag) this.#keep(opened, slot);
    else this.#lastTags[slot] = tag;
    return opened;
  }

  /**
   * @param {OpenedSession} opened
   * @param {number} slot
   */
  #keep(opened, slot) {
    const { mode, name, value, signature, openedWith, pristine, token } = opened;
    const own = flat(value);
    if (own !== value || own.length > MAX_COOKIE_LENGTH || this.#capacity === 0) return;
    const ownSignature = signature === undefined ? undefined : flat(signature);
    const ownToken = token && { ...token, text: '' };
    this.#kept[slot] = new OpenedSession(mode, name, own, ownSignature, openedWith, pristine, ownToken, dataKeys(pristine));
  }
}

/**
 * @param {string} text
 * @returns {number} 32 bits
 */
function tagOf(text) {
  const end = text.length - PADDING_LENGTH;
  let tag = SEED;
  for (let i = end - SAMPLE_LENGTH; i < end; i++) tag = Math.imul(tag ^ text.charCodeAt(i), FNV_PRIME);
  return tag | 0;
}

/**
 * Copies a string, because V8 keeps the whole header in memory for a slice of it.
 *
 * @param {string} text
 * @returns {string} the same, unless the text has characters that no header has
 */
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/**
 * @param {string | undefined} secret
 * @param {string | undefined} given
 */
function isSameInConstantTime(secret, given) {
  if (secret === undefined || given === undefined || secret.length !== given.length) return false;
  let difference = 0;
  for (let i = 0; i < secret.length; i++) difference |= secret.charCodeAt(i) ^ given.charCodeAt(i);
  return difference === 0;
}

module.exports = RememberedCookies;
