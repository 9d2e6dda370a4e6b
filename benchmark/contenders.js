'use strict';

/**
 * The session layers side by side, each on an app of its own: a Koa app whose `ctx.cookies` is made as Egg makes it, or plain Koa 3.
 */

const http = require('node:http');
const Koa = require('koa');
const Koa3 = require('koa3');
const EggCookies = require('egg-cookies');
const { EditedCopies } = require('../__test__/support/edited_copies');

const KEYS = ['benchmark key 1', 'benchmark key 2'];
const COOKIES = Symbol('Context#cookies');
const SOCKET = { encrypted: false, remoteAddress: '127.0.0.1' };

const koaSession6 = (options, app) => require('koa-session')(options, app);
const koaSession7 = (options, app) => require('koa-session7').createSession(options, app);

/** A middleware that does nothing: what a request costs without a session. */
const none = () => async (ctx, next) => {
  await next();
};

const ours = (options, app) => require('..')(options, app);

/**
 * @typedef {object} Mode
 * @property {() => object} options
 * @property {() => any} createApp
 * @property {Function} original what ours is compared with
 */

/** @type {Record<string, Mode>} */
const modes = {
  encrypted: { options: () => ({ encrypt: true }), createApp: eggApp, original: koaSession6 },
  signed: { options: () => ({ encrypt: false }), createApp: eggApp, original: koaSession6 },
  store: { options: () => ({ encrypt: true, store: memoryStore() }), createApp: eggApp, original: koaSession6 },
  edited: { options: () => ({ encrypt: true }), createApp: () => eggApp(editedCookies()), original: koaSession6 },
  'koa, against koa-session 7': { options: () => ({}), createApp: koaApp, original: koaSession7 },
  'koa, against koa-session 6': { options: () => ({}), createApp: koaApp, original: koaSession6 },
};

/** egg-cookies as a patch release might be: its text is unknown, and its behaviour is the same. */
function editedCookies() {
  const copies = new EditedCopies();
  process.once('exit', () => copies.remove());
  return copies.load('egg-cookies', __dirname, {
    title: 'a comment', file: 'lib/cookies.js', search: '  get(name, opts) {', replacement: '  // A comment.\n  get(name, opts) {',
  });
}

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

/** @param {any} [Cookies] */
function eggApp(Cookies = EggCookies) {
  const app = new Koa();
  app.keys = KEYS;
  app.ContextCookies = Cookies;
  app.config = { keys: KEYS.join(','), cookies: {} };
  Object.defineProperty(app.context, 'cookies', {
    get() {
      if (!this[COOKIES]) {
        this[COOKIES] = new this.app.ContextCookies(this, this.app.keys, this.app.config.cookies);
      }
      return this[COOKIES];
    },
  });
  return app;
}

function koaApp() {
  return Object.assign(new Koa3(), { keys: KEYS });
}

/**
 * @param {'none' | 'egg-session' | 'ours'} name `egg-session`: the mode's original
 * @param {keyof typeof modes} mode
 * @param {object} [more] session options beside the mode's
 */
function createContender(name, mode, more) {
  const { options, createApp, original } = modes[mode];
  const app = createApp();
  const create = { none, 'egg-session': original, ours }[name];
  return { name, app, middleware: create({ key: 'EGG_SESS', maxAge: 86400000, ...options(), ...more }, app) };
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
