'use strict';

/**
 * The two session layers side by side, each on a Koa app of its own whose `ctx.cookies` is made as Egg makes it.
 */

const http = require('node:http');
const Koa = require('koa');
const EggCookies = require('egg-cookies');

const KEYS = ['benchmark key 1', 'benchmark key 2'];
const COOKIES = Symbol('Context#cookies');
const SOCKET = { encrypted: false, remoteAddress: '127.0.0.1' };

const implementations = {
  'egg-session': () => require('koa-session'),
  ours: () => require('..'),
};

/**
 * @param {keyof typeof implementations} name
 * @param {object} options session options
 */
function createContender(name, options) {
  const app = new Koa();
  app.keys = KEYS;
  app.ContextCookies = EggCookies;
  app.config = { keys: KEYS.join(','), cookies: {} };
  Object.defineProperty(app.context, 'cookies', {
    get() {
      if (!this[COOKIES]) {
        this[COOKIES] = new this.app.ContextCookies(this, this.app.keys, this.app.config.cookies);
      }
      return this[COOKIES];
    },
  });
  const middleware = implementations[name]()({ key: 'EGG_SESS', maxAge: 86400000, ...options }, app);
  return { name, app, middleware };
}

/**
 * A request's ctx on real `http` objects without a connection.
 *
 * @param {Koa} app
 * @param {string | undefined} cookie the Cookie header
 */
function createContext(app, cookie) {
  const request = new http.IncomingMessage(/** @type {any} */ (SOCKET));
  request.method = 'GET';
  request.url = '/';
  request.headers = { host: '127.0.0.1', 'user-agent': 'benchmark', accept: '*/*' };
  if (cookie) request.headers.cookie = cookie;
  return app.createContext(request, new http.ServerResponse(request));
}

/** What a browser would send back of a response's cookies. */
function cookieHeader(ctx) {
  return (ctx.response.get('set-cookie') || []).map((line) => line.split(';')[0]).join('; ');
}

module.exports = { KEYS, createContender, createContext, cookieHeader };
