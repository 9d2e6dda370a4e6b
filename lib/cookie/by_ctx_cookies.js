'use strict';

/**
 * The session's cookie where `ctx.cookies` is not known to behave as the engine does: `ctx.cookies` reads, verifies, writes and
 * signs. A sealed cookie is our own format: the engine opens and seals it, and `ctx.cookies` carries it as a plain value.
 */

const { isSealing, refusesLegacy, withoutKeys } = require('./mode');
const { expirePieces, isSealed, openSealed, writeInPieces } = require('./pieces');
const { MAX_CANDIDATES, findCookie, findCookies, hasSeveral, unwrap } = require('./request_header');
const { getRaw, getThrough, isMocked, reportOversized, setThrough } = require('./response');
const { decodeText, encodeText, holdsJSON } = require('../session/codec');

/**
 * @typedef {import('./keyring')} CurrentKeyring
 * @typedef {import('./session_cookie').OpenedCookie} OpenedCookie
 * @typedef {import('./session_cookie').SealedMeta} SealedMeta
 */

// A sealed value somewhere in a Cookie header, also as a proxy may have changed it.
const HOLDS_SEALED = /="?v1(?:=|%3D)/i;

/**
 * Sealed cookies are read whatever the app writes, as the engine does in its own way. `ctx.cookies` is asked for one only where the
 * Cookie header has one, so that it is asked once for a cookie of its own format.
 *
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText whether the default codec wrote it
 * @returns {OpenedCookie | null}
 */
function read(keyrings, ctx, opts, asText) {
  const header = ctx.get('cookie') || '';
  const open = sealedOpener(keyrings, ctx, opts);
  const isExpected = isSealing(opts) || (!isUnsigned(opts) && startsSealed(findCookie(header, opts.key)));
  const opened = (isExpected ? openCarried(ctx, opts, open) : null) || (takesLegacy(opts) ? readLegacy(ctx, opts, asText, open) : null);
  if (opened !== null || !HOLDS_SEALED.test(header)) return opened;
  return (isExpected ? null : openCarried(ctx, opts, open)) || openInHeader(ctx, opts, open);
}

/**
 * @param {any} opts
 * @returns {boolean} false if only sealed cookies are read. `ctx.cookies` has the app's keys, so under keys of a sealing session's own
 *   there is no cookie of an older format
 */
function takesLegacy(opts) {
  return !refusesLegacy(opts) && !(isSealing(opts) && opts.keys != null);
}

/**
 * @param {any} opts
 * @returns {boolean} whether `ctx.cookies` gives the value as it came, which may be sealed
 */
function isUnsigned(opts) {
  return opts.signed === false && !opts.encrypt;
}

/** @param {string | undefined} value as received */
function startsSealed(value) {
  return value !== undefined && isSealed(unwrap(value) ?? value);
}

/**
 * @template Opened
 * @param {any} ctx
 * @param {any} opts
 * @param {(value: string) => Opened | null} open gives null for a value that is not sealed
 * @returns {Opened | null} what opens of the value that `ctx.cookies` carries
 */
function openCarried(ctx, opts, open) {
  const value = getRaw(ctx, opts.key);
  return value === undefined ? null : open(value);
}

/**
 * For a class that hides the cookie, or that knows only the first of its name. A mocked `get` is believed: it may stand for another
 * header.
 *
 * @template Opened
 * @param {any} ctx
 * @param {any} opts
 * @param {(value: string) => Opened | null} open
 * @returns {Opened | null} the first of the name that opens
 */
function openInHeader(ctx, opts, open) {
  return isMocked(ctx) ? null : openEachInHeader(ctx.get('cookie') || '', opts.key, open).next().value ?? null;
}

/**
 * @template Opened
 * @param {string} header
 * @param {string} name
 * @param {(value: string) => Opened | null} open
 * @returns {Generator<Opened, undefined>} those of the name that open, in the header's order
 */
