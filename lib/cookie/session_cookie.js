'use strict';

/**
 * The session's cookie on its way in and out. For each call this class decides once who does the work: the engine where
 * `ctx.cookies` is known to behave as the engine does (by_engine.js), `ctx.cookies` anywhere else (by_ctx_cookies.js).
 *
 * In: the Cookie header. Out: the JSON text of a session, or an external key; and Set-Cookie lines. Knows no store, and not
 * whether a session is still valid.
 */

const byCtxCookies = require('./by_ctx_cookies');
const byEngine = require('./by_engine');
const { allOfFormer, asFormer, expireFormer, openFormer, othersOfFormer } = require('./former');
const CurrentKeyring = require('./keyring');
const { canCarry, isSealing, withoutKeys } = require('./mode');
const NativeCookies = require('./native_cookies');
const { originOf } = require('./origin');
const { checkOwnKeys, hasOwnKeys, refuseCookies } = require('./own_keys');
const { expirePieces, openPieces } = require('./pieces');
const { expireThrough, setThrough } = require('./response');
const { withLifetime } = require('../engine/lifetime');

/**
 * @typedef {import('./native_cookies').Known} Known
 * @typedef {import('../engine/arguments').SealedMeta} SealedMeta
 * @typedef {import('../engine/portable/sealed').Opened} Token
 * @typedef {import('./origin').OpenedCookie} OpenedCookie
 */

class SessionCookie {
  /**
   * @param {any} app
   * @param {{ remembered?: number, turnedOffBy?: string, onStudied: import('./native_cookies').OnStudied }} options
   *   `remembered`: how many opened cookies are remembered; `turnedOffBy`: what turns native cookies off
   */
  constructor(app, { remembered, turnedOffBy, onStudied }) {
    this._native = new NativeCookies(app, turnedOffBy, onStudied);
    this._keyring = new CurrentKeyring(remembered);
  }

  get status() {
    return this._native.status;
  }

