'use strict';

/**
 * The session's cookie where the engine does the work of `ctx.cookies`: finds it in the Cookie header, opens it, seals it, and
 * writes the Set-Cookie line. In all four formats: sealed, and egg-session's encrypted, signed and plain.
 */

const { MAX_PAIR_OCTETS, SURELY_SMALL_LENGTH } = require('./limits');
const { legacyModeOf, modeOf, refusesLegacy } = require('./mode');
const { isSealed, openSealed, writeInPieces } = require('./pieces');
const { findCookie, findSignature, openAnother } = require('./request_header');
const { reportOversized } = require('./response');
const { setCookie } = require('./set_cookie');
const { withLifetime } = require('../engine/lifetime');

/**
 * @typedef {import('../engine').KeyringMethods} KeyringMethods
 * @typedef {import('./keyring').Ring} Ring
 * @typedef {import('./session_cookie').OpenedCookie} OpenedCookie
 * @typedef {import('./session_cookie').SealedMeta} SealedMeta
 * @typedef {'encrypted' | 'signed' | 'plain'} LegacyMode
 */

/**
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText whether the default codec wrote it
 * @returns {OpenedCookie | null}
 */
function read({ keyring, remembered }, ctx, opts, asText) {
  const { key } = opts;
  const header = ctx.get('cookie');
  if (!header) return null;
  const value = findCookie(header, key);
  if (value === undefined) return null;
  if (isSealed(value)) {
    const sealed = (asText && remembered.open('sealed', key, value, undefined)) || openSealed(keyring, ctx, opts, value);
    if (sealed) return sealed;
  }
  if (refusesLegacy(opts)) return readAnother(keyring, ctx, opts, asText);
  const mode = legacyModeOf(opts);
  // With encryption the signature is needed only where the value alone is in doubt.
  let signature = mode === 'signed' ? findSignature(header, key) : undefined;
  if (asText && mode !== 'plain') {
    const session = remembered.open(mode, key, value, signature);
    if (session !== null) return session;
  }
  if (mode === 'encrypted') signature = findSignature(header, key);
  const opened = openLegacy(keyring, mode, key, value, signature, asText);
  if (opened !== null) return opened;
  const another = mode === 'plain' ? null : readAnother(keyring, ctx, opts, asText);
  if (another) return another;
  if (signature && mode === 'signed') {
    ctx.cookies.set(`${key}.sig`, null, { path: '/', signed: false, overwrite: true });
  }
  return null;
}

/**
 * @param {KeyringMethods} keyring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @returns {OpenedCookie | null} the first other cookie of the name that opens, after the first one did not
 */
function readAnother(keyring, ctx, opts, asText) {
  const mode = legacyModeOf(opts);
  return openAnother(ctx.get('cookie'), opts.key, (value, signature) => {
    const token = openSealed(keyring, ctx, opts, value);
    if (token || refusesLegacy(opts)) return token;
    const opened = openLegacy(keyring, mode, opts.key, value, signature, asText);
    return opened && { ...opened, raw: value };
  });
}

/**
 * @param {KeyringMethods} keyring
 * @param {LegacyMode} mode
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @param {boolean} asText
 * @returns {OpenedCookie | null}
 */
function openLegacy(keyring, mode, name, value, signature, asText) {
  if (value === '' && mode === 'signed') {
    // There is nothing to open, but a signature of the empty value is renewed or removed like any other.
    const keyIndex = signature ? keyring.verify(`${name}=`, signature) : -1;
    return keyIndex < 0 ? null : { value, keyIndex };
  }
  if (asText) {
    const opened = keyring.open(mode, name, value, signature);
    return opened && { value: opened.text, keyIndex: keyIndexOf(mode, opened.keyIndex) };
  }
  const opened = keyring.openValue(mode, name, value, signature);
  return opened && { value: opened.value, keyIndex: keyIndexOf(mode, opened.keyIndex) };
}

/**
 * Only a signature is renewed. An encrypted cookie is sealed with the newest key when it is next written.
 *
 * @param {LegacyMode} mode
 * @param {number} keyIndex
 */
function keyIndexOf(mode, keyIndex) {
  return mode === 'signed' ? keyIndex : 0;
}

/**
 * The renewed signature lives as long and goes as far as the cookie that it belongs to. egg-cookies forgets its attributes.
 *
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {string | undefined} raw the cookie that was read, if it is not the first of its name
 */
function refreshSignature({ keyring }, ctx, opts, raw) {
  const value = raw === undefined ? findCookie(ctx.get('cookie'), opts.key) : raw;
  if (value === undefined) return;
  const options = { ...opts, encrypt: false, signed: false, overwrite: true };
  try {
    ctx.cookies.set(`${opts.key}.sig`, keyring.sign(`${opts.key}=${value}`), options);
  } catch {
    // The attributes cannot be sent. Reading a session must not fail where only writing one would, and the older key's
    // signature still opens it.
  }
}

/**
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {any} attributes `opts` with the app's cookie defaults
 * @param {string} text the session's JSON, under the default codec
 * @param {number} expire what the text still lacks, in ms since 1970; NaN if nothing
 * @param {number} maxAge the same, in ms
 * @param {SealedMeta} [meta]
 */
function writeText(ring, ctx, opts, attributes, text, expire, maxAge, meta) {
  const { key } = opts;
  const mode = modeOf(attributes);
  if (mode === 'sealed') {
    writeValue(ring, ctx, opts, attributes, withLifetime(text, expire, maxAge), meta);
    return;
  }
  const length = setCookie(ctx, key, attributes, (suffix) => ring.keyring.sealCookie(mode, key, text, expire, maxAge, suffix));
  // The value is ASCII.
  if (2 * key.length + length > MAX_PAIR_OCTETS) reportOversized(ctx, key);
}

/**
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {any} attributes `opts` with the app's cookie defaults
 * @param {string} payload any string that the mode can carry
 * @param {SealedMeta} [meta]
 */
function writeValue({ keyring }, ctx, opts, attributes, payload, meta) {
  const { key } = opts;
  /** @type {{ value: string, signature?: string }} */
  const { value, signature } = meta ? keyring.sealSealed(key, payload, meta) : keyring.sealValue(modeOf(attributes), key, payload);
  if (opts.chunks && writeInPieces(ctx, opts, value, (name) => keyring.sealSealed(name, payload, meta).value)) return;
  setCookie(ctx, key, attributes, (suffix) => (
    signature === undefined ? [`${key}=${value}${suffix}`] : [`${key}=${value}${suffix}`, `${key}.sig=${signature}${suffix}`]
  ));
  if (key.length + value.length > SURELY_SMALL_LENGTH) reportOversized(ctx, key);
}

module.exports = { read, refreshSignature, writeText, writeValue };
