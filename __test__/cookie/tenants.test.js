'use strict';

// An app may choose a tenant's keys or cookie defaults in its getter of ctx.cookies, or in a constructor. Each request then has those
// of its tenant, as with koa-session, whichever tenant comes first.

const { after: afterAll, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const http = require('node:http');
const Cookies = require('cookies');
const Keygrip = require('keygrip');
const Koa = require('koa');
const koaSession = require('koa-session');
const koaSession7 = require('koa-session7');
const createSession = require('../..');
const { EditedCopies } = require('../support/edited_copies');
const { createEggApp, exchange } = require('../support/egg_context');
const { spyOnEngine } = require('../support/engine_spy');
const { egg3, egg4 } = require('../generate/originals');
const { isOfFramework } = require('../../lib/cookie/sources');

const MADE = Symbol('made');
const TENANT = 'x-tenant';
const copies = new EditedCopies();
afterAll(() => copies.remove());

const keysOf = tenant => [`the key of tenant ${tenant}, long enough`];
const storage = new AsyncLocalStorage();

/** @param {any} app @param {(ctx: any) => any} make */
function defineGetter(app, make) {
  Object.defineProperty(app.context, 'cookies', {
    configurable: true,
    get() { return this[MADE] ??= make(this); },
    set(cookies) { this[MADE] = cookies; },
  });
}

/** @param {any} ctx @param {any} keys @param {any} [Class] */
const madeWith = (ctx, keys, Class = Cookies) => new Class(ctx.req, ctx.res, { keys, secure: ctx.request.secure });

class TenantCookies extends Cookies {
  constructor(req, res, options) {
    const tenant = req.headers[TENANT];
    super(req, res, tenant ? { ...options, keys: keysOf(tenant) } : options);
  }
}

class CookiesWithField extends Cookies {
  keys = this.request.headers[TENANT] ? new Keygrip(keysOf(this.request.headers[TENANT])) : this.keys;
}

/** How a Koa app chooses a tenant's keys. @type {Record<string, { makeKoa?: () => any, before?: (app: any) => void, after?: (app: any) => void }>} */
const WAYS = {
  'a getter that reads a header': { before: app => defineGetter(app, ctx => madeWith(ctx, ctx.get(TENANT) ? keysOf(ctx.get(TENANT)) : ctx.app.keys)) },
  'a getter that reads ctx.state': { before: app => defineGetter(app, ctx => madeWith(ctx, ctx.state?.tenant ? keysOf(ctx.state.tenant) : ctx.app.keys)) },
  'a getter that asks an AsyncLocalStorage': { before: app => defineGetter(app, ctx => madeWith(ctx, storage.getStore() ? keysOf(storage.getStore()) : ctx.app.keys)) },
  'the constructor of a subclass': { before: app => defineGetter(app, ctx => madeWith(ctx, ctx.app.keys, TenantCookies)) },
  'a field of a subclass': { before: app => defineGetter(app, ctx => madeWith(ctx, ctx.app.keys, CookiesWithField)) },
  'the constructor of another class, which Koa\'s own getter calls': { makeKoa: () => copies.loadKoa(__dirname, {
    title: 'a tenant\'s keys', file: 'index.js', search: 'this.response = response', replacement: `this.response = response
    const tenant = request.headers['${TENANT}']
    if (tenant) options = { ...options, keys: ['the key of tenant ' + tenant + ', long enough'] }`,
  }) },
  'a getter around Koa\'s, from before the start': { before: wrapGetter },
  'a getter around Koa\'s, from after the start': { after: wrapGetter },
};

/** @param {any} app */
function wrapGetter(app) {
  const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(app.context), 'cookies');
  Object.defineProperty(app.context, 'cookies', {
    get() {
      const cookies = get.call(this);
      if (this.get && this.get(TENANT)) cookies.keys = new Keygrip(keysOf(this.get(TENANT)));
      return cookies;
    },
  });
}

