'use strict';

const { Baseline } = require('./baseline');
const codec = require('./codec');
const { commit } = require('./commit');
const { expirePieces } = require('./cookie_pieces');
const { COPIED, LOADED } = require('./session');
const { SessionLife } = require('./session_life');
const { setThrough } = require('./set_through');
const { copyOfJSON } = require('./snapshot');
const { callStore, comparesAndSets, takesText } = require('./store_access');
const { leaveLife, lifeInCookie } = require('./track_life');

// A cookie that holds no session is no event, unlike a session that is null.
const NO_SESSION = Symbol('no session');

/**
 * One request's session: loads it, hands it out as `ctx.session`, and at commit decides whether it must be saved.
 *
 * `ctx`, `app`, `opts`, `store`, `session` and `externalKey` are reachable by other packages through
 * `ctx.session._sessCtx`, as in koa-session.
 */
class ContextSession {
  /**
   * @param {any} ctx
   * @param {any} options the plugin's live options
   * @param {import('./session_cookie')} cookie
   * @param {any} SessionClass what `ctx.session` is made of
   */
  constructor(ctx, options, cookie, SessionClass) {
    this.ctx = ctx;
    this.app = ctx.app;
    /** This request's own copy: a change ends with the response. */
    this.opts = { ...options };
    this.store = options.ContextStore ? new options.ContextStore(ctx) : options.store;
    /** @type {any} undefined: not touched yet; false: to be removed */
    this.session = undefined;
    /** @type {string | undefined} */
    this.externalKey = undefined;
    /** @type {string | undefined} the external key that the browser has, if it is a session's */
    this._browserKey = undefined;
    this._cookie = cookie;
    this._SessionClass = SessionClass;
    /** @type {Baseline | undefined} undefined for a new session */
    this._baseline = undefined;
    /** @type {string | undefined} what a store that takes text holds, as far as this request knows */
    this._storedText = undefined;
    /** @type {string | undefined} the text that this request's session came from or was saved as */
    this._sessionText = undefined;
    /** it was set to null, and then to new content */
    this._isAnother = false;
    /** what the store had under the key is destroyed, and a slow request must not meet anything new there */
    this._isKeySpent = false;
    /** @type {import('./store_commit').Left | undefined} while `regenerate()` moves it */
    this._left = undefined;
    this._savedOnce = false;
    /** the response was given the session's cookie */
    this._hasCookie = false;
    /** the store failed, and `onStoreError` lets the request go on without it */
    this._isReadonly = false;
    this._savedForBrowserSession = false;
    /** @type {SessionLife | undefined} only with `absoluteMaxAge`, of a session that was loaded or saved */
    this._life = undefined;
    /** @type {SessionLife | undefined} one that has to be revoked */
    this._leftLife = undefined;
    /** @type {Promise<void> | undefined} a save to the store that has not ended */
    this._inFlight = undefined;
  }

  /** What `ctx.session` gives: a Session, or null once it was set to null. */
  get() {
    const { session } = this;
    if (session) return session;
    if (session === false) return null;
    if (this.store || this.opts.revocation) this.create();
    else this.initFromCookie();
    return this.session;
  }

  /**
   * What `ctx.session = value` does.
   *
   * @param {any} value null, or the session's new content, which keeps the external key
   */
  set(value) {
    if (value === null) {
      this.session = false;
      if (this._life !== undefined) leaveLife(this);
    } else if (typeof value === 'object') {
      // New content does not begin a new life.
      if (this.opts.absoluteMaxAge && this.session === undefined) this.get();
      if (this.session === false) this._isAnother = true;
      this.create(value, this.externalKey);
    } else {
      throw new Error('this.session can only be set as null or an object.');
    }
  }

  /** Loads from the store; a key that the store does not know is never taken over. */
  async initFromExternal() {
    const { ctx, opts } = this;
    const found = opts.externalKey
      ? { value: opts.externalKey.get(ctx), keyIndex: 0, raw: undefined }
      : this._cookie.readValue(ctx, opts);
    if (found && found.value) await this._load(found.value);
    else this.create();
    if (found && found.keyIndex > 0) this._cookie.refreshSignature(ctx, opts, found.raw);
  }

  /** @param {string} externalKey */
  async _load(externalKey) {
    const { ctx, opts, store } = this;
    const options = { ctx, rolling: opts.rolling };
    const isText = takesText(store);
    let loaded;
    try {
      loaded = await callStore(this, isText ? 'getText' : 'get', externalKey, opts.maxAge, options);
    } catch (err) {
      if (opts.onStoreError !== 'readonly') throw err;
      this._isReadonly = true;
      this.session = new this._SessionClass(this);
      return;
    }
    const json = isText && typeof loaded === 'string' ? parseText(loaded) : loaded;
    if (opts.absoluteMaxAge && json !== NO_SESSION) this._life = SessionLife.ofLoaded(json, opts.absoluteMaxAge);
    if (json === NO_SESSION || !this.valid(json, externalKey)) {
      this.create();
      return;
    }
    this.create(json, externalKey, LOADED);
    this._browserKey = externalKey;
    this._baseline = Baseline.ofLoaded(json, this.session, json !== loaded);
    if (comparesAndSets(store)) {
      this._sessionText = loaded;
      this._storedText = loaded;
    }
  }

