'use strict';

/**
 * One request's session. The steps of a request have a module each: load.js loads the session, commit.js decides at the end
 * whether to save it, save.js saves it, life.js ends and revokes it.
 */

const { commit, remove } = require('./commit');
const { leaveLife } = require('./life');
const { loadFromCookie, takeFromCookie } = require('./load');
const { loadFromStore } = require('./load_entry');
const { openUnlessRevoked } = require('./unrevoked');
const { save } = require('./save');
const { offSwitchOf } = require('../cookie/mode');
const SessionCookie = require('../cookie/session_cookie');
const { channels, publish, publishEvent } = require('../diagnostics');
const { sessionError } = require('../errors');
const { hasExpired } = require('../session/data');
const { LinklessSession, Session } = require('../session/session');
const StoreEntry = require('../store/entry');

// `session:gone` and `session:unsaved` have told these.
const TOLD_CODES = ['ERR_SESSION_GONE', 'ERR_HTTP_HEADERS_SENT'];

/**
 * @typedef {object} Shared the same for all requests of an app
 * @property {any} options the plugin's live options
 * @property {SessionCookie} cookie
 * @property {any} SessionClass the class of `ctx.session`
 */

/**
 * `ctx`, `app`, `opts`, `store`, `session`, `externalKey` and the methods that koa-session 6.4 has are reachable by other
 * packages through `ctx.session._sessCtx`.
 */
class ContextSession {
  /** @type {Shared} */
  #shared;
  /** @type {any} the error of the last `session:store_error` */
  #toldError;
  /** @type {import('../cookie/session_cookie').OpenedCookie | undefined} private: it may hold the cookie as it came */
  #firstCookie;

  /**
   * @param {any} ctx
   * @param {Shared} shared
   */
  constructor(ctx, shared) {
    const { options } = shared;
    this.ctx = ctx;
    /** This request's own copy: a change of it ends with the response. */
    this.opts = { ...options };
    this.store = options.ContextStore ? new options.ContextStore(ctx) : options.store;
    /** @type {any} undefined: not touched yet; false: to be removed */
    this.session = undefined;
    /** @type {string | undefined} */
    this.externalKey = undefined;
    /** @type {import('../session/baseline').Baseline | undefined} undefined for a new session */
    this.baseline = undefined;
    /** @type {any} the StoreEntry; undefined without a store */
    this.entry = this.store ? new StoreEntry() : undefined;
    /** @type {import('./life').Lives | undefined} only with `absoluteMaxAge` */
    this.lives = undefined;
    /** @type {import('./candidates').Candidates | undefined} */
    this.candidates = undefined;
    /** @type {any} a recorder of record.js, only with `registry` */
    this.recorder = undefined;
    /** True after a save in this request. */
    this.isSaved = false;
    /** True after the session was ended by `ctx.session = null` and a commit. */
    this.isEnded = false;
    /** True if a save gave the response the session's cookie. */
    this.hasCookie = false;
    /** True after a save with the lifetime 'session', which clears the request's `maxAge`. */
    this.isBrowserSession = false;
    /** True if the store failed and `onStoreError` lets the request go on without it. */
    this.isReadonly = false;
    /** @type {'save' | 'remove' | undefined} what is lost if the response's cookie is */
    this.unsent = undefined;
    /** True if an error's answer keeps the session's cookie. */
    this.isKeptOnError = false;
    /** True if the response's cookie was lost with its headers. */
    this.isLost = false;
    /** @type {Promise<void> | undefined} a save that the store has not answered yet */
    this.inFlight = undefined;
    this.#shared = shared;
  }

  /**
   * @param {any} app
   * @param {any} options completed
   * @param {(status: import('../cookie/native_cookies').CookieStatus, isTurnedOff: boolean) => void} onCookiesStudied
   * @returns {Shared}
   */
  static share(app, options, onCookiesStudied) {
    const cookie = new SessionCookie(app, {
      remembered: options.rememberedCookies ?? undefined,
      turnedOffBy: offSwitchOf(options),
      onStudied: onCookiesStudied,
    });
    cookie.checkOwnKeys(options, app.config && app.config.cookies);
    // Koa 2 under Egg 3 has no such property.
    return { options, cookie, SessionClass: 'ContextClass' in app ? LinklessSession : Session };
  }

  get app() {
    return this.ctx.app;
  }

  get cookie() {
    return this.#shared.cookie;
  }

  /** The first cookie that opened, kept where another of the name may be needed. */
  get firstCookie() {
    return this.#firstCookie;
  }

  set firstCookie(opened) {
    this.#firstCookie = opened;
  }

  /** @returns {any} the value of `ctx.session`: a Session, or null after it was set to null */
  get() {
    const { session } = this;
    if (session) return session;
    if (session === false) return null;
    if (this.store || this.opts.revocation) this.create();
    else this.initFromCookie();
    return this.session;
  }

