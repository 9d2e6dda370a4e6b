'use strict';

const { randomInt } = require('node:crypto');
const { dataKeys } = require('./session');

/**
 * Session cookies on their way in, under the default codec. One that comes again is neither decrypted nor parsed again:
 * what it held is kept, and nothing else is remembered: whether a session has expired, is valid or revoked, or came under an
 * older key is looked at each time. Goes with its keyring, so with the keys.
 *
 * A cookie is kept when it is opened for the second time: what is kept for one that never comes again would only grow
 * old, which costs a garbage collector more than the cookie's decryption. Each has one place, given by a few characters of
 * its ciphertext or signature, which are as good as random, under a seed of this process: V8 would hash all of a new string,
 * which takes longer than decrypting it. Two cookies of one place push each other out, and that is all that anybody could
 * bring about. Only what opened gets in, and a cookie is always compared whole, a signature in constant time.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 * @typedef {import('./engine/sealed').Opened} Token
 * @typedef {'sealed' | 'encrypted' | 'signed'} OpenedMode
 */

// A longer cookie is not kept, so that the memory is bounded. Browsers stop at 4 KiB.
const MAX_COOKIE_LENGTH = 4096;
// The last characters of a value, before the padding that base64 may have there.
const SAMPLE_LENGTH = 12;
const PADDING_LENGTH = 2;
const SEED = randomInt(2 ** 32);
// FNV-1a, 32 bit
const FNV_PRIME = 0x01000193;

/** A cookie that surely holds a session. */
class OpenedSession {
  /**
   * @param {OpenedMode} mode
   * @param {string} name
   * @param {string} value as received
   * @param {string | undefined} signature as received
   * @param {number} keyIndex > 0: an older key signed it
   * @param {any} pristine a plain object, to be read only
   * @param {Token} [token] what a sealed one says of itself
   * @param {string[]} [dataKeys] of `pristine`
   */
  constructor(mode, name, value, signature, keyIndex, pristine, token, dataKeys) {
    this.mode = mode;
    this.name = name;
    this.value = value;
    this.signature = signature;
    this.keyIndex = keyIndex;
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

  /** A sealed one may be over as such; the session in it is looked at by whoever asked. */
  _hasExpired() {
    return this.token !== undefined && this.token.expiresAtMs !== undefined && this.token.expiresAtMs <= Date.now();
  }
}

class OpenedSessions {
  /** @type {(OpenedSession | undefined)[]} by place */
  #kept;
  /** The tag of the cookie opened last, by place. */
  #lastTags;
  #capacity;
  /** @type {KeyringMethods} */
  #keyring;

  /**
   * @param {KeyringMethods} keyring
   * @param {number} capacity how many cookies are kept at most
   */
  constructor(keyring, capacity) {
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
   * @returns {OpenedSession | null} null for what surely is no session, and for what is left to `Keyring#open`
   */
  open(mode, name, value, signature) {
    const tag = tagOf(signature === undefined ? value : signature);
    const place = (tag >>> 0) % this.#capacity;
    const known = this.#kept[place];
    if (known !== undefined && known.is(mode, name, value, signature)) return known;
    const isSealed = mode === 'sealed';
    const text = isSealed ? this.#keyring.openSealed(name, value) : this.#keyring.openSession(mode, name, value, signature);
    if (text === null) return null;
    const pristine = parseObject(text.text);
    if (pristine === undefined) return null;
    const keyIndex = mode === 'signed' ? text.keyIndex : 0;
    const opened = new OpenedSession(mode, name, value, signature, keyIndex, pristine, isSealed ? text : undefined);
    if (this.#lastTags[place] === tag) this.#keep(opened, place);
    else this.#lastTags[place] = tag;
    return opened;
  }

  /**
   * @param {OpenedSession} opened
   * @param {number} place
   */
  #keep(opened, place) {
    const { mode, name, value, signature, keyIndex, pristine, token } = opened;
    const own = flat(value);
    if (own !== value || own.length > MAX_COOKIE_LENGTH || this.#capacity === 0) return;
    const ownSignature = signature === undefined ? undefined : flat(signature);
    this.#kept[place] = new OpenedSession(mode, name, own, ownSignature, keyIndex, pristine, token && { ...token, text: '' }, dataKeys(pristine));
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
 * A piece of a string keeps all of it in memory, here the whole header: this one is on its own.
 *
 * @param {string} text
 * @returns {string} the same, unless it has characters that no header has
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

/**
 * @param {string} text
 * @returns {any} undefined for what is no JSON object
 */
function parseObject(text) {
  try {
    const json = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

module.exports = OpenedSessions;
