'use strict';

/** The tracing channels of store calls, and that no message of any channel holds a secret. */

const { test, before } = require('node:test');
const assert = require('node:assert/strict');
const { tracingChannel } = require('node:diagnostics_channel');
const { setTimeout: sleep } = require('node:timers/promises');
const { inspect } = require('node:util');
const createSession = require('../..');
const { Revocations, SessionRegistry } = createSession;
const { cookieHeader, exchange } = require('../support/egg_context');
const { MemoryStore } = require('../support/memory_store');
const { hosts } = require('../support/two_sessions');
const { watchChannels } = require('../support/channels');

const KEY = 'EGG_SESS';
const TRACED = 'tracing:egg-session-native:store:';

/** @type {Awaited<ReturnType<typeof hosts>>} */
let made;
before(async () => { made = await hosts(); });

const login = ctx => { ctx.session.user = 'ada'; };
const read = ctx => ctx.session.user;

function browser(app, options) {
  const middleware = createSession({ key: KEY, maxAge: 60_000, ...options }, app);
  let cookie = '';
  return async (handle, given = cookie) => {
    const answer = await exchange(app, middleware, handle, { headers: given ? { cookie: given } : {} });
    if (answer.setCookie.length > 0) cookie = cookieHeader(answer.setCookie);
    return { ...answer, cookie };
  };
}

/** @param {ReturnType<typeof watchChannels>} channels */
function callsIn(channels) {
  return channels.seen.splice(0).filter(({ name }) => name.startsWith(TRACED)).map(({ name, ...rest }) => ({ name: name.slice(TRACED.length), ...rest }));
}

test('each call has one message object, from its start to its end, with the duration in ms', async t => {
  const channels = watchChannels(t);
  for (const [host, make] of made) {
    const store = new MemoryStore();
    const { getText } = store;
    store.getText = async (...args) => {
      await sleep(20);
      return getText.apply(store, args);
    };
    const visit = browser(make(), { encrypt: 'sealed', store });
    await visit(login);
    callsIn(channels);
    await visit(read);
    const calls = callsIn(channels);
    assert.deepEqual(calls.map(({ name }) => name), ['start', 'end', 'asyncStart', 'asyncEnd'], host);
    assert.equal(new Set(calls.map(({ message }) => message)).size, 1, host);
    const { durationMs, result, ...message } = calls[0].message;
    assert.deepEqual(message, { as: 'session', operation: 'getText', store: 'MemoryStore' }, host);
    assert.deepEqual([result, calls[0].then.durationMs], [undefined, undefined], host);
    assert.ok(durationMs >= 18 && durationMs < 5000, String(durationMs));
  }
});

test('the operations of a store that compares and sets, of a plain one, of revocation, and of a registry', async t => {
  const channels = watchChannels(t);
  const operations = () => callsIn(channels).filter(({ name }) => name === 'asyncEnd').map(({ message }) => `${message.store}.${message.operation}`);
  const make = made[0][1];
  class PlainStore { get() { return { user: 'ada' }; } set() {} destroy() {} }
  class List { isRevoked() { return false; } revoke() {} }
  const run = async options => {
    const visit = browser(make(), { encrypt: 'sealed', ...options });
    await visit(login);
    await visit(ctx => { ctx.session = null; });
    return operations();
  };
  assert.deepEqual(await run({ store: new MemoryStore() }), ['MemoryStore.compareAndSet', 'MemoryStore.getText', 'MemoryStore.destroy']);
  assert.deepEqual(await run({ store: new PlainStore() }), ['PlainStore.set', 'PlainStore.get', 'PlainStore.destroy']);
  assert.deepEqual(await run({ absoluteMaxAge: 3600_000, revocation: new List() }), ['List.isRevoked', 'List.revoke']);
  const revocation = new Revocations({ store: new MemoryStore(), userOf: ({ user }) => user });
  assert.deepEqual(await run({ absoluteMaxAge: 3600_000, revocation, registry: new SessionRegistry({ revocation }) }), [
    'SessionRegistry.record',
    'Revocations.isRevoked', 'Revocations.notBefore', 'Revocations.revoke', 'SessionRegistry.forget',
  ]);
  assert.deepEqual(await run({ store: Object.assign(Object.create(null), { get() {}, set() {}, destroy() {} }) }), ['.set', '.get', '.destroy']);
});