  /**
   * Loads from the cookie.
   *
   * @returns {any} with `revocation`, a valid session that is not taken yet
   */
  initFromCookie() {
    const { ctx, opts } = this;
    const isDefaultCodec = opts.decode === codec.decode;
    const found = isDefaultCodec ? this._cookie.readText(ctx, opts) : this._cookie.readValue(ctx, opts);
    if (found !== null && found.pristine !== undefined && this._takesAsIs(found.pristine)) {
      this.session = new this._SessionClass(this, found.pristine, undefined, COPIED);
      this._baseline = new Baseline(found.pristine, undefined, found.dataKeys);
      if (found.keyIndex > 0) this._cookie.refreshSignature(ctx, opts, found.raw);
      return undefined;
    }
    const json = found ? this._jsonOf(found, isDefaultCodec) : NO_SESSION;
    if (opts.absoluteMaxAge) this._life = lifeInCookie(this, found, json === NO_SESSION ? undefined : json);
    let unchecked;
    if (json === NO_SESSION || !this.valid(json)) {
      this.create();
    } else if (opts.revocation) {
      unchecked = json;
    } else {
      this.takeFromCookie(json);
    }
    if (found && found.keyIndex > 0) this._cookie.refreshSignature(ctx, opts, found.raw);
    return unchecked;
  }

  /**
   * Whether nobody else has to see what was loaded before it is the session.
   *
   * @param {any} pristine
   */
  _takesAsIs(pristine) {
    const { opts } = this;
    return typeof opts.valid !== 'function' && !opts.absoluteMaxAge && !hasExpired(pristine);
  }

  /** @param {any} json a valid session; what the app's `valid` changed in it is no change */
  takeFromCookie(json) {
    this.create(json, undefined, LOADED);
    this._baseline = Baseline.ofLoaded(json, this.session, this.opts.decode === codec.decode);
  }

  /**
   * @param {import('./session_cookie').Found} found
   * @param {boolean} isDefaultCodec
   * @returns {any} NO_SESSION for what holds none
   */
  _jsonOf({ value, pristine }, isDefaultCodec) {
    if (pristine !== undefined) return copyOfJSON(pristine);
    return value ? this._decode(value, isDefaultCodec) : NO_SESSION;
  }

  /**
   * @param {string} value JSON text under the default codec, else what the app's own reads
   * @param {boolean} isDefaultCodec
   * @returns {any} NO_SESSION for what holds none
   * @throws what the app's own decoder throws, unless it is a SyntaxError; the cookie is then cleared, so that the next
   *   request does not meet it again
   */
  _decode(value, isDefaultCodec) {
    if (isDefaultCodec) return parseText(value);
    const { ctx, opts } = this;
    try {
      return opts.decode(value);
    } catch (err) {
      if (err instanceof SyntaxError) return NO_SESSION;
      if (opts.chunks) expirePieces(ctx, opts, 1);
      setThrough(ctx, opts.key, '', opts);
      // Koa drops every header when it answers an error, but for those the error carries.
      if (err instanceof Object) /** @type {any} */ (err).headers = { 'set-cookie': ctx.response.get('set-cookie') };
      throw err;
    }
  }

  /**
   * @param {any} value what was loaded
   * @param {string} [key] the external key
   */
  valid(value, key) {
    const { ctx, opts } = this;
    if (!value) {
      this.emit('missed', { key, value, ctx });
      return false;
    }
    if (hasExpired(value) || (this._life && this._life.hasEnded())) {
      this.emit('expired', { key, value, ctx });
      return false;
    }
    if (typeof opts.valid === 'function' && !opts.valid(ctx, value)) {
      this.emit('invalid', { key, value, ctx });
      return false;
    }
    return true;
  }

  /**
   * @param {string} event
   * @param {Record<string, any>} data its payload
   */
  emit(event, data) {
    setImmediate(() => {
      this.app.emit(`session:${event}`, data);
    });
  }

  /**
   * @param {any} [content]
   * @param {string} [externalKey]
   * @param {0 | 1 | 2} [origin] of the content, see Session
   */
  create(content, externalKey, origin) {
    // What was found in its place is not taken.
    if (!content) this._life = undefined;
    if (this.store) {
      const { opts } = this;
      this.externalKey = externalKey || (opts.genid && opts.genid(this.ctx));
    }
    this.session = new this._SessionClass(this, content, this.externalKey, origin);
  }

  /**
   * Saves or removes the session if there is a reason to.
   *
   * @param {{ save?: boolean, regenerate?: boolean }} [options]
   */
  async commit({ save = false, regenerate = false } = {}) {
    await this.commitNow(save, regenerate);
  }

  /**
   * `commit` without a promise where none is needed: in cookie mode all is done when it returns.
   *
   * @param {boolean} [force] save without a reason
   * @param {boolean} [regenerate]
   * @returns {Promise<void> | undefined} a promise where a store has to answer
   */
  commitNow(force, regenerate) {
    return commit(this, force, regenerate);
  }
}

/** @param {any} json a session as it was stored */
function hasExpired(json) {
  return Boolean(json._expire && json._expire < Date.now());
}

/**
 * @param {string} text
 * @returns {any} NO_SESSION for what is no JSON
 */
function parseText(text) {
  try {
    return JSON.parse(text);
  } catch {
    return NO_SESSION;
  }
}

module.exports = ContextSession;
