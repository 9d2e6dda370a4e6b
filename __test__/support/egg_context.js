'use strict';

const http = require('node:http');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const Koa = require('koa');
const { egg3, egg4 } = require('../generate/originals');

/**
 * Koa apps that have `ctx.cookies` exactly as Egg has it: Egg's own getter and Egg's own class, no sockets.
 * So a test can ask for any Cookie header, count calls and look at what no client sees.
 *
 * @typedef {{ Cookies: any, cookiesProperty: () => PropertyDescriptor, eggPath?: string }} CookieSource
 * @typedef {{ headers?: Record<string, any>, secure?: boolean, setCookie?: any, before?: (ctx: any) => any }} Exchange
 */

/** @returns {Promise<Array<[string, CookieSource]>>} every class that the fast path knows */
async function knownSources() {
  const egg4Root = path.dirname(require.resolve('egg4/package.json'));
  const [cookies, context] = await Promise.all([
    import('@eggjs/cookies'),
    import(pathToFileURL(path.join(egg4Root, 'dist/esm/app/extend/context.js')).href),
  ]);
  const getter = Object.getOwnPropertyDescriptor(context.default.prototype, 'cookies');
  return [
    ['egg-cookies 2.10.1', egg3],
    ['@eggjs/cookies 3.1.0, CommonJS', egg4],
    ['@eggjs/cookies 3.1.0, ES module', { Cookies: cookies.Cookies, cookiesProperty: () => getter, eggPath: path.join(egg4Root, 'dist/esm') }],
  ];
}

/**
 * @param {CookieSource} source
 * @param {{ keys?: any, cookies?: object }} [config]
 */
function createEggApp(source, { keys = ['first key'], cookies = {} } = {}) {
  const app = new Koa();
  app.silent = true;
  Object.assign(app, { keys, ContextCookies: source.Cookies, config: { cookies }, loader: { eggPaths: [source.eggPath] } });
  Object.defineProperty(app.context, 'cookies', source.cookiesProperty());
  return app;
}

/** @param {any} app @param {Exchange} [exchange] */
function createContext(app, { headers = {}, secure = false } = {}) {
  const request = new http.IncomingMessage(/** @type {any} */ ({ encrypted: secure, readableHighWaterMark: 16384 }));
  Object.assign(request, { method: 'GET', url: '/' });
  Object.assign(request.headers, headers);
  return app.createContext(request, new http.ServerResponse(request));
}

/**
 * One request through a session middleware.
 *
 * @param {any} app
 * @param {(ctx: any, next: () => Promise<any>) => Promise<void>} middleware
 * @param {(ctx: any) => any} handle the app behind it
 * @param {Exchange} [exchange]
 * @returns {Promise<{ ctx: any, result: any, error: any, setCookie: string[] }>}
 */
async function exchange(app, middleware, handle, { before, setCookie, ...request } = {}) {
  const ctx = createContext(app, request);
  if (setCookie !== undefined) ctx.res.setHeader('set-cookie', setCookie);
  if (before) before(ctx);
  let result;
  let error;
  try {
    await middleware(ctx, async () => { result = await handle(ctx); });
  } catch (err) {
    error = err;
  }
  return { ctx, result, error, setCookie: [].concat(ctx.res.getHeader('set-cookie') ?? []) };
}

/** @param {string[]} setCookie @returns {string} what a browser would send back */
function cookieHeader(setCookie) {
  return setCookie.map(line => line.split(';')[0]).filter(pair => pair.slice(pair.indexOf('=')) !== '=').join('; ');
}

module.exports = { knownSources, createEggApp, createContext, exchange, cookieHeader };
