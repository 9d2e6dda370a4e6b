'use strict';

/** A session whose key travels in a header (koajs/session#171): no cookie is touched, and the carrier hears of the logout. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');

/** An app with a store of one session, whose key is in the header `x-session`. */
function appWith(create, { app = new Koa(), remove, ...options } = {}) {
  app.silent = true;
  const calls = [];
  const entries = new Map([['old', { user: 'Ann' }]]);
  const store = {
    get: async key => entries.get(key),
    set: async (key, json) => { entries.set(key, json); },
    destroy: async key => { calls.push(`destroy ${key}`); entries.delete(key); },
  };
  const externalKey = {
    get: ctx => ctx.get('x-session'),
    set: (ctx, key) => { calls.push(`set ${key}`); ctx.set('x-session', key); },
    ...(remove ? { remove: ctx => { calls.push('remove'); return remove(ctx); } } : {}),
  };
  const middleware = create({ key: 's', store, externalKey, genid: () => 'new', ...options }, app);
  return { calls, entries, visit: (handle, key = 'old') => exchange(app, middleware, handle, { headers: key ? { 'x-session': key } : {} }) };
}

const logOut = ctx => { ctx.session = null; };
const remove = ctx => { ctx.set('x-session', ''); };

describe('the logout of a session whose key is in a header', () => {
  const situations = { 'without app.keys': [undefined, {}], 'with `secure` over HTTP': [['a key'], { secure: true }], 'sealed': [['a key'], { encrypt: 'sealed' }], 'as it is': [['a key'], {}] };
  for (const [what, [keys, options]] of Object.entries(situations)) {
    test(`touches no cookie and tells the carrier: ${what}`, async () => {
      const koa = () => Object.assign(new Koa(), keys ? { keys } : {});
      const theirs = await appWith(koaSession, { app: koa(), ...options }).visit(logOut);
      assert.ok(theirs.error || theirs.setCookie.length > 0, 'the original does otherwise');
      for (const [, source] of [[undefined, undefined], ...await knownSources()]) {
        const app = source ? Object.assign(createEggApp(source), { keys: keys || [] }) : koa();
        const { visit, calls, entries } = appWith(createSession, { app, remove, ...options });
        app.callback();
        const { ctx, error, setCookie } = await visit(logOut);
        assert.equal(error, undefined);
        assert.deepEqual(setCookie, []);
        assert.deepEqual(calls, ['destroy old', 'remove']);
        assert.equal(ctx.response.get('x-session'), '');
        assert.equal(entries.size, 0);
      }
    });
  }

  test('without `remove` the carrier is left alone, and `set` is never called with an empty key', async () => {
    const { visit, calls } = appWith(createSession);
    const { error, setCookie } = await visit(logOut);
    assert.deepEqual([error, setCookie, calls], [undefined, [], ['destroy old']]);
  });

  test('which is committed twice touches no cookie, and tells the carrier once', async () => {
    const { visit, calls } = appWith(createSession, { remove });
    const { error, setCookie } = await visit(async ctx => {
      const { session } = ctx;
      ctx.session = null;
      await session.manuallyCommit();
    });
    assert.deepEqual([error, setCookie, calls], [undefined, [], ['destroy old', 'remove']]);
  });

  test('the response waits for `remove`, and an error of it fails the request', async () => {
    let isOver = false;
    const slow = appWith(createSession, { remove: async () => { await new Promise(resolve => setImmediate(resolve)); isOver = true; } });
    await slow.visit(logOut);
    assert.equal(isOver, true);
    const failing = appWith(createSession, { remove: async () => { throw new RangeError('the carrier failed'); } });
    assert.equal((await failing.visit(logOut)).error.message, 'the carrier failed');
  });

  test('a session that goes on under a new key is no end: the carrier gets the key', async () => {
    for (const act of [ctx => ctx.session.regenerate(), ctx => { void ctx.session.regenerate(); }]) {
      const { visit, calls } = appWith(createSession, { remove });
      const { setCookie, error } = await visit(act);
      assert.deepEqual([error, setCookie, calls], [undefined, [], ['destroy old', 'set new']]);
    }
    const { visit, calls } = appWith(createSession, { remove });
    await visit(async ctx => {
      await ctx.session.regenerate();
      ctx.session = null;
    });
    assert.deepEqual(calls, ['destroy old', 'set new', 'destroy new', 'remove']);
  });

  test('a key that genid does not give is an error with a code, and no session gets into a cookie', async () => {
    for (const key of ['', undefined, null]) {
      const { visit, calls } = appWith(createSession, { remove, genid: () => key });
      const { error, setCookie } = await visit(ctx => { ctx.session.user = 'Ben'; }, '');
      assert.deepEqual([error.code, setCookie, calls], ['ERR_SESSION_ARGUMENT', [], []]);
      assert.deepEqual((await visit(logOut, '')).setCookie, []);
    }
  });
});

test('`remove` that is no function is refused at start, as `get` and `set` are', () => {
  for (const wrong of ['yes', {}, true]) {
    assert.throws(() => createSession({ externalKey: { get() {}, set() {}, remove: wrong } }, new Koa()), { code: 'ERR_ASSERTION', message: 'externalKey.remove must be function' });
  }
  for (const none of [undefined, null]) assert.doesNotThrow(() => createSession({ externalKey: { get() {}, set() {}, remove: none } }, new Koa()));
});

test('without a store the session is in a cookie, whatever externalKey says', async () => {
  const outcomes = [];
  for (const create of [koaSession, createSession]) {
    const own = Object.assign(new Koa(), { keys: ['a key'] });
    const { visit } = appWith(create, { app: own, store: null });
    outcomes.push((await visit(logOut)).setCookie);
  }
  assert.equal(outcomes[0].length, 2);
  assert.deepEqual(outcomes[1], outcomes[0]);
});
