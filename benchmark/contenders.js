'use strict';

/**
 * The session layers side by side, each on a Koa app of its own whose `ctx.cookies` is made as Egg makes it.
 */

const http = require('node:http');
const Koa = require('koa');
const EggCookies = require('egg-cookies');

const KEYS = ['benchmark key 1', 'benchmark key 2'];
const COOKIES = Symbol('Context#cookies');
const SOCKET = { encrypted: false, remoteAddress: '127.0.0.1' };

const implementations = {
  /** A middleware that does nothing: what a request costs without a session. */
  none: () => async (ctx, next) => {
    await next();
  },
  'egg-session': (options, app) => require('koa-session')(options, app),
  ours: (options, app) => require('..')(options, app),
};

const modes = {
  encrypted: () => ({ encrypt: true }),
  signed: () => ({ encrypt: false }),
  store: () => ({ encrypt: true, store: memoryStore() }),
};

// More than a sample writes.
const MOST_STORED = 10000;

/**
 * The plainest external store: what a store costs comes on top of this. What is old goes all at once: to look for the oldest
 * entry of a Map that has lost many takes longer than a session.
 */
function memoryStore() {
  let entries = new Map();
  let olderEntries = new Map();
  return {
    get: async (key) => entries.get(key) ?? olderEntries.get(key),
    async set(key, session) {
      entries.set(key, session);
      if (entries.size < MOST_STORED) return;
      olderEntries = entries;
      entries = new Map();
    },
    async destroy(key) {
      entries.delete(key);
      olderEntries.delete(key);
    },
  };
}

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
  return { name, app, middleware: implementations[name]({ key: 'EGG_SESS', maxAge: 86400000, ...options }, app) };
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
  const header = (ctx.response.get('set-cookie') || []).map((line) => line.split(';')[0]).join('; ');
  // Flat, as a header that came over the wire.
  return Buffer.from(header, 'latin1').toString('latin1');
}

module.exports = { KEYS, modes, createContender, createContext, cookieHeader };
