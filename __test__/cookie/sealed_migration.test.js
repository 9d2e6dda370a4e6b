'use strict';

// From egg-session's cookies to sealed ones in three steps, on the fast way and through a ctx.cookies of another class.

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');

const KEYS = ['first key', 'older key'];
const LEGACY = { encrypt: true };
const BOTH = { encrypt: 'sealed' };
const SEALED_ONLY = { encrypt: 'sealed', acceptLegacy: false };

/** A fleet's instance: `visit(cookie, handle)` is one request to it. */
function instance(app, create, options) {
  const middleware = create({ key: 'EGG_SESS', maxAge: 60000, ...options }, app);
  return async (cookie, handle) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    if (error) throw error;
    return { result, cookie: cookieHeader(setCookie), setCookie };
  };
}

const write = (ctx) => { ctx.session = { user: 'ada' }; };
const read = (ctx) => ctx.session.user;

describe('moving to sealed cookies', () => {
  /** @type {Array<[string, (create: any, options: any) => ReturnType<typeof instance>]>} */
  let hosts;
  before(async () => {
    const sources = await knownSources();
    class Own extends sources[0][1].Cookies {
      // With a method of its own it does its own work.
      own() { return this; }
    }
    const own = ['a subclass of its own', { ...sources[0][1], Cookies: Own }];
    hosts = [...sources, own].map(([name, source]) => [
      name,
      (create, options) => instance(createEggApp(source, { keys: [...KEYS] }), create, options),
    ]);
  });

  const onEachHost = (claim, run) => test(claim, async () => {
    for (const [name, host] of hosts) await run(host, name);
  });

  onEachHost('the second step writes sealed cookies and reads both', async (host, name) => {
    const original = host(koaSession, LEGACY);
    const both = host(createSession, BOTH);
    const { cookie } = await both(undefined, write);
    assert.match(cookie, /^EGG_SESS=v1=[\w-]+$/, name);
    assert.equal((await both(cookie, read)).result, 'ada', name);
    assert.equal((await both((await original(undefined, write)).cookie, read)).result, 'ada', name);
  });

  onEachHost('an old cookie is sealed when it is next written, and left alone when it is only read', async (host, name) => {
    const { cookie } = await host(koaSession, LEGACY)(undefined, write);
    const both = host(createSession, BOTH);
    assert.deepEqual((await both(cookie, read)).setCookie, [], name);
    const changed = await both(cookie, (ctx) => { ctx.session.n = 1; });
    assert.match(changed.cookie, /^EGG_SESS=v1=/, name);
  });

  onEachHost('the last step refuses what anybody could have forged', async (host, name) => {
    const { cookie } = await host(koaSession, LEGACY)(undefined, write);
    const strict = host(createSession, SEALED_ONLY);
    assert.equal((await strict(cookie, read)).result, undefined, name);
    assert.equal((await strict((await strict(undefined, write)).cookie, read)).result, 'ada', name);
  });

  onEachHost('egg-session takes a sealed cookie for no session at all', async (host, name) => {
    const { cookie } = await host(createSession, BOTH)(undefined, write);
    assert.equal((await host(koaSession, LEGACY)(cookie, read)).result, undefined, name);
  });

  onEachHost('a changed byte, another name and another key open nothing', async (host, name) => {
    const strict = host(createSession, SEALED_ONLY);
    const { cookie } = await strict(undefined, write);
    const middle = Math.floor(cookie.length / 2);
    const flipped = cookie.slice(0, middle) + (cookie[middle] === 'A' ? 'B' : 'A') + cookie.slice(middle + 1);
    assert.equal((await strict(flipped, read)).result, undefined, name);
    const renamed = host(createSession, { ...SEALED_ONLY, key: 'OTHER' });
    assert.equal((await renamed(cookie.replace('EGG_SESS', 'OTHER'), read)).result, undefined, name);
  });

  onEachHost('an external key is sealed too', async (host, name) => {
    const entries = new Map();
    const store = {
      get: async (key) => entries.get(key),
      set: async (key, session) => void entries.set(key, session),
      destroy: async (key) => void entries.delete(key),
    };
    const visit = host(createSession, { ...SEALED_ONLY, store });
    const { cookie } = await visit(undefined, write);
    assert.match(cookie, /^EGG_SESS=v1=/, name);
    assert.equal((await visit(cookie, read)).result, 'ada', name);
    assert.equal(cookie.includes([...entries.keys()][0]), false);
  });

  test('the first step reads sealed cookies and writes old ones', async () => {
    for (const [name, host] of hosts) {
      const { cookie } = await host(createSession, BOTH)(undefined, write);
      const first = host(createSession, LEGACY);
      assert.equal((await first(cookie, read)).result, 'ada', name);
      const changed = await first(cookie, (ctx) => { ctx.session.n = 1; });
      assert.equal((await host(koaSession, LEGACY)(changed.cookie, read)).result, 'ada', name);
    }
  });

  test('a signed cookie, which Egg 4 writes by default, is read in the second step', async () => {
    for (const [name, host] of hosts.slice(0, 3)) {
      const { cookie } = await host(koaSession, { encrypt: false })(undefined, write);
      assert.equal((await host(createSession, BOTH)(cookie, read)).result, 'ada', name);
    }
  });

  test('plain Koa seals with the keys of the app, and says so when there are none', async () => {
    const app = new Koa();
    app.keys = [...KEYS];
    const visit = instance(app, createSession, SEALED_ONLY);
    const { cookie } = await visit(undefined, write);
    assert.match(cookie, /^EGG_SESS=v1=/);
    assert.equal((await visit(cookie, read)).result, 'ada');
    const keyless = instance(new Koa(), createSession, SEALED_ONLY);
    await assert.rejects(keyless(undefined, write), { code: 'ERR_SESSION_KEYS' });
  });

  test('a value that is no mode, or acceptLegacy without sealing, is refused at start', () => {
    const start = (options) => () => createSession(options, new Koa());
    assert.throws(start({ encrypt: 'seald' }), { code: 'ERR_SESSION_OPTION', option: 'encrypt' });
    assert.throws(start({ encrypt: true, acceptLegacy: false }), { code: 'ERR_SESSION_OPTION', option: 'acceptLegacy' });
    assert.throws(start({ encrypt: 'sealed', acceptLegacy: 'no' }), { code: 'ERR_SESSION_OPTION', option: 'acceptLegacy' });
  });
});
