'use strict';

/**
 * The portable engine, on node:crypto, for platforms without a binary. It gives the same bytes as the native engine. This module
 * is the Keyring; values.js has the formats of egg-cookies and of Koa's `cookies`, and sealed.js our own. docs/format.md specifies
 * all of them.
 */

const { decryptWith, deriveKey, encryptWith, signWith, verifyWith } = require('./egg_formats');
const { deriveSealedKey, sealToken, openToken } = require('./sealed');
const { jsonLayer, open, openPlausible, seal, valueLayer } = require('./values');
const { withLifetime } = require('../lifetime');
const { checkString } = require('../../errors');
const { keyBytes, checkData, checkMeta, checkNow } = require('../arguments');

/** @typedef {import('../arguments').Mode} Mode */
/** @typedef {import('../arguments').SealedMeta} SealedMeta */
/** @typedef {import('./egg_formats').DerivedKey} DerivedKey */

/**
 * The app keys and the keys derived from them. The first key seals and signs; all keys open and verify, so that keys can be
 * rotated. In every method `name` is the cookie's name, `value` and `signature` are as received, and `keyIndex` 0 is the newest
 * key. Methods throw ERR_SESSION_ARGUMENT for an argument of the wrong type and ERR_SESSION_MODE for an unknown mode. Input from
 * a browser never throws: the answer is null, -1 or false.
 */
class Keyring {
  /** @type {DerivedKey[]} */
  #keys;
  /** @type {import('./sealed').SealedKey[]} */
  #sealedKeys;

  /**
   * @param {(string | Uint8Array)[]} keys newest first; a string stands for its UTF-8 bytes
   * @throws {TypeError} ERR_SESSION_KEYS unless they are one or more strings or Buffers that are not empty
   */
  constructor(keys) {
    const secrets = keyBytes(keys);
    this.#keys = secrets.map(deriveKey);
    this.#sealedKeys = secrets.map(deriveSealedKey);
    for (const secret of secrets) secret.fill(0);
  }