test('a failed call: the request gets the store\'s own error, and the channels one without its data', async t => {
  const channels = watchChannels(t);
  const failure = Object.assign(new Error('SECRET in a message'), { code: 'ECONNREFUSED', command: { name: 'get', args: ['SECRET'] } });
  for (const [thrown, code] of [
    [failure, 'ECONNREFUSED'], [new TypeError('SECRET'), 'TypeError'], [Object.assign(new Error(''), { code: 'SECRET 1', name: 'SECRET 2' }), 'Error'],
    ['SECRET', 'Error'], [null, 'Error'],
  ]) {
    for (const isAsync of [true, false]) {
      const store = new MemoryStore();
      const visit = browser(made[3][1](), { encrypt: 'sealed', store });
      await visit(login);
      store.getText = () => {
        if (isAsync) return Promise.reject(thrown);
        throw thrown;
      };
      callsIn(channels);
      const { error } = await visit(read);
      assert.equal(error ?? null, thrown);
      const calls = callsIn(channels);
      assert.deepEqual(calls.map(({ name }) => name), ['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
      assert.equal(calls[0].message.error.code, code);
      assert.ok(!inspect(calls, { depth: Infinity, showHidden: true }).includes('SECRET'));
      assert.equal(typeof calls[0].message.durationMs, 'number');
    }
  }
});

test('a deadline that passes ends the call', async t => {
  const channels = watchChannels(t);
  const store = new MemoryStore();
  const visit = browser(made[3][1](), { encrypt: 'sealed', store, storeTimeout: 20 });
  await visit(login);
  store.getText = () => new Promise(() => {});
  callsIn(channels);
  await visit(read);
  assert.equal(callsIn(channels).pop().message.error.code, 'ERR_SESSION_STORE_TIMEOUT');
});

test('a store of callbacks and spans: the call runs in the context that a subscriber binds', async t => {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  const { start } = tracingChannel('egg-session-native:store');
  start.bindStore(storage, ({ operation }) => operation);
  t.after(() => start.unbindStore(storage));
  const seen = [];
  const store = new MemoryStore();
  const { getText } = store;
  store.getText = (...args) => {
    seen.push(storage.getStore());
    return getText.apply(store, args);
  };
  const visit = browser(made[3][1](), { encrypt: 'sealed', store });
  await visit(login);
  const { result } = await visit(ctx => [ctx.session.user, storage.getStore()]);
  assert.deepEqual(seen, ['getText']);
  assert.deepEqual(result, ['ada', undefined]);
});

test('a subscriber changes nothing that a browser or a store sees', async t => {
  const run = async () => {
    const log = [];
    const store = new MemoryStore();
    for (const method of ['getText', 'compareAndSet', 'destroy']) {
      const original = store[method];
      store[method] = (...args) => {
        log.push([method, args.length]);
        return original.apply(store, args);
      };
    }
    const visit = browser(made[0][1](), { encrypt: false, store, genid: () => 'a key' });
    for (const handle of [login, read, ctx => ctx.session.regenerate(), ctx => { ctx.session = null; }]) log.push((await visit(handle)).setCookie.length);
    return log;
  };
  const without = await run();
  watchChannels(t);
  assert.deepEqual(await run(), without);
});

const SENTINELS = ['SENTINEL-VALUE', 'SENTINEL-MEMBER', 'SENTINEL-USER', 'SENTINEL-APPKEY', 'SENTINEL-EXTERNALKEY', 'SENTINEL-OTHERCOOKIE'];

test('no message holds a session\'s data, a user, a key of the app or of a store, or a cookie', async t => {
  const channels = watchChannels(t);
  const cookies = [];
  for (const [, make] of made) {
    let count = 0;
    const kept = [
      { encrypt: 'sealed' }, { encrypt: true }, { encrypt: false }, { encrypt: false, signed: false }, { encrypt: 'sealed', chunks: 3 },
      { encrypt: 'sealed', absoluteMaxAge: 3600_000, revocation: { isRevoked: async () => false, revoke: async () => {} } },
      ...[true, false, 'sealed'].map(encrypt => ({ encrypt, store: new MemoryStore(), genid: () => `SENTINEL-EXTERNALKEY-${++count}` })),
      { encrypt: 'sealed', store: new MemoryStore(), hashKeys: true, genid: () => `SENTINEL-EXTERNALKEY-${++count}` },
    ];
    for (const options of kept) {
      const app = make();
      app.keys = ['SENTINEL-APPKEY of 32 characters or more'];
      const visit = browser(app, options);
      const fill = ctx => { Object.assign(ctx.session, { user: 'SENTINEL-USER', 'SENTINEL-MEMBER': { 'SENTINEL-MEMBER': ['SENTINEL-VALUE'] } }); };
      for (const handle of [
        fill, read, read, ctx => ctx.session.regenerate(), ctx => { ctx.session['SENTINEL-MEMBER'].large = 'SENTINEL-VALUE'.repeat(900); },
        fill, async ctx => {
          ctx.session['SENTINEL-MEMBER'] = 'SENTINEL-VALUE 1';
          await visit(other => { other.session['SENTINEL-MEMBER'] = 'SENTINEL-VALUE 2'; });
        },
        async ctx => {
          ctx.session.visits = 1;
          await visit(other => { other.session = null; });
        },
      ]) {
        const { cookie } = await visit(handle);
        cookies.push(...cookie.split('; ').map(pair => pair.slice(pair.indexOf('=') + 1)).filter(value => value.length > 8));
        if (options.store && handle === read) {
          const { getText } = options.store;
          options.store.getText = async () => { throw Object.assign(new Error('SENTINEL-VALUE'), { args: ['SENTINEL-EXTERNALKEY'] }); };
          await visit(read);
          options.store.getText = getText;
        }
      }
    }
  }
  const names = new Set(channels.seen.map(({ name }) => name.split(':').pop()));
  for (const name of ['open', 'save', 'regenerate', 'end', 'conflict', 'gone', 'oversized', 'error', 'asyncEnd']) assert.ok(names.has(name), name);
  const text = inspect(channels.seen, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: Infinity, maxStringLength: Infinity });
  for (const secret of [...SENTINELS, ...cookies]) assert.ok(!text.includes(secret), secret.slice(0, 40));
});
