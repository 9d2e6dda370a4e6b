'use strict';

// A `revocation` that fails, or cannot work.

require('../support/frozen_clock');

const { before, beforeEach, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const createSession = require('../..');
const { exchange } = require('../support/egg_context');
const { at, login, logout, whoami } = require('../support/lifetime_apps');
const { OPTIONS, Revoked, hosts, start } = require('../support/revocation_apps');

let makeApp;
before(async () => { makeApp = (await hosts())[0][1]; });
beforeEach(() => at(0));

describe('when revocation fails', () => {
  const failing = (method) => Object.assign(new Revoked(), { [method]: async () => { throw new Error('no connection'); } });

  for (const method of ['isRevoked', 'notBefore']) {
    test(`${method}: the request fails before the app's code, and later code finds no session`, async () => {
      const visit = start(makeApp(), failing(method));
      const { cookie } = await visit('', login);
      const app = makeApp();
      const middleware = createSession({ ...OPTIONS, revocation: failing(method) }, app);
      const { error, ctx, result } = await exchange(app, middleware, () => 'called', { headers: { cookie } });
      assert.deepEqual([error.message, result], ['no connection', undefined]);
      assert.equal(ctx.session.user, undefined);
      const { events } = await visit(cookie, whoami);
      assert.deepEqual(events.map(({ error: _, ...event }) => event),
        [{ name: 'store_error', hasCtx: true, operation: method, key: undefined }]);
    });

    test(`${method}, with onStoreError 'readonly': the request has an empty session that is never saved`, async () => {
      const visit = start(makeApp(), failing(method), { onStoreError: 'readonly' });
      const { cookie } = await visit('', login);
      const { result, error, setCookie } = await visit(cookie, (ctx) => { ctx.session.n = 1; return ctx.session.user; });
      assert.deepEqual([result, error, setCookie], [undefined, undefined, []]);
      assert.equal((await visit(cookie, logout)).error.code, 'ERR_SESSION_READONLY');
    });
  }

  test('what notBefore answers must be a time', async () => {
    for (const answer of ['1764000000000', NaN, new Date(0), {}, true]) {
      const visit = start(makeApp(), Object.assign(new Revoked(), { notBefore: () => answer }));
      const { cookie } = await visit('', login);
      const { error, result } = await visit(cookie, whoami);
      assert.deepEqual([error.code, result], ['ERR_SESSION_ARGUMENT', undefined]);
    }
  });

  test('revoke: nobody is told that he is logged out who is not, and the app may try again', async () => {
    const revoked = new Revoked();
    const visit = start(makeApp(), revoked);
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
      const visit = start(makeApp(), revoked, { storeTimeout: 20 });
      const { cookie } = await visit('', login);
      revoked[method] = () => new Promise(() => {});
      assert.equal((await visit(cookie, logout)).error.code, 'ERR_SESSION_STORE_TIMEOUT', method);
    }
  });
});

test('a revocation that cannot work is refused at start', () => {
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
    assert.throws(() => start(makeApp(), new Revoked(), options), { code: 'ERR_SESSION_OPTION', option }, JSON.stringify(options));
  }
  start(makeApp(), null);
});
