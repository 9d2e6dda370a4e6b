'use strict';

// hashKeys: the store knows sessions by a hash, so that what it holds opens none.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { storeFor } = require('../support/sqlite_files');

const hashOf = (key) => createHash('sha256').update(key).digest('base64url');
const login = (ctx) => { ctx.session.user = 'ada'; return ctx.session.externalKey; };
const whoami = (ctx) => ctx.session.user;

/** An app on a store; the cookie is the id itself. */
function start(store, options) {
  const app = new Koa();
  app.silent = true;
  const events = [];
  for (const name of ['missed', 'gone', 'store_error']) app.on(`session:${name}`, ({ key }) => events.push([name, key]));
  const middleware = createSession({ key: 'SESS', signed: false, store, hashKeys: true, ...options }, app);
  return async (cookie, handle) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    await new Promise((resolve) => setImmediate(resolve));
    return { result, error, cookie: cookieHeader(setCookie), events: events.splice(0) };
  };
}

/** @returns {Set<string>} every key that any method of the store is given */
function watchKeys(store) {
  const keys = new Set();
  for (const method of ['get', 'set', 'destroy', 'getText', 'setText', 'compareAndSet']) {
    const original = store[method];
    if (typeof original !== 'function') continue;
    store[method] = function (key, ...rest) {
      keys.add(key);
      return original.call(this, key, ...rest);
    };
  }
  return keys;
}

describe('hashKeys', () => {
  for (const Store of [LoggingStore, MemoryStore]) {
    for (const prefix of [undefined, 'shop:']) {
      test(`${Store.name}${prefix ? ' with a prefix' : ''}: the cookie keeps the id, and the store never sees it`, async () => {
        const store = new Store();
        const keys = watchKeys(store);
        const visit = start(store, { prefix });
        const { result: id, cookie } = await visit('', login);
        assert.equal(cookie, `SESS=${id}`);
        assert.equal(id.startsWith(prefix || ''), true);
        const name = (prefix || '') + hashOf(id);
        assert.deepEqual([...keys], [name]);
        assert.equal((await visit(cookie, whoami)).result, 'ada');
        await visit(cookie, (ctx) => { ctx.session.n = 1; });
        const { result: fresh, cookie: next } = await visit(cookie, async (ctx) => {
          await ctx.session.regenerate();
          return ctx.session.externalKey;
        });
        assert.deepEqual([...keys], [name, (prefix || '') + hashOf(fresh)]);
        assert.equal((await visit(cookie, whoami)).result, undefined);
        assert.equal((await visit(next, whoami)).result, 'ada');
        await visit(next, (ctx) => { ctx.session = null; });
        assert.equal((await visit(next, whoami)).result, undefined);
        for (const key of keys) assert.ok(!key.includes(id) && !key.includes(fresh));
      });
    }
  }

  test('what the store holds is no key: neither by cookie nor with the prefix', async () => {
    const store = new LoggingStore();
    const visit = start(store, { prefix: 'shop:' });
    await visit('', login);
    const [name] = store.memory.keys();
    for (const key of [name, name.slice('shop:'.length)]) assert.equal((await visit(`SESS=${key}`, whoami)).result, undefined);
  });

  test('instances without it do not find the sessions, nor the other way round', async () => {
    const store = new LoggingStore();
    const hashing = start(store);
    const plain = start(store, { hashKeys: false });
    const hashed = (await hashing('', login)).cookie;
    const named = (await plain('', login)).cookie;
    assert.equal((await plain(hashed, whoami)).result, undefined);
    assert.equal((await hashing(named, whoami)).result, undefined);
  });

  test('events name the session as the cookie does', async () => {
    const store = new LoggingStore();
    const visit = start(store);
    assert.deepEqual((await visit('SESS=unknown', whoami)).events, [['missed', 'unknown']]);
    store.failures.set('get', new Error('no connection'));
    assert.deepEqual((await visit('SESS=unknown', whoami)).events, [['store_error', 'unknown']]);
  });

  test('a key carried by externalKey is hashed too', async () => {
    const store = new LoggingStore();
    let carried;
    const visit = start(store, { externalKey: { get: () => carried, set: (ctx, key) => { carried = key; } } });
    const { result: id } = await visit('', login);
    assert.equal(carried, id);
    assert.deepEqual([...store.memory.keys()], [hashOf(id)]);
    assert.equal((await visit('', whoami)).result, 'ada');
  });

  test('SqliteStore lists the hashes, which its own methods take', async (t) => {
    const store = storeFor(t, { userOf: (session) => session.user });
    const visit = start(store);
    const { result: id, cookie } = await visit('', login);
    const [{ key, session }] = await store.list({ user: 'ada' });
    assert.deepEqual([key, session.user], [hashOf(id), 'ada']);
    await store.destroy(key);
    assert.equal((await visit(cookie, whoami)).result, undefined);
    await visit('', login);
    assert.equal(await store.destroyAll({ user: 'ada' }), 1);
  });

  test('off, the store is given the id as ever; what is no boolean is refused at start', async () => {
    const store = new LoggingStore();
    const { result: id } = await start(store, { hashKeys: null })('', login);
    assert.deepEqual([...store.memory.keys()], [id]);
    for (const hashKeys of ['sha256', 1, {}]) {
      assert.throws(() => createSession({ hashKeys }, new Koa()), { code: 'ERR_SESSION_OPTION', option: 'hashKeys' });
    }
  });
});
