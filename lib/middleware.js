'use strict';

/** The session middleware: loads what has to be loaded first, runs the app, and commits the session. */

const { misuse } = require('./errors');
const { formatOptions, reportCookies, statusOf, warnAtStart } = require('./options');
const { commit } = require('./request/commit');
const ContextSession = require('./request/context_session');
const { saveWithHeaders } = require('./request/with_headers');

const CONTEXT_SESSION = Symbol('context#contextSession');
const INSTANCE = Symbol('context#contextSessionInstance');

/** @type {WeakMap<object, import('./request/context_session').Shared>} by app */
const sharedByApp = new WeakMap();

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
  extendContext(app, options);

  return async function session(ctx, next) {
    /** @type {ContextSession} */
    const contextSession = ctx[CONTEXT_SESSION];
    const loading = contextSession.begin();
    if (loading !== undefined) await loading;
    if (options.saveWithHeaders && options.autoCommit) saveWithHeaders(contextSession);
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
 */
function extendContext(app, options) {
  const { context } = app;
  if (Object.prototype.hasOwnProperty.call(context, CONTEXT_SESSION)) return;
  const shared = ContextSession.share(app, options, (status) => reportCookies(app, options, status));
  sharedByApp.set(app, shared);
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
}

/**
 * Tells how an app's sessions are handled: by which engine, and who reads and writes the cookies.
 *
 * @param {any} app for which `createSession` was called
 * @returns {import('./options/warnings').Status}
 * @throws {TypeError} ERR_SESSION_ARGUMENT for any other app
 */
function status(app) {
  const shared = typeof app === 'object' && app !== null ? sharedByApp.get(app) : undefined;
  if (shared === undefined) throw misuse('ERR_SESSION_ARGUMENT', 'Expected an app for which createSession was called');
  return statusOf(shared.cookie.status);
}

module.exports = { createSession, status };
