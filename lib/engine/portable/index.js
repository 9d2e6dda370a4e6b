'use strict';

/**
 * The portable engine, on node:crypto, for platforms without a binary. It gives the same bytes as the native engine. This module
 * seals and opens cookie values; docs/format.md specifies the formats. Three are those of egg-cookies 2.10.1 under koa-session 6.4.0:
 *
 *   encrypted  urlsafe64pad( AES-256-CBC( value ) )                     hides the value; does not authenticate it
 *   signed     value, and a second cookie `NAME.sig` =                  authenticates name and value; hides nothing
 *              urlsafe64nopad( HMAC-SHA256( app key, NAME=value ) )
 *   plain      value                                                    protects nothing
 *
 * `open` and `seal` take JSON text, and value is its base64, as the default codec writes it. `openValue` and `sealValue` take any
 * string as value: an external key, or the output of a custom codec. The fourth format, `sealed`, is ours: it hides and
 * authenticates (sealed.js).
 *
 * An encrypted value opens with the first key, newest first, whose plaintext is plausible. If none is, a valid `NAME.sig` opens
 * it as signed, so that cookies of Egg 4, which signs, survive. Last comes the first key whose padding fits, as in egg-cookies.
 *
 * base64 is decoded as Node does it: both alphabets, foreign characters skipped, up to the first `=`. Broken UTF-8 is read as
 * U+FFFD. No format stops replay: an old cookie opens again until it expires or its key is removed.
 */

const { isUtf8 } = require('node:buffer');
const { decryptWith, deriveKey, encryptWith, signWith, urlSafe, verifyWith } = require('./egg_formats');
const { withLifetime } = require('../lifetime');
const { checkString } = require('../../errors');
const { checkKeys, checkData, checkMeta, checkNow, unknownMode } = require('../arguments');
const { deriveSealedKey, sealToken, openToken } = require('./sealed');

/** @typedef {import('../arguments').Mode} Mode */
/** @typedef {import('../arguments').SealedMeta} SealedMeta */
/** @typedef {import('./egg_formats').DerivedKey} DerivedKey */
/**
 * @typedef {object} Layer how to read a value after decryption or verification
 * @property {(plain: Buffer) => string | null} readPlausible the content, or null if it may be the output of a wrong key
 * @property {(value: string) => string} read the content without this check
 */

const OPEN_BRACE = 0x7b;
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;

/** For the default codec. Plausible: canonical base64 of a text that begins with `{`. @type {Layer} */
const jsonLayer = {
  readPlausible(plain) {
    const base64 = plain.toString('latin1');
    const json = Buffer.from(base64, 'base64');
    return json[0] === OPEN_BRACE && json.toString('base64') === base64 ? json.toString('utf8') : null;
  },
  read: value => Buffer.from(value, 'base64').toString('utf8'),
};

/** For external keys and custom codecs. Plausible: UTF-8 without control characters, not empty. @type {Layer} */
const valueLayer = {
  readPlausible(plain) {
    if (plain.length === 0 || !isUtf8(plain)) return null;
    const value = plain.toString('utf8');
    return CONTROL_CHARACTER.test(value) ? null : value;
  },
  read: value => value,
};

/**
 * @param {DerivedKey[]} keys newest first
 * @param {Layer} layer
 * @param {string} value as received
 * @returns {{ sure: { content: string, keyIndex: number } | null, fallback: { plain: Buffer, keyIndex: number } | null }}
 *   `sure`: the first plausible content; `fallback`: without one, the plaintext of the first key whose padding fits
 */
function openPlausible(keys, layer, value) {
  const sealed = Buffer.from(value, 'base64');
  let fallback = null;
  for (let keyIndex = 0; keyIndex < keys.length; keyIndex++) {
    const plain = decryptWith(keys[keyIndex], sealed);
    if (plain === null) continue;
    const content = layer.readPlausible(plain);
    if (content !== null) return { sure: { content, keyIndex }, fallback: null };
    // A wrong key's padding fits in 1 of 256 cases, so the other keys and the signature take precedence over this plaintext.
    if (fallback === null) fallback = { plain, keyIndex };
  }
  return { sure: null, fallback };
}