/** @param {any} app @param {any} middleware @param {string} tenant @param {(ctx: any) => any} handle @param {string} [cookie] */
async function ask(app, middleware, tenant, handle, cookie) {
  const req = new http.IncomingMessage(/** @type {any} */ ({ readableHighWaterMark: 16384 }));
  Object.assign(req, { method: 'GET', url: '/', headers: { ...tenant && { [TENANT]: tenant }, ...cookie && { cookie } } });
  const ctx = app.createContext(req, new http.ServerResponse(req));
  ctx.state.tenant = tenant;
  let result;
  await storage.run(tenant, () => middleware(ctx, async () => { result = await handle(ctx); }));
  return { result, setCookie: [].concat(ctx.res.getHeader('set-cookie') ?? []) };
}

const jarOf = ({ setCookie }) => setCookie.map(line => line.split(';')[0]).join('; ');
const write = ctx => { ctx.session.user = 'root'; };
const read = ctx => ctx.session.user;

describe('a tenant\'s keys in Koa', () => {
  for (const [title, { makeKoa = () => Koa, before = () => {}, after = () => {} }] of Object.entries(WAYS)) {
    for (const first of ['A', '']) {
      test(`${title}: only the tenant reads its session, ${first ? 'also if its request is the first' : 'after a request of none'}`, async () => {
        for (const create of [koaSession, createSession]) {
          const app = Object.assign(new (makeKoa())(), { keys: ['the main key of the app'] });
          before(app);
          const middleware = create({ key: 's', maxAge: 3600000 }, app);
          after(app);
          await ask(app, middleware, first, read, 's=a');
          const cookie = jarOf(await ask(app, middleware, 'A', write));
          const found = [];
          for (const tenant of ['A', 'B', '']) found.push((await ask(app, middleware, tenant, read, cookie)).result);
          assert.deepEqual(found, ['root', undefined, undefined]);
          const [value, signature] = cookie.split('; ');
          assert.equal(signature, `s.sig=${new Keygrip(keysOf('A')).sign(value)}`);
        }
      });
    }
  }

  test('the getter of each Koa is told from all others, also where another took its place on Koa\'s own prototype', () => {
    for (const name of ['koa214', 'koa', 'koa3']) {
      const app = new (require(name))();
      const owner = Object.getPrototypeOf(app.context);
      const { get, ...rest } = Object.getOwnPropertyDescriptor(owner, 'cookies');
      assert.equal(isOfFramework(get, owner, app), true, name);
      const other = function() { return madeWith(this, keysOf(this.get(TENANT))); };
      assert.equal(isOfFramework(other, owner, app), false, name);
      const own = { get cookies() { return get.call(this); } };
      assert.equal(isOfFramework(Object.getOwnPropertyDescriptor(own, 'cookies').get, own, app), false, name);
      assert.equal(typeof rest.set, 'function');
    }
  });

  test('Koa\'s own getter needs no proof of the keys: one call of the engine writes, one reads', async () => {
    const app = Object.assign(new Koa(), { keys: ['the main key of the app'] });
    const middleware = createSession({ key: 's', maxAge: 3600000, rememberedCookies: 0 }, app);
    const cookie = jarOf(await ask(app, middleware, '', write));
    const spy = spyOnEngine();
    const { index } = Keygrip.prototype;
    try {
      let asked = 0;
      Keygrip.prototype.index = function(...args) { asked++; return index.apply(this, args); };
      assert.equal((await ask(app, middleware, '', read, cookie)).result, 'root');
      assert.deepEqual([spy.total(), asked], [1, 0]);
    } finally {
      Keygrip.prototype.index = index;
      spy.restore();
    }
  });
});

