'use strict';

/** Saving when the headers are written, and what is late in spite of it. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, createContext, exchange, knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { BrowserJar, SessionServer, settle } = require('../support/session_server');

const byHand = ctx => { ctx.respond = false; ctx.res.end('by hand'); };
const read = ctx => ctx.session.n;

/** @param {import('node:test').TestContext} t */
async function serve(t, options, how) {
  const server = await new SessionServer(options, how).start();
  server.app.on('session:store_error', ({ error }) => server.events.push(['session:store_error', error.message]));
  t.after(() => server.stop());
  server.names = () => server.events.splice(0).map(([event]) => event);
  return server;
}

const MODES = {
  signed: () => ({}),
  sealed: () => ({ encrypt: 'sealed' }),
  limited: () => ({ encrypt: 'sealed', absoluteMaxAge: 3600000 }),
  browser: () => ({ maxAge: 'session' }),
  'plain store': () => ({ store: new LoggingStore() }),
  'store that compares': () => ({ store: new MemoryStore(), absoluteMaxAge: 3600000 }),
};

describe('saveWithHeaders', () => {
  for (const [mode, options] of Object.entries(MODES)) {
    test(`${mode}: an answer by hand has the session, its change and its end`, async t => {
      for (const how of [{}, { source: (await knownSources())[0][1] }]) {
        const server = await serve(t, { ...options(), saveWithHeaders: true }, how);
        const jar = new BrowserJar();
        const first = await server.visit(jar, ctx => { ctx.session.n = 1; byHand(ctx); });
        await settle();
        if (mode === 'browser') assert.doesNotMatch(first.setCookie[0], /expires|max-age/i);
        assert.equal((await server.visit(jar, read)).result, 1);
        await server.visit(jar, ctx => { ctx.session.n = 2; ctx.status = 200; ctx.res.flushHeaders(); return 'late'; });
        await settle();
        assert.equal((await server.visit(jar, read)).result, 2);
        const over = await server.visit(jar, ctx => { ctx.session = null; byHand(ctx); });
        await settle();
        assert.match(over.setCookie[0], /^koa\.sess=;/);
        assert.equal((await server.visit(jar, read)).result, undefined);
        assert.equal(server.names().includes('session:unsaved'), false);
        assert.deepEqual(server.errors, []);
      }
    });
  }

  test('a change outside of the session middleware reaches the browser', async () => {
    const app = Object.assign(new Koa(), { keys: ['first key'] });
    const middleware = createSession({ saveWithHeaders: true }, app);
    const ctx = createContext(app);
    await middleware(ctx, async () => {});
    ctx.session.n = 5;
    ctx.res.end();
    const cookie = cookieHeader(ctx.res.getHeader('set-cookie'));
    assert.equal((await exchange(app, middleware, read, { headers: { cookie } })).result, 5);
  });

  test('a session that is not touched is not read, and one that is unchanged sends no cookie', async t => {
    const server = await serve(t, { saveWithHeaders: true });
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { ctx.session.n = 1; });
    for (const handle of [byHand, ctx => { void ctx.session.n; byHand(ctx); }, read]) {
      assert.deepEqual((await server.visit(jar, handle)).setCookie, []);
    }
  });

  test('what is changed behind the headers is told', async t => {
    const server = await serve(t, { saveWithHeaders: true, store: new LoggingStore() }, { source: (await knownSources())[0][1] });
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { byHand(ctx); ctx.session.n = 1; });
    await settle();
    assert.equal(server.names().includes('session:unsaved'), true);
  });

  test('a hook or a store that fails is told, and the answer goes out', async t => {
    const store = new LoggingStore();
    store.failures.set('set', new Error('no connection'));
    for (const options of [{ beforeSave() { throw new Error('no connection'); } }, { store }]) {
      const server = await serve(t, { ...options, saveWithHeaders: true });
      const { result } = await server.visit(new BrowserJar(), ctx => { ctx.session.n = 1; byHand(ctx); ctx.session.n = undefined; delete ctx.session.n; });
      await settle();
      assert.equal(result, 'by hand');
      assert.deepEqual(server.events.map(([event, message]) => [event, message]), [['session:store_error', 'no connection']]);
      assert.deepEqual(server.errors, []);
    }
  });

  test('a save under way sends its key with the headers', async t => {
    const store = Object.assign(new LoggingStore(), { turns: 5 });
    const server = await serve(t, { store, saveWithHeaders: true });
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { ctx.session.n = 1; void ctx.session.save(); byHand(ctx); });
    for (let i = 0; i < 10; i++) await settle();
    assert.deepEqual([(await server.visit(jar, read)).result, server.names()], [1, ['session:changed']]);
  });

  test('a key that goes out with the headers ends with its session', async t => {
    const server = await serve(t, { store: new LoggingStore(), maxAge: 24 * 3600000, absoluteMaxAge: 3600000, saveWithHeaders: true });
    const { setCookie } = await server.visit(new BrowserJar(), ctx => { ctx.session.n = 1; byHand(ctx); });
    const expires = Date.parse(/expires=([^;]*)/.exec(setCookie[0])[1]);
    assert.ok(expires <= Date.now() + 3600000, new Date(expires).toUTCString());
  });

  test('a key that cannot be sent is told, and the answer goes out', async t => {
    const server = await serve(t, { store: new LoggingStore(), secure: true, saveWithHeaders: true });
    const { result, setCookie } = await server.visit(new BrowserJar(), ctx => {
      ctx.session.n = 1;
      byHand(ctx);
      delete ctx.session.n;
    });
    await settle();
    assert.deepEqual([result, setCookie], ['by hand', []]);
    const [[event, message], ...others] = server.events;
    assert.deepEqual([event, others], ['session:store_error', []]);
    assert.match(message, /^Cannot send secure cookie/);
  });

  test('with externalKey a logout touches no cookie', async t => {
    const store = new LoggingStore({ old: { n: 1 } });
    const externalKey = { get: () => 'old', set() {} };
    const server = await serve(t, { store, externalKey, saveWithHeaders: true });
    const { setCookie } = await server.visit(new BrowserJar(), ctx => { ctx.session = null; byHand(ctx); });
    for (let i = 0; i < 4; i++) await settle();
    assert.deepEqual([setCookie, store.memory.size], [[], 0]);
  });

  test('with autoCommit off the app saves', async t => {
    const server = await serve(t, { autoCommit: false, saveWithHeaders: true });
    assert.deepEqual((await server.visit(new BrowserJar(), ctx => { ctx.session.n = 1; byHand(ctx); })).setCookie, []);
  });

  test('afterwards writeHead is what it was, Node\'s or a wrapper of another package', async () => {
    for (const wraps of [false, true]) {
      const app = Object.assign(new Koa(), { keys: ['first key'] });
      const middleware = createSession({ saveWithHeaders: true }, app);
      const ctx = createContext(app);
      let calls = 0;
      const own = function wrapper(...args) {
        calls++;
        return Object.getPrototypeOf(ctx.res).writeHead.apply(this, args);
      };
      if (wraps) ctx.res.writeHead = own;
      await middleware(ctx, async () => {
        ctx.session.n = 1;
        ctx.res.writeHead(200);
      });
      assert.deepEqual([Object.hasOwn(ctx.res, 'writeHead'), ctx.res.writeHead === own, calls], [wraps, wraps, wraps ? 1 : 0]);
      assert.match(ctx.res.getHeader('set-cookie')[0], /^koa\.sess=./);
    }
  });

  test('without it `res` stays as Node made it', async t => {
    for (const [saveWithHeaders, isWrapped] of [[undefined, false], [null, false], [false, false], [true, true]]) {
      const server = await serve(t, { saveWithHeaders });
      const { result } = await server.visit(new BrowserJar(), ctx => Object.hasOwn(ctx.res, 'writeHead'));
      assert.equal(result, isWrapped);
    }
    for (const saveWithHeaders of ['yes', 1, {}]) {
      assert.throws(() => createSession({ saveWithHeaders }, new Koa()), { code: 'ERR_SESSION_OPTION', option: 'saveWithHeaders' });
    }
  });
});

