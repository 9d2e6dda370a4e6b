'use strict';

/**
 * `ctx.cookies.set`, with an error that says what to do where a cookie with `secure` cannot be set. Most often the request
 * came over HTTPS, and the app, behind a proxy that ends TLS, was not told.
 */

// That error of egg-cookies and of the package cookies has no code.
const INSECURE = 'Cannot send secure cookie over unencrypted connection';

/**
 * @param {any} ctx
 * @param {string} name
 * @param {string} value
 * @param {any} options
 */
function setThrough(ctx, name, value, options) {
  try {
    ctx.cookies.set(name, value, options);
  } catch (err) {
    if (err instanceof Error && err.message === INSECURE) explain(err, ctx.app);
    throw err;
  }
}

/**
 * The same error, so that whoever catches it by its class or name still does.
 *
 * @param {Error} err
 * @param {any} app
 */
function explain(err, app) {
  const setting = app.config ? '`config.proxy`' : '`app.proxy`';
  const message = app.proxy
    ? `${INSECURE}: ${setting} is on, but the proxy did not say that the request came over HTTPS (X-Forwarded-Proto)`
    : `${INSECURE}: behind a proxy that ends TLS, set ${setting} to true`;
  if (err.stack) err.stack = err.stack.replace(INSECURE, () => message);
  Object.assign(err, { message, code: 'ERR_SESSION_SECURE_COOKIE' });
}

module.exports = { setThrough };
