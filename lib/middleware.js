'use strict';

/** The session middleware: loads what has to be loaded first, runs the app, and commits the session. */

const { misuse, optionError } = require('./errors');
const {
  checkBesideOthers, formatOptions, KeysCheck, keyPrefixOf, reportCookies, statusOf, warn, warnAtStart, warnOfSecond,
} = require('./options');
const { commit } = require('./request/commit');
const ContextSession = require('./request/context_session');
const { beginRecord, endRecord } = require('./request/record');
const { createReadingContext, read } = require('./request/read_session');
const { saveWithHeaders } = require('./request/with_headers');
const { AccessCheck, checkRegistry } = require('./store/access');

/**
 * @typedef {object} Parts of one of an app's sessions
 * @property {import('./request/context_session').Shared} shared
 * @property {AccessCheck} access
 * @property {symbol} member the property of a context that has the request's ContextSession
 */

/** @type {WeakMap<object, Map<string | undefined, Parts>>} by `app.context`, then by the option `as` */
const byContext = new WeakMap();

/**
 * Every app has the same symbols: the middleware of an app that is mounted in another gets contexts of the outer one.
 *
 * @type {Map<string | undefined, { member: symbol, instance: symbol }>} by the option `as`
 */
const symbols = new Map();

/**
 * Makes the session middleware and gives `app.context` its `session` and `sessionOptions`, or the two of the name that the option `as`
 * has. The arguments may come in either order. A second call without `as` adds a middleware; the options of the first call stay in force.
 *
 * @param {any} opts see `SessionOptions` in index.d.ts; completed in place and read live
 * @param {any} [app] an Egg or Koa application
 * @returns {(ctx: any, next: () => Promise<any>) => Promise<void>}
 * @throws {TypeError} without an app
 */
function createSession(opts, app) {
  if (opts && typeof opts.use === 'function') [app, opts] = [opts, app];
  if (!app || typeof app.use !== 'function') {
    throw new TypeError('app instance required: `session(opts, app)`');
  }
  const options = formatOptions(opts, app.config && app.config.cookies);
  const { access, keysCheck, member } = addSession(app, options);

  return async function session(ctx, next) {
    if (access.isDue()) access.runInBackground();
    /** @type {ContextSession} */
    const contextSession = ctx[member];
    if (keysCheck !== undefined && !keysCheck.isDone) keysCheck.atRequest(() => contextSession.cookie.keysFor(ctx, contextSession.opts));
    const loading = contextSession.begin();
    if (loading !== undefined) await loading;
    if (contextSession.opts.registry) beginRecord(contextSession);
    if (options.saveWithHeaders && options.autoCommit) saveWithHeaders(contextSession);
    try {
      await next();
    } finally {
      if (options.autoCommit && contextSession.session !== undefined) {
        const committing = commit(contextSession);
        if (committing !== undefined) await committing;
      }
      if (contextSession.recorder !== undefined) await endRecord(contextSession);
    }
  };
}

/**
 * @param {any} app
 * @param {any} options completed
 * @returns {Parts & { keysCheck?: KeysCheck }} without a KeysCheck if the options are not in force
 * @throws {TypeError} ERR_SESSION_OPTION if the app's other sessions are in its way, ERR_SESSION_KEYS
 */
function addSession(app, options) {
  const { as } = options;
  const sessions = byContext.get(app.context) || new Map();
  const known = sessions.get(as);
  if (known !== undefined) {
    if (as !== undefined) throw optionError('as', 'expected a name that no other session of the app has');
    warnOfSecond(app);
    return known;
  }
  checkBesideOthers(options, app.context, Array.from(sessions.values(), ({ shared }) => shared.options));
  // In Egg the store may be set later: app.js asks again.
  if (options.store || options.revocation) checkRegistry(options);
  warnAtStart(options, app);
  const keysCheck = new KeysCheck(app, options);
  const parts = extendContext(app, options);
  byContext.set(app.context, sessions.set(as, parts));
  return { ...parts, keysCheck };
}

