'use strict';

// Cookies without an id meet `revocation`.

require('../support/frozen_clock');

const { before, beforeEach, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { HOUR_MS, KEY, START_MS, at, login, logout, whoami } = require('../support/lifetime_apps');
const { OPTIONS, Revoked, hosts, start } = require('../support/revocation_apps');

let makeApp;
before(async () => { makeApp = (await hosts())[0][1]; });
beforeEach(() => at(0));

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
      const app = makeApp();
      const { setCookie } = await exchange(app, create(app), login);
      at(HOUR_MS);
      return cookieHeader(setCookie);
    };

    test(`${name}: is taken, and every copy of it is revoked with it`, async () => {
      const cookie = await written();
      const visit = start(makeApp(), new Revoked());
      assert.equal((await visit(cookie, whoami)).result, 'ada');
      const changed = await visit(cookie, (ctx) => { ctx.session.n = 1; });
      await visit(changed.cookie, logout);
      assert.equal((await visit(changed.cookie, whoami)).result, undefined);
      assert.equal((await visit(cookie, whoami)).result, undefined);
    });

    test(`${name}: no other user is logged out with it, and none stays in however often the cookie came`, async () => {
      const ada = await written();
      at(0);
      const app = makeApp();
      const { setCookie } = await exchange(app, create(app), (ctx) => { ctx.session.user = 'bob'; });
      const bob = cookieHeader(setCookie);
      at(HOUR_MS);
      const visit = start(makeApp(), new Revoked());
      for (let i = 0; i < 4; i++) assert.deepEqual([(await visit(ada, whoami)).result, (await visit(bob, whoami)).result], ['ada', 'bob']);
      await visit(ada, logout);
      for (let i = 0; i < 4; i++) assert.deepEqual([(await visit(ada, whoami)).result, (await visit(bob, whoami)).result], [undefined, 'bob']);
    });

    test(`${name}: can be refused by notBefore`, async () => {
      const cookie = await written();
      const visit = start(makeApp(), Object.assign(new Revoked(), { notBefore: () => START_MS + 1 }));
      assert.equal((await visit(cookie, whoami)).result, undefined);
    });
  }

  test('without a lifetime in it, too: it may be as old as any', async () => {
    at(0);
    const app = makeApp();
    const { setCookie } = await exchange(app, koaSession({ key: KEY, maxAge: 'session', encrypt: true }, app), login);
    const revoked = new Revoked();
    const visit = start(makeApp(), revoked);
    assert.equal((await visit(cookieHeader(setCookie), whoami)).result, 'ada');
    revoked.notBefore = () => 1;
    assert.equal((await visit(cookieHeader(setCookie), whoami)).result, undefined);
  });
});
