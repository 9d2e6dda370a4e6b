'use strict';

// What may not happen behind the app's back: keys shown by an inspection, a destroyed session under a new key.

const { test } = require('node:test');
const assert = require('node:assert/strict');
const util = require('node:util');
const koaSession = require('koa-session');
const createSession = require('../..');
const { isTombstone } = require('../../lib/store/tombstone');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');

test('no inspection of a session, or of what it is linked to, shows a key of the app', async () => {
  for (const [name, source] of await knownSources()) {
    const app = createEggApp(source, { keys: ['KEYMARKER'] });
    const middleware = createSession({ encrypt: true }, app);
    const { result } = await exchange(app, middleware, (ctx) => {
      ctx.session.a = 1;
      const { _sessCtx } = ctx.session;
      _sessCtx.commit();
      // Without the app, which has always shown its keys.
      return util.inspect({ ..._sessCtx, cookie: _sessCtx.cookie, ctx: null, session: null }, { depth: 12, showHidden: true, getters: false });
    });
    assert.match(result, /SessionCookie/, name);
    assert.doesNotMatch(result, /KEYMARKER/, name);
  }
});

function createTextStore() {
  const texts = new Map();
  const store = {
    get: async (key) => JSON.parse(texts.get(key) || 'null'),
    set: async (key, session) => void texts.set(key, JSON.stringify(session)),
    destroy: async (key) => void texts.delete(key),
    getText: async (key) => texts.get(key),
    setText: async (key, text) => void texts.set(key, text),
    async compareAndSet(key, expected, text) {
      const found = texts.get(key);
      if (found === undefined && expected !== null) return { status: 'gone' };
      if (found !== (expected ?? undefined)) return { status: 'conflict', text: found };
      texts.set(key, text);
      return { status: 'done' };
    },
  };
  const sessions = () => [...texts.keys()].filter((key) => !isTombstone(texts.get(key)));
  return { texts, store, sessions };
}

test('regenerate() does not bring back what another request destroyed, and says so', async () => {
  const { texts, store, sessions } = createTextStore();
  const [[, source]] = await knownSources();
  const app = createEggApp(source);
  const middleware = createSession({ encrypt: true, store }, app);
  const gone = new Promise((resolve) => { app.once('session:gone', resolve); });
  const { setCookie } = await exchange(app, middleware, (ctx) => { ctx.session.user = 'ada'; });
  const headers = { cookie: cookieHeader(setCookie) };
  const [key] = texts.keys();

  const regenerated = await exchange(app, middleware, (ctx) => ctx.session.regenerate(), { headers });
  assert.equal(sessions().length, 1);
  assert.ok(!sessions().includes(key));

  const again = { cookie: cookieHeader(regenerated.setCookie) };
  const late = await exchange(app, middleware, async (ctx) => {
    texts.clear();
    await ctx.session.regenerate();
  }, { headers: again });
  assert.equal(late.error.code, 'ERR_SESSION_GONE');
  assert.deepEqual(sessions(), []);
  assert.deepEqual(late.setCookie, []);
  assert.equal(typeof (await gone).key, 'string');
});

test('regenerate() takes along what another request has changed meanwhile, and tells a conflict', async () => {
  const { store, sessions } = createTextStore();
  const [[, source]] = await knownSources();
  const app = createEggApp(source);
  const middleware = createSession({ encrypt: true, store }, app);
  const conflict = new Promise((resolve) => { app.once('session:conflict', resolve); });
  const { setCookie } = await exchange(app, middleware, (ctx) => { ctx.session = { cart: { a: 1 }, step: 1 }; });
  const headers = { cookie: cookieHeader(setCookie) };
  const other = (change) => exchange(app, middleware, (ctx) => { change(ctx.session); }, { headers });

  const regenerated = await exchange(app, middleware, async (ctx) => {
    ctx.session.user = 'ada';
    ctx.session.step = 2;
    await other((session) => {
      session.cart.b = 1;
      session.step = 3;
    });
    await ctx.session.regenerate();
    ctx.session.later = true;
  }, { headers });
  assert.equal(sessions().length, 1);
  const { result } = await exchange(app, middleware, (ctx) => ctx.session.toJSON(), { headers: { cookie: cookieHeader(regenerated.setCookie) } });
  assert.deepEqual(result, { cart: { a: 1, b: 1 }, step: 2, user: 'ada', later: true });
  const { key, paths } = await conflict;
  assert.deepEqual({ key, paths }, { key: sessions()[0], paths: ['/step'] });
});

