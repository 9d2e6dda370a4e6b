'use strict';

/**
 * egg-session as it is, to compare with: its middleware (koa-session) in a Koa app whose `ctx.cookies` are Egg's. These packages are
 * devDependencies of this repository.
 */

const http = require('node:http');
const createSession = require('../..');
const { PlainStore } = require('./plain_store');

const COOKIES = Symbol('context.cookies');
const SOCKET = { encrypted: false, remoteAddress: '127.0.0.1' };
const DEFAULTS = { key: 'EGG_SESS', maxAge: 24 * 3600 * 1000, httpOnly: true, encrypt: true };
/** How long a request takes to look up a price, in the cart of either. */
const LOOK_UP_MS = 5;

/**
 * @typedef {object} Originals
 * @property {string} version
 * @property {(name: 'egg-session' | 'ours' | 'none', options?: object, keys?: string[]) => { app: any, middleware: Function }} create
 * @property {import('node:http').RequestListener} serveCart
 * @property {(cookie: string) => Promise<any>} readForgeable what egg-session takes a Cookie header for
 */

/** @param {any} Koa @param {any} Cookies egg-cookies @param {string[]} keys */
function eggLikeApp(Koa, Cookies, keys) {
  const app = new Koa();
  app.keys = keys;
  app.silent = true;
  // As Egg has them.
  app.ContextCookies = Cookies;
  app.config = { keys: keys.join(','), cookies: {} };
  Object.defineProperty(app.context, 'cookies', {
    get() {
      return this[COOKIES] ??= new Cookies(this, this.app.keys, this.app.config.cookies);
    },
  });
  return app;
}

/**
 * A request's context without a connection.
 * @param {any} app
 * @param {string | undefined} cookie the Cookie header
 */
function createContext(app, cookie) {
  const req = new http.IncomingMessage(/** @type {any} */ (SOCKET));
  req.method = 'GET';
  req.url = '/';
  req.headers = { host: '127.0.0.1', 'user-agent': 'demo', ...cookie && { cookie } };
  return app.createContext(req, new http.ServerResponse(req));
}

/**
 * @param {string} forgeryKey
 * @returns {Originals | undefined} nothing if the packages are not installed
 */
function loadOriginals(forgeryKey) {
  /** @type {any} */ let Koa;
  /** @type {any} */ let koaSession;
  /** @type {any} */ let Cookies;
  /** @type {string} */ let version;
  try {
    Koa = require('koa');
    // egg-session's middleware is this module.
    koaSession = require('koa-session');
    Cookies = require('egg-cookies');
    version = require('egg-session/package.json').version;
  } catch {
    return undefined;
  }

  /** @type {Originals['create']} */
  const create = (name, options, keys = ['a key of the demo, for this process']) => {
    const app = eggLikeApp(Koa, Cookies, keys);
    const all = { ...DEFAULTS, ...options };
    if (name === 'none') return { app, middleware: (/** @type {any} */ _ctx, /** @type {() => Promise<void>} */ next) => next() };
    return { app, middleware: name === 'ours' ? createSession(/** @type {any} */ (all), app) : koaSession(all, app) };
  };

  const forgeable = create('egg-session', { key: 'FORGEABLE_SESS' }, [forgeryKey]);
  const readForgeable = async (/** @type {string} */ cookie) => {
    const ctx = createContext(forgeable.app, cookie);
    let found;
    await forgeable.middleware(ctx, async () => { found = ctx.session.toJSON(); });
    return found;
  };

  return { version, create, readForgeable, serveCart: cartApp(create('egg-session', { key: 'PLAIN_CART_SESS', store: new PlainStore() })) };
}

/** @param {{ app: any, middleware: Function }} parts @returns {import('node:http').RequestListener} */
function cartApp({ app, middleware }) {
  app.use(middleware);
  app.use(async (/** @type {any} */ ctx) => {
    if (ctx.method === 'POST' && ctx.get('origin') !== ctx.origin) ctx.throw(403);
    ctx.body = await answerCart(ctx, ctx.session, ctx.path.replace('/egg-session', '/demo'));
  });
  return app.callback();
}

/**
 * The cart of the demo, the same for both: each request looks up a price and adds one thing.
 * @param {any} ctx
 * @param {any} session
 * @param {string} path
 */
async function answerCart(ctx, session, path) {
  if (ctx.method === 'POST' && path === '/demo/cart/empty') session.cart = {};
  if (ctx.method === 'POST' && path === '/demo/cart/add') {
    const item = String(ctx.query.item);
    if (!/^\d{1,3}$/.test(item)) ctx.throw(422, 'a number, please');
    await new Promise(resolve => setTimeout(resolve, LOOK_UP_MS));
    session.cart = { ...session.cart, [`item ${item}`]: 1 };
  }
  return { kept: Object.keys(session.cart || {}).map(name => Number(name.slice('item '.length))) };
}

module.exports = { loadOriginals, createContext, answerCart, LOOK_UP_MS };
