'use strict';

const codec = require('./codec');
const { findCookie, findSignature } = require('./cookie_header');
const { isSealing, legacyModeOf, modeOf, refusesLegacy } = require('./cookie_mode');
const EggCookies = require('./egg_cookies');
const { isFieldContent } = require('./field_content');
const OpenedSessions = require('./opened_sessions');
const { canBuild, setCookie, withDefaults } = require('./set_cookie');
const { Keyring } = require('./engine');

// What every sealed token begins with (docs/format.md); no session of the older formats does.
const SEALED_PREFIX = 'v1=';

/**
 * The session's cookie on its way in and out. Where `ctx.cookies` is egg-cookies' own, the engine does the work;
 * anywhere else `ctx.cookies` does it. Nobody outside can tell which.
 *
 * @typedef {import('./engine').KeyringMethods} KeyringMethods
 * @typedef {{ value: string, keyIndex: number, json?: any, pristine?: any }} Found `keyIndex` > 0: an older key signed or
 *   sealed it. With `json`, a copy of it as `pristine`; `value` is then not needed.
 */
class SessionCookie {
  // Private, so that no inspection of a session shows a key.
  /** @type {string[]} */
  #keys = [];
  /** @type {KeyringMethods | undefined} */
  #keyring = undefined;
  /** @type {OpenedSessions | undefined} */
  #opened = undefined;
  #remembered;

