'use strict';

/** A store that fails or hangs, and what `storeTimeout` and `onStoreError` make of it. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');

const HOUR_MS = 3600 * 1000;
const COOKIE = 'koa.sess=id-0';

/** An app whose store has the session `{ secret: 'value' }` as `id-0`. */
function appOn(store, options) {
  const app = new Koa();
  app.silent = true;
  const events = [];
  for (const name of ['store_error', 'gone', 'changed', 'conflict']) {
    app.on(`session:${name}`, ({ ctx, ...event }) => events.push({ name, hasCtx: Boolean(ctx), ...event }));
  }
  let ids = 0;
  const middleware = createSession({ store, signed: false, genid: () => `new-${++ids}`, ...options }, app);
  return {
    /** @returns {Promise<any>} the outcome, and the events so far */
    async run(handle, cookie = COOKIE) {
      const outcome = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
      await new Promise(resolve => setImmediate(resolve));
      return { ...outcome, events: events.splice(0) };
    },
  };
}

const loggingStore = () => new LoggingStore({ 'id-0': { secret: 'value', _expire: Date.now() + HOUR_MS, _maxAge: HOUR_MS } });
const hanging = () => new Promise(() => {});

describe('the options are checked at start', () => {
  const refused = {
    storeTimeout: [0, -1, 1.5, '100', 2 ** 31, Infinity, NaN, true],
    onStoreError: ['ignore', true, () => {}, ''],
  };
  for (const [option, values] of Object.entries(refused)) {
    test(option, () => {
      for (const value of values) {
        assert.throws(() => createSession({ [option]: value }, new Koa()), { code: 'ERR_SESSION_OPTION', option }, String(value));
      }
      for (const value of [null, undefined]) createSession({ [option]: value }, new Koa());
    });
  }
});

describe('storeTimeout', () => {
  for (const [method, handle] of Object.entries({
    get: () => 'called',
    set: ctx => { ctx.session.a = 1; },
    destroy: ctx => { ctx.session = null; },
  })) {
    test(`ends a \`${method}\` that hangs, fails the request and sends no cookie`, async () => {
      const store = loggingStore();
      store[method] = hanging;
      const { run } = appOn(store, { storeTimeout: 30 });
      const { error, result, setCookie, events } = await run(handle);
      assert.equal(error.code, 'ERR_SESSION_STORE_TIMEOUT');
      assert.doesNotMatch(error.message, /id-0|value/);
      assert.deepEqual(setCookie, []);
      if (method === 'get') assert.equal(result, undefined, 'the app is not called');
      assert.deepEqual(events, [{ name: 'store_error', hasCtx: true, operation: method, key: 'id-0', error }]);
    });
  }

  test('leaves alone what is in time', async () => {
    const { run } = appOn(loggingStore(), { storeTimeout: 5000 });
    const { error, result } = await run(ctx => ctx.session.secret);
    assert.deepEqual([error, result], [undefined, 'value']);
  });

  test('lets a failure through as it is', async () => {
    const store = loggingStore();
    const failure = new Error('down');
    store.failures.set('get', failure);
    const { error } = await appOn(store, { storeTimeout: 5000 }).run(() => {});
    assert.equal(error, failure);
  });
});

for (const onStoreError of [undefined, 'throw']) {
  test(`a store that cannot be read fails the request before the app is called: onStoreError ${onStoreError}`, async () => {
    const store = loggingStore();
    const failure = new Error('down');
    store.failures.set('get', failure);
    let called = false;
    const { error, events } = await appOn(store, { onStoreError }).run(() => { called = true; });
    assert.equal(error, failure);
    assert.equal(called, false);
    assert.deepEqual(events, [{ name: 'store_error', hasCtx: true, operation: 'get', key: 'id-0', error: failure }]);
  });
}