function* openEachInHeader(header, name, open) {
  for (const value of new Set(findCookies(header, name, MAX_CANDIDATES))) {
    const opened = open(value);
    if (opened !== null) yield opened;
  }
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {import('./keyring').CookieKeyring} of the session's own keys, or the app's
 */
function sealingKeyring(keyrings, ctx, opts) {
  return keyrings.of(opts.keys ?? ctx.app.keys).keyring;
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {import('./keyring').CookieKeyring | undefined} undefined where an app that does not seal has keys that could not
 */
function openingKeyring(keyrings, ctx, opts) {
  if (isSealing(opts)) return sealingKeyring(keyrings, ctx, opts);
  return keyrings.ifUsable(opts.keys ?? ctx.app.keys)?.keyring;
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {(value: string) => OpenedCookie | null} opens a sealed value as received, or else unwrapped
 */
function sealedOpener(keyrings, ctx, opts) {
  return eitherWay((value) => {
    const keyring = openingKeyring(keyrings, ctx, opts);
    const opened = keyring === undefined ? null : openSealed(keyring, ctx, opts, value);
    return opened && { ...opened, raw: value };
  });
}

/**
 * @template Opened
 * @param {(value: string) => Opened | null} open asked for sealed values only
 * @returns {(value: string) => Opened | null} tries the value as received, then without what a proxy put around it
 */
function eitherWay(open) {
  return (given) => {
    const opened = isSealed(given) ? open(given) : null;
    if (opened !== null) return opened;
    const plain = unwrap(given);
    return plain !== undefined && isSealed(plain) ? open(plain) : null;
  };
}

/**
 * @template Opened
 * @param {any} ctx
 * @param {any} opts
 * @param {(value: string) => Opened | null} open asked for sealed values only
 * @returns {Opened | null} what opens of the cookies of the name
 */
function openAnySealed(ctx, opts, open) {
  const either = eitherWay(open);
  return openCarried(ctx, opts, either) || openInHeader(ctx, opts, either);
}

/**
 * The other cookies of the name that open. `ctx.cookies` knows the first cookie of a name only, so that they are sealed ones.
 *
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {OpenedCookie} [first] what `read` gave, which is left out
 * @returns {Generator<OpenedCookie, void>}
 */
function* others(keyrings, ctx, opts, first) {
  const header = ctx.get('cookie');
  if (isUnsigned(opts) || isMocked(ctx) || (first && !hasSeveral(header, opts.key))) return;
  for (const opened of openEachInHeader(header, opts.key, sealedOpener(keyrings, ctx, opts))) {
    if (opened.raw !== first?.raw) yield opened;
  }
}

/**
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @param {(value: string) => OpenedCookie | null} open opens a sealed value: an unsigned cookie may be one, and what a mock gives
 * @returns {OpenedCookie | null}
 */
function readLegacy(ctx, opts, asText, open) {
  const value = getThrough(ctx, opts.key, opts);
  if (!value) return null;
  const sealed = typeof value === 'string' ? open(value) : null;
  if (sealed !== null) return sealed;
  if (!asText) return { value, keyIndex: 0 };
  const text = decodeText(value);
  // An unsigned cookie comes as a proxy left it; of any other, `ctx.cookies` has proved that it is as it was written.
  const plain = isUnsigned(opts) && !holdsJSON(text) ? unwrap(value) : undefined;
  return { value: plain === undefined ? text : decodeText(plain), keyIndex: 0 };
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {string} payload
 * @param {boolean} isText whether the payload is JSON text for the default codec
 * @param {SealedMeta} [meta]
 */
function write(keyrings, ctx, opts, payload, isText, meta) {
  const { key } = opts;
  if (isSealing(opts)) {
    const keyring = sealingKeyring(keyrings, ctx, opts);
    const { value } = keyring.sealSealed(key, payload, meta);
    if (opts.chunks && writeInPieces(ctx, opts, value, (name) => keyring.sealSealed(name, payload, meta).value)) return;
    setThrough(ctx, key, value, withoutKeys(opts));
  } else {
    if (opts.chunks) expirePieces(ctx, opts, 1);
    setThrough(ctx, key, isText ? encodeText(payload) : payload, opts);
  }
  reportOversized(ctx, opts);
}

module.exports = { openAnySealed, others, read, write };