describe('Koa with a store, after the headers', () => {
  test('a save() that nobody waits for: session:unsaved, and no rejection is unhandled', async t => {
    const unhandled = [];
    const listener = reason => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    t.after(() => process.off('unhandledRejection', listener));
    for (const method of ['save', 'regenerate', 'manuallyCommit']) {
      for (const store of [undefined, new LoggingStore(), new MemoryStore()]) {
        const server = await serve(t, { store, autoCommit: false });
        await server.visit(new BrowserJar(), ctx => { byHand(ctx); ctx.session.n = 1; void ctx.session[method](); });
        for (let i = 0; i < 4; i++) await settle();
        assert.deepEqual([unhandled, server.names(), server.errors], [[], ['session:unsaved'], []]);
      }
    }
  });

  test('a session whose key the browser has is saved without an error', async t => {
    for (const store of [new LoggingStore(), new MemoryStore()]) {
      const server = await serve(t, { store, rolling: true });
      const jar = new BrowserJar();
      await server.visit(jar, ctx => { ctx.session.n = 1; });
      await server.visit(jar, ctx => { byHand(ctx); ctx.session.n = 2; });
      await settle();
      await server.visit(jar, async ctx => { byHand(ctx); ctx.session.n++; await ctx.session.save(); });
      for (let i = 0; i < 4; i++) await settle();
      assert.equal((await server.visit(jar, read)).result, 3);
      await server.visit(jar, ctx => { byHand(ctx); ctx.session = null; });
      for (let i = 0; i < 4; i++) await settle();
      assert.equal((await server.visit(jar, read)).result, undefined);
      assert.deepEqual([server.errors, server.names().includes('session:unsaved')], [[], false]);
    }
  });
});
