'use strict';

/**
 * The session's cookie where the engine does the work of `ctx.cookies`: finds it in the Cookie header, opens it, seals it, and
 * writes the Set-Cookie line. In all formats: sealed, and those of egg-session and koa-session.
 *
 * A proxy or client may put a value in quotes, or percent-encode its `=`, `+` and `/`. The value as received is tried first.
 */

const { MAX_PAIR_OCTETS, SURELY_SMALL_LENGTH } = require('./limits');
const { isSealing, isSigned, modeOf, refusesLegacy, withoutKeys } = require('./mode');
const { expirePieces, isSealed, openSealed, writeInPieces } = require('./pieces');
const { findCookie, findSignature, hasSeveral, openAnother, openEach, unwrap } = require('./request_header');
const { reportOversized, setThrough } = require('./response');
const { channels } = require('../diagnostics');
const { withLifetime } = require('../engine/lifetime');
const { decodeText, holdsJSON } = require('../session/codec');

/**
 * @typedef {import('./keyring').CookieKeyring} CookieKeyring
 * @typedef {import('./keyring').Ring} Ring
 * @typedef {import('./native_cookies').Dialect} Dialect
 * @typedef {import('./session_cookie').OpenedCookie} OpenedCookie
 * @typedef {import('./session_cookie').SealedMeta} SealedMeta
 */

/**
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText whether the default codec wrote it
 * @returns {OpenedCookie | null}
 */
function read(dialect, ring, ctx, opts, asText) {
  const opened = peek(dialect, ring, ctx, opts, asText);
  if (opened === null && !refusesLegacy(opts) && isSigned(dialect.modeOf(opts))) dropForeignSignature(dialect, ctx, opts.key);
  return opened;
}

/**
 * As `read`, but leaves a signature that no key made.
 *
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @returns {OpenedCookie | null}
 */
function peek(dialect, ring, ctx, opts, asText) {
  const { key } = opts;
  const { keyring, remembered } = ring;
  const header = dialect.headerOf(ctx);
  if (!header) return null;
  const value = findCookie(header, key);
  if (value === undefined) return null;
  if (isSealed(value)) {
    const sealed = (asText && remembered.open('sealed', key, value, undefined)) || openSealed(keyring, ctx, opts, value);
    if (sealed) return sealed;
  }
  if (refusesLegacy(opts)) return openLater(dialect, keyring, ctx, opts, asText, header, value, undefined);
  const mode = dialect.modeOf(opts);
  // With encryption the signature is needed only where the value alone is in doubt.
  let signature = isSigned(mode) ? findSignature(header, key) : undefined;
  if (asText && mode !== 'plain') {
    const session = remembered.open(/** @type {any} */ (mode), key, value, signature);
    if (session !== null) return session;
  }
  if (mode === 'encrypted') signature = findSignature(header, key);
  const opened = openLegacy(dialect, keyring, mode, key, value, signature, asText);
  if (opened === null) {
    return mode === 'plain' && !isSealing(opts) ? null : openLater(dialect, keyring, ctx, opts, asText, header, value, signature);
  }
  if (mode !== 'plain') return opened;
  return sealedUnwrapped(keyring, ctx, opts, value) || (asText ? orUnwrapped(opened, value) : opened);
}

/**
 * What is tried after the first cookie of the name did not open as received: the same without what a proxy put around it, then
 * the other cookies of the name.
 *
 * @param {Dialect} dialect
 * @param {CookieKeyring} keyring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @param {string} header
 * @param {string} value
 * @param {string | undefined} signature
 * @returns {OpenedCookie | null}
 */
function openLater(dialect, keyring, ctx, opts, asText, header, value, signature) {
  const open = openerOf(dialect, keyring, ctx, opts, asText);
  return open.unwrapped(value, signature, 0) || openAnother(header, opts.key, open.either);
}

/**
 * @typedef {(value: string, signature: string | undefined, index: number) => OpenedCookie | null} Open `index`: of the cookie, among
 *   those of the name
 *
 * @param {Dialect} dialect
 * @param {CookieKeyring} keyring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @returns {{ unwrapped: Open, either: Open }} `either`: as received, or else unwrapped
 */
function openerOf(dialect, keyring, ctx, opts, asText) {
  const mode = dialect.modeOf(opts);
  /** @type {Open} */
  const asReceived = (given, sig, index) => {
    // An unsigned cookie opens whatever it holds, so that only the first may be one.
    const mayBeLegacy = !refusesLegacy(opts) && (mode !== 'plain' || index === 0);
    const opened = openSealed(keyring, ctx, opts, given)
      || (mayBeLegacy ? openLegacy(dialect, keyring, mode, opts.key, given, sig, asText) : null);
    return opened && { ...opened, raw: given };
  };
  /** @type {Open} */
  const unwrapped = (given, sig, index) => {
    const plain = unwrap(given);
    const plainSignature = sig === undefined ? undefined : unwrap(sig);
    return plain === undefined && plainSignature === undefined ? null : asReceived(plain ?? given, plainSignature ?? sig, index);
  };
  /** @type {Open} */
  const either = (given, sig, index) => asReceived(given, sig, index) || unwrapped(given, sig, index);
  return { unwrapped, either };
}

/**
 * The other cookies of the name that open. Of unsigned ones the first counts, so that there are no others.
 *
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @param {OpenedCookie} [first] what `read` gave
 * @returns {Generator<OpenedCookie, void>} those behind `first`; without it, all
 */
function* others(dialect, { keyring }, ctx, opts, asText, first) {
  const header = dialect.headerOf(ctx);
  if (!header || (first && !hasSeveral(header, opts.key)) || modeOf(dialect, opts) === 'plain') return;
  const opened = openEach(header, opts.key, openerOf(dialect, keyring, ctx, opts, asText).either, false);
  // `read` tries them in this order, too.
  if (!first || !opened.next().done) yield* opened;
}

