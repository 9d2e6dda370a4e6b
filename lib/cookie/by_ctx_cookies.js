'use strict';

/**
 * The session's cookie where `ctx.cookies` is not known to behave as the engine does: `ctx.cookies` reads, verifies, writes and
 * signs. A sealed cookie is our own format: the engine opens and seals it, and `ctx.cookies` carries it as a plain value.
 */

const { isSealing, refusesLegacy, withoutKeys } = require('./mode');
const { openSealed, writeInPieces } = require('./pieces');
const { hasSeveral, openAnother, openEach, unwrap } = require('./request_header');
const { getThrough, reportOversized, setThrough } = require('./response');
const { decodeText, encodeText, holdsJSON } = require('../session/codec');

/**
 * @typedef {import('./keyring')} CurrentKeyring
 * @typedef {import('./session_cookie').OpenedCookie} OpenedCookie
 * @typedef {import('./session_cookie').SealedMeta} SealedMeta
 */

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText whether the default codec wrote it
 * @returns {OpenedCookie | null}
 */
function read(keyrings, ctx, opts, asText) {
  const { cookies } = ctx;
  if (!isSealing(opts)) return readLegacy(ctx, opts, asText);
  const value = cookies.get(opts.key, { signed: false });
  const open = sealedOpener(keyrings, ctx, opts);
  return (value ? open(value) : null)
    // No cookie of an older format is under keys of the session's own: `ctx.cookies` has the app's.
    || (refusesLegacy(opts) || opts.keys != null ? null : readLegacy(ctx, opts, asText))
    // A mocked `get` is believed: it may stand for another header.
    || (Object.hasOwn(cookies, 'get') ? null : openAnother(ctx.get('cookie'), opts.key, open));
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {import('../engine').KeyringMethods} of the session's own keys, or the app's
 */
function sealingKeyring(keyrings, ctx, opts) {
  return keyrings.of(opts.keys ?? ctx.app.keys).keyring;
}

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {(value: string) => OpenedCookie | null}
 */
function sealedOpener(keyrings, ctx, opts) {
  return (given) => {
    const keyring = sealingKeyring(keyrings, ctx, opts);
    const plain = unwrap(given);
    return openSealed(keyring, ctx, opts, given) || (plain === undefined ? null : openSealed(keyring, ctx, opts, plain));
  };
}

/**
 * The other cookies of the name that open. `ctx.cookies` knows the first cookie of a name only, so that they are sealed ones.
 *
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {OpenedCookie} first what `read` gave
 * @returns {Generator<OpenedCookie, void>}
 */
function* others(keyrings, ctx, opts, first) {
  const header = ctx.get('cookie');
  if (!isSealing(opts) || Object.hasOwn(ctx.cookies, 'get') || !hasSeveral(header, opts.key)) return;
  const opened = openEach(header, opts.key, sealedOpener(keyrings, ctx, opts), false);
  if (first.token) opened.next();
  yield* opened;
}

/**
 * @param {any} ctx
 * @param {any} opts
 * @param {boolean} asText
 * @returns {OpenedCookie | null}
 */
function readLegacy(ctx, opts, asText) {
  const value = getThrough(ctx, opts.key, opts);
  if (!value) return null;
  if (!asText) return { value, keyIndex: 0 };
  const text = decodeText(value);
  // An unsigned cookie comes as a proxy left it; of any other, `ctx.cookies` has proved that it is as it was written.
  const isUnsigned = opts.signed === false && !opts.encrypt;
  const plain = isUnsigned && !holdsJSON(text) ? unwrap(value) : undefined;
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
    setThrough(ctx, key, isText ? encodeText(payload) : payload, opts);
  }
  reportOversized(ctx, opts);
}

module.exports = { others, read, write };