  /**
   * `ctx.session = value`.
   *
   * @param {any} value null, or the session's new content, which keeps the external key
   */
  set(value) {
    this.isEnded = false;
    if (value === null) {
      this.session = false;
      leaveLife(this);
    } else if (typeof value === 'object') {
      // New content does not begin a new life.
      if (this.opts.absoluteMaxAge && this.session === undefined) this.get();
      if (this.session === false && this.entry) this.entry.replace();
      this.create(value, this.externalKey);
    } else {
      throw new Error('this.session can only be set as null or an object.');
    }
  }

  /**
   * Loads before the app's code runs, where the answer may take a while.
   *
   * @returns {Promise<void> | undefined} undefined in cookie mode: the cookie is opened when the session is first touched
   */
  begin() {
    if (this.store) return this.initFromExternal();
    return this.#shared.options.revocation ? openUnlessRevoked(this) : undefined;
  }

  initFromExternal() {
    return loadFromStore(this);
  }

  initFromCookie() {
    return loadFromCookie(this);
  }

  /**
   * @param {any} value the loaded session
   * @param {import('../session/session_life').SessionLife} [life]
   * @returns {'missed' | 'expired' | 'invalid' | undefined} the event that tells why it is refused; undefined if it is not
   */
  refusalOf(value, life) {
    const { ctx, opts } = this;
    if (!value) return 'missed';
    if (hasExpired(value) || (life && life.hasEnded())) return 'expired';
    return typeof opts.valid === 'function' && !opts.valid(ctx, value) ? 'invalid' : undefined;
  }

  /**
   * @param {any} value the loaded session
   * @param {string} [key] the external key
   */
  valid(value, key) {
    const refusal = this.refusalOf(value, this.lives && this.lives.current);
    if (refusal) this.emit(refusal, { key, value, ctx: this.ctx });
    return refusal === undefined;
  }

  /**
   * @param {string} event
   * @param {Record<string, any>} data its payload
   */
  emit(event, data) {
    if (event === 'store_error') this.#toldError = data.error;
    if (this.opts.as !== undefined) data.as = this.opts.as;
    publishEvent(event, this, data);
    setImmediate(() => {
      // A session in a cookie that was lost has not changed.
      if (event !== 'changed' || !this.isLost || this.store) this.app.emit(`session:${event}`, data);
    });
  }

  /**
   * @param {any} [content]
   * @param {string} [externalKey]
   * @param {0 | 1 | 2} [origin] of the content, see Session
   */
  create(content, externalKey, origin) {
    // A new session does not continue the life of one that was refused.
    if (!content && this.lives) this.lives.current = undefined;
    if (this.store) {
      const { opts } = this;
      this.externalKey = externalKey || (opts.genid && opts.genid(this.ctx));
    }
    this.session = new (this.#shared.SessionClass)(this, content, this.externalKey, origin);
  }

  /**
   * Takes remembered content of a cookie.
   *
   * @param {any} content
   * @param {0 | 1 | 2} origin
   * @param {import('../session/baseline').Baseline} baseline
   */
  take(content, origin, baseline) {
    this.session = new (this.#shared.SessionClass)(this, content, undefined, origin);
    this.baseline = baseline;
  }

  /** @param {any} json a valid session that a cookie held */
  takeLoaded(json) {
    takeFromCookie(this, json);
  }

  /** Goes on with an empty session that is never saved, after the store failed. */
  becomeReadonly() {
    this.isReadonly = true;
    this.session = new (this.#shared.SessionClass)(this);
  }

  /**
   * Saves or removes the session if there is a reason to. Nobody has to wait for the promise: it has a handler.
   *
   * @param {{ save?: boolean, regenerate?: boolean }} [options]
   * @returns {Promise<void>} rejects with ERR_SESSION_GONE if the app asked for a save and the session was destroyed meanwhile
   */
  commit(options) {
    const committing = this.#commit(options);
    committing.catch((error) => this.#report(error));
    return committing;
  }

  /** @param {{ save?: boolean, regenerate?: boolean }} [options] */
  async #commit({ save: force = false, regenerate = false } = {}) {
    const isLost = !this.store && this.ctx.headerSent;
    const isGone = (await commit(this, force, regenerate)) === false;
    if (regenerate && !isLost && !isGone && this.session && channels.regenerate.hasSubscribers) publish('regenerate', this);
    if (isGone && (force || regenerate)) {
      throw sessionError('ERR_SESSION_GONE', 'the session was destroyed by another request, or by `destroyAll`, so it was not saved');
    }
  }

  /**
   * Emits what made a commit fail, unless an event has told it already.
   *
   * @param {any} error
   */
  #report(error) {
    if (error === this.#toldError || (error && TOLD_CODES.includes(error.code))) return;
    this.emit('store_error', { operation: 'commit', error, key: this.externalKey, ctx: this.ctx });
  }

  /** @param {boolean} isTold false if the browser keeps the session */
  ended(isTold) {
    if ((isTold || this.opts.revocation) && !this.isEnded && channels.end.hasSubscribers) publish('end', this);
    this.isEnded = true;
  }

  async remove() {
    await remove(this);
  }

  /** @param {boolean} changed */
  async save(changed) {
    await save(this, changed);
  }
}

module.exports = ContextSession;
