'use strict';

/** Redis hangs or is gone while an app under a cluster serves requests. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { startGate, startStoreCluster } = require('../support/store_cluster');

const TIMEOUT_MS = 300;
const RECOVERY_DEADLINE_MS = 10_000;

/** Asks until the answer is as it should be. */
async function eventually(ask, isRight) {
  for (const end = Date.now() + RECOVERY_DEADLINE_MS; ; await sleep(50)) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)}`);
  }
}

test('a hung Redis fails each request within the deadline, and costs no session', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'redis' }, session: { storeTimeout: TIMEOUT_MS } });
  await app.get('/login');
  await app.get('/add?key=note&value=secret-value');
  await app.server.freeze();
  const started = Date.now();
  for (const url of ['/read', '/add?key=late', '/logout']) {
    const { status, setCookie } = await app.get(url);
    assert.deepEqual([status, setCookie], [500, []], url);
  }
  assert.ok(Date.now() - started < 3 * 10 * TIMEOUT_MS);
  const line = await app.logLine(/\[session\]\[store_error\]/);
  assert.match(line, /operation\(getText\) code\(ERR_SESSION_STORE_TIMEOUT\)/);
  assert.equal((await app.event('store_error')).code, 'ERR_SESSION_STORE_TIMEOUT');
  app.server.thaw();
  const { body } = await eventually(() => app.get('/read'), ({ status }) => status === 200);
  assert.deepEqual(body.session, { user: 'ada', note: 'secret-value' });
  assert.doesNotMatch(app.logs(), /secret-value/);
});

test('a write into a hung Redis fails the request, and leaves the old session or the new one, whole', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'redis', timeoutMs: TIMEOUT_MS } });
  const gate = await startGate(t);
  await app.get('/login');
  const adding = app.get(`/add?key=late&gate=${gate.port}`);
  await gate.reachedBy(1);
  await app.server.freeze();
  gate.open();
  const { status, setCookie } = await adding;
  assert.deepEqual([status, setCookie], [500, []]);
  app.server.thaw();
  const { body } = await eventually(() => app.get('/read'), answer => answer.status === 200);
  assert.ok([JSON.stringify({ user: 'ada' }), JSON.stringify({ user: 'ada', late: 1 })].includes(JSON.stringify(body.session)));
});

test("onStoreError 'readonly' serves pages while Redis is gone, and writes nothing", { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, {
    store: { kind: 'redis' }, session: { onStoreError: 'readonly', storeTimeout: TIMEOUT_MS, rolling: true },
  });
  await app.get('/login');
  const cookie = app.cookie();
  await app.server.freeze();
  const reading = await app.get('/read');
  assert.deepEqual([reading.status, reading.body.session, reading.setCookie], [200, {}, []]);
  const adding = await app.get('/add?key=late');
  assert.deepEqual([adding.status, adding.setCookie], [200, []]);
  const leaving = await app.get('/logout');
  assert.deepEqual([leaving.status, leaving.setCookie], [500, []], 'nobody is told that he is logged out who is not');
  await app.logLine(/\[session\]\[store_error\] operation\(commit\) code\(ERR_SESSION_READONLY\)/);
  app.server.thaw();
  const { body } = await eventually(() => app.getWith('/read', cookie), answer => answer.status === 200 && 'user' in answer.body.session);
  assert.deepEqual(body.session, { user: 'ada' });
});

test('a Redis that was restarted serves the next requests, and its forgotten script is sent again', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'redis', timeoutMs: 2000 } });
  await app.get('/login');
  await app.get('/add?key=a');
  await app.server.stop();
  assert.equal((await app.get('/read')).status, 500);
  await app.server.start();
  // Without persistence it has forgotten the session, too.
  const { body } = await eventually(() => app.get('/read'), ({ status }) => status === 200);
  assert.deepEqual(body.session, {});
  await app.get('/login');
  assert.equal((await app.get('/add?key=b')).status, 200);
  assert.deepEqual((await app.get('/read')).body.session, { user: 'ada', b: 1 });
});
