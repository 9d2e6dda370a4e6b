'use strict';

/** Which format a session's cookie had, and which key opened it. Only the channel `open` of diagnostics.js has to know. */

const { getThrough } = require('./response');

/**
 * @typedef {import('./keyring')} CurrentKeyring
 * @typedef {import('../engine/arguments').Mode} Mode
 * @typedef {import('../engine/portable/sealed').Opened} Token
 *
 * @typedef {object} OpenedCookie
 * @property {string} value what the cookie held; not needed where there is `pristine`
 * @property {number} keyIndex > 0: an older key made the signature, which is to be renewed
 * @property {Mode} [mode] how the cookie was protected; absent if `ctx.cookies` opened it
 * @property {number} [openedWith] the index of the key that opened it; 0 is the newest
 * @property {any} [pristine] the session, for reading only
 * @property {string[]} [dataKeys] of `pristine`
 * @property {string} [raw] the cookie as it was signed or sealed, if it is not the first one of its name as received
 * @property {Token} [token] of a sealed cookie: what it says of itself
 * @property {string} [key] the cookie's name, if it is a former one
 *
 * @typedef {{ format: Mode, keyIndex: number | undefined, former: boolean }} Origin `keyIndex`: undefined where no key was needed, and
 *   where only `ctx.cookies` knows it
 */

/**
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @param {OpenedCookie} opened
 * @returns {Origin}
 */
function originOf(keyrings, ctx, opts, { mode, openedWith, key }) {
  const known = mode === undefined
    ? foundAgain(keyrings, ctx, key === undefined ? opts : { ...opts, key })
    : { mode, keyIndex: openedWith };
  return { format: known.mode, keyIndex: known.mode === 'plain' ? undefined : known.keyIndex, former: key !== undefined };
}

/**
 * `ctx.cookies` does not tell how it has opened a cookie, so the engine does it again.
 *
 * @param {CurrentKeyring} keyrings
 * @param {any} ctx
 * @param {any} opts
 * @returns {{ mode: Mode, keyIndex?: number }}
 */
function foundAgain(keyrings, ctx, opts) {
  const { key: name, encrypt, signed } = opts;
  const plain = { signed: false, encrypt: false };
  const ring = keyrings.ifUsable(ctx.app.keys);
  if (ring !== undefined) {
    const { keyring } = ring;
    const value = getThrough(ctx, name, plain);
    const signature = getThrough(ctx, `${name}.sig`, plain);
    const encrypted = encrypt ? keyring.openValue('encrypted', name, /** @type {string} */ (value)) : null;
    const sha256 = signature ? keyring.verify(`${name}=${value}`, signature) : -1;
    const sha1 = signature ? keyring.verifySha1(`${name}=${value}`, signature) : -1;
    if (sha256 !== -1) return { mode: 'signed', keyIndex: sha256 };
    if (sha1 !== -1) return { mode: 'signed-sha1', keyIndex: sha1 };
    if (encrypted !== null) return { mode: 'encrypted', keyIndex: encrypted.keyIndex };
  }
  if (encrypt) return { mode: 'encrypted' };
  return { mode: signed === false ? 'plain' : 'signed' };
}

module.exports = { originOf };
