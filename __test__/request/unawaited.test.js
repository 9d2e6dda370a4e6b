'use strict';

/** Nobody has to wait for save(), regenerate() and manuallyCommit(): what they reject with is told by an event, and ends no process. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { databaseFor, storeFor } = require('../support/sqlite_files');

const METHODS = ['save', 'regenerate', 'manuallyCommit'];

/** Collects rejections that nobody handles, which would end a process. */
function unhandledIn(t) {
  const found = [];
  const listener = reason => found.push(reason);
  process.on('unhandledRejection', listener);
  t.after(() => process.off('unhandledRejection', listener));
  return found;
}

function start(options) {
  const app = new Koa();
  app.silent = true;
  const events = [];
  for (const name of ['gone', 'store_error']) {
    app.on(`session:${name}`, ({ operation, error }) => events.push([name, operation, error && (error.code || error.message)].filter(Boolean)));
  }
  const middleware = createSession({ key: 'SESS', signed: false, ...options }, app);
  const visit = async (cookie, handle) => {
    const { error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    await settle();
    return { error, cookie: cookieHeader(setCookie), events: events.splice(0) };
  };
  return visit;
}

async function settle() {
  for (let i = 0; i < 8; i++) await new Promise(setImmediate);
}

describe('a promise that nobody waits for', () => {
  test('1,000 saves against parallel logouts: each session that was gone is told, and no rejection is unhandled', async t => {
    const unhandled = unhandledIn(t);
    const store = storeFor(t, { path: databaseFor(t), userOf: session => session.user });
    const app = new Koa();
    app.silent = true;
    let told = 0;
    for (const name of ['gone', 'store_error']) app.on(`session:${name}`, () => { told++; });
    const middleware = createSession({ key: 'SESS', signed: false, store }, app);
    const request = (cookie, handle) => exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    let saved = 0;
    for (let round = 0; round < 100; round++) {
      const cookie = cookieHeader((await request('', ctx => { ctx.session.user = 'ada'; })).setCookie);
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, (_, i) => request(cookie, ctx => { ctx.session[`n${i}`] = 1; ctx.session.save(); })),
        round % 2 ? store.destroyAll({ user: 'ada' }) : request(cookie, ctx => { ctx.session = null; }),
      ]);
      for (const { error } of answers.filter(Boolean)) assert.equal(error, undefined);
      saved += answers.filter(answer => answer && answer.setCookie && cookieHeader(answer.setCookie) !== '').length;
    }
    await settle();
    assert.deepEqual(unhandled, []);
    assert.ok(told > 0, 'some were gone');
    assert.ok(told + saved >= 1000, `told ${told}, saved ${saved}`);
  });

  for (const method of METHODS) {
    test(`${method}() while the store fails: session:store_error, once`, async t => {
      const unhandled = unhandledIn(t);
      const store = new LoggingStore();
      const visit = start({ store });
      const { cookie } = await visit('', ctx => { ctx.session.n = 1; });
      store.failures.set('set', new Error('no connection'));
      store.failures.set('destroy', new Error('no connection'));
      const { events } = await visit(cookie, async ctx => {
        ctx.session.n = 2;
        void ctx.session[method]();
        await settle();
        ctx.session.n = 1;
      });
      assert.deepEqual(unhandled, []);
      assert.deepEqual(events, [['store_error', method === 'regenerate' ? 'destroy' : 'set', 'no connection']]);
    });

    test(`${method}() whose own code fails: an event with the error, in cookies too`, async t => {
      const unhandled = unhandledIn(t);
      for (const store of [undefined, new LoggingStore()]) {
        const visit = start({ store, beforeSave: (ctx, session) => { if (session.bad) throw new RangeError('mine'); } });
        const { events } = await visit('', async ctx => {
          ctx.session.bad = true;
          void ctx.session[method]();
          await settle();
          ctx.session.bad = undefined;
          delete ctx.session.bad;
        });
        assert.deepEqual(unhandled, []);
        assert.deepEqual(events, [['store_error', 'commit', 'mine']]);
      }
    });
  }

  test('a regenerate() that `= null` overtakes is no error', async () => {
    const visit = start({ store: new LoggingStore() });
    const { cookie } = await visit('', ctx => { ctx.session.n = 1; });
    const { error, events } = await visit(cookie, ctx => { void ctx.session.regenerate(); ctx.session = null; });
    assert.deepEqual([error, events], [undefined, []]);
  });

  test('a save() of a read-only session is told', async t => {
    const unhandled = unhandledIn(t);
    const store = new LoggingStore();
    store.failures.set('get', new Error('no connection'));
    const visit = start({ store, onStoreError: 'readonly' });
    const { events } = await visit('SESS=key', async ctx => { void ctx.session.save(); await settle(); });
    assert.deepEqual(unhandled, []);
    assert.deepEqual(events, [['store_error', 'get', 'no connection'], ['store_error', 'commit', 'ERR_SESSION_READONLY']]);
  });
});
