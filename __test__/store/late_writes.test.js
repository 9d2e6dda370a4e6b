'use strict';

/**
 * Writes that reach a store late, or twice: a client sends them again after it has lost its connection, or a process stalls. Each
 * write of a request is recorded, and sent again after each later request that was answered. Nothing may change.
 */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { MemcachedStore, RedisStore } = require('../..');
const { isTombstone } = require('../../lib/store/tombstone');
const { exchange } = require('../support/egg_context');
const { memcachedFor } = require('../support/memcached_clients');
const { redisFor } = require('../support/redis_clients');
const { storeFor } = require('../support/sqlite_files');

const HOUR_MS = 60 * 60 * 1000;
const userOf = session => session.user;

const STORES = {
  RedisStore: async t => new RedisStore({ client: (await redisFor(t)).client, userOf }),
  MemcachedStore: async t => new MemcachedStore({ client: (await memcachedFor(t)).client }),
  SqliteStore: async t => storeFor(t, { userOf }),
};

/**
 * @param {any} store
 * @param {object} [options]
 */
function appWith(store, options) {
  /** @type {(() => Promise<any>)[]} each sends a write again */
  const writes = [];
  const recording = Object.create(store);
  for (const method of ['get', 'getText', 'set', 'setText', 'compareAndSet', 'destroy']) {
    recording[method] = (...args) => {
      if (!method.startsWith('get')) writes.push(() => store[method](...args));
      return store[method](...args);
    };
  }
  const app = new Koa();
  app.silent = true;
  const events = [];
  for (const name of ['missed', 'gone', 'conflict', 'expired']) app.on(`session:${name}`, () => events.push(name));
  const middleware = createSession({ store: recording, signed: false, maxAge: HOUR_MS, ...options }, app);
  /** @param {string | undefined} cookie @param {(ctx: any) => any} handle */
  const run = async (cookie, handle) => {
    const { error, result, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    assert.equal(error, undefined);
    await new Promise(setImmediate);
    return { result, setCookie, cookie: setCookie.length > 0 ? setCookie.at(-1).split(';')[0] : cookie };
  };
  const contentOf = async cookie => (await run(cookie, ctx => ctx.session.toJSON())).result;
  return { run, writes, events, contentOf };
}

/** @param {number} aheadMs @param {() => Promise<any>} act by a clock that is ahead */
async function withClock(aheadMs, act) {
  const { now } = Date;
  Date.now = () => now() + aheadMs;
  try {
    return await act();
  } finally {
    Date.now = now;
  }
}

/** Sends every write so far again, one after another, newest and oldest first, and looks at the sessions after each. */
async function sendAgain({ writes, contentOf }, expected) {
  for (const write of [...writes].concat([...writes].reverse())) {
    await write();
    for (const [cookie, content] of Object.entries(expected)) assert.deepEqual(await contentOf(cookie), content);
  }
}

for (const [name, make] of Object.entries(STORES)) {
  describe(`${name}: a write that arrives late or twice changes nothing`, () => {
    for (const maxAge of ['session', HOUR_MS]) {
      test(`after login, changes there and back, a new key and a logout (maxAge ${maxAge})`, async t => {
        const app = appWith(await make(t), { maxAge });
        const { cookie } = await app.run(undefined, ctx => { ctx.session.user = 'ada'; });
        for (const role of ['user', 'admin', 'user']) {
          await app.run(cookie, ctx => { ctx.session.role = role; });
          await sendAgain(app, { [cookie]: { user: 'ada', role } });
        }
        const moved = await app.run(cookie, ctx => ctx.session.regenerate());
        await sendAgain(app, { [cookie]: {}, [moved.cookie]: { user: 'ada', role: 'user' } });
        await app.run(moved.cookie, ctx => { ctx.session = null; });
        await sendAgain(app, { [cookie]: {}, [moved.cookie]: {} });
      });
    }

    test('under a key that the app gives: each login is a session of its own, which no late logout ends', async t => {
      const app = appWith(await make(t), { genid: () => 'device-7' });
      const cookie = 'koa.sess=device-7';
      for (const user of ['ada', 'grace', 'ada']) {
        await app.run(undefined, ctx => { ctx.session.user = user; });
        await sendAgain(app, { [cookie]: { user } });
        await app.run(cookie, ctx => { ctx.session.n = 1; });
        await sendAgain(app, { [cookie]: { user, n: 1 } });
        await app.run(cookie, ctx => { ctx.session = null; });
        await sendAgain(app, { [cookie]: {} });
      }
      await app.run(undefined, ctx => { ctx.session.user = 'ada'; });
      await app.run(cookie, ctx => {
        ctx.session = null;
        ctx.session = { user: 'grace' };
      });
      await sendAgain(app, { [cookie]: { user: 'grace' } });
    });

    for (const [what, act, outcome] of [
      ['saves', session => { session.card = 'of ada'; }, undefined],
      ['saves at once', session => { session.card = 'of ada'; return session.save(); }, 'ERR_SESSION_GONE'],
      ['changes the lifetime', session => { session.maxAge = HOUR_MS / 2; }, undefined],
      ['regenerates, and keeps the key', session => session.regenerate(), 'ERR_SESSION_GONE'],
      ['regenerates, and moves', session => session.regenerate(), 'ERR_SESSION_GONE'],
    ]) {
      test(`under a key that the app gives: a slow request that ${what} touches no session but its own`, async t => {
        const store = await make(t);
        const keys = ['device-7', 'device-7', what.endsWith('moves') ? 'device-8' : 'device-7'];
        const app = appWith(store, { genid: () => keys.shift() });
        const { cookie } = await app.run(undefined, ctx => { ctx.session = { user: 'ada', cart: [] }; });
        let stored;
        const { result: code, setCookie } = await app.run(cookie, async ctx => {
          const { session } = ctx;
          assert.equal(session.user, 'ada');
          await app.run(cookie, other => { other.session = null; });
          await app.run(undefined, other => { other.session = { user: 'grace', cart: [] }; });
          stored = await store.getText('device-7');
          return Promise.resolve(act(session)).then(() => undefined, error => error.code);
        });
        assert.equal(code, outcome);
        assert.deepEqual(setCookie, []);
        assert.deepEqual(app.events, ['gone']);
        assert.equal(await store.getText('device-7'), stored);
        assert.equal(await store.getText('device-8'), undefined);
        await sendAgain(app, { [cookie]: { user: 'grace', cart: [] } });
      });
    }

    test('where an older instance has written, without a birth, changes are merged as they were', async t => {
      const store = await make(t);
      const app = appWith(store);
      const { cookie } = await app.run(undefined, ctx => { ctx.session = { user: 'ada' }; });
      const key = cookie.slice('koa.sess='.length);
      await app.run(cookie, async ctx => {
        ctx.session.mine = 1;
        await store.set(key, { ...await store.get(key), theirs: 1 }, HOUR_MS);
      });
      await app.run(cookie, async ctx => {
        ctx.session.mine = 2;
        await store.set(key, { ...await store.get(key), theirs: 2 }, HOUR_MS);
        await ctx.session.save();
        await store.set(key, { ...await store.get(key), theirs: 3 }, HOUR_MS);
        await app.run(cookie, other => { other.session.another = 1; });
      });
      assert.deepEqual([await app.contentOf(cookie), app.events], [{ user: 'ada', mine: 2, theirs: 3, another: 1 }, []]);
    });

    test('a write that was answered only when it was sent again is in the session once, with what others have made of it', async t => {
      const store = await make(t);
      const app = appWith(store);
      const { cookie } = await app.run(undefined, ctx => { ctx.session = { a: 0, b: 0 }; });
      const { compareAndSet } = store;
      for (let others = 0; others <= 6; others++) {
        store.compareAndSet = async (...args) => {
          delete store.compareAndSet;
          await store.compareAndSet(...args);
          for (let i = 1; i <= others; i++) await app.run(cookie, ctx => { ctx.session.a = `other ${others} ${i}`; });
          return store.compareAndSet(...args);
        };
        await app.run(cookie, ctx => { ctx.session.a = `mine ${others}`; });
        assert.equal(store.compareAndSet, compareAndSet);
        assert.deepEqual(await app.contentOf(cookie), { a: others === 0 ? 'mine 0' : `other ${others} ${others}`, b: 0 });
      }
      assert.deepEqual(app.events, []);
    });

    test('a first write that was sent twice is done', async t => {
      const store = await make(t);
      const app = appWith(store);
      store.compareAndSet = async (...args) => {
        delete store.compareAndSet;
        await store.compareAndSet(...args);
        return store.compareAndSet(...args);
      };
      const { cookie } = await app.run(undefined, ctx => { ctx.session.user = 'ada'; });
      assert.deepEqual(await app.contentOf(cookie), { user: 'ada' });
      await app.run(cookie, ctx => { ctx.session.n = 1; });
      assert.deepEqual([await app.contentOf(cookie), app.events], [{ user: 'ada', n: 1 }, []]);
    });

    test('two first writes under one key at the same time are one session; an older one is replaced', async t => {
      const app = appWith(await make(t), { genid: () => 'device-7' });
      const cookie = 'koa.sess=device-7';
      let arrived = 0;
      let go;
      const bothHaveBegun = new Promise(resolve => { go = resolve; });
      await Promise.all(['a', 'b'].map(key => app.run(undefined, async ctx => {
        if (++arrived === 2) go();
        await bothHaveBegun;
        ctx.session[key] = 1;
      })));
      const both = await app.contentOf(cookie);
      assert.deepEqual([both.a, both.b], [1, 1]);
      await new Promise(resolve => setTimeout(resolve, 5));
      await app.run(undefined, ctx => { ctx.session.user = 'another'; });
      await sendAgain(app, { [cookie]: { user: 'another' } });
    });

    test('a session from before the clock was set back is replaced, too', async t => {
      const valid = (_ctx, { user }) => user !== 'refused';
      const app = appWith(await make(t), { genid: () => 'device-7', valid });
      const cookie = 'koa.sess=device-7';
      for (const aheadMs of [2000, HOUR_MS / 2]) {
        await withClock(aheadMs, () => app.run(undefined, ctx => { ctx.session.user = 'ada'; }));
        await app.run(undefined, ctx => { ctx.session.n = aheadMs; });
        assert.deepEqual(await app.contentOf(cookie), { n: aheadMs });
        await app.run(cookie, ctx => { ctx.session = null; });
        await withClock(aheadMs, () => app.run(undefined, ctx => { ctx.session.user = 'refused'; }));
        await app.run(cookie, ctx => { ctx.session.n = aheadMs; });
        assert.deepEqual(await app.contentOf(cookie), { n: aheadMs });
        await app.run(cookie, ctx => { ctx.session = null; });
      }
    });

    test('two first writes of machines whose clocks differ by half a second are one session', async t => {
      const app = appWith(await make(t), { genid: () => 'device-7' });
      await app.run(undefined, async ctx => {
        ctx.session.a = 1;
        await withClock(500, () => app.run(undefined, other => { other.session.b = 1; }));
      });
      assert.deepEqual(await app.contentOf('koa.sess=device-7'), { a: 1, b: 1 });
    });

    test('nobody sees a tombstone or a revision', async t => {
      const store = await make(t);
      const seen = [];
      const app = appWith(store, { valid: (ctx, session) => seen.push(Object.keys(session)) });
      const { cookie } = await app.run(undefined, ctx => { ctx.session.user = 'ada'; });
      const key = cookie.slice('koa.sess='.length);
      assert.match(await store.getText(key), /^\{"user":"ada","_expire":\d+,"_maxAge":3600000,"_rev":"[\w.-]+"\}$/);
      assert.deepEqual(Object.keys(await store.get(key)), ['user', '_expire', '_maxAge']);
      const { result } = await app.run(cookie, ctx => Object.keys(ctx.session));
      assert.deepEqual(result.filter(name => name === '_rev'), []);
      assert.deepEqual(seen, [['user', '_expire', '_maxAge']]);
      if (store.list) assert.deepEqual(Object.keys((await store.list({ user: 'ada' }))[0].session), ['user', '_expire', '_maxAge']);
      await app.run(cookie, ctx => { ctx.session = null; });
      assert.deepEqual([await store.get(key), await store.getText(key)], [undefined, undefined]);
      assert.ok(isTombstone((await store.compareAndSet(key, null, '{}', HOUR_MS)).text));
      if (store.list) assert.deepEqual([await store.list({ user: 'ada' }), await store.destroyAll({ user: 'ada' })], [[], 0]);
      await app.contentOf(cookie);
      assert.deepEqual(app.events, ['missed']);
    });

    // memcached has no index of users.
    if (name !== 'MemcachedStore') {test('destroyAll is final too', async t => {
      const store = await make(t);
      const app = appWith(store);
      const { cookie } = await app.run(undefined, ctx => { ctx.session.user = 'ada'; });
      await app.run(cookie, ctx => { ctx.session.n = 1; });
      assert.equal(await store.destroyAll({ user: 'ada' }), 1);
      await sendAgain(app, { [cookie]: {} });
      assert.deepEqual(await store.list({ user: 'ada' }), []);
    });}

    test('a visitor who logs out without a session leaves nothing in the store', async t => {
      const store = await make(t);
      const app = appWith(store, { genid: () => 'fresh' });
      await app.run(undefined, ctx => { ctx.session = null; });
      assert.deepEqual(await store.compareAndSet('fresh', null, '{}', HOUR_MS), { status: 'done' });
    });
  });
}
