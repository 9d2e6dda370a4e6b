'use strict';

/** Requests of one session at once, over HTTP, spread over two workers. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startGate, startStoreCluster } = require('../support/store_cluster');

const REQUESTS = 100;
const KEYS = Array.from({ length: REQUESTS }, (_, i) => `k${i}`);

/** @returns {Promise<string[]>} those of 100 keys that are kept when 100 requests add one each to the session that all have loaded */
async function keysKept(t, options) {
  const app = await startStoreCluster(t, options);
  const gate = await startGate(t);
  await app.get('/login');
  const adding = KEYS.map(key => app.get(`/add?key=${key}&gate=${gate.port}`));
  await gate.reachedBy(REQUESTS);
  gate.open();
  const answers = await Promise.all(adding);
  assert.deepEqual(answers.map(({ status }) => status), KEYS.map(() => 200));
  assert.equal(app.pids.size, 2, 'both workers have answered');
  const { body } = await app.get('/read');
  assert.equal(body.session.user, 'ada');
  assert.deepEqual(app.readEvents().filter(({ name }) => name === 'conflict' || name === 'gone'), []);
  return KEYS.filter(key => key in body.session);
}

for (const [kind, major] of [['sqlite', 3], ['redis', 3], ['memcached', 3], ['redis', 4]]) {
  test(`100 requests at once that add a key each: all are there (${kind}, egg ${major})`, { timeout: 120_000 }, async t => {
    assert.deepEqual(await keysKept(t, { store: { kind }, major }), KEYS);
  });
}

test('egg-session with the store of its README loses most of them: the test above can fail', { timeout: 120_000 }, async t => {
  const kept = await keysKept(t, { store: { kind: 'readme' }, implementation: 'original' });
  t.diagnostic(`egg-session keeps ${kept.length} of ${REQUESTS} keys`);
  assert.ok(kept.length < REQUESTS, `${kept.length}`);
});

test('a request that only prolongs the session keeps what others have changed meanwhile', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'redis' }, session: { rolling: true } });
  const gate = await startGate(t);
  await app.get('/login');
  const reading = app.get(`/read?gate=${gate.port}`);
  await gate.reachedBy(1);
  await app.get('/add?key=cart&value=tea');
  gate.open();
  assert.equal((await reading).setCookie.length, 1, 'it was prolonged');
  assert.deepEqual((await app.get('/read')).body.session, { user: 'ada', cart: 'tea' });
});

test('of two that change one value the later commit wins, and the event names the path without the values', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'redis' } });
  const gate = await startGate(t);
  await app.get('/login');
  const late = app.get(`/add?key=cart&value=late-secret&gate=${gate.port}`);
  await gate.reachedBy(1);
  await app.get('/add?key=cart&value=early-secret');
  gate.open();
  await late;
  assert.equal((await app.get('/read')).body.session.cart, 'late-secret');
  const { paths } = await app.event('conflict');
  assert.deepEqual(paths, ['/cart']);
  assert.doesNotMatch(JSON.stringify(app.readEvents()), /secret/);
});
