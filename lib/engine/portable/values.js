'use strict';

/**
 * Opens and seals cookie values in the formats of the originals, over all keys; docs/format.md specifies them. Three are those of
 * egg-cookies 2.10.1 under koa-session 6.4.0, and `signed-sha1` is that of cookies 0.9.1 with keygrip 1.1.0:
 *
 *   encrypted    urlsafe64pad( AES-256-CBC( value ) )                     hides the value; does not authenticate it
 *   signed       value, and a second cookie `NAME.sig` =                  authenticates name and value; hides nothing
 *                urlsafe64nopad( HMAC-SHA256( app key, NAME=value ) )
 *   signed-sha1  the same with HMAC-SHA1                                  the same
 *   plain        value                                                    protects nothing
 *
 * The JSON layer takes JSON text, and value is its base64, as the default codec writes it. The value layer takes any string as
 * value: an external key, or the output of a custom codec.
 *
 * An encrypted value opens with the first key, newest first, whose plaintext is plausible. If none is, a valid `NAME.sig` opens
 * it as signed, so that cookies of Egg 4, which signs, survive. Last comes the first key whose padding fits, as in egg-cookies.
 *
 * base64 is decoded as Node does it: both alphabets, foreign characters skipped, up to the first `=`. Broken UTF-8 is read as
 * U+FFFD. No format stops replay: an old cookie opens again until it expires or its key is removed.
 */

const { isUtf8 } = require('node:buffer');
const { decryptWith, encryptWith, signWith, urlSafe, verifyWith } = require('./egg_formats');
const { checkString } = require('../../errors');
const { unknownMode } = require('../arguments');

/** @typedef {import('../arguments').Mode} Mode */
/** @typedef {import('./egg_formats').DerivedKey} DerivedKey */
/**
 * @typedef {object} Layer how to read a value after decryption or verification
 * @property {(plain: Buffer) => string | null} readPlausible the content, or null if it may be the output of a wrong key
 * @property {(value: string) => string} read the content without this check
 */

/** Of the formats here. @type {Set<Mode>} */
const MODES = new Set(['encrypted', 'signed', 'signed-sha1', 'plain']);
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
  if (!MODES.has(mode)) throw unknownMode(mode);
  if (typeof value !== 'string' || value === '') return null;
  if (mode === 'plain') return { content: layer.read(value), keyIndex: 0 };

  const { sure, fallback } = mode === 'encrypted' ? openPlausible(keys, layer, value) : { sure: null, fallback: null };
  if (sure !== null) return sure;
  const keyIndex = verifyWith(mode === 'signed-sha1' ? 'sha1' : 'sha256', keys, `${name}=${value}`, signature);
  if (keyIndex !== -1) return { content: layer.read(value), keyIndex };
  return fallback && { content: layer.read(fallback.plain.toString('utf8')), keyIndex: fallback.keyIndex };
}

/**
 * @param {DerivedKey} key
 * @param {Mode} mode
 * @param {string} name cookie name
 * @param {string} value
 * @returns {{ value: string, signature?: string }} `signature` only in a signed mode
 * @throws {TypeError} ERR_SESSION_ARGUMENT for a wrong name, ERR_SESSION_MODE for an unknown mode
 */
function seal(key, mode, name, value) {
  checkString('name', name);
  switch (mode) {
    case 'encrypted':
      return { value: value && urlSafe(encryptWith(key, value).toString('base64')) };
    case 'signed':
      // egg-cookies neither encrypts nor signs an empty value, because an empty value deletes the cookie and its signature.
      return { value, signature: value && signWith('sha256', key, `${name}=${value}`) };
    case 'signed-sha1':
      // `cookies` signs an empty value, too. It is no session's, so both modes answer alike here.
      return { value, signature: value && signWith('sha1', key, `${name}=${value}`) };
    case 'plain':
      return { value };
    default:
      throw unknownMode(mode);
  }
}

module.exports = { jsonLayer, valueLayer, openPlausible, open, seal };
