'use strict';

/**
 * The engine where no binary fits: node:crypto only, byte for byte the answers of the native one.
 * Formats are those of egg-cookies@2.10.1 under koa-session@6.4.0:
 *   encrypted  urlsafe64pad( AES-256-CBC( value ) )
 *   signed     value, and urlsafe64nopad( HMAC-SHA256( app key, NAME=value ) ) beside it
 *   plain      value
 * where value is base64(JSON text) for open/seal and any string for openValue/sealValue.
 * "encrypted" hides the value but proves nothing about who wrote it; "signed" is the other way round.
 * Our own format, "sealed", does both: sealed.js.
 */

const { isUtf8 } = require('node:buffer');
const { decryptWith, deriveKey, encryptWith, signWith, urlSafe, verifyWith } = require('./derived_key');
const { withLifetime } = require('./lifetime');
const { checkKeys, checkString, checkData, unknownMode } = require('./misuse');
const { deriveSealedKey, sealToken, openToken } = require('./sealed');
const { checkMeta, checkNow } = require('./sealed_meta');

/** @typedef {import('./misuse').Mode} Mode */
/** @typedef {import('./sealed_meta').SealedMeta} SealedMeta */
/** @typedef {import('./derived_key').DerivedKey} DerivedKey */
/**
 * @typedef {object} Layer what lies under the encryption or the signature
 * @property {(plain: Buffer) => string | null} readPlausible the string, or null when a wrong key may have made it
 * @property {(value: string) => string} read the string, whatever it is
 */

const OPEN_BRACE = 0x7b;
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;

/** The default codec: base64 of a JSON object. @type {Layer} */
const jsonLayer = {
  readPlausible(plain) {
    const base64 = plain.toString('latin1');
    const json = Buffer.from(base64, 'base64');
    return json[0] === OPEN_BRACE && json.toString('base64') === base64 ? json.toString('utf8') : null;
  },
  read: value => Buffer.from(value, 'base64').toString('utf8'),
};

/** External keys and custom codecs: any printable text. @type {Layer} */
const valueLayer = {
  readPlausible(plain) {
    if (plain.length === 0 || !isUtf8(plain)) return null;
    const value = plain.toString('utf8');
    return CONTROL_CHARACTER.test(value) ? null : value;
  },
  read: value => value,
};