/**
 * @param {CookieKeyring} keyring
 * @param {any} ctx
 * @param {any} opts
 * @param {string} value of an unsigned cookie, which opens whatever it holds
 * @returns {OpenedCookie | null} null unless it is a sealed one that a proxy has changed
 */
function sealedUnwrapped(keyring, ctx, opts, value) {
  const plain = unwrap(value);
  return plain === undefined ? null : openSealed(keyring, ctx, opts, plain);
}

/**
 * An unsigned cookie opens whatever it holds, so that only its text tells whether a proxy has changed it.
 *
 * @param {OpenedCookie} opened
 * @param {string} value as received
 * @returns {OpenedCookie}
 */
function orUnwrapped(opened, value) {
  const plain = unwrap(value);
  if (plain === undefined || holdsJSON(opened.value)) return opened;
  return { ...opened, value: decodeText(plain) };
}

/**
 * @param {Dialect} dialect
 * @param {any} ctx
 * @param {string} name
 */
function dropForeignSignature(dialect, ctx, name) {
  const header = dialect.headerOf(ctx);
  if (header && findCookie(header, name) !== undefined && findSignature(header, name)) dialect.dropSignature(ctx, name);
}

/**
 * @param {Dialect} dialect
 * @param {CookieKeyring} keyring
 * @param {import('../engine/arguments').Mode} mode
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @param {boolean} asText
 * @returns {OpenedCookie | null}
 */
function openLegacy(dialect, keyring, mode, name, value, signature, asText) {
  if (value === '' && isSigned(mode)) {
    // There is nothing to open, but a signature of the empty value is renewed or removed like any other.
    const keyIndex = signature ? dialect.verify(keyring, `${name}=`, signature) : -1;
    return keyIndex < 0 ? null : { value, keyIndex, mode, openedWith: keyIndex };
  }
  const opened = asText ? keyring.open(mode, name, value, signature) : keyring.openValue(mode, name, value, signature);
  if (opened === null) return null;
  const { keyIndex: openedWith } = opened;
  return {
    value: 'text' in opened ? opened.text : opened.value,
    // Only a signature is renewed. An encrypted cookie is sealed with the newest key when it is next written.
    keyIndex: isSigned(mode) ? openedWith : 0,
    mode: mode === 'encrypted' && signature !== undefined && isSignedInstead(keyring, name, value, signature) ? 'signed' : mode,
    openedWith,
  };
}

/**
 * Whether a cookie was opened by its signature where it should be encrypted. Only the channel `open` has to know.
 *
 * @param {CookieKeyring} keyring
 * @param {string} name
 * @param {string} value
 * @param {string} signature
 */
function isSignedInstead(keyring, name, value, signature) {
  return channels.open.hasSubscribers && keyring.verify(`${name}=${value}`, signature) !== -1;
}

/**
 * The renewed signature lives as long and goes as far as the cookie that it belongs to. egg-cookies forgets its attributes.
 *
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {string | undefined} raw the cookie that was read, if it is not the first of its name as received
 */
function refreshSignature(dialect, { keyring }, ctx, opts, raw) {
  const value = raw === undefined ? findCookie(dialect.headerOf(ctx) || '', opts.key) : raw;
  if (value === undefined) return;
  const options = { ...withoutKeys(opts), overwrite: true };
  try {
    setThrough(ctx, `${opts.key}.sig`, dialect.sign(keyring, `${opts.key}=${value}`), options);
  } catch {
    // The attributes cannot be sent. Reading a session must not fail where only writing one would, and the older key's
    // signature still opens it.
  }
}

/**
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {any} attributes `opts` with the app's cookie defaults
 * @param {string} text the session's JSON, under the default codec
 * @param {number} expire what the text still lacks, in ms since 1970; NaN if nothing
 * @param {number} maxAge the same, in ms
 * @param {SealedMeta} [meta]
 */
function writeText(dialect, ring, ctx, opts, attributes, text, expire, maxAge, meta) {
  const { key } = opts;
  const mode = modeOf(dialect, attributes);
  if (mode === 'sealed') {
    writeValue(dialect, ring, ctx, opts, attributes, withLifetime(text, expire, maxAge), meta);
    return;
  }
  if (opts.chunks) expirePieces(ctx, opts, 1);
  const { keyring } = ring;
  const length = dialect.setCookie(ctx, key, attributes, (suffix) => keyring.sealCookie(mode, key, text, expire, maxAge, suffix));
  // The value is ASCII.
  if (2 * key.length + length > MAX_PAIR_OCTETS) reportOversized(ctx, opts);
}

/**
 * @param {Dialect} dialect
 * @param {Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @param {any} attributes `opts` with the app's cookie defaults
 * @param {string} payload any string that the mode can carry
 * @param {SealedMeta} [meta]
 */
function writeValue(dialect, { keyring }, ctx, opts, attributes, payload, meta) {
  const { key } = opts;
  /** @type {{ value: string, signature?: string }} */
  const { value, signature } = meta ? keyring.sealSealed(key, payload, meta) : keyring.sealValue(modeOf(dialect, attributes), key, payload);
  if (opts.chunks && writeInPieces(ctx, opts, value, (name) => keyring.sealSealed(name, payload, meta).value)) return;
  dialect.setCookie(ctx, key, attributes, (suffix) => (
    signature === undefined ? [`${key}=${value}${suffix}`] : [`${key}=${value}${suffix}`, `${key}.sig=${signature}${suffix}`]
  ));
  if (key.length + value.length > SURELY_SMALL_LENGTH) reportOversized(ctx, opts);
}

module.exports = { others, peek, read, refreshSignature, writeText, writeValue };
