'use strict';

/** The session middleware: loads what has to be loaded first, runs the app, and commits the session. */

const { formatOptions, warnAtStart } = require('./options');
const { commit } = require('./request/commit');
const ContextSession = require('./request/context_session');

const CONTEXT_SESSION = Symbol('context#contextSession');
const INSTANCE = Symbol('context#contextSessionInstance');

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
  const shared = ContextSession.share(app, options);
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

module.exports = createSession;
