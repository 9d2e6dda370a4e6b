'use strict';

// What a request does with `revocation`: whom it asks before the app's code runs, and whom it tells when a session ends.

require('../support/frozen_clock');

const { before, beforeEach, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { sessionId } = require('../..');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { HOUR_MS, KEY, START_MS, at, login, logout, whoami } = require('../support/lifetime_apps');
const { OPTIONS, Revoked, hosts, metaOf, start } = require('../support/revocation_apps');

describe('revocation', () => {
  /** @type {[string, () => any][]} */
  let allHosts;
  let makeApp;
  before(async () => {
    allHosts = await hosts();
    makeApp = allHosts[0][1];
  });
  beforeEach(() => at(0));
  const onEachHost = (claim, run) => test(claim, async () => {
    for (const [, makeHost] of allHosts) {
      at(0);
      await run(makeHost);
    }
  });

  onEachHost('a copied cookie works after the logout without it, and does not with it', async (makeHost) => {
    for (const revocation of [undefined, new Revoked()]) {
      const visit = start(makeHost(), revocation);
      const { cookie } = await visit('', login);
      assert.equal((await visit(cookie, whoami)).result, 'ada');
      const { setCookie } = await visit(cookie, logout);
      assert.match(setCookie[0], /^EGG_SESS=; .*1970/);
      const { result, events } = await visit(cookie, whoami);
      assert.equal(result, revocation ? undefined : 'ada');
      assert.deepEqual(events, revocation ? [{ name: 'revoked', hasCtx: true }] : []);
    }
  });

  onEachHost('each token has an id of 128 random bits, which stays until regenerate()', async (makeHost) => {
    const revoked = new Revoked();
    const visit = start(makeHost(), revoked);
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
    const visit = start(makeApp(), revoked, { rolling: true, absoluteMaxAge: 24 * HOUR_MS });
    const { cookie } = await visit('', login);
    at(HOUR_MS);
    await visit(cookie, (ctx) => { ctx.session.maxAge = 400 * HOUR_MS; });
    await visit(cookie, logout);
    assert.equal(revoked.take().at(-1)[2], START_MS + 24 * HOUR_MS);
  });

  test('it is asked before the app\'s code, with id and session, once, and only about a session', async () => {
    const revoked = new Revoked();
    const visit = start(makeApp(), revoked);
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
    const visit = start(makeApp(), revoked);
    for (const content of [{ user: 'ada' }, { user: 'bob' }]) {
      const { cookie } = await visit('', login);
      const after = await visit(cookie, (ctx) => { ctx.session = null; ctx.session = content; });
      assert.equal((await visit(after.cookie, whoami)).result, content.user);
      assert.equal((await visit(cookie, whoami)).result, undefined);
    }
  });

  test('a save or regenerate() that nobody awaits still sets the cookie', async () => {
    const revoked = new Revoked();
    const visit = start(makeApp(), revoked);
    const { cookie } = await visit('', login);
    const saved = await visit(cookie, (ctx) => { void ctx.session.save(); });
    assert.equal(metaOf(saved.cookie).id, metaOf(cookie).id);
    const fresh = await visit(cookie, (ctx) => { void ctx.session.regenerate(); ctx.session.n = 1; });
    assert.equal((await visit(fresh.cookie, (ctx) => ctx.session.n)).result, 1);
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('with autoCommit false a session is revoked when the app commits', async () => {
    const revoked = new Revoked();
    const visit = start(makeApp(), revoked, { autoCommit: false });
    const { cookie } = await visit('', async (ctx) => { login(ctx); await ctx.session.manuallyCommit(); });
    const fresh = await visit(cookie, (ctx) => ctx.session.regenerate());
    assert.equal((await visit(fresh.cookie, whoami)).result, 'ada');
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('before the session middleware there is an empty session, as with a store', async () => {
    const revoked = new Revoked();
    const app = makeApp();
    const middleware = createSession({ ...OPTIONS, revocation: revoked }, app);
    const { setCookie } = await exchange(app, middleware, login);
    const { result } = await exchange(app, middleware, whoami, {
      headers: { cookie: cookieHeader(setCookie) },
      before: (ctx) => { assert.equal(ctx.session.user, undefined); ctx.session.user = 'mallory'; },
    });
    assert.equal(result, 'ada');
  });

  test('what is done to ctx.session while revocation is asked is not done to the session', async () => {
    const revoked = new Revoked();
    const app = makeApp();
    const middleware = createSession({ ...OPTIONS, revocation: revoked }, app);
    const headers = { cookie: cookieHeader((await exchange(app, middleware, login)).setCookie) };
    for (const meanwhile of [(ctx) => { ctx.session = null; }, (ctx) => { ctx.session = { user: 'mallory' }; }, (ctx) => sessionId(ctx)]) {
      let ctx;
      revoked.isRevoked = async () => { meanwhile(ctx); return false; };
      const { result, setCookie } = await exchange(app, middleware, whoami, { headers, before: (its) => { ctx = its; } });
      assert.deepEqual([result, setCookie], ['ada', []]);
    }
    assert.deepEqual(revoked.take().filter(([method]) => method === 'revoke'), []);
  });

  test('notBefore refuses sessions that began earlier, and regenerate() begins one', async () => {
    const revoked = Object.assign(new Revoked(), { notBefore: () => undefined });
    const visit = start(makeApp(), revoked, { absoluteMaxAge: 50 * HOUR_MS, rolling: true });
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

  test('answers need not be promises', async () => {
    const ids = new Set();
    const visit = start(makeApp(), { isRevoked: (id) => ids.has(id), revoke: (id) => { ids.add(id); }, notBefore: () => null });
    const { cookie } = await visit('', login);
    assert.equal((await visit(cookie, whoami)).result, 'ada');
    await visit(cookie, logout);
    assert.equal((await visit(cookie, whoami)).result, undefined);
  });

  test('a store takes its place: destroying is revoking', async () => {
    const revoked = new Revoked();
    const app = makeApp();
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
    const visit = start(makeApp(), new Revoked());
    const { cookie, result } = await visit('', (ctx) => { login(ctx); return sessionId(ctx); });
    assert.equal(result, metaOf(cookie).id);
    assert.equal((await visit(cookie, (ctx) => sessionId(ctx))).result, result);
    assert.equal((await visit(cookie, (ctx) => { ctx.session = null; return sessionId(ctx); })).result, undefined);
    const off = start(makeApp(), undefined);
    assert.equal((await off(cookie, (ctx) => sessionId(ctx))).result, undefined);
  });

  test('the app may have data by any name', async () => {
    const visit = start(makeApp(), new Revoked());
    const data = { id: 'mine', sessionId: 'mine', createdAt: 'mine', revoked: true };
    const { cookie } = await visit('', (ctx) => { ctx.session = { ...data }; });
    const { result } = await visit(cookie, (ctx) => [ctx.session.toJSON(), sessionId(ctx)]);
    assert.deepEqual(result, [data, metaOf(cookie).id]);
  });
});
