'use strict';

// absoluteMaxAge: a session ends so long after it began, whatever is done to prolong it, wherever it is kept.

require('../support/frozen_clock');

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { HOUR_MS, KEPT, KEY, START_MS, at, browser, eggBrowsers, login, whoami } = require('../support/lifetime_apps');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');

/** The session is over, and the app is told whose it was. @param {(handle: (ctx: any) => any) => Promise<any>} visit */
async function assertEnded(visit) {
  const { result, events } = await visit(whoami);
  assert.equal(result, undefined);
  assert.deepEqual(events.map(({ name, value }) => [name, value.user]), [['expired', 'ada']]);
}

describe('absoluteMaxAge', () => {
  let make;
  before(async () => { make = await eggBrowsers(); });

  for (const [name, kept] of Object.entries(KEPT)) {
    for (const [how, options, touch] of [
      ['rolling', { rolling: true }, whoami],
      ['renew', { renew: true, renewThreshold: 0.99 }, whoami],
      ['save()', {}, (ctx) => { void ctx.session.save(); return ctx.session.user; }],
      ['a change', {}, (ctx) => { ctx.session.n = Date.now(); return ctx.session.user; }],
      ['new content', {}, (ctx) => { ctx.session = { user: 'ada', n: Date.now() }; return ctx.session.user; }],
      ['a longer maxAge', {}, (ctx) => { ctx.session.maxAge = 400 * HOUR_MS; return ctx.session.user; }],
    ]) {
      test(`${name}: is not extended by ${how}`, async () => {
        at(0);
        const visit = make(kept, { ...options, absoluteMaxAge: 5 * HOUR_MS });
        await visit(login);
        for (const hour of [1, 2, 3, 4]) {
          at(hour * HOUR_MS);
          assert.equal((await visit(touch)).result, 'ada', `hour ${hour}`);
        }
        at(5 * HOUR_MS - 1);
        assert.equal((await visit(touch)).result, 'ada');
        at(5 * HOUR_MS);
        await assertEnded(visit);
      });
    }

    test(`${name}: ends a session of maxAge 'session' on the server`, async () => {
      at(0);
      const visit = make(kept, { maxAge: 'session', absoluteMaxAge: 5 * HOUR_MS });
      const { setCookie } = await visit(login);
      assert.doesNotMatch(setCookie[0], /max-age|expires/, 'the browser still ends it when it closes');
      at(5 * HOUR_MS - 1);
      assert.equal((await visit((ctx) => { ctx.session.n = 1; return ctx.session.user; })).result, 'ada');
      at(5 * HOUR_MS);
      await assertEnded(visit);
    });

    test(`${name}: the cookie is told no longer than is left`, async () => {
      at(0);
      const visit = make(kept, { absoluteMaxAge: 5 * HOUR_MS });
      assert.match((await visit(login)).setCookie[0], /max-age=7200; /);
      at(1.5 * HOUR_MS);
      assert.match((await visit((ctx) => { ctx.session.n = 1; })).setCookie[0], /max-age=7200; /);
      at(3.4 * HOUR_MS);
      const { setCookie } = await visit((ctx) => { ctx.session.n = 2; });
      assert.match(setCookie[0], /max-age=5760; expires=Mon, 23 Nov 2026 05:00:00 GMT/);
    });

    test(`${name}: regenerate() begins a new session, with the whole of maxAge`, async () => {
      at(0);
      const visit = make(kept, { absoluteMaxAge: 5 * HOUR_MS });
      await visit(login);
      for (const hour of [1.9, 3.8]) {
        at(hour * HOUR_MS);
        await visit((ctx) => { ctx.session.n = hour; });
      }
      at(4.5 * HOUR_MS);
      const { setCookie } = await visit(async (ctx) => { await ctx.session.regenerate(); });
      assert.match(setCookie[0], /max-age=7200; /);
      at(6.4 * HOUR_MS);
      assert.equal((await visit(whoami)).result, 'ada');
    });

    test(`${name}: null and new content begin a new session`, async () => {
      at(0);
      const visit = make(kept, { absoluteMaxAge: 5 * HOUR_MS, maxAge: 9 * HOUR_MS });
      await visit(login);
      at(4.5 * HOUR_MS);
      await visit((ctx) => { ctx.session = null; ctx.session = { user: 'bob' }; });
      at(9 * HOUR_MS);
      assert.equal((await visit(whoami)).result, 'bob');
    });
  }

  test('the store is told no longer than is left, ten seconds more as ever', async () => {
    for (const store of [new LoggingStore(), new MemoryStore()]) {
      const lifetimes = [];
      const [method, place] = store instanceof MemoryStore ? ['compareAndSet', 3] : ['set', 2];
      const set = store[method];
      store[method] = function (...args) {
        lifetimes.push(args[place]);
        return set.apply(this, args);
      };
      at(0);
      const visit = make({ store }, { absoluteMaxAge: HOUR_MS });
      await visit(login);
      assert.deepEqual(lifetimes, [HOUR_MS + 10000]);
    }
  });

  test('the sealed token itself says when it began and ends, and no engine opens it later', async () => {
    at(0);
    const visit = make(KEPT['sealed cookie'], { absoluteMaxAge: 5 * HOUR_MS });
    const { cookie } = await visit(login);
    const token = cookie.slice(KEY.length + 1);
    const keyring = new createSession.Keyring(['first key']);
    const { createdAtMs, expiresAtMs, text } = keyring.openSealed(KEY, token, START_MS);
    assert.deepEqual([createdAtMs, expiresAtMs], [START_MS, START_MS + 2 * HOUR_MS]);
    assert.deepEqual(Object.keys(JSON.parse(text)), ['user', '_expire', '_maxAge']);
    assert.equal(keyring.openSealed(KEY, token, expiresAtMs), null);
    at(4 * HOUR_MS);
    visit.use('');
    at(0);
    await visit(login);
    at(1.9 * HOUR_MS);
    await visit((ctx) => { ctx.session.n = 1; });
    at(3.8 * HOUR_MS);
    const later = (await visit((ctx) => { ctx.session.n = 2; })).cookie.slice(KEY.length + 1);
    const opened = keyring.openSealed(KEY, later, START_MS);
    assert.deepEqual([opened.createdAtMs, opened.expiresAtMs], [START_MS, START_MS + 5 * HOUR_MS]);
  });

  test('a sealed session in several cookies ends like one in one', async () => {
    at(0);
    const visit = make(KEPT['sealed cookie'], { chunks: 3, rolling: true, absoluteMaxAge: 3 * HOUR_MS });
    const { setCookie } = await visit((ctx) => { ctx.session = { user: 'ada', much: 'x'.repeat(5000) }; });
    assert.ok(setCookie.length >= 2);
    at(1.5 * HOUR_MS);
    assert.equal((await visit(whoami)).result, 'ada');
    at(3 * HOUR_MS);
    await assertEnded(visit);
  });

  test('without it a sealed token carries nothing but the session', async () => {
    at(0);
    const { cookie } = await make(KEPT['sealed cookie'])(login);
    const opened = new createSession.Keyring(['first key']).openSealed(KEY, cookie.slice(KEY.length + 1), START_MS);
    assert.deepEqual(Object.keys(opened).sort(), ['keyIndex', 'text']);
  });

  test('renew does not write over and over what cannot be prolonged', async () => {
    for (const kept of Object.values(KEPT)) {
      at(0);
      const visit = make(kept, { renew: true, absoluteMaxAge: 3 * HOUR_MS });
      await visit(login);
      at(1.5 * HOUR_MS);
      assert.equal((await visit(whoami)).setCookie.length > 0, true);
      at(2.9 * HOUR_MS);
      assert.deepEqual((await visit(whoami)).setCookie, []);
    }
  });

  test('a request that outlives its session sends a cookie that is over', async () => {
    for (const kept of Object.values(KEPT)) {
      at(0);
      const visit = make(kept, { absoluteMaxAge: HOUR_MS });
      await visit(login);
      const { setCookie } = await visit((ctx) => {
        ctx.session.n = 1;
        at(2 * HOUR_MS);
      });
      assert.match(setCookie[0], /max-age=0; /);
      assert.equal((await visit(whoami)).result, undefined);
    }
  });

  test('plain Koa keeps it too, sealed or signed', async () => {
    for (const encrypt of ['sealed', false]) {
      const app = new Koa();
      app.keys = ['first key'];
      const visit = browser(app, { encrypt, rolling: true, absoluteMaxAge: 3 * HOUR_MS });
      at(0);
      await visit(login);
      at(1.5 * HOUR_MS);
      assert.equal((await visit(whoami)).result, 'ada');
      at(3 * HOUR_MS);
      await assertEnded(visit);
    }
  });

  test('a forged sealed cookie is no expired one', async () => {
    at(0);
    const visit = make(KEPT['sealed cookie'], { absoluteMaxAge: HOUR_MS });
    const { cookie } = await visit(login);
    const last = cookie.at(-30) === 'A' ? 'B' : 'A';
    for (const forged of [cookie.slice(0, -30) + last + cookie.slice(-29), `${KEY}=v1=`, `${KEY}=x`]) {
      const { result, events } = await visit(whoami, forged);
      assert.deepEqual([result, events], [undefined, []]);
    }
  });
});