/**
 * @param {any} app
 * @param {any} options
 * @returns {Parts}
 */
function extendContext(app, options) {
  const { context } = app;
  const { as, as: name = 'session' } = options;
  const { member, instance } = symbolsOf(as);
  const shared = ContextSession.share(app, options, (status, isTurnedOff) => reportCookies(app, options, status, isTurnedOff));
  const access = new AccessCheck(options, keyPrefixOf(options), (message, code) => warn(app, message, code, as));
  Object.defineProperties(context, {
    [member]: {
      get() {
        return this[instance] || (this[instance] = new ContextSession(this, shared));
      },
    },
    [name]: {
      get() {
        return this[member].get();
      },
      set(value) {
        this[member].set(value);
      },
      // egg-mock's mockSession replaces it.
      configurable: true,
    },
    [`${name}Options`]: {
      get() {
        return this[member].opts;
      },
    },
  });
  // An Egg app waits for it before it is ready: app.js.
  if (!app.coreLogger && access.isDue()) access.runInBackground();
  return { shared, access, member };
}

/** @param {string | undefined} as */
function symbolsOf(as) {
  let known = symbols.get(as);
  if (known === undefined) {
    const name = as === undefined ? 'contextSession' : `contextSession ${as}`;
    known = { member: Symbol(`context#${name}`), instance: Symbol(`context#${name} instance`) };
    symbols.set(as, known);
  }
  return known;
}

/**
 * Tells how an app's sessions are handled: by which engine, and who reads and writes the cookies.
 *
 * @param {any} app for which `createSession` was called
 * @param {string} [as] which of its sessions; `ctx.session` by default
 * @returns {import('./options/warnings').Status}
 * @throws {TypeError} ERR_SESSION_ARGUMENT for any other app or name
 */
function status(app, as) {
  return statusOf(partsOf(app, as).shared.cookie.status);
}

/**
 * Asks the store of each of the app's sessions whether its server lets it do what it needs, before the first request does. An Egg app
 * does so by itself.
 *
 * @param {any} app for which `createSession` was called
 * @returns {Promise<void>} also if the server cannot be reached: that is a warning, and the next request asks again
 * @throws {Error} ERR_SESSION_STORE_FORBIDDEN with what is refused; ERR_SESSION_OPTION for a client that cannot work;
 *   ERR_SESSION_ARGUMENT for any other app
 */
async function checkAccess(app) {
  await Promise.all(Array.from(sessionsOf(app).values(), ({ access }) => access.run()));
}

/**
 * Reads the session of a Cookie header outside of a request, and writes nothing.
 *
 * @param {any} app for which `createSession` was called
 * @param {any} req an http.IncomingMessage, for instance of an upgrade, or an object with `headers`
 * @param {{ as?: string }} [options] `as`: which of its sessions; `ctx.session` by default
 * @returns {Promise<any>} the session's data, frozen; null without a session
 * @throws {TypeError} ERR_SESSION_ARGUMENT; and what the store throws
 */
async function readSession(app, req, { as } = {}) {
  const { member } = partsOf(app, as);
  return read(createReadingContext(app, req)[member]);
}

/** @param {any} app @param {string} [as] @returns {Parts} @throws {TypeError} ERR_SESSION_ARGUMENT */
function partsOf(app, as) {
  const parts = sessionsOf(app).get(as ?? undefined);
  if (parts === undefined) throw misuse('ERR_SESSION_ARGUMENT', 'Expected the name of one of the app\'s sessions, as in the option `as`');
  return parts;
}

/** @param {any} app @throws {TypeError} ERR_SESSION_ARGUMENT */
function sessionsOf(app) {
  const sessions = typeof app === 'object' && app !== null ? byContext.get(app.context) : undefined;
  if (sessions === undefined) throw misuse('ERR_SESSION_ARGUMENT', 'Expected an app for which createSession was called');
  return sessions;
}

module.exports = { createSession, status, checkAccess, readSession };
