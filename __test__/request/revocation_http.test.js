'use strict';

/** Logging out of sessions in cookies, over HTTP, under Egg's cluster with two workers. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { shareStoreClusters, startGate } = require('../support/store_cluster');

const HOUR_MS = 3600 * 1000;
/** One test waits for a Redis that hangs. The others never come near the limit, on a busy machine either. */
const SESSION = { encrypt: 'sealed', absoluteMaxAge: 5 * HOUR_MS, storeTimeout: 2000 };
/** As many connections reach both workers, but for one run in half a million. */
const TRIES = 20;

/** Every answer to a cookie, of as many requests as reach all workers. */
async function readers(app, cookie) {
  const users = new Set();
  for (let i = 0; i < TRIES; i++) {
    const { status, body } = await app.getWith('/read', cookie);
    assert.equal(status, 200);
    app.pids.add(body.pid);
    users.add(body.session.user);
  }
  return [...users];
}

describe('clusters that serve one test after the other', () => {
  const clusterOf = shareStoreClusters();
  const start = (store, more) => clusterOf({ store: { keeps: 'revocations', ...store }, session: SESSION, ...more });

  for (const [kind, major] of [['sqlite', 3], ['redis', 3], ['memcached', 3], ['redis', 4]]) {
    test(`after the logout no worker takes a copy of the cookie: ${kind}, egg ${major}`, { timeout: 120_000 }, async () => {
      const app = await start({ kind }, { major });
      await app.get('/login');
      const cookie = app.cookie();
      assert.match(cookie, /^EGG_SESS=v1=/);
      assert.deepEqual(await readers(app, cookie), ['ada']);
      const { setCookie } = await app.get('/logout');
      assert.match(setCookie[0], /^EGG_SESS=;/);
      assert.deepEqual(await readers(app, cookie), [undefined]);
      assert.equal(app.pids.size, 2);
      await app.event('revoked');
      assert.match(await app.logLine(/\[session\]\[revoked\]/), /WARN/);
      assert.ok(!app.logs().includes(cookie));
    });
  }

  test('without revocation the copy goes on working: the tests above can fail', { timeout: 120_000 }, async () => {
    const app = await start({ kind: 'sqlite', keeps: 'nothing' });
    await app.get('/login');
    const cookie = app.cookie();
    await app.get('/logout');
    assert.deepEqual(await readers(app, cookie), ['ada']);
  });

  test('regenerate() ends the copies of the old cookie, and the browser stays logged in', { timeout: 120_000 }, async () => {
    const app = await start({ kind: 'sqlite' });
    await app.get('/login');
    const copy = app.cookie();
    await app.get('/regenerate');
    assert.deepEqual(await readers(app, copy), [undefined]);
    assert.deepEqual(await readers(app, app.cookie()), ['ada']);
  });

  for (const kind of ['sqlite', 'redis']) {
    test(`a user who logs out everywhere is logged out of every cookie, and may log in again: ${kind}`, { timeout: 120_000 }, async () => {
      const app = await start({ kind });
      const cookies = [];
      for (let i = 0; i < 3; i++) cookies.push((await app.getWith('/login', '')).setCookie[0].split(';')[0]);
      const other = (await app.getWith('/add?key=user&value=bob', '')).setCookie[0].split(';')[0];
      for (const cookie of cookies) assert.deepEqual(await readers(app, cookie), ['ada']);
      await app.getWith('/everywhere', cookies[1]);
      for (const cookie of cookies) assert.deepEqual(await readers(app, cookie), [undefined]);
      assert.deepEqual(await readers(app, other), ['bob']);
      const again = (await app.getWith('/login', cookies[0])).setCookie[0].split(';')[0];
      assert.deepEqual(await readers(app, again), ['ada']);
    });
  }

  test('a slow request that began before the logout hands out a cookie that is revoked, too', { timeout: 120_000 }, async t => {
    const app = await start({ kind: 'sqlite' });
    const gate = await startGate(t);
    await app.get('/login');
    const cookie = app.cookie();
    const late = app.getWith(`/add?key=late&gate=${gate.port}`, cookie);
    await gate.reachedBy(1);
    await app.get('/logout');
    gate.open();
    const { setCookie } = await late;
    assert.deepEqual(await readers(app, setCookie[0].split(';')[0]), [undefined]);
  });

  test('a hung Redis lets nobody in, and lets nobody believe that he is logged out', { timeout: 120_000 }, async () => {
    const app = await start({ kind: 'redis' });
    await app.get('/login');
    const cookie = app.cookie();
    await app.server.freeze();
    for (const url of ['/read', '/logout']) {
      const { status, setCookie } = await app.getWith(url, cookie);
      assert.deepEqual([status, setCookie], [500, []], url);
    }
    const line = await app.logLine(/\[session\]\[store_error\]/);
    assert.match(line, /operation\(isRevoked\) code\(ERR_SESSION_STORE_TIMEOUT\)/);
    app.server.thaw();
  });
});
