'use strict';

/** The middleware over SqliteStore: a session that is in memory is there at once, and all else is as with any store. */

const test = require('node:test');
const assert = require('node:assert');
const Koa = require('koa');
const createSession = require('..');
const { cookieHeader, createContext, createEggApp, exchange, knownSources } = require('./support/egg_context');
const { databaseFor, storeFor, tellsWhatIsInMemory } = require('./support/sqlite_files');

/** An app on a store. */
function start(store, options, app = new Koa()) {
  app.silent = true;
  const events = [];
  for (const name of ['missed', 'expired', 'store_error']) app.on(`session:${name}`, ({ key, operation }) => events.push({ name, key, operation }));
  const middleware = createSession({ key: 'SESS', signed: false, encrypt: false, store, ...options }, app);
  return {
    app,
    middleware,
    async request(cookie, handle) {
      const answer = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
      await new Promise(resolve => setImmediate(resolve));
      return { ...answer, events: events.splice(0) };
    },
  };
}

const whoami = ctx => ctx.session.user;
const login = ctx => { ctx.session.user = 'ada'; };

/** @returns {Promise<string>} the cookie of a session in the store */
async function loggedIn({ request }) {
  return cookieHeader((await request(undefined, login)).setCookie);
}

test('the app runs before the event loop takes a turn', async t => {
  const path = databaseFor(t);
  const { app, middleware, request } = start(storeFor(t, { path }));
  const cookie = await loggedIn({ request });
  assert.strictEqual((await request(cookie, whoami)).result, 'ada');
  for (const headers of [{ cookie }, {}]) {
    const ctx = createContext(app, { headers });
    let isRunning = false;
    const answering = middleware(ctx, async () => { isRunning = true; });
    if (tellsWhatIsInMemory(path)) assert.ok(isRunning, 'it waited');
    await answering;
    assert.strictEqual(ctx.session.user, headers.cookie && 'ada');
  }
});

test('a session that is not there any more is told as ever', async t => {
  const store = storeFor(t);
  const app = start(store);
  const cookie = await loggedIn(app);
  const key = (await app.request(cookie, ctx => ctx.session.externalKey)).result;
  await store.destroy(key);
  const { result, events } = await app.request(cookie, whoami);
  assert.strictEqual(result, undefined);
  assert.deepStrictEqual(events, [{ name: 'missed', key, operation: undefined }]);
});

test('a getText that was put in place of the store\'s own is asked', async t => {
  const store = storeFor(t);
  const app = start(store);
  const cookie = await loggedIn(app);
  store.getText = async () => '{"user":"eve"}';
  assert.strictEqual((await app.request(cookie, whoami)).result, 'eve');
  delete store.getText;
  assert.strictEqual((await app.request(cookie, whoami)).result, 'ada');
});

test('so is that of a class made from it', async t => {
  const path = databaseFor(t);
  const { SqliteStore } = createSession;
  class Upper extends SqliteStore {
    async getText(key, ...rest) {
      return (await super.getText(key, ...rest)).toUpperCase();
    }
  }
  const store = new Upper({ path, sweepIntervalMs: 0 });
  t.after(() => store.close());
  const app = start(store);
  const cookie = await loggedIn(app);
  assert.strictEqual((await app.request(cookie, ctx => ctx.session.USER)).result, 'ADA');
});

test('with hashKeys the store is asked by the hash', async t => {
  const app = start(storeFor(t), { hashKeys: true });
  const cookie = await loggedIn(app);
  assert.strictEqual((await app.request(cookie, whoami)).result, 'ada');
});

test('the signature of a key that is not the first is made anew', async t => {
  const [[, source]] = await knownSources();
  const store = storeFor(t);
  const appWith = (...keys) => start(store, { signed: true }, createEggApp(source, { keys }));
  const cookie = await loggedIn(appWith('old'));
  const { result, setCookie } = await appWith('new', 'old').request(cookie, whoami);
  assert.strictEqual(result, 'ada');
  assert.deepStrictEqual(setCookie.map(line => line.split('=')[0]), ['SESS.sig']);
});

test('a store that fails fails the request, or leaves it without a session', async t => {
  for (const onStoreError of [undefined, 'readonly']) {
    const store = storeFor(t);
    const app = start(store, { onStoreError });
    const cookie = await loggedIn(app);
    await store.close();
    const { result, error, events } = await app.request(cookie, whoami);
    assert.strictEqual(result, undefined);
    assert.strictEqual(error?.code, onStoreError ? undefined : 'ERR_SESSION_STORE_CLOSED');
    assert.deepStrictEqual(events.map(({ name, operation }) => `${name} ${operation}`), ['store_error getText']);
  }
});

test('an external key that is no string is refused, and not taken for another', async t => {
  const store = storeFor(t);
  await store.setText('', '{"user":"eve"}', 60_000);
  const app = start(store, { externalKey: { get: () => 1, set() {} } });
  const { result, error } = await app.request(undefined, whoami);
  assert.strictEqual(result, undefined);
  assert.strictEqual(error.code, 'ERR_SESSION_ARGUMENT');
});
