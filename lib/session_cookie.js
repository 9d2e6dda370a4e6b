'use strict';

const codec = require('./codec');
const { findCookie, findSignature } = require('./cookie_header');
const { canCarry, isSealing, legacyModeOf, modeOf, refusesLegacy } = require('./cookie_mode');
const { openPieces, writeInPieces } = require('./cookie_pieces');
const { MAX_PAIR_OCTETS, reportOversized, SURELY_SMALL_LENGTH } = require('./cookie_size');
const CurrentKeyring = require('./current_keyring');
const EggCookies = require('./egg_cookies');
const { withLifetime } = require('./engine/lifetime');
const { found, openLegacy, readLegacy } = require('./legacy_cookie');
const { openAnother } = require('./same_name');
const { canBuild, setCookie, withDefaults } = require('./set_cookie');
const { setThrough } = require('./set_through');

// What every sealed token begins with (docs/format.md); no session of the older formats does.
const SEALED_PREFIX = 'v1=';

/**
 * The session's cookie on its way in and out. Where `ctx.cookies` is egg-cookies' own, the engine does the work;
 * anywhere else `ctx.cookies` does it. Nobody outside can tell which.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 * @typedef {import('./engine/sealed_meta').SealedMeta} SealedMeta
 * @typedef {import('./engine/sealed').Opened} Token
 * @typedef {{ value: string, keyIndex: number, pristine?: any, dataKeys?: string[], raw?: string, token?: Token }} Found `keyIndex` > 0: an
 *   older key signed it. `pristine`: the session, for reading only; `value` is then not needed. `raw`: as it was received, if it
 *   is not the first cookie of its name. `token`: what a sealed one says of itself.
 */
class SessionCookie {
  /**
   * @param {any} app
   * @param {number} remembered how many opened cookies are kept
   */
  constructor(app, remembered) {
    this._egg = new EggCookies(app);
    this._keyring = new CurrentKeyring(remembered);
  }