/**
 * @param {DerivedKey[]} keys newest first
 * @param {Layer} layer
 * @param {Mode} mode
 * @param {string} name cookie name
 * @param {unknown} value cookie value as received
 * @param {unknown} signature value of the cookie `NAME.sig`, as received
 * @returns {{ content: string, keyIndex: number } | null} null if no key fits
 * @throws {TypeError} ERR_SESSION_ARGUMENT for a wrong name, ERR_SESSION_MODE for an unknown mode; never for what a browser sent
 */
function open(keys, layer, mode, name, value, signature) {
  checkString('name', name);
  if (mode !== 'encrypted' && mode !== 'signed' && mode !== 'plain') throw unknownMode(mode);
  if (typeof value !== 'string' || value === '') return null;
  if (mode === 'plain') return { content: layer.read(value), keyIndex: 0 };

  const { sure, fallback } = mode === 'encrypted' ? openPlausible(keys, layer, value) : { sure: null, fallback: null };
  if (sure !== null) return sure;
  const keyIndex = verifyWith(keys, `${name}=${value}`, signature);
  if (keyIndex !== -1) return { content: layer.read(value), keyIndex };
  return fallback && { content: layer.read(fallback.plain.toString('utf8')), keyIndex: fallback.keyIndex };
}

/**
 * @param {DerivedKey} key
 * @param {Mode} mode
 * @param {string} name cookie name
 * @param {string} value
 * @returns {{ value: string, signature?: string }} `signature` only in signed mode
 * @throws {TypeError} ERR_SESSION_ARGUMENT for a wrong name, ERR_SESSION_MODE for an unknown mode
 */
function seal(key, mode, name, value) {
  checkString('name', name);
  switch (mode) {
    case 'encrypted':
      return { value: value && urlSafe(encryptWith(key, value).toString('base64')) };
    case 'signed':
      // egg-cookies neither encrypts nor signs an empty value, because an empty value deletes the cookie and its signature.
      return { value, signature: value && signWith(key, `${name}=${value}`) };
    case 'plain':
      return { value };
    default:
      throw unknownMode(mode);
  }
}

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
   * @param {string[]} keys newest first
   * @throws {TypeError} ERR_SESSION_KEYS unless they are one or more strings that are not empty
   */
  constructor(keys) {
    const appKeys = checkKeys(keys);
    this.#keys = appKeys.map(deriveKey);
    this.#sealedKeys = appKeys.map(deriveSealedKey);
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
   * @param {'encrypted' | 'signed'} mode @param {string} name @param {string} value @param {string} [signature]
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
   * @returns {{ value: string, signature?: string }} `signature`, the value of `NAME.sig`, only in signed mode
   */
  seal(mode, name, text) {
    if (mode === 'sealed') return this.sealSealed(name, text);
    checkString('text', text);
    return seal(this.#keys[0], mode, name, Buffer.from(text, 'utf8').toString('base64'));
  }

  /**
   * Internal, for lib/cookie/: seals a session's JSON text and writes the Set-Cookie lines.
   *
   * @param {'encrypted' | 'signed' | 'plain'} mode
   * @param {string} name
   * @param {string} text JSON of an object, without white space
   * @param {number} expire `_expire`, to be put into the text, in ms since 1970; NaN if the text already has its lifetime
   * @param {number} maxAge `_maxAge`, to be put into the text, in ms
   * @param {string} attributes the rest of each line, from the first `;` on
   * @returns {string[]} the cookie's line; in signed mode also the line of `NAME.sig`
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
   * @returns {{ value: string, signature?: string }} `signature`, the value of `NAME.sig`, only in signed mode
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
    return signWith(this.#keys[0], checkData(data));
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} index of the key that signed, or -1 */
  verify(data, digest) {
    return verifyWith(this.#keys, checkData(data), digest);
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
