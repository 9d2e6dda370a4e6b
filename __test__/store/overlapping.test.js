'use strict';

/** Requests of one session at the same time, over HTTP, spread over two workers: nothing is lost, and who logged out stays so. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { shareStoreClusters, startGate } = require('../support/store_cluster');

const REQUESTS = 100;
const KEYS = Array.from({ length: REQUESTS }, (_, i) => `k${i}`);
const ROLLING = { rolling: true };
/** What a slow request does, and whether it has a reason to save without `rolling`. */
const SLOW = { '/add?key=late': true, '/save?value=late': true, '/read': false };

/** @returns {Promise<string[]>} those of 100 keys that are kept when 100 requests add one each to the session that all have loaded */
async function keysKept(t, app) {
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

for (const [kind, major, deathsWith] of [
  ['sqlite', 3, [{}, ROLLING]], ['redis', 3, [{}, ROLLING]], ['memcached', 3, [{}, ROLLING]], ['redis', 4, [ROLLING]],
]) {
  describe(`${kind}, egg ${major}`, () => {
    const clusterOf = shareStoreClusters();
    const start = (session = {}) => clusterOf({ store: { kind }, major, session });

    test(`100 requests at once that add a key each: all are there (${kind}, egg ${major})`, { timeout: 120_000 }, async t => {
      assert.deepEqual(await keysKept(t, await start(deathsWith[0])), KEYS);
    });

    for (const session of deathsWith) {
      const isRolling = session === ROLLING;
      test(`a slow request does not bring a session back after the logout: ${kind}, egg ${major}${isRolling ? ', rolling' : ''}`, { timeout: 120_000 }, async t => {
        const app = await start(session);
        let saves = 0;
        for (const [slow, saved] of Object.entries(SLOW)) {
          const { answer, session } = await logOutMeanwhile(t, app, slow);
          // Its save() is awaited, and rejects.
          assert.equal(answer.status, slow.startsWith('/save') ? 500 : 200);
          assert.deepEqual(session, {}, `nobody is logged in with the old cookie after ${slow}`);
          assert.deepEqual(answer.setCookie, [], 'the slow request hands out no cookie');
          if (saved || isRolling) saves++;
        }
        await app.event('gone', saves);
        assert.equal(app.readEvents().filter(({ name }) => name === 'gone').length, saves);
      });
    }

    if (kind !== 'redis' || major !== 3) return;

    test('a request that only prolongs the session keeps what others have changed meanwhile', { timeout: 120_000 }, async t => {
      const app = await start(ROLLING);
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
      const app = await start();
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
  });
}

describe('egg-session with the store of its README: the tests above can fail', () => {
  const clusterOf = shareStoreClusters();
  const start = () => clusterOf({ store: { kind: 'readme' }, implementation: 'original' });

  test('it loses most of 100 keys that are added at once', { timeout: 120_000 }, async t => {
    const kept = await keysKept(t, await start());
    t.diagnostic(`egg-session keeps ${kept.length} of ${REQUESTS} keys`);
    assert.ok(kept.length < REQUESTS, `${kept.length}`);
  });

  test('it brings a session back after the logout', { timeout: 120_000 }, async t => {
    const { session } = await logOutMeanwhile(t, await start(), '/add?key=late');
    assert.deepEqual(session, { user: 'ada', late: 1 });
  });
});
