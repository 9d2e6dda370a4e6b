'use strict';

/** A user ends all sessions but this one: after a change of password, or because one session is all a user may have. */

require('../support/frozen_clock');

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { redisFor } = require('../support/redis_clients');
const { databaseFor, storeFor } = require('../support/sqlite_files');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const { Revocations, sessionId } = createSession;
const DAY_MS = 24 * 60 * 60 * 1000;
const userOf = session => session.user;
const whoami = ctx => ctx.session.user;

const STORES = {
  SqliteStore: async t => storeFor(t, { path: databaseFor(t), userOf }),
  RedisStore: async t => new createSession.RedisStore({ client: (await redisFor(t)).client, userOf, prefix: 'sess:' }),
};

/** @returns {(cookie: string, handle: (ctx: any) => any) => Promise<{ result: any, error: any, cookie: string, gone: number }>} */
function start(options) {
  const app = new Koa();
  app.silent = true;
  app.keys = ['first key'];
  let gone = 0;
  app.on('session:gone', () => { gone++; });
  const middleware = createSession({ key: 'SESS', maxAge: DAY_MS, ...options }, app);
  return async (cookie, handle) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    await new Promise(setImmediate);
    return { result, error, cookie: cookieHeader(setCookie), gone };
  };
}

// The recipes of docs/security.md.
const changePassword = store => async ctx => {
  await ctx.session.regenerate();
  await store.destroyAll({ user: ctx.session.user, except: ctx.session.externalKey });
};
const loginAlone = store => async ctx => {
  ctx.session.user = 'ada';
  await ctx.session.regenerate();
  await store.destroyAll({ user: 'ada', except: ctx.session.externalKey });
};
const login = ctx => { ctx.session.user = 'ada'; };

for (const [name, createStore] of Object.entries(STORES)) {
  describe(name, () => {
    for (const options of [{}, { hashKeys: true }, { hashKeys: true, prefix: 'shop:' }]) {
      test(`a change of password ends all other sessions, ${JSON.stringify(options)}`, async t => {
        const store = await createStore(t);
        const visit = start({ store, ...options });
        const cookies = [];
        for (let i = 0; i < 3; i++) cookies.push((await visit('', login)).cookie);
        const { cookie, error } = await visit(cookies[0], changePassword(store));
        assert.equal(error, undefined);
        assert.deepEqual(await Promise.all([cookie, ...cookies].map(async it => (await visit(it, whoami)).result)),
          ['ada', undefined, undefined, undefined]);
        assert.equal((await store.list({ user: 'ada' })).length, 1);
      });

      test(`one session per user: a new login ends the others, ${JSON.stringify(options)}`, async t => {
        const store = await createStore(t);
        const visit = start({ store, ...options });
        const first = (await visit('', loginAlone(store))).cookie;
        const second = (await visit('', loginAlone(store))).cookie;
        assert.equal((await visit(first, whoami)).result, undefined);
        assert.equal((await visit(second, whoami)).result, 'ada');
        const again = (await visit(second, loginAlone(store))).cookie;
        assert.equal((await visit(again, whoami)).result, 'ada');
        assert.equal((await visit(second, whoami)).result, undefined);
      });
    }

    test('a request that ends its own session with all others is told so by regenerate() and save()', async t => {
      const store = await createStore(t);
      const visit = start({ store });
      for (const method of ['regenerate', 'save']) {
        const { cookie } = await visit('', login);
        const told = [];
        const { error, cookie: sent } = await visit(cookie, async ctx => {
          await store.destroyAll({ user: 'ada' });
          await ctx.session[method]().catch(({ code }) => told.push(code));
          await new Promise(resolve => ctx.session[method](err => resolve(told.push(err.code))));
          await ctx.session.commit({ [method]: true }).catch(({ code }) => told.push(code));
          ctx.session.n = 1;
          await ctx.session.manuallyCommit();
        });
        assert.deepEqual([error, sent, told], [undefined, '', ['ERR_SESSION_GONE', 'ERR_SESSION_GONE', 'ERR_SESSION_GONE']]);
        assert.equal((await visit(cookie, whoami)).result, undefined);
      }
    });

    test('a session that is gone when the request ends is no failure of the request', async t => {
      const store = await createStore(t);
      const visit = start({ store });
      const { cookie } = await visit('', login);
      const { error, gone, cookie: sent } = await visit(cookie, async ctx => {
        ctx.session.n = 1;
        await store.destroyAll({ user: 'ada' });
      });
      assert.deepEqual([error, gone, sent], [undefined, 1, '']);
    });

    test('after null, new content is another session, which nobody has destroyed', async t => {
      const store = await createStore(t);
      const visit = start({ store });
      const { cookie } = await visit('', login);
      const { error, cookie: sent } = await visit(cookie, async ctx => {
        await store.destroyAll({ user: 'ada' });
        ctx.session = null;
        ctx.session = { user: 'ada' };
        await ctx.session.save();
      });
      assert.equal(error, undefined);
      assert.equal((await visit(sent, whoami)).result, 'ada');
    });
  });
}

describe('Revocations', () => {
  const options = () => {
    const revocations = new Revocations({ store: storeOfRevocations(), userOf });
    return { revocations, options: { encrypt: 'sealed', absoluteMaxAge: 5 * DAY_MS, revocation: revocations } };
  };
  const storeOfRevocations = () => {
    const entries = new Map();
    return { get: async key => entries.get(key), set: async (key, entry) => void entries.set(key, entry), destroy: async () => {} };
  };

  test('all other sessions of the user end, and this one goes on under its id', async () => {
    const { revocations, options: more } = options();
    const visit = start(more);
    clock.set(Date.UTC(2026, 10, 23));
    const cookies = [];
    for (let i = 0; i < 3; i++) cookies.push((await visit('', login)).cookie);
    clock.set(Date.UTC(2026, 10, 23) + 1000);
    const { error } = await visit(cookies[1], ctx => revocations.revokeUser('ada', { except: sessionId(ctx) }));
    assert.equal(error, undefined);
    assert.deepEqual(await Promise.all(cookies.map(async it => (await visit(it, whoami)).result)), [undefined, 'ada', undefined]);
    clock.set(Date.UTC(2026, 10, 23) + 2000);
    await visit(cookies[1], () => revocations.revokeUser('ada'));
    assert.equal((await visit(cookies[1], whoami)).result, undefined, 'a later logout everywhere ends it');
  });

  test('one session per user: a new login ends the others', async () => {
    const { revocations, options: more } = options();
    const visit = start(more);
    const alone = async ctx => {
      ctx.session.user = 'ada';
      await ctx.session.regenerate();
      await revocations.revokeUser('ada', { except: sessionId(ctx) });
    };
    clock.set(Date.UTC(2026, 10, 24));
    const first = (await visit('', alone)).cookie;
    clock.set(Date.UTC(2026, 10, 24) + 1000);
    const second = (await visit('', alone)).cookie;
    assert.equal((await visit(first, whoami)).result, undefined);
    assert.equal((await visit(second, whoami)).result, 'ada');
  });
});