for (const [moment, isTakenAlong] of [['the new entry', true], ['the tombstone', true], ['the answer', false]]) {
  test(`a change that is saved just before ${moment} of regenerate() goes along, or is told to be late`, async () => {
    const { texts, store, sessions } = createTextStore();
    const [[, source]] = await knownSources();
    const app = createEggApp(source);
    const middleware = createSession({ encrypt: true, store }, app);
    let gone = 0;
    app.on('session:gone', () => { gone++; });
    const { setCookie } = await exchange(app, middleware, (ctx) => { ctx.session = { step: 1 }; });
    const headers = { cookie: cookieHeader(setCookie) };
    const [key] = texts.keys();

    const regenerated = await exchange(app, middleware, async (ctx) => {
      ctx.session.user = 'ada';
      const original = store.compareAndSet;
      const other = await beginOther((session) => { session.other = true; });
      let calls = 0;
      store.compareAndSet = async (...args) => {
        const call = calls++;
        if (call === { 'the new entry': 0, 'the tombstone': 1 }[moment]) await other.finish();
        const answer = await original(...args);
        if (call === 1 && moment === 'the answer') await other.finish();
        return answer;
      };
      await ctx.session.regenerate();
      store.compareAndSet = original;
    }, { headers });
    assert.equal(regenerated.error, undefined);
    assert.equal(sessions().length, 1);
    assert.ok(!sessions().includes(key));
    const { result } = await exchange(app, middleware, (ctx) => ctx.session.toJSON(), { headers: { cookie: cookieHeader(regenerated.setCookie) } });
    await new Promise(setImmediate);
    assert.deepEqual(result, { step: 1, user: 'ada', ...(isTakenAlong && { other: true }) });
    assert.equal(gone, isTakenAlong ? 0 : 1);

    /** A request that has loaded the session, and changes it at its end. */
    async function beginOther(change) {
      let finish;
      let ended;
      await new Promise((loaded) => {
        ended = exchange(app, middleware, async (ctx) => {
          change(ctx.session);
          await new Promise((resolve) => {
            finish = resolve;
            loaded();
          });
        }, { headers });
      });
      return {
        finish: async () => {
          finish();
          assert.equal((await ended).error, undefined);
        },
      };
    }
  });
}

test('what regenerate() leaves under the old key is no session to anybody, egg-session included', async () => {
  const { texts, store } = createTextStore();
  const [[, source]] = await knownSources();
  const app = createEggApp(source);
  const middleware = createSession({ encrypt: true, store }, app);
  const { setCookie } = await exchange(app, middleware, (ctx) => { ctx.session.user = 'ada'; });
  const headers = { cookie: cookieHeader(setCookie) };
  const otherApp = createEggApp(source);
  const readers = [[app, middleware], [otherApp, koaSession({ encrypt: true, key: 'EGG_SESS', store }, otherApp)]];

  await exchange(app, middleware, (ctx) => ctx.session.regenerate(), { headers });
  assert.equal(texts.size, 2);
  for (const [reader, its] of readers) {
    const { result } = await exchange(reader, its, (ctx) => [ctx.session.isNew, ctx.session.toJSON()], { headers });
    assert.deepEqual(result, [true, {}]);
  }
});

test('a beforeSave that ends the session fails the request, as in koa-session, and sends no cookie', async () => {
  const [[, source]] = await knownSources();
  const app = createEggApp(source);
  const middleware = createSession({ encrypt: true, beforeSave(ctx) { ctx.session = null; } }, app);
  const { error, setCookie } = await exchange(app, middleware, (ctx) => { ctx.session.a = 1; });
  assert.ok(error instanceof TypeError);
  assert.deepEqual(setCookie, []);
});