describe("onStoreError: 'readonly'", () => {
  const setUp = () => {
    const store = loggingStore();
    const failure = new Error('down');
    store.failures.set('get', failure);
    return { store, failure, run: appOn(store, { onStoreError: 'readonly', rolling: true }).run };
  };
  /** The store works again before the end of the request: it must not be written all the same. */
  const recovered = (store, handle) => ctx => {
    store.failures.clear();
    return handle(ctx);
  };

  test('serves the request with an empty session, sends no cookie, writes nothing, and emits the error', async () => {
    const { store, failure, run } = setUp();
    const { error, result, setCookie, events } = await run(recovered(store, ctx => [ctx.session.secret, ctx.session.isNew, ctx.session.populated]));
    assert.deepEqual([error, result, setCookie], [undefined, [undefined, true, false], []]);
    assert.deepEqual(store.take(), ['get id-0']);
    assert.deepEqual(events, [{ name: 'store_error', hasCtx: true, operation: 'get', key: 'id-0', error: failure }]);
  });

  for (const [name, handle] of Object.entries({
    'a changed key': ctx => { ctx.session.a = 'value'; },
    'a new lifetime': ctx => { ctx.session.maxAge = 1000; },
    'a replaced session': ctx => { ctx.session = { a: 'value' }; },
  })) {
    test(`drops ${name}, and says so without values`, async () => {
      const { store, run } = setUp();
      const { error, setCookie, events } = await run(recovered(store, handle));
      assert.deepEqual([error, setCookie, store.take()], [undefined, [], ['get id-0']]);
      assert.deepEqual(events.map(event => [event.name, event.operation, event.error.code]),
        [['store_error', 'get', undefined], ['store_error', 'commit', 'ERR_SESSION_READONLY']]);
      assert.doesNotMatch(String(events[1].error), /value/);
    });
  }

  for (const [name, handle] of Object.entries({
    'logging out': ctx => { ctx.session = null; },
    'save()': ctx => ctx.session.save(),
    'regenerate()': ctx => ctx.session.regenerate(),
  })) {
    test(`refuses ${name}: whoever asks for it must not believe that it was done`, async () => {
      const { store, run } = setUp();
      const { error, setCookie } = await run(recovered(store, handle));
      assert.equal(error.code, 'ERR_SESSION_READONLY');
      assert.deepEqual([setCookie, store.take()], [[], ['get id-0']]);
    });
  }

  test('is for reading only: a store that fails later fails the request', async () => {
    const { store, run } = setUp();
    store.failures.clear();
    const failure = new Error('down');
    const { error, setCookie } = await run(ctx => {
      store.failures.set('set', failure);
      ctx.session.a = 1;
    });
    assert.equal(error, failure);
    assert.deepEqual(setCookie, []);
  });

  test('gives a visitor without a cookie a session as always', async () => {
    const { store, run } = setUp();
    const { error, setCookie } = await run(ctx => { ctx.session.a = 1; }, null);
    assert.equal(error, undefined);
    assert.equal(setCookie.length, 1);
    assert.deepEqual(store.take(), ['set new-1']);
  });
});

test('a session that was destroyed meanwhile is not reported as changed', async () => {
  const store = new MemoryStore();
  await store.set('id-0', { a: 1, _expire: Date.now() + HOUR_MS, _maxAge: HOUR_MS }, HOUR_MS);
  const { run } = appOn(store, {});
  const { error, setCookie, events } = await run(async ctx => {
    ctx.session.a = 2;
    await store.destroy('id-0');
  });
  assert.deepEqual([error, setCookie], [undefined, []]);
  assert.deepEqual(events, [{ name: 'gone', hasCtx: true, key: 'id-0' }]);
});

test('a session that is fought over without end fails the request rather than loop', async () => {
  const store = new MemoryStore();
  await store.set('id-0', { a: 1 }, HOUR_MS);
  let n = 0;
  store.compareAndSet = async () => ({ status: 'conflict', text: `{"n":${n++}}` });
  const { error, setCookie } = await appOn(store, {}).run(ctx => { ctx.session.a = 2; });
  assert.equal(error.code, 'ERR_SESSION_CONFLICT');
  assert.ok(n > 10 && n < 1000);
  assert.deepEqual(setCookie, []);
});