  /**
   * @param {any} ctx
   * @param {any} opts the request's options
   * @returns {Found | null} the JSON text under the default codec; null without a cookie that opens
   */
  readText(ctx, opts) {
    return this._read(ctx, opts, true);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @returns {Found | null} the string under encryption or signature: an external key, or what a custom codec wrote
   */
  readValue(ctx, opts) {
    return this._read(ctx, opts, false);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText
   * @returns {Found | null}
   */
  _read(ctx, opts, asText) {
    const { cookies } = ctx;
    const { key } = opts;
    const keyring = this._keyringFor(ctx, cookies);
    if (!keyring) return this._readThrough(ctx, opts, asText);
    const header = ctx.get('cookie');
    if (!header) return null;
    const value = findCookie(header, key);
    if (value === undefined) return null;
    if (value.startsWith(SEALED_PREFIX)) {
      const sealed = (asText && this._keyring.opened.open('sealed', key, value, undefined)) || openSealed(keyring, ctx, opts, value);
      if (sealed) return sealed;
    }
    if (refusesLegacy(opts)) return this._readAnother(keyring, ctx, opts, asText);
    const mode = legacyModeOf(opts);
    // With encryption a signature is looked for only where the value alone is in doubt.
    let signature = mode === 'signed' ? findSignature(header, key) : undefined;
    if (asText && mode !== 'plain') {
      const session = this._keyring.opened.open(mode, key, value, signature);
      if (session !== null) return session;
    }
    if (mode === 'encrypted') signature = findSignature(header, key);
    const opened = openLegacy(keyring, mode, key, value, signature, asText);
    if (opened === null) {
      const another = mode === 'plain' ? null : this._readAnother(keyring, ctx, opts, asText);
      if (another) return another;
      if (signature && mode === 'signed') {
        cookies.set(`${key}.sig`, null, { path: '/', signed: false, overwrite: true });
      }
      return null;
    }
    return found(mode, opened.value, opened.keyIndex);
  }

  /**
   * @param {KeyringMethods} keyring
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText
   * @returns {Found | null} where several cookies have the name, and the first does not open: the first other that does
   */
  _readAnother(keyring, ctx, opts, asText) {
    const mode = legacyModeOf(opts);
    return openAnother(ctx.get('cookie'), opts.key, (value, signature) => {
      const token = openSealed(keyring, ctx, opts, value);
      if (token || refusesLegacy(opts)) return token;
      const opened = openLegacy(keyring, mode, opts.key, value, signature, asText);
      return opened && { ...found(mode, opened.value, opened.keyIndex), raw: value };
    });
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {boolean} asText
   * @returns {Found | null}
   */
  _readThrough(ctx, opts, asText) {
    const { cookies } = ctx;
    if (!isSealing(opts)) return readLegacy(cookies, opts, asText);
    const value = cookies.get(opts.key, { signed: false });
    const open = (/** @type {string} */ given) => openSealed(this._keyring.of(ctx.app.keys), ctx, opts, given);
    return (value ? open(value) : null)
      || (refusesLegacy(opts) ? null : readLegacy(cookies, opts, asText))
      || openAnother(ctx.get('cookie'), opts.key, open);
  }

  /**
   * Signs the cookie that came with the first key, after an older key signed it. The signature lives as long and is
   * sent as widely as the cookie it belongs to; egg-cookies forgets its attributes.
   *
   * @param {any} ctx
   * @param {any} opts
   * @param {string | undefined} raw the cookie that was read, if it is not the first of its name
   */
  refreshSignature(ctx, opts, raw) {
    const { cookies } = ctx;
    const keyring = this._keyringFor(ctx, cookies);
    const value = raw === undefined ? findCookie(ctx.get('cookie'), opts.key) : raw;
    if (!keyring || value === undefined) return;
    const options = { ...opts, encrypt: false, signed: false, overwrite: true };
    try {
      cookies.set(`${opts.key}.sig`, keyring.sign(`${opts.key}=${value}`), options);
    } catch {
      // Attributes that cannot be sent: reading a session must not fail where only writing one would. The older key's
      // signature still opens it.
    }
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
    const { cookies } = ctx;
    const { key } = opts;
    const keyring = this._keyringFor(ctx, cookies);
    const attributes = keyring && withDefaults(this._egg.defaults, opts);
    const mode = attributes && modeOf(attributes);
    if (!keyring || mode === 'sealed' || !canBuild(cookies, key, attributes)) {
      this._write(ctx, opts, withLifetime(text, expire, maxAge), true, meta);
      return;
    }
    const length = setCookie(ctx, cookies, key, attributes, (suffix) => keyring.sealCookie(mode, key, text, expire, maxAge, suffix));
    // The value is ASCII.
    if (2 * key.length + length > MAX_PAIR_OCTETS) reportOversized(ctx, key);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} value an external key, or what a custom codec wrote
   * @param {SealedMeta} [meta]
   */
  writeValue(ctx, opts, value, meta) {
    this._write(ctx, opts, value, false, meta);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} payload
   * @param {boolean} isText
   * @param {SealedMeta} [meta]
   */
  _write(ctx, opts, payload, isText, meta) {
    const { cookies } = ctx;
    const { key } = opts;
    const keyring = this._keyringFor(ctx, cookies);
    const attributes = keyring && withDefaults(this._egg.defaults, opts);
    const mode = attributes && modeOf(attributes);
    if (!keyring || !canBuild(cookies, key, attributes) || !(isText || canCarry(mode, payload))) {
      this._writeThrough(ctx, opts, payload, isText, meta);
      return;
    }
    const { value, signature } = sealWith(keyring, mode, key, payload, meta);
    if (opts.chunks && writeInPieces(ctx, opts, value, (name) => keyring.sealSealed(name, payload, meta).value)) return;
    setCookie(ctx, cookies, key, attributes, (suffix) => (
      signature === undefined ? [`${key}=${value}${suffix}`] : [`${key}=${value}${suffix}`, `${key}.sig=${signature}${suffix}`]
    ));
    if (key.length + value.length > SURELY_SMALL_LENGTH) reportOversized(ctx, key);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} payload
   * @param {boolean} isText
   * @param {SealedMeta} [meta]
   */
  _writeThrough(ctx, opts, payload, isText, meta) {
    const { key } = opts;
    if (isSealing(opts)) {
      const keyring = this._keyring.of(ctx.app.keys);
      const { value } = keyring.sealSealed(key, payload, meta);
      if (opts.chunks && writeInPieces(ctx, opts, value, (name) => keyring.sealSealed(name, payload, meta).value)) return;
      setThrough(ctx, key, value, { ...opts, encrypt: false, signed: false });
    } else {
      setThrough(ctx, key, isText ? codec.encodeText(payload) : payload, opts);
    }
    reportOversized(ctx, key);
  }

  /**
   * @param {any} ctx
   * @param {any} cookies
   * @returns {KeyringMethods | undefined} nothing where `ctx.cookies` has to do the work
   */
  _keyringFor(ctx, cookies) {
    if (!this._egg.made(ctx, cookies)) return undefined;
    return this._keyring.ifUsable(this._egg.keys);
  }
}

/**
 * @param {KeyringMethods} keyring
 * @param {any} ctx
 * @param {any} opts
 * @param {string} value as received
 * @returns {Found | null}
 */
function openSealed(keyring, ctx, opts, value) {
  if (!value.startsWith(SEALED_PREFIX)) return null;
  const token = keyring.openSealed(opts.key, value)
    || openPieces(ctx, opts, value, (name, whole) => keyring.openSealed(name, whole));
  return token && { value: token.text, keyIndex: 0, token };
}

/**
 * @param {KeyringMethods} keyring
 * @param {any} mode
 * @param {string} name
 * @param {string} payload
 * @param {SealedMeta | undefined} meta
 * @returns {{ value: string, signature?: string }}
 */
function sealWith(keyring, mode, name, payload, meta) {
  return meta ? keyring.sealSealed(name, payload, meta) : keyring.sealValue(mode, name, payload);
}

module.exports = SessionCookie;
