'use strict';

/** A slow request that began before the logout commits after it. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startGate, startStoreCluster } = require('./support/store_cluster');

/** Logs in, starts a slow request, logs out, and lets the slow request end. */
async function logOutMeanwhile(t, options, slow) {
  const app = await startStoreCluster(t, options);
  const gate = await startGate(t);
  await app.get('/login');
  const cookie = app.cookie();
  const late = app.getWith(`${slow}${slow.includes('?') ? '&' : '?'}gate=${gate.port}`, cookie);
  await gate.reachedBy(1);
  await app.get('/logout');
  gate.open();
  const answer = await late;
  const { body } = await app.getWith('/read', cookie);
  return { app, answer, session: body.session };
}

for (const kind of ['sqlite', 'redis', 'memcached']) {
  for (const [slow, rolling] of [['/add?key=late', false], ['/add?key=late', true], ['/read', true], ['/save?value=late', false]]) {
    test(`the session stays dead: ${kind}, ${slow}${rolling ? ', rolling' : ''}`, { timeout: 120_000 }, async t => {
      const { app, answer, session } = await logOutMeanwhile(t, { store: { kind }, session: { rolling } }, slow);
      assert.equal(answer.status, 200);
      assert.deepEqual(session, {}, 'nobody is logged in with the old cookie');
      assert.deepEqual(answer.setCookie, [], 'the slow request hands out no cookie');
      const event = await app.event('gone');
      assert.equal(typeof event.key, 'string');
    });
  }
}

test('the session stays dead under egg 4 too', { timeout: 120_000 }, async t => {
  const { app, session } = await logOutMeanwhile(t, { store: { kind: 'redis' }, major: 4, session: { rolling: true } }, '/add?key=late');
  assert.deepEqual(session, {});
  await app.event('gone');
});

test('egg-session brings it back: the tests above can fail', { timeout: 120_000 }, async t => {
  const { session } = await logOutMeanwhile(t, { store: { kind: 'readme' }, implementation: 'original' }, '/add?key=late');
  assert.deepEqual(session, { user: 'ada', late: '1' });
});
