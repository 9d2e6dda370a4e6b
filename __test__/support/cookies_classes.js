'use strict';

/**
 * Apps whose session cookie goes through `ctx.cookies`, for each reason there is, and those where the engine reads and writes it.
 *
 * @typedef {object} Host
 * @property {string} title
 * @property {'egg' | 'koa'} family
 * @property {any} Class whose `get` a tool may wrap
 * @property {(keys?: any, Cookies?: any) => any} createApp `Cookies`: another class
 * @property {object} [options] of the session
 * @property {(ctx: any) => void} [before] each request
 * @property {boolean} [isNative]
 * @property {boolean} [isHidden] true if the class shows no cookie of an older format
 */

const assert = require('node:assert/strict');
const Koa = require('koa');
const KoaCookies = require('cookies');
const { cookieHeader, createEggApp, exchange } = require('./egg_context');
const createSession = require('../..');
const { egg3, egg4 } = require('../generate/originals');

const KEYS = ['first key of the tests', 'older key of the tests'];

/** Ways to change a class, so that the engine leaves its work to it. @type {Record<string, (Class: any) => any>} */
const CHANGES = {
  'with a method of its own': Class => class extends Class {
    own() { return this; }
  },
  'that verifies and decrypts unless told otherwise': Class => class extends Class {
    get(name, opts) { return super.get(name, strict(name, opts)); }

    set(name, value, opts) { return super.set(name, value, strict(name, opts)); }
  },
  'that decodes what it gives': Class => class extends Class {
    get(...args) {
      const value = super.get(...args);
      return value && decodeURIComponent(value);
    }
  },
  'that writes names in its own way': Class => class extends Class {
    get(name, opts) { return super.get(own(name), opts); }

    set(name, value, opts) { return super.set(own(name), value, opts); }
  },
  'that hides the cookie': Class => class extends Class {
    get(name, opts) { return /^s(\.|$)/.test(name) ? undefined : super.get(name, opts); }
  },
};

// The classes ask themselves for the signature beside a cookie.
/** @param {string} name @param {any} opts */
function strict(name, opts) {
  return name.endsWith('.sig') ? opts : { encrypt: true, signed: true, ...opts };
}

/** @param {string} name */
function own(name) {
  return name.startsWith('my-') ? name : `my-${name}`;
}

/** @param {any} ctx */
function wrapGet(ctx) {
  const { get } = ctx.cookies;
  ctx.cookies.get = function(...args) { return get.apply(this, args); };
}

/** @param {any} Cookies @param {any} keys a Koa app that makes `ctx.cookies` as Koa does, of another class */
function createKoaApp(Cookies, keys) {
  const MADE = Symbol('made');
  const app = Object.assign(new Koa(), { keys, silent: true });
  if (Cookies === KoaCookies) return app;
  Object.defineProperty(app.context, 'cookies', {
    configurable: true,
    get() { return this[MADE] ??= new Cookies(this.req, this.res, { keys: this.app.keys, secure: this.request.secure }); },
    set(cookies) { this[MADE] = cookies; },
  });
  return app;
}

/** @type {Array<{ title: string, family: 'egg' | 'koa', Class: any, make: (Class: any, keys: any, config?: object) => any }>} */
const FAMILIES = [
  ...[['Egg 3', egg3], ['Egg 4', egg4]].map(([title, source]) => ({
    title: /** @type {string} */ (title), family: /** @type {const} */ ('egg'), Class: /** @type {any} */ (source).Cookies,
    make: (Cookies, keys, cookies = {}) => createEggApp({ .../** @type {any} */ (source), Cookies }, { keys, cookies }),
  })),
  { title: 'Koa', family: 'koa', Class: KoaCookies, make: createKoaApp },
];

/** @type {Host[]} */
const HOSTS = FAMILIES.flatMap(({ title, family, Class, make }) => [
  { title: `${title}, native`, family, Class, createApp: (keys = KEYS, Cookies = Class) => make(Cookies, keys), isNative: true },
  { title: `${title}, turned off`, family, Class, createApp: (keys = KEYS) => make(Class, keys), options: { nativeCookies: false } },
  { title: `${title}, get wrapped in each request`, family, Class, createApp: (keys = KEYS) => make(Class, keys), before: wrapGet },
  ...Object.entries(CHANGES).map(([change, changed]) => {
    const Changed = changed(Class);
    return { title: `${title}, a class ${change}`, family, Class: Changed, createApp: (keys = KEYS) => make(Changed, keys), isHidden: change.includes('hides') };
  }),
  ...(family === 'egg' ? [{ title: `${title}, autoChips`, family, Class, createApp: (keys = KEYS) => make(Class, keys, { autoChips: true }) }] : []),
]);

/** What an instance of step 1 may write. */
const STEP_1 = {
  egg: { encrypted: { encrypt: true }, signed: { encrypt: false }, unsigned: { encrypt: false, signed: false } },
  koa: { signed: {}, 'signed, with an encrypt that has no effect': { encrypt: true }, unsigned: { signed: false } },
};

/**
 * An instance: `visit(cookie, handle)` is one request to it.
 *
 * @param {Host} host @param {object} options @param {Function} [create]
 */
function instance({ createApp, options: own, before }, options, create = createSession) {
  const app = createApp();
  const middleware = create({ key: 's', maxAge: 3600000, ...own, ...options }, app);
  return async (cookie, handle, prepare = before) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {}, before: prepare });
    assert.ifError(error);
    return { result, setCookie, cookie: cookieHeader(setCookie) };
  };
}

module.exports = { HOSTS, KEYS, STEP_1, instance };
