'use strict';

const ContextSession = require('./context_session');
const { cookieWarnings } = require('./cookie_options');
const { warnOfStandIn } = require('./engine/stand_in');
const { LinklessSession, Session } = require('./session');
const SessionCookie = require('./session_cookie');
const { warnOfLongLifetimes } = require('./long_lifetimes');
const { formatOptions } = require('./options');
const { openUnlessRevoked } = require('./revocation_check');
const { warn } = require('./warn');

// Of a worker: with sessions of 300 bytes about 2 MB.
const REMEMBERED_COOKIES = 1000;
const CONTEXT_SESSION = Symbol('context#contextSession');
const INSTANCE = Symbol('context#contextSessionInstance');

/**
 * Makes the session middleware and gives `app.context` its `session` and `sessionOptions`. The arguments may come in
 * either order. A second call for one app adds a middleware; the options of the first stay in force.
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
  // An Egg app has it in its log: app.js.
  if (!app.coreLogger) warnOfStandIn();
  warnOfLongLifetimes(options, app);
  for (const message of cookieWarnings(options, app.config && app.config.cookies)) warn(app, message, 'SESSION_OPTION');
  extendContext(app, options);

  return async function session(ctx, next) {
    /** @type {ContextSession} */
    const contextSession = ctx[CONTEXT_SESSION];
    if (contextSession.store) await contextSession.initFromExternal();
    else if (options.revocation) await openUnlessRevoked(contextSession);
    try {
      await next();
    } finally {
      if (options.autoCommit && contextSession.session !== undefined) {
        const committing = contextSession.commitNow();
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
  const cookie = new SessionCookie(app, options.rememberedCookies ?? REMEMBERED_COOKIES);
  // Koa 2 under Egg 3 has no such property.
  const SessionClass = 'ContextClass' in app ? LinklessSession : Session;
  Object.defineProperties(context, {
    [CONTEXT_SESSION]: {
      get() {
        return this[INSTANCE] || (this[INSTANCE] = new ContextSession(this, options, cookie, SessionClass));
      },
    },
    session: {
      get() {
        return this[CONTEXT_SESSION].get();
      },
      set(value) {
        this[CONTEXT_SESSION].set(value);
      },
      // egg-mock's mockSession puts its own in place.
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
