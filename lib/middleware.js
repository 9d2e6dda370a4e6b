'use strict';

/** The session middleware: loads what has to be loaded first, runs the app, and commits the session. */

const { misuse } = require('./errors');
const { formatOptions, KeysCheck, keyPrefixOf, reportCookies, statusOf, warn, warnAtStart } = require('./options');
const { commit } = require('./request/commit');
const ContextSession = require('./request/context_session');
const { createReadingContext, read } = require('./request/read_session');
const { AccessCheck } = require('./store/access');

const CONTEXT_SESSION = Symbol('context#contextSession');
const INSTANCE = Symbol('context#contextSessionInstance');

/** @type {WeakMap<object, { shared: import('./request/context_session').Shared, access: AccessCheck }>} by `app.context` */
const byContext = new WeakMap();

/**
 * Makes the session middleware and gives `app.context` its `session` and `sessionOptions`. The arguments may come in
 * either order. A second call for one app adds a middleware; the options of the first call stay in force.
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
  warnAtStart(options, app);
  // The options of a second call are not in force.
  const isFirst = !byContext.has(app.context);
  const keysCheck = isFirst ? new KeysCheck(app, options) : undefined;
  const access = extendContext(app, options);

  return async function session(ctx, next) {
    if (access.isDue()) access.runInBackground();
    /** @type {ContextSession} */
    const contextSession = ctx[CONTEXT_SESSION];
    if (keysCheck !== undefined && !keysCheck.isDone) keysCheck.atRequest(() => contextSession.cookie.keysFor(ctx, contextSession.opts));
    const loading = contextSession.begin();
    if (loading !== undefined) await loading;
    try {
      await next();
    } finally {
      if (options.autoCommit && contextSession.session !== undefined) {
        const committing = commit(contextSession);
        if (committing !== undefined) await committing;
      }
    }
  };
}

/**
 * @param {any} app
 * @param {any} options
 * @returns {AccessCheck}
 */
function extendContext(app, options) {
  const { context } = app;
  const known = byContext.get(context);
  if (known !== undefined) return known.access;
  const shared = ContextSession.share(app, options, (status) => reportCookies(app, options, status));
  const access = new AccessCheck(options, keyPrefixOf(options), (message, code) => warn(app, message, code));
  byContext.set(context, { shared, access });
  Object.defineProperties(context, {
    [CONTEXT_SESSION]: {
      get() {
        return this[INSTANCE] || (this[INSTANCE] = new ContextSession(this, shared));
      },
    },
    session: {
      get() {
        return this[CONTEXT_SESSION].get();
      },
      set(value) {
        this[CONTEXT_SESSION].set(value);
      },
      // egg-mock's mockSession replaces it.
      configurable: true,
    },
    sessionOptions: {
      get() {
        return this[CONTEXT_SESSION].opts;
      },
    },
  });
  // An Egg app waits for it before it is ready: app.js.
  if (!app.coreLogger && access.isDue()) access.runInBackground();
  return access;
}

/**
 * Tells how an app's sessions are handled: by which engine, and who reads and writes the cookies.
 *
 * @param {any} app for which `createSession` was called
 * @returns {import('./options/warnings').Status}
 * @throws {TypeError} ERR_SESSION_ARGUMENT for any other app
 */
function status(app) {
  return statusOf(partsOf(app).shared.cookie.status);
}

/**
 * Asks the app's store whether its server lets it do what it needs, before the first request does. An Egg app does so by itself.
 *
 * @param {any} app for which `createSession` was called
 * @returns {Promise<void>} also if the server cannot be reached: that is a warning, and the next request asks again
 * @throws {Error} ERR_SESSION_STORE_FORBIDDEN with what is refused; ERR_SESSION_OPTION for a client that cannot work;
 *   ERR_SESSION_ARGUMENT for any other app
 */
async function checkAccess(app) {
  await partsOf(app).access.run();
}

/**
 * Reads the session of a Cookie header outside of a request, and writes nothing.
 *
 * @param {any} app for which `createSession` was called
 * @param {any} req an http.IncomingMessage, for instance of an upgrade, or an object with `headers`
 * @returns {Promise<any>} the session's data, frozen; null without a session
 * @throws {TypeError} ERR_SESSION_ARGUMENT; and what the store throws
 */
async function readSession(app, req) {
  partsOf(app);
  return read(createReadingContext(app, req)[CONTEXT_SESSION]);
}

/** @param {any} app @throws {TypeError} ERR_SESSION_ARGUMENT */
function partsOf(app) {
  const parts = typeof app === 'object' && app !== null ? byContext.get(app.context) : undefined;
  if (parts === undefined) throw misuse('ERR_SESSION_ARGUMENT', 'Expected an app for which createSession was called');
  return parts;
}

module.exports = { createSession, status, checkAccess, readSession };
