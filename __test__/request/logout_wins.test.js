'use strict';

/** A slow request that began before the logout commits after it. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startGate, startStoreCluster } = require('../support/store_cluster');

/** Logs in, starts a slow request, logs out, and lets the slow request end. */
async function logOutMeanwhile(t, app, slow) {
  const gate = await startGate(t);
  await app.get('/login');
  const cookie = app.cookie();
  const late = app.getWith(`${slow}${slow.includes('?') ? '&' : '?'}gate=${gate.port}`, cookie);
  await gate.reachedBy(1);
  await app.get('/logout');
  gate.open();
  const answer = await late;
  const { body } = await app.getWith('/read', cookie);
  return { answer, session: body.session };
}

/** What the slow request does, and whether it has a reason to save without `rolling`. */
const SLOW = { '/add?key=late': true, '/save?value=late': true, '/read': false };

for (const [kind, major, rolling] of [
  ['sqlite', 3, false], ['sqlite', 3, true], ['redis', 3, false], ['redis', 3, true], ['memcached', 3, false], ['memcached', 3, true],
  ['redis', 4, true],
]) {
  test(`the session stays dead: ${kind}, egg ${major}${rolling ? ', rolling' : ''}`, { timeout: 120_000 }, async t => {
    const app = await startStoreCluster(t, { store: { kind }, major, session: { rolling } });
    let saves = 0;
    for (const [slow, saved] of Object.entries(SLOW)) {
      const { answer, session } = await logOutMeanwhile(t, app, slow);
      // Its save() is awaited, and rejects.
      assert.equal(answer.status, slow.startsWith('/save') ? 500 : 200);
      assert.deepEqual(session, {}, `nobody is logged in with the old cookie after ${slow}`);
      assert.deepEqual(answer.setCookie, [], 'the slow request hands out no cookie');
      if (saved || rolling) saves++;
    }
    await app.event('gone', saves);
    assert.equal(app.readEvents().filter(({ name }) => name === 'gone').length, saves);
  });
}

test('egg-session brings it back: the tests above can fail', { timeout: 120_000 }, async t => {
  const app = await startStoreCluster(t, { store: { kind: 'readme' }, implementation: 'original' });
  const { session } = await logOutMeanwhile(t, app, '/add?key=late');
  assert.deepEqual(session, { user: 'ada', late: 1 });
});