describe('a tenant\'s cookies in Egg 4, whose class hides its keys and defaults', () => {
  class EggTenantCookies extends egg4.Cookies {
    constructor(ctx, keys, defaults) {
      super(ctx, ctx.get(TENANT) ? keysOfEgg[ctx.get(TENANT)] : keys, defaults);
    }
  }
  const keysOfEgg = { A: keysOf('A'), B: keysOf('B') };
  const byTenant = (/** @type {string} */ tenant) => ({ headers: tenant ? { [TENANT]: tenant } : {} });

  const copyOf = edit => () => copies.load('@eggjs/cookies', __dirname, { title: 'tenants', file: 'dist/commonjs/cookies.js', ...edit }).Cookies;

  for (const [what, makeClass, first] of /** @type {Array<[string, () => any, string]>} */ ([
    ['a subclass', () => EggTenantCookies, 'A'],
    ['a subclass', () => EggTenantCookies, ''],
    ['another class', copyOf({ search: 'this.#keysArray = keys;', replacement: `this.#keysArray = ctx.app.keysOf?.[ctx.get('${TENANT}')] || keys;` }), 'A'],
    ['another class', copyOf({ search: 'this.#keysArray = keys;', replacement: `this.#keysArray = ctx.app.keysOf?.[ctx.get('${TENANT}')] || keys;` }), ''],
  ])) {
    test(`keys that the constructor of ${what} chooses: the first request is ${first ? 'the tenant\'s' : 'of no tenant'}`, async () => {
      for (const create of [koaSession7.createSession, createSession]) {
        const app = Object.assign(createEggApp({ ...egg4, Cookies: makeClass() }, { keys: ['the main key of the app'] }), { keysOf: keysOfEgg });
        const middleware = create({ key: 's', maxAge: 3600000, encrypt: false }, app);
        await exchange(app, middleware, read, { headers: { cookie: 's=a', ...byTenant(first).headers } });
        const cookie = jarOf(await exchange(app, middleware, write, byTenant('A')));
        const found = [];
        for (const tenant of ['A', 'B', '']) {
          found.push((await exchange(app, middleware, read, { headers: { cookie, ...byTenant(tenant).headers } })).result);
        }
        assert.deepEqual(found, ['root', undefined, undefined]);
      }
    });
  }

  test('defaults that the constructor of a subclass takes from elsewhere are sent', async () => {
    class DomainCookies extends egg4.Cookies {
      constructor(ctx, keys, defaults) {
        super(ctx, keys, storage.getStore() ? { domain: storage.getStore() } : defaults);
      }
    }
    for (const create of [koaSession7.createSession, createSession]) {
      const app = createEggApp({ ...egg4, Cookies: DomainCookies }, { keys: ['the main key of the app'] });
      const middleware = create({ key: 's', encrypt: false }, app);
      const { setCookie } = await storage.run('a.example', () => exchange(app, middleware, write));
      assert.match(setCookie[0], /domain=a\.example/);
    }
  });

  test('defaults that a getter chooses are sent, and the status says why cookies are not native', async () => {
    const lines = [];
    for (const create of [koaSession7.createSession, createSession]) {
      const app = createEggApp(egg4, { keys: ['the main key of the app'] });
      defineGetter(app, ctx => new egg4.Cookies(ctx, ctx.app.keys, ctx.get(TENANT) ? { domain: ctx.get(TENANT) } : ctx.app.config.cookies));
      const middleware = create({ key: 's', encrypt: false, maxAge: 'session' }, app);
      lines.push((await exchange(app, middleware, write, byTenant('a.example'))).setCookie);
      if (create === createSession) assert.match(createSession.status(app).cookies.reason, /another getter than Egg's own/);
    }
    assert.match(lines[0][0], /domain=a\.example/);
    assert.deepEqual(lines[1], lines[0]);
  });

  test('`autoChips` that the app sets after the start keeps its second cookie', async () => {
    for (const [source, original] of [[egg3, koaSession], [egg4, koaSession7.createSession]]) {
      for (const create of [original, createSession]) {
        const cookies = { sameSite: 'none' };
        const app = createEggApp(source, { keys: ['the main key of the app'], cookies });
        const middleware = create({ key: 's', encrypt: false }, app);
        Object.assign(cookies, { autoChips: true });
        const { setCookie } = await exchange(app, middleware, write, { secure: true, headers: { 'user-agent': 'Chrome/120.0' } });
        assert.match(setCookie.join('\n'), /^_CHIPS-s=/m);
      }
    }
  });

  test('`config.cookies.autoChips`: the status says why cookies are not native', () => {
    const app = createEggApp(egg4, { cookies: { autoChips: true } });
    createSession({ encrypt: true }, app);
    assert.deepEqual(createSession.status(app).cookies.native, false);
    assert.match(createSession.status(app).cookies.reason, /autoChips/);
  });
});
