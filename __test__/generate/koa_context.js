'use strict';

/**
 * Real Koa contexts without a socket: thousands of requests a second, and Cookie headers that no HTTP parser would let in.
 */

const http = require('node:http');
const Koa = require('koa');

const COOKIES = Symbol('generate#cookies');

/**
 * A Koa app with the `ctx.cookies` of Egg.
 * @param {import('./originals').Original} original
 * @param {string[]} keys
 * @param {{ foreign?: boolean }} [how] foreign: the same Cookies class, but made in a way that is not Egg's
 */
function createApp({ Cookies, cookiesProperty, eggPath }, keys, { foreign = false } = {}) {
  const app = new Koa();
  app.silent = true;
  Object.assign(app, { keys, ContextCookies: Cookies, config: { cookies: {} }, loader: { eggPaths: [eggPath] } });
  Object.defineProperty(app.context, 'cookies', foreign ? {
    get() {
      this[COOKIES] ??= new Cookies(this, app.keys, {});
      return this[COOKIES];
    },
  } : cookiesProperty());
  return app;
}

/** @param {string} [cookie] The Cookie header, any string. */
function createExchange(cookie) {
  const req = new http.IncomingMessage(/** @type {any} */ ({ readableHighWaterMark: 16384 }));
  req.method = 'GET';
  req.url = '/';
  if (cookie !== undefined) req.headers.cookie = cookie;
  return { req, res: new http.ServerResponse(req) };
}

/** @param {any} app @param {string} [cookie] @returns {any} a context as a middleware would get it */
function createContext(app, cookie) {
  const { req, res } = createExchange(cookie);
  return app.createContext(req, res);
}

/**
 * Runs an app's middleware on one request.
 * @param {(req: object, res: object) => Promise<void>} callback The app's own `callback()`.
 * @param {string} [cookie]
 * @returns {Promise<{ status: number, setCookie: string[] }>}
 */
async function dispatch(callback, cookie) {
  const { req, res } = createExchange(cookie);
  await callback(req, res);
  return { status: res.statusCode, setCookie: [].concat(/** @type {any} */ (res.getHeader('set-cookie')) ?? []) };
}

/** @param {string} name @param {string} value @param {string} [signature] */
function cookieHeader(name, value, signature) {
  return signature === undefined ? `${name}=${value}` : `${name}=${value}; ${name}.sig=${signature}`;
}

/** @param {any} ctx @param {string} name @returns {{ value: string, signature?: string }} what ctx.cookies has set */
function sealedBy(ctx, name) {
  const [first, second] = ctx.response.get('set-cookie');
  const valueOf = (/** @type {string} */ header, /** @type {string} */ key) => header.slice(key.length + 1, header.indexOf('; path='));
  return { value: valueOf(first, name), signature: second && valueOf(second, `${name}.sig`) };
}

module.exports = { createApp, createContext, dispatch, cookieHeader, sealedBy };