  /**
   * @param {any} options the session's
   * @param {any} [defaults] `config.cookies` of Egg
   * @throws {TypeError} ERR_SESSION_KEYS where the option `keys` cannot be used
   */
  checkOwnKeys(options, defaults) {
    checkOwnKeys(this._native, options, defaults);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @returns {any} the session's own keys, those that `ctx.cookies` was made with, or the app's
   */
  keysFor(ctx, opts) {
    if (hasOwnKeys(opts)) return opts.keys;
    const known = this._native.of(ctx);
    return known ? known.dialect.keysOf(ctx, ctx.cookies) : ctx.app.keys;
  }

  /**
   * @param {any} ctx
   * @param {any} opts the request's options
   * @returns {OpenedCookie | null} with the JSON text under the default codec; null without a cookie that opens
   */
  readText(ctx, opts) {
    return this._read(ctx, opts, true);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @returns {OpenedCookie | null} with the string under encryption or signature: an external key, or what a custom codec wrote
   */
  readValue(ctx, opts) {
    return this._read(ctx, opts, false);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText
   */
  _read(ctx, opts, asText) {
    const opened = this._readNamed(ctx, opts, asText);
    if (opened !== null || opts.formerCookies == null) return opened;
    const former = openFormer(opts, (options) => this._readNamed(ctx, options, asText));
    return former && asFormer(former.opened, former.key);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText
   */
  _readNamed(ctx, opts, asText) {
    const known = this._native.of(ctx);
    const ring = known && known.dialect.reads(opts) ? this._ringFor(known, ctx, opts) : undefined;
    if (!known || !ring) {
      refuseCookies(known, this.status, opts);
      return byCtxCookies.read(this._keyring, ctx, opts, asText);
    }
    if (hasOwnKeys(opts) || !known.dialect.mayKnowMoreKeys(ctx)) return byEngine.read(known.dialect, ring, ctx, opts, asText);
    return byEngine.peek(known.dialect, ring, ctx, opts, asText) || byCtxCookies.read(this._keyring, ctx, opts, asText);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText as `readText` and `readValue` have it
   * @param {OpenedCookie} [first] what these gave
   * @returns {Generator<OpenedCookie, void>} the others that open, of its name or the former ones; without `first`, all of these
   */
  others(ctx, opts, asText, first) {
    /** @type {(options: any, found?: OpenedCookie) => Generator<OpenedCookie, void>} */
    const named = (options, found) => {
      const known = this._native.of(ctx);
      const ring = known && known.dialect.reads(options) && this._ringFor(known, ctx, options);
      if (!ring) return byCtxCookies.others(this._keyring, ctx, options, found);
      return byEngine.others(known.dialect, ring, ctx, options, asText, found);
    };
    if (first === undefined) return allOfFormer(opts, named);
    return first.key === undefined ? named(opts, first) : othersOfFormer(opts, first, each => this._readNamed(ctx, each, asText), named);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {OpenedCookie} opened what was read
   */
  originOf(ctx, opts, opened) {
    return originOf(this._keyring, ctx, opts, opened);
  }

  /**
   * A sealed cookie that has ended does not open, like a forged one. A second look without a clock tells them apart.
   *
   * @param {any} ctx
   * @param {any} opts
   * @returns {Token | null} null unless the cookie would have opened before it ended
   */
  openEnded(ctx, opts) {
    const token = this._openEndedNamed(ctx, opts);
    const former = token === null ? openFormer(opts, (options) => this._openEndedNamed(ctx, options)) : null;
    return former ? former.opened : token;
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @returns {Token | null}
   */
  _openEndedNamed(ctx, opts) {
    if (!isSealing(opts)) return null;
    return byCtxCookies.openAnySealed(ctx, opts, (value) => {
      const { keyring } = this._keyring.of(this.keysFor(ctx, opts));
      const open = (/** @type {string} */ name, /** @type {string} */ sealed) => keyring.openSealed(name, sealed, 0);
      return open(opts.key, value) || openPieces(ctx, opts, value, open);
    });
  }

  /**
   * Signs the received cookie with the first key, after an older key signed it.
   *
   * @param {any} ctx
   * @param {any} opts
   * @param {string | undefined} raw the cookie that was read, if it is not the first of its name as received
   */
  refreshSignature(ctx, opts, raw) {
    const known = this._native.of(ctx);
    const ring = known && this._ringFor(known, ctx, opts);
    if (known && ring) byEngine.refreshSignature(known.dialect, ring, ctx, opts, raw);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} text the session's JSON, under the default codec
   * @param {number} expire what the text still lacks, in ms since 1970; NaN if nothing
   * @param {number} maxAge the same, in ms
   * @param {SealedMeta} [meta] only where the cookie is sealed
   */
  writeText(ctx, opts, text, expire, maxAge, meta) {
    const known = this._native.of(ctx);
    const ring = known && this._ringFor(known, ctx, opts);
    const attributes = known && known.dialect.attributesFor(ctx, ctx.cookies, opts);
    if (known && ring && known.dialect.canWrite(ctx, opts.key, attributes) && (known.takesPadding || isSealing(opts))) {
      byEngine.writeText(known.dialect, ring, ctx, opts, attributes, text, expire, maxAge, meta);
    } else {
      this._refuseUnlessInsecure(known, ctx, opts, attributes);
      byCtxCookies.write(this._keyring, ctx, opts, withLifetime(text, expire, maxAge), true, meta);
    }
    if (opts.formerCookies != null) this._expireFormer(ctx, opts, false);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} value an external key, or what a custom codec wrote
   * @param {SealedMeta} [meta]
   */
  writeValue(ctx, opts, value, meta) {
    const known = this._native.of(ctx);
    const ring = known && this._ringFor(known, ctx, opts);
    const attributes = known && known.dialect.attributesFor(ctx, ctx.cookies, opts);
    if (known && ring && known.dialect.canWrite(ctx, opts.key, attributes) && canCarry(known.dialect, attributes, value)) {
      byEngine.writeValue(known.dialect, ring, ctx, opts, attributes, value, meta);
    } else {
      this._refuseUnlessInsecure(known, ctx, opts, attributes);
      byCtxCookies.write(this._keyring, ctx, opts, value, false, meta);
    }
    if (opts.formerCookies != null) this._expireFormer(ctx, opts, false);
  }

  /**
   * Expires the cookie, its signature and all its pieces.
   *
   * @param {any} ctx
   * @param {any} opts
   */
  expire(ctx, opts) {
    if (opts.chunks) expirePieces(ctx, opts, 1, true);
    if (hasOwnKeys(opts)) this._expireWithoutKeys(ctx, opts);
    else expireThrough(ctx, opts.key, opts);
    if (opts.formerCookies != null) this._expireFormer(ctx, opts, true);
  }

  /**
   * `ctx.cookies` would sign or encrypt the empty value, with the app's keys.
   *
   * @param {any} ctx
   * @param {any} opts
   */
  _expireWithoutKeys(ctx, opts) {
    expireThrough(ctx, opts.key, withoutKeys(opts));
    if (this._isSigned(ctx, opts)) expireThrough(ctx, `${opts.key}.sig`, withoutKeys(opts));
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @returns {boolean} whether the cookie has a second one with its signature
   */
  _isSigned(ctx, opts) {
    const known = this._native.of(ctx);
    return known ? known.dialect.modeOf(opts).startsWith('signed') : Boolean(opts.signed && !opts.encrypt);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} isEnd
   */
  _expireFormer(ctx, opts, isEnd) {
    expireFormer(ctx, opts, { isSigned: this._isSigned(ctx, opts) && !isSealing(opts), isEnd });
  }

  /**
   * Empties a cookie that cannot be decoded, so that the next request does not meet it again.
   *
   * @param {any} ctx
   * @param {any} opts
   */
  clear(ctx, opts) {
    if (opts.chunks) expirePieces(ctx, opts, 1);
    setThrough(ctx, opts.key, '', hasOwnKeys(opts) ? withoutKeys(opts) : opts);
    if (opts.formerCookies != null) this._expireFormer(ctx, opts, true);
  }

  /**
   * @param {Known} known
   * @param {any} ctx
   * @param {any} opts
   * @returns {import('./keyring').Ring | undefined} undefined if the engine cannot use the app's keys
   * @throws {TypeError} ERR_SESSION_KEYS for an option `keys` that it cannot use
   */
  _ringFor(known, ctx, opts) {
    if (hasOwnKeys(opts)) return this._keyring.of(opts.keys);
    return this._keyring.ifUsable(known.dialect.keysOf(ctx, ctx.cookies), known.dialect.takesKeygrip && !isSealing(opts));
  }

  /**
   * A cookie with `secure` over HTTP is left to `ctx.cookies`, which throws before it needs a key.
   *
   * @param {Known | undefined} known
   * @param {any} ctx
   * @param {any} opts
   * @param {any} [attributes] `opts` with the app's cookie defaults
   */
  _refuseUnlessInsecure(known, ctx, opts, attributes = opts) {
    if (attributes.secure && !attributes.ignoreSecureError && ctx.cookies.secure === false) return;
    refuseCookies(known, this.status, opts);
  }
}

module.exports = SessionCookie;