  /**
   * Opens a session's cookie that the default codec wrote.
   *
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null} the text is not parsed, so it need not be JSON
   */
  open(mode, name, value, signature) {
    if (mode === 'sealed') return this.openSealed(name, value);
    const opened = open(this.#keys, jsonLayer, mode, name, value, signature);
    return opened && { text: opened.content, keyIndex: opened.keyIndex };
  }

  /**
   * Internal, for lib/cookie/: opens a cookie that is a session for certain. An encrypted one needs plausible content, a signed
   * one a valid signature.
   *
   * @param {'encrypted' | 'signed' | 'signed-sha1'} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null} null also for an encrypted cookie that only `open` can judge
   */
  openSession(mode, name, value, signature) {
    if (value === '') return null;
    const opened = mode === 'encrypted'
      ? openPlausible(this.#keys, jsonLayer, value).sure
      : open(this.#keys, jsonLayer, mode, name, value, signature);
    return opened && { text: opened.content, keyIndex: opened.keyIndex };
  }

  /**
   * Opens a cookie with any other string: an external key, or the output of a custom codec.
   *
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ value: string, keyIndex: number } | null}
   */
  openValue(mode, name, value, signature) {
    if (mode === 'sealed') {
      const token = this.openSealed(name, value);
      return token && { value: token.text, keyIndex: token.keyIndex };
    }
    const opened = open(this.#keys, valueLayer, mode, name, value, signature);
    return opened && { value: opened.content, keyIndex: opened.keyIndex };
  }

  /**
   * Seals JSON text as the default codec does.
   *
   * @param {Mode} mode @param {string} name @param {string} text lone surrogates become U+FFFD
   * @returns {{ value: string, signature?: string }} `signature`, the value of `NAME.sig`, only in a signed mode
   */
  seal(mode, name, text) {
    if (mode === 'sealed') return this.sealSealed(name, text);
    checkString('text', text);
    return seal(this.#keys[0], mode, name, Buffer.from(text, 'utf8').toString('base64'));
  }

  /**
   * Internal, for lib/cookie/: seals a session's JSON text and writes the Set-Cookie lines.
   *
   * @param {'encrypted' | 'signed' | 'signed-sha1' | 'plain'} mode
   * @param {string} name
   * @param {string} text JSON of an object, without white space
   * @param {number} expire `_expire`, to be put into the text, in ms since 1970; NaN if the text already has its lifetime
   * @param {number} maxAge `_maxAge`, to be put into the text, in ms
   * @param {string} attributes the rest of each line, from the first `;` on
   * @returns {string[]} the cookie's line; in a signed mode also the line of `NAME.sig`
   */
  sealCookie(mode, name, text, expire, maxAge, attributes) {
    const whole = withLifetime(text, expire, maxAge);
    const { value, signature } = seal(this.#keys[0], mode, name, Buffer.from(whole, 'utf8').toString('base64'));
    const line = `${name}=${value}${attributes}`;
    return signature === undefined ? [line] : [line, `${name}.sig=${signature}${attributes}`];
  }

  /**
   * Seals any other string.
   *
   * @param {Mode} mode @param {string} name @param {string} value
   * @returns {{ value: string, signature?: string }} `signature`, the value of `NAME.sig`, only in a signed mode
   */
  sealValue(mode, name, value) {
    if (mode === 'sealed') return this.sealSealed(name, value);
    checkString('value', value);
    return seal(this.#keys[0], mode, name, value);
  }

  /**
   * Opens a sealed token with any text.
   *
   * @param {string} name @param {string} value
   * @param {number} [nowMs] milliseconds since 1970; default now. A token that has expired at this time does not open
   * @returns {import('./sealed').Opened | null} null if no key opens it for this name, or if it has expired
   */
  openSealed(name, value, nowMs = Date.now()) {
    checkString('name', name);
    return openToken(this.#sealedKeys, name, value, checkNow(nowMs));
  }

  /**
   * Seals any text, also an empty one. The nonce is random, so the same text gives another token each time.
   *
   * @param {string} name @param {string} text @param {SealedMeta} [meta]
   * @returns {{ value: string }}
   */
  sealSealed(name, text, meta) {
    checkString('name', name);
    checkString('text', text);
    return { value: sealToken(this.#sealedKeys[0], name, text, checkMeta(meta)) };
  }

  /** @param {string | Buffer} data @returns {string} HMAC-SHA256 under the first key, in base64url without padding */
  sign(data) {
    return signWith('sha256', this.#keys[0], checkData(data));
  }

  /** @param {string | Buffer} data @returns {string} HMAC-SHA1 under the first key, as keygrip 1.1.0 signs for Koa */
  signSha1(data) {
    return signWith('sha1', this.#keys[0], checkData(data));
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} index of the key that signed, or -1 */
  verify(data, digest) {
    return verifyWith('sha256', this.#keys, checkData(data), digest);
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} as Keygrip's `index` with SHA-1: of the key, or -1 */
  verifySha1(data, digest) {
    return verifyWith('sha1', this.#keys, checkData(data), digest);
  }

  /** @param {string | Buffer} data @returns {Buffer} AES-256-CBC under the first key; not authenticated */
  encrypt(data) {
    return encryptWith(this.#keys[0], checkData(data));
  }

  /**
   * Decrypts as Keygrip in egg-cookies 2.10.1 does: with the first key whose padding fits, which can be a wrong key.
   *
   * @param {Buffer} data a string, too, stands for its UTF-8 bytes
   * @returns {{ value: Buffer, index: number } | false} false if no padding fits
   */
  decrypt(data) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) return false;
    const given = checkData(data);
    const sealed = typeof given === 'string' ? Buffer.from(given, 'utf8') : given;
    for (let index = 0; index < this.#keys.length; index++) {
      const value = decryptWith(this.#keys[index], sealed);
      if (value !== null) return { value, index };
    }
    return false;
  }
}

module.exports = { name: 'portable', Keyring, ...require('./json/diff'), ...require('./json/merge') };
