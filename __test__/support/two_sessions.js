'use strict';

const { createEggApp, cookieHeader, exchange, knownSources } = require('./egg_context');
const { MemoryStore } = require('./memory_store');
const Koa = require('koa');
const createSession = require('../..');

const KEYS = ['the key of the app, 32 characters'];
const revocation = { isRevoked: () => false, revoke() {} };
const LARGE = Array.from({ length: 900 }, (_, i) => `part ${i}`).join();

/**
 * Ways to keep a session. `keys`: whether a second session needs its own; `store`: whether it is in a store.
 *
 * @type {Record<string, { options: any, keys?: boolean, store?: boolean, isLarge?: boolean }>}
 */
const MODES = {
  unsigned: { options: { encrypt: false, signed: false }, keys: true },
  signed: { options: { encrypt: false, signed: true } },
  encrypted: { options: { encrypt: true }, keys: true },
  sealed: { options: { encrypt: 'sealed' } },
  'sealed, and older formats are read': { options: { encrypt: 'sealed', acceptLegacy: true }, keys: true },
  'sealed in pieces': { options: { encrypt: 'sealed', chunks: 4 }, isLarge: true },
  'sealed and revocable': { options: { encrypt: 'sealed', absoluteMaxAge: 3600000, revocation } },
  'with an absolute end': { options: { encrypt: false, absoluteMaxAge: 3600000 } },
  'with a codec of the app': { options: { encrypt: false, encode: value => Buffer.from(JSON.stringify(value)).toString('hex'), decode: value => JSON.parse(Buffer.from(value, 'hex').toString()) } },
  'unsigned key of a store': { options: { encrypt: false, signed: false }, keys: true, store: true },
  'signed key of a store': { options: { encrypt: false }, store: true },
  'encrypted key of a store': { options: { encrypt: true }, keys: true, store: true },
  'sealed key of a store': { options: { encrypt: 'sealed' }, store: true },
  'hashed key of a store': { options: { encrypt: false, signed: false, hashKeys: true }, keys: true, store: true },
};

/** A store with the three methods of egg-session. */
class PlainStore {
  entries = new Map();

  async get(key) {
    return this.entries.get(key);
  }

  async set(key, session) {
    this.entries.set(key, session);
  }

  async destroy(key) {
    this.entries.delete(key);
  }
}

const STORES = { 'a store that compares and sets': MemoryStore, 'a plain store': PlainStore };

/** @returns {Promise<Array<[string, () => any]>>} makers of apps with each class of `ctx.cookies` */
async function hosts() {
  const sources = await knownSources();
  return [
    ...sources.map(([name, source]) => /** @type {[string, () => any]} */ ([name, () => createEggApp(source, { keys: KEYS })])),
    ['cookies of Koa', () => Object.assign(new Koa(), { keys: KEYS, silent: true })],
  ];
}

/** An app with a session without a name, or called `one`, and a second one called `adminSession`. */
class TwoSessions {
  /** @type {Array<[string, any]>} */
  events = [];

  /**
   * @param {any} app
   * @param {any} first options
   * @param {any} second
   */
  constructor(app, first, second) {
    this.app = app;
    this.names = [first.as || 'session', second.as];
    const middlewares = [createSession(first, app), createSession(second, app)];
    this.middleware = (ctx, next) => middlewares[0](ctx, () => middlewares[1](ctx, next));
    for (const name of ['missed', 'expired', 'invalid', 'changed', 'gone', 'conflict', 'store_error', 'oversized', 'unsaved', 'revoked']) {
      app.on(`session:${name}`, event => this.events.push([name, event]));
    }
  }

  /**
   * @param {string | undefined} cookie
   * @param {(first: any, second: any, ctx: any) => any} handle
   */
  async request(cookie, handle) {
    const [one, other] = this.names;
    const answer = await exchange(this.app, this.middleware, ctx => handle(ctx[one], ctx[other], ctx), { headers: cookie ? { cookie } : {} });
    if (answer.error) throw answer.error;
    await new Promise(resolve => setImmediate(resolve));
    return { ...answer, cookie: cookieHeader(answer.setCookie) };
  }
}

/**
 * @param {string} mode
 * @param {any} more options
 * @param {any} [store]
 */
function optionsOf(mode, more, store) {
  const { options, keys, store: isStored } = MODES[mode];
  return { maxAge: 60000, ...options, ...isStored && { store }, ...keys && more.as && { keys: [`keys of ${more.as}, and nobody else's`] }, ...more };
}

/**
 * @param {string} cookie a Cookie header
 * @returns {string} the same, each cookie under the name of the other session
 */
function swapped(cookie) {
  return cookie.replace(/(^|; )(EGG|ADMIN)_SESS(?=[.=])/g, (_, before, name) => `${before}${name === 'EGG' ? 'ADMIN' : 'EGG'}_SESS`);
}

module.exports = { hosts, KEYS, LARGE, MODES, optionsOf, STORES, swapped, TwoSessions };
