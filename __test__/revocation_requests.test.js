'use strict';

// What a request does with `revocation`: whom it asks before the app's code runs, and whom it tells when a session ends.

require('./support/frozen_clock');

const { before, beforeEach, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('./support/egg_context');

const { Keyring, sessionId } = createSession;
const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const HOUR_MS = 3600 * 1000;
const START_MS = Date.UTC(2026, 10, 23);
const KEY = 'EGG_SESS';
const OPTIONS = { key: KEY, encrypt: 'sealed', maxAge: 2 * HOUR_MS, absoluteMaxAge: 5 * HOUR_MS };

const login = (ctx) => { ctx.session.user = 'ada'; };
const whoami = (ctx) => ctx.session.user;
const logout = (ctx) => { ctx.session = null; };
const at = (sinceStartMs) => clock.set(START_MS + sinceStartMs);

/** A list in memory of what was revoked, with a log of what it was asked. */
class Revoked {
  calls = [];
  ids = new Map();

  async isRevoked(id, session) {
    this.calls.push(['isRevoked', id, session]);
    return this.ids.has(id);
  }

  async revoke(id, untilMs) {
    this.calls.push(['revoke', id, untilMs]);
    this.ids.set(id, untilMs);
  }

  take() {
    return this.calls.splice(0);
  }
}

const metaOf = (cookie) => new Keyring(['first key']).openSealed(KEY, /EGG_SESS=([^;]*)/.exec(cookie)[1], START_MS);

describe('revocation', () => {
  /** @type {[string, () => any][]} */
  let hosts;
  before(async () => {
    const sources = await knownSources();
    hosts = [
      ...sources.map(([name, source]) => /** @type {[string, () => any]} */ ([name, () => createEggApp(source)])),
      ['plain Koa', () => Object.assign(new Koa(), { keys: ['first key'], silent: true })],
    ];
  });

  /** One app; `visit(cookie, handle)` is one request to it. */
  const start = (revocation, options, [, makeApp] = hosts[0]) => {
    const app = makeApp();
    const events = [];
    for (const name of ['revoked', 'expired', 'missed', 'store_error']) {
      app.on(`session:${name}`, ({ ctx, ...event }) => events.push({ name, hasCtx: Boolean(ctx), ...event }));
    }
    const middleware = createSession({ ...OPTIONS, revocation, ...options }, app);
    return async (cookie, handle) => {
      const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
      await new Promise((resolve) => setImmediate(resolve));
      return { result, error, setCookie, cookie: cookieHeader(setCookie), events: events.splice(0) };
    };
  };
  beforeEach(() => at(0));
  const onEachHost = (claim, run) => test(claim, async () => {
    for (const host of hosts) {
      at(0);
      await run(host);
    }
  });

  onEachHost('a copied cookie works after the logout without it, and does not with it', async (host) => {
    for (const revocation of [undefined, new Revoked()]) {
      const visit = start(revocation, {}, host);
      const { cookie } = await visit('', login);
      assert.equal((await visit(cookie, whoami)).result, 'ada');
      const { setCookie } = await visit(cookie, logout);
      assert.match(setCookie[0], /^EGG_SESS=; .*1970/);
      const { result, events } = await visit(cookie, whoami);
      assert.equal(result, revocation ? undefined : 'ada');
      assert.deepEqual(events, revocation ? [{ name: 'revoked', hasCtx: true }] : []);
    }
  });

  onEachHost('each token has an id of 128 random bits, which stays until regenerate()', async (host) => {
    const revoked = new Revoked();
    const visit = start(revoked, {}, host);
    const first = await visit('', login);
    const { id } = metaOf(first.cookie);
    assert.match(id, /^[\w-]{22}$/);
    assert.notEqual(metaOf((await visit('', login)).cookie).id, id);
    at(HOUR_MS);
    const changed = await visit(first.cookie, (ctx) => { ctx.session.n = 1; });
    const replaced = await visit(changed.cookie, (ctx) => { ctx.session = { user: 'ada' }; });
    assert.deepEqual([metaOf(changed.cookie).id, metaOf(replaced.cookie).id], [id, id]);
    assert.deepEqual(revoked.take().filter(([method]) => method === 'revoke'), []);
    const fresh = await visit(replaced.cookie, async (ctx) => { await ctx.session.regenerate(); return ctx.session.user; });
    assert.equal(fresh.result, 'ada');
    assert.notEqual(metaOf(fresh.cookie).id, id);
    assert.deepEqual(revoked.take().filter(([method]) => method === 'revoke'), [['revoke', id, START_MS + 5 * HOUR_MS]]);
    for (const { cookie } of [first, changed, replaced]) assert.equal((await visit(cookie, whoami)).result, undefined);
    assert.equal((await visit(fresh.cookie, whoami)).result, 'ada');
  });

  test('an id is revoked until no token of the session can live, whatever request wrote it', async () => {
    const revoked = new Revoked();
    const visit = start(revoked, { rolling: true, absoluteMaxAge: 24 * HOUR_MS });
    const { cookie } = await visit('', login);
    at(HOUR_MS);
    await visit(cookie, (ctx) => { ctx.session.maxAge = 400 * HOUR_MS; });
    await visit(cookie, logout);
    assert.equal(revoked.take().at(-1)[2], START_MS + 24 * HOUR_MS);
  });

  test('it is asked before the app\'s code, with id and session, once, and only about a session', async () => {
    const revoked = new Revoked();
    const visit = start(revoked);
    const { cookie } = await visit('', (ctx) => { assert.deepEqual(revoked.take(), []); login(ctx); });
    await visit(`${KEY}=v1=forged`, whoami);
    at(3 * HOUR_MS);
    await visit(cookie, whoami);
    assert.deepEqual(revoked.take(), [], 'not about one that has ended');
    at(HOUR_MS);
    await visit(cookie, (ctx) => {
      const [[method, id, session]] = revoked.take();
      assert.deepEqual([method, id], ['isRevoked', metaOf(cookie).id]);
      assert.deepEqual(session, { user: 'ada', _expire: START_MS + 2 * HOUR_MS, _maxAge: 2 * HOUR_MS });
      whoami(ctx);
    });
    assert.deepEqual(revoked.take(), []);
  });

  test('null and new content in one request is another session', async () => {
    const revoked = new Revoked();
    const visit = start(revoked);
    for (const content of [{ user: 'ada' }, { user: 'bob' }]) {
      const { cookie } = await visit('', login);
      const after = await visit(cookie, (ctx) => { ctx.session = null; ctx.session = content; });
      assert.equal((await visit(after.cookie, whoami)).result, content.user);
      assert.equal((await visit(cookie, whoami)).result, undefined);
    }
  });

  test('a save or regenerate() that nobody awaits still sets the cookie', async () => {
    const revoked = new Revoked();
    const visit = start(revoked);
    const { cookie } = await visit('', login);
    const saved = await visit(cookie, (ctx) => { void ctx.session.save(); });
    assert.equal(metaOf(saved.cookie).id, metaOf(cookie).id);
    const fresh = await visit(cookie, (ctx) => { void ctx.session.regenerate(); ctx.session.n = 1; });
    assert.equal((await visit(fresh.cookie, (ctx) => ctx.session.n)).result, 1);
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('with autoCommit false a session is revoked when the app commits', async () => {
    const revoked = new Revoked();
    const visit = start(revoked, { autoCommit: false });
    const { cookie } = await visit('', async (ctx) => { login(ctx); await ctx.session.manuallyCommit(); });
    const fresh = await visit(cookie, (ctx) => ctx.session.regenerate());
    assert.equal((await visit(fresh.cookie, whoami)).result, 'ada');
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('before the session middleware there is an empty session, as with a store', async () => {
    const revoked = new Revoked();
    const app = hosts[0][1]();
    const middleware = createSession({ ...OPTIONS, revocation: revoked }, app);
    const { setCookie } = await exchange(app, middleware, login);
    const { result } = await exchange(app, middleware, whoami, {
      headers: { cookie: cookieHeader(setCookie) },
      before: (ctx) => { assert.equal(ctx.session.user, undefined); ctx.session.user = 'mallory'; },
    });
    assert.equal(result, 'ada');
  });

  test('notBefore refuses sessions that began earlier, and regenerate() begins one', async () => {
    const revoked = Object.assign(new Revoked(), { notBefore: () => undefined });
    const visit = start(revoked, { absoluteMaxAge: 50 * HOUR_MS, rolling: true });
    const old = await visit('', login);
    at(HOUR_MS);
    const rolled = await visit(old.cookie, whoami);
    const young = await visit('', login);
    revoked.notBefore = async (session) => (session.user === 'ada' ? START_MS + HOUR_MS : 0);
    const { result, events } = await visit(rolled.cookie, whoami);
    assert.deepEqual([result, events], [undefined, [{ name: 'revoked', hasCtx: true }]]);
    assert.equal((await visit(young.cookie, whoami)).result, 'ada');
    revoked.notBefore = () => 0;
    at(1.5 * HOUR_MS);
    const fresh = await visit(rolled.cookie, (ctx) => ctx.session.regenerate());
    revoked.notBefore = () => START_MS + 1.5 * HOUR_MS;
    assert.equal((await visit(fresh.cookie, whoami)).result, 'ada');
    assert.equal((await visit(young.cookie, whoami)).result, undefined);
  });

  describe('a cookie from before, which has no id', () => {
    const FROM_BEFORE = {
      'sealed without revocation': (app) => createSession({ ...OPTIONS, absoluteMaxAge: undefined }, app),
      'sealed with absoluteMaxAge only': (app) => createSession({ ...OPTIONS }, app),
      'encrypted by egg-session': (app) => koaSession({ key: KEY, maxAge: 2 * HOUR_MS, encrypt: true }, app),
      'signed by @eggjs/session': (app) => koaSession({ key: KEY, maxAge: 2 * HOUR_MS, encrypt: false }, app),
    };
    for (const [name, create] of Object.entries(FROM_BEFORE)) {
      const written = async () => {
        at(0);
        const app = hosts[0][1]();
        const { setCookie } = await exchange(app, create(app), login);
        at(HOUR_MS);
        return cookieHeader(setCookie);
      };

      test(`${name}: is taken, and every copy of it is revoked with it`, async () => {
        const cookie = await written();
        const visit = start(new Revoked());
        assert.equal((await visit(cookie, whoami)).result, 'ada');
        const changed = await visit(cookie, (ctx) => { ctx.session.n = 1; });
        await visit(changed.cookie, logout);
        assert.equal((await visit(changed.cookie, whoami)).result, undefined);
        assert.equal((await visit(cookie, whoami)).result, undefined);
      });

      test(`${name}: can be refused by notBefore`, async () => {
        const cookie = await written();
        const visit = start(Object.assign(new Revoked(), { notBefore: () => START_MS + 1 }));
        assert.equal((await visit(cookie, whoami)).result, undefined);
      });
    }

    test('without a lifetime in it, too: it may be as old as any', async () => {
      at(0);
      const app = hosts[0][1]();
      const { setCookie } = await exchange(app, koaSession({ key: KEY, maxAge: 'session', encrypt: true }, app), login);
      const revoked = new Revoked();
      const visit = start(revoked);
      assert.equal((await visit(cookieHeader(setCookie), whoami)).result, 'ada');
      revoked.notBefore = () => 1;
      assert.equal((await visit(cookieHeader(setCookie), whoami)).result, undefined);
    });
  });

  describe('when it fails', () => {
    const failing = (method) => Object.assign(new Revoked(), { [method]: async () => { throw new Error('no connection'); } });

    for (const method of ['isRevoked', 'notBefore']) {
      test(`${method}: the request fails before the app's code, and later code finds no session`, async () => {
        const visit = start(failing(method));
        const { cookie } = await visit('', login);
        const app = hosts[0][1]();
        const middleware = createSession({ ...OPTIONS, revocation: failing(method) }, app);
        const { error, ctx, result } = await exchange(app, middleware, () => 'called', { headers: { cookie } });
        assert.deepEqual([error.message, result], ['no connection', undefined]);
        assert.equal(ctx.session.user, undefined);
        const { events } = await visit(cookie, whoami);
        assert.deepEqual(events.map(({ error: _, ...event }) => event),
          [{ name: 'store_error', hasCtx: true, operation: method, key: undefined }]);
      });

      test(`${method}, with onStoreError 'readonly': the request has an empty session that is never saved`, async () => {
        const visit = start(failing(method), { onStoreError: 'readonly' });
        const { cookie } = await visit('', login);
        const { result, error, setCookie } = await visit(cookie, (ctx) => { ctx.session.n = 1; return ctx.session.user; });
        assert.deepEqual([result, error, setCookie], [undefined, undefined, []]);
        assert.equal((await visit(cookie, logout)).error.code, 'ERR_SESSION_READONLY');
      });
    }

    test('what notBefore answers must be a time', async () => {
      for (const answer of ['1764000000000', NaN, new Date(0), {}, true]) {
        const visit = start(Object.assign(new Revoked(), { notBefore: () => answer }));
        const { cookie } = await visit('', login);
        const { error, result } = await visit(cookie, whoami);
        assert.deepEqual([error.code, result], ['ERR_SESSION_ARGUMENT', undefined]);
      }
    });

    test('revoke: nobody is told that he is logged out who is not, and the app may try again', async () => {
      const revoked = new Revoked();
      const visit = start(revoked);
      const { cookie } = await visit('', login);
      const { revoke } = revoked;
      revoked.revoke = async () => { throw new Error('no connection'); };
      for (const handle of [logout, (ctx) => ctx.session.regenerate()]) {
        const { error, setCookie } = await visit(cookie, handle);
        assert.deepEqual([error.message, setCookie], ['no connection', []]);
      }
      assert.equal((await visit(cookie, whoami)).result, 'ada');
      const { error, setCookie } = await visit(cookie, async (ctx) => {
        await assert.rejects(ctx.session.regenerate(), { message: 'no connection' });
        revoked.revoke = revoke;
      });
      assert.equal(error, undefined);
      assert.equal(setCookie.length, 1);
      assert.equal((await visit(cookie, whoami)).result, undefined);
    });

    test('storeTimeout ends each of its calls', async () => {
      for (const method of ['isRevoked', 'notBefore', 'revoke']) {
        const revoked = new Revoked();
        const visit = start(revoked, { storeTimeout: 20 });
        const { cookie } = await visit('', login);
        revoked[method] = () => new Promise(() => {});
        assert.equal((await visit(cookie, logout)).error.code, 'ERR_SESSION_STORE_TIMEOUT', method);
      }
    });
  });

  test('answers need not be promises', async () => {
    const ids = new Set();
    const visit = start({ isRevoked: (id) => ids.has(id), revoke: (id) => { ids.add(id); }, notBefore: () => null });
    const { cookie } = await visit('', login);
    assert.equal((await visit(cookie, whoami)).result, 'ada');
    await visit(cookie, logout);
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('a store takes its place: destroying is revoking', async () => {
    const revoked = new Revoked();
    const app = hosts[0][1]();
    const options = { ...OPTIONS, revocation: revoked };
    const middleware = createSession(options, app);
    const entries = new Map();
    options.store = { get: (key) => entries.get(key), set: (key, json) => { entries.set(key, json); }, destroy: (key) => { entries.delete(key); } };
    const { setCookie } = await exchange(app, middleware, login);
    const headers = { cookie: cookieHeader(setCookie) };
    assert.equal((await exchange(app, middleware, whoami, { headers })).result, 'ada');
    await exchange(app, middleware, logout, { headers });
    assert.equal((await exchange(app, middleware, (ctx) => sessionId(ctx), { headers })).result, undefined);
    assert.deepEqual(revoked.take(), []);
  });

  test('sessionId(ctx) tells the id, also of a session that is not saved yet', async () => {
    const visit = start(new Revoked());
    const { cookie, result } = await visit('', (ctx) => { login(ctx); return sessionId(ctx); });
    assert.equal(result, metaOf(cookie).id);
    assert.equal((await visit(cookie, (ctx) => sessionId(ctx))).result, result);
    assert.equal((await visit(cookie, (ctx) => { ctx.session = null; return sessionId(ctx); })).result, undefined);
    const off = start(undefined);
    assert.equal((await off(cookie, (ctx) => sessionId(ctx))).result, undefined);
  });

  test('the app may have data by any name', async () => {
    const visit = start(new Revoked());
    const data = { id: 'mine', sessionId: 'mine', createdAt: 'mine', revoked: true };
    const { cookie } = await visit('', (ctx) => { ctx.session = { ...data }; });
    const { result } = await visit(cookie, (ctx) => [ctx.session.toJSON(), sessionId(ctx)]);
    assert.deepEqual(result, [data, metaOf(cookie).id]);
  });

  test('what cannot work is refused at start', () => {
    const refused = [
      [{ revocation: {} }, 'revocation'],
      [{ revocation: true }, 'revocation'],
      [{ revocation: { isRevoked() {} } }, 'revocation'],
      [{ revocation: { isRevoked() {}, revoke() {}, notBefore: 7 } }, 'revocation'],
      [{ encrypt: true }, 'revocation'],
      [{ absoluteMaxAge: undefined }, 'revocation'],
      [{ store: { get() {}, set() {}, destroy() {} } }, 'revocation'],
    ];
    for (const [options, option] of refused) {
      assert.throws(() => start(new Revoked(), options), { code: 'ERR_SESSION_OPTION', option }, JSON.stringify(options));
    }
    start(null);
  });
});
