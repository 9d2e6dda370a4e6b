'use strict';

/** `externalKey`: the app carries keys, for example in a header, and no cookie is touched. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');

const HEADER = 'x-session';

/** @returns {any} a carrier that logs what it is told */
function headerCarrier(log, remove = true) {
  return {
    get: ctx => ctx.req.headers[HEADER],
    set(ctx, key) { log.push(['set', key]); ctx.res.setHeader(HEADER, key); },
    ...(remove && { async remove(ctx) { log.push(['remove']); ctx.res.removeHeader(HEADER); } }),
  };
}

async function hosts() {
  const koa = () => Object.assign(new Koa(), { silent: true });
  return [koa, ...(await knownSources()).map(([, source]) => () => createEggApp(source, { keys: undefined }))];
}

describe('externalKey in a header', () => {
  for (const Store of [LoggingStore, MemoryStore]) {
    for (const options of [{}, { secure: true }, { encrypt: true }, { rolling: true }, { hashKeys: true, prefix: 'p:' }]) {
      test(`${Store.name}, ${JSON.stringify(options)}: login, change, regenerate() and logout touch no cookie, and need no keys`, async () => {
        for (const makeHost of await hosts()) {
          const log = [];
          const app = makeHost();
          const middleware = createSession({ store: new Store(), externalKey: headerCarrier(log), ...options }, app);
          const visit = async (key, handle) => {
            const { ctx, error, result, setCookie } = await exchange(app, middleware, handle, { headers: key ? { [HEADER]: key } : {} });
            assert.equal(error, undefined);
            assert.deepEqual(setCookie, []);
            return { result, key: ctx.res.getHeader(HEADER), log: log.splice(0) };
          };
          const { key } = await visit('', ctx => { ctx.session.user = 'ada'; });
          assert.equal((await visit(key, ctx => ctx.session.user)).result, 'ada');
          const moved = await visit(key, ctx => ctx.session.regenerate());
          assert.deepEqual(moved.log, [['set', moved.key]]);
          assert.notEqual(moved.key, key);
          const replaced = await visit(moved.key, ctx => { ctx.session = null; ctx.session = { user: 'bob' }; });
          assert.deepEqual(replaced.log, [['set', replaced.key]]);
          const over = await visit(replaced.key, ctx => { ctx.session = null; });
          assert.deepEqual(over.log, [['remove']]);
          assert.equal((await visit(replaced.key, ctx => ctx.session.user)).result, undefined);
          assert.deepEqual((await visit('unknown', ctx => { ctx.session = null; })).log, [['remove']]);
        }
      });
    }
  }

  test('a carrier without remove() is not told of the end, and a failing one fails the request', async () => {
    const log = [];
    const app = Object.assign(new Koa(), { silent: true });
    const store = new LoggingStore();
    const middleware = createSession({ store, externalKey: headerCarrier(log, false), genid: () => 'key' }, app);
    await exchange(app, middleware, ctx => { ctx.session.n = 1; });
    const { error, setCookie } = await exchange(app, middleware, ctx => { ctx.session = null; }, { headers: { [HEADER]: 'key' } });
    assert.deepEqual([error, setCookie, log, store.memory.size], [undefined, [], [['set', 'key']], 0]);
    const other = Object.assign(new Koa(), { silent: true });
    const failing = createSession({ store, externalKey: { ...headerCarrier(log), remove() { throw new Error('mine'); } } }, other);
    assert.equal((await exchange(other, failing, ctx => { ctx.session = null; })).error.message, 'mine');
  });

  test('a genid that gives no key is an error: neither set() nor a cookie gets an empty one', async () => {
    const log = [];
    const app = Object.assign(new Koa(), { silent: true, keys: ['first key'] });
    const middleware = createSession({ store: new LoggingStore(), externalKey: headerCarrier(log), genid: () => '' }, app);
    const { error, setCookie } = await exchange(app, middleware, ctx => { ctx.session.n = 1; });
    assert.deepEqual([error.code, setCookie, log], ['ERR_SESSION_ARGUMENT', [], []]);
  });

  test('a `remove` that is no function is refused at start', () => {
    for (const remove of [true, 'DELETE', {}]) {
      assert.throws(() => createSession({ externalKey: { get() {}, set() {}, remove } }, new Koa()), { code: 'ERR_SESSION_OPTION', option: 'externalKey' });
    }
    createSession({ externalKey: { get() {}, set() {}, remove: null } }, new Koa());
  });
});