/** Decrypts with the first key that gives what can be meant. @param {DerivedKey[]} keys @param {Layer} layer @param {string} value */
function openPlausible(keys, layer, value) {
  const sealed = Buffer.from(value, 'base64');
  let fallback = null;
  for (let keyIndex = 0; keyIndex < keys.length; keyIndex++) {
    const plain = decryptWith(keys[keyIndex], sealed);
    if (plain === null) continue;
    const content = layer.readPlausible(plain);
    if (content !== null) return { sure: { content, keyIndex }, fallback: null };
    // one wrong key in 256 fits: keep its answer, but let the others speak first
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
 * @returns {{ content: string, keyIndex: number } | null}
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

/** @param {DerivedKey} key @param {Mode} mode @param {string} name @param {string} value */
function seal(key, mode, name, value) {
  checkString('name', name);
  switch (mode) {
    case 'encrypted':
      return { value: value && urlSafe(encryptWith(key, value).toString('base64')) };
    case 'signed':
      // egg-cookies neither encrypts nor signs an empty value: it deletes the cookie and its signature
      return { value, signature: value && signWith(key, `${name}=${value}`) };
    case 'plain':
      return { value };
    default:
      throw unknownMode(mode);
  }
}

/** App keys with everything derived from them. The first seals and signs, all open and verify. */
class Keyring {
  /** @type {DerivedKey[]} */
  #keys;
  /** @type {import('./sealed').SealedKey[]} */
  #sealedKeys;

  /** @param {string[]} keys newest first */
  constructor(keys) {
    const appKeys = checkKeys(keys);
    this.#keys = appKeys.map(deriveKey);
    this.#sealedKeys = appKeys.map(deriveSealedKey);
  }

  /**
   * Opens a cookie value written by the default codec.
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null} the JSON text as found, not yet parsed
   */
  open(mode, name, value, signature) {
    if (mode === 'sealed') return this.openSealed(name, value);
    const opened = open(this.#keys, jsonLayer, mode, name, value, signature);
    return opened && { text: opened.content, keyIndex: opened.keyIndex };
  }

  /**
   * Opens what surely is a session's cookie. The native engine remembers those that it opened, this one does not.
   * @param {'encrypted' | 'signed'} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null} null also where `open` might have an answer, though not a sure one
   */
  openSession(mode, name, value, signature) {
    if (value === '') return null;
    const opened = mode === 'encrypted'
      ? openPlausible(this.#keys, jsonLayer, value).sure
      : open(this.#keys, jsonLayer, mode, name, value, signature);
    return opened && { text: opened.content, keyIndex: opened.keyIndex };
  }

  /**
   * Opens any other string: an external key, or the work of a custom codec.
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
   * @param {Mode} mode @param {string} name @param {string} text
   * @returns {{ value: string, signature?: string }}
   */
  seal(mode, name, text) {
    if (mode === 'sealed') return this.sealSealed(name, text);
    checkString('text', text);
    return seal(this.#keys[0], mode, name, Buffer.from(text, 'utf8').toString('base64'));
  }

  /**
   * Seals a session's JSON text and gives the content of the header Set-Cookie; in signed mode that of the signature's, too.
   * @param {'encrypted' | 'signed' | 'plain'} mode
   * @param {string} name
   * @param {string} text of an object, without white space
   * @param {number} expire what the text still lacks, in ms since 1970; NaN if nothing
   * @param {number} maxAge the same, in ms
   * @param {string} attributes what follows each value
   * @returns {string[]}
   */
  sealCookie(mode, name, text, expire, maxAge, attributes) {
    const whole = withLifetime(text, expire, maxAge);
    const { value, signature } = seal(this.#keys[0], mode, name, Buffer.from(whole, 'utf8').toString('base64'));
    const line = `${name}=${value}${attributes}`;
    return signature === undefined ? [line] : [line, `${name}.sig=${signature}${attributes}`];
  }

  /**
   * Seals any other string.
   * @param {Mode} mode @param {string} name @param {string} value
   * @returns {{ value: string, signature?: string }}
   */
  sealValue(mode, name, value) {
    if (mode === 'sealed') return this.sealSealed(name, value);
    checkString('value', value);
    return seal(this.#keys[0], mode, name, value);
  }

  /**
   * Opens a sealed token, whatever the text in it is.
   * @param {string} name @param {string} value
   * @param {number} [nowMs] milliseconds since 1970: a token that has expired by then does not open
   * @returns {import('./sealed').Opened | null}
   */
  openSealed(name, value, nowMs = Date.now()) {
    checkString('name', name);
    return openToken(this.#sealedKeys, name, value, checkNow(nowMs));
  }

  /**
   * Seals any text, also an empty one, under a random nonce: the same text gives another token each time.
   * @param {string} name @param {string} text @param {SealedMeta} [meta]
   * @returns {{ value: string }}
   */
  sealSealed(name, text, meta) {
    checkString('name', name);
    checkString('text', text);
    return { value: sealToken(this.#sealedKeys[0], name, text, checkMeta(meta)) };
  }

  /** @param {string | Buffer} data @returns {string} HMAC-SHA256 by the first key, URL-safe base64 without padding */
  sign(data) {
    return signWith(this.#keys[0], checkData(data));
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} index of the key that signed, or -1 */
  verify(data, digest) {
    return verifyWith(this.#keys, checkData(data), digest);
  }

  /** @param {string | Buffer} data @returns {Buffer} AES-256-CBC by the first key */
  encrypt(data) {
    return encryptWith(this.#keys[0], checkData(data));
  }

  /**
   * @param {Buffer} data
   * @returns {{ value: Buffer, index: number } | false} by the first key whose padding fits, as egg-cookies answers
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

module.exports = { name: 'portable', Keyring, ...require('./diff'), ...require('./merge') };