  /**
   * @param {any} app
   * @param {number} remembered how many opened cookies are kept
   */
  constructor(app, remembered) {
    this._egg = new EggCookies(app);
    this.#remembered = remembered;
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
    const token = openSealed(keyring, key, value);
    if (token || refusesLegacy(opts)) return token;
    const mode = legacyModeOf(opts);
    // With encryption a signature is looked for only where the value alone is in doubt.
    let signature = mode === 'signed' ? findSignature(header, key) : undefined;
    if (asText && mode !== 'plain') {
      const session = /** @type {OpenedSessions} */ (this.#opened).open(mode, key, value, signature);
      if (session !== null) return found(mode, '', session.keyIndex, session.json, session.pristine);
    }
    if (mode === 'encrypted') signature = findSignature(header, key);
    const opened = openLegacy(keyring, mode, key, value, signature, asText);
    if (opened === null) {
      if (signature && mode === 'signed') {
        cookies.set(`${key}.sig`, null, { path: '/', signed: false, overwrite: true });
      }
      return null;
    }
    return found(mode, opened.value, opened.keyIndex);
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
    const token = value ? openSealed(this._keyringOf(ctx.app.keys), opts.key, value) : null;
    return token || refusesLegacy(opts) ? token : readLegacy(cookies, opts, asText);
  }

  /**
   * Signs the cookie that came with the first key, after an older key signed it. The signature lives as long and is
   * sent as widely as the cookie it belongs to; egg-cookies forgets its attributes.
   *
   * @param {any} ctx
   * @param {any} opts
   */
  refreshSignature(ctx, opts) {
    const { cookies } = ctx;
    const keyring = this._keyringFor(ctx, cookies);
    const value = findCookie(ctx.get('cookie'), opts.key);
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
   */
  writeText(ctx, opts, text) {
    this._write(ctx, opts, text, true);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} value an external key, or what a custom codec wrote
   */
  writeValue(ctx, opts, value) {
    this._write(ctx, opts, value, false);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} payload
   * @param {boolean} isText
   */
  _write(ctx, opts, payload, isText) {
    const { cookies } = ctx;
    const { key } = opts;
    const keyring = this._keyringFor(ctx, cookies);
    const attributes = keyring && withDefaults(this._egg.defaults, opts);
    const mode = attributes && modeOf(attributes);
    if (!keyring || !canBuild(cookies, key, attributes) || !(isText || canCarry(mode, payload))) {
      this._writeThrough(ctx, opts, payload, isText);
      return;
    }
    const sealed = isText ? keyring.seal(mode, key, payload) : keyring.sealValue(mode, key, payload);
    setCookie(ctx, cookies, key, sealed, attributes);
  }

  /**
   * @param {any} ctx
   * @param {any} opts
   * @param {string} payload
   * @param {boolean} isText
   */
  _writeThrough(ctx, opts, payload, isText) {
    const { key } = opts;
    if (isSealing(opts)) {
      const { value } = this._keyringOf(ctx.app.keys).seal('sealed', key, payload);
      ctx.cookies.set(key, value, { ...opts, encrypt: false, signed: false });
    } else {
      ctx.cookies.set(key, isText ? codec.encodeText(payload) : payload, opts);
    }
  }

  /**
   * @param {any} ctx
   * @param {any} cookies
   * @returns {KeyringMethods | undefined} nothing where `ctx.cookies` has to do the work
   */
  _keyringFor(ctx, cookies) {
    if (!this._egg.made(ctx, cookies)) return undefined;
    const { keys } = this._egg;
    const isUsable = isSame(keys, this.#keys)
      || (Array.isArray(keys) && keys.length > 0 && keys.every((key) => key && typeof key === 'string'));
    return isUsable ? this._keyringOf(keys) : undefined;
  }

  /**
   * @param {any} keys
   * @returns {KeyringMethods}
   * @throws ERR_SESSION_KEYS unless it is an array of strings
   */
  _keyringOf(keys) {
    if (!this.#keyring || !isSame(keys, this.#keys)) {
      this.#keyring = new Keyring(keys, this.#remembered);
      this.#opened = new OpenedSessions(this.#keyring);
      this.#keys = [...keys];
    }
    return this.#keyring;
  }
}

/**
 * Only signatures are renewed: an encrypted cookie is sealed with the newest key when it is next written.
 *
 * @param {'encrypted' | 'signed' | 'plain'} mode
 * @param {string} value
 * @param {number} keyIndex
 * @param {any} [json]
 * @param {any} [pristine]
 * @returns {Found}
 */
function found(mode, value, keyIndex, json, pristine) {
  return { value, keyIndex: mode === 'signed' ? keyIndex : 0, json, pristine };
}

/**
 * @param {KeyringMethods} keyring
 * @param {string} name
 * @param {string} value as received
 * @returns {Found | null}
 */
function openSealed(keyring, name, value) {
  const token = value.startsWith(SEALED_PREFIX) ? keyring.openValue('sealed', name, value) : null;
  return token && { value: token.value, keyIndex: 0 };
}

/**
 * @param {KeyringMethods} keyring
 * @param {'encrypted' | 'signed' | 'plain'} mode
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @param {boolean} asText
 * @returns {Found | null}
 */
function openLegacy(keyring, mode, name, value, signature, asText) {
  if (value === '' && mode === 'signed') {
    // There is nothing to open, but a signature over nothing has to be renewed or removed like any other.
    const keyIndex = signature ? keyring.verify(`${name}=`, signature) : -1;
    return keyIndex < 0 ? null : { value, keyIndex };
  }
  if (!asText) return keyring.openValue(mode, name, value, signature);
  const opened = keyring.open(mode, name, value, signature);
  return opened && { value: opened.text, keyIndex: opened.keyIndex };
}

/**
 * @param {any} cookies
 * @param {any} opts
 * @param {boolean} asText
 * @returns {Found | null}
 */
function readLegacy(cookies, opts, asText) {
  const value = cookies.get(opts.key, opts);
  if (!value) return null;
  return { value: asText ? codec.decodeText(value) : value, keyIndex: 0 };
}

/**
 * Whether a value that did not come out of the engine's base64 can be a cookie's; egg-cookies throws where it can't.
 *
 * @param {any} mode
 * @param {any} value
 */
function canCarry(mode, value) {
  return typeof value === 'string' && value !== '' && (mode === 'encrypted' || mode === 'sealed' || isFieldContent(value));
}

/**
 * The array may be changed in place, as egg-cookies allows: compare what it holds.
 *
 * @param {any} keys
 * @param {string[]} known
 */
function isSame(keys, known) {
  if (!Array.isArray(keys) || keys.length !== known.length || keys.length === 0) return false;
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== known[i]) return false;
  }
  return true;
}

module.exports = SessionCookie;
