'use strict';

/** Apps without a registry: not a call of the store more, and not a byte. */

require('../../support/frozen_clock');

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { takeCommandCounts, redisFor } = require('../../support/redis_clients');
const { PLACES, logIn, logOut, serve, userOf, whoAmI } = require('../../support/registry_apps');
const { RedisStore } = require('../../..');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const STEPS = [['login', logIn('ada')], ['read', whoAmI], ['write', ctx => { ctx.session.n = 1; }], ['read', whoAmI], ['logout', logOut]];

test('RedisStore: a read is one GET, with a registry too, until the record is due', async t => {
  for (const registry of [null, {}]) {
    clock.set(Date.UTC(2026, 10, 28));
    const { client } = await redisFor(t);
    const store = new RedisStore({ client, userOf });
    const { visitor } = await serve(t, { source: { store }, session: { store } }, { registry });
    const phone = visitor('phone');
    await phone.does(logIn('ada'));
    await phone.does(ctx => { ctx.session.n = 1; });
    await takeCommandCounts(client);
    await phone.does(whoAmI);
    assert.deepEqual(await takeCommandCounts(client), { get: 1 }, `registry: ${JSON.stringify(registry)}`);
  }
});

test('RedisStore: a login, a write and a logout take the same commands with a registry as without', async t => {
  const counts = [];
  for (const registry of [null, {}]) {
    const { client } = await redisFor(t);
    const store = new RedisStore({ client, userOf });
    const { visitor } = await serve(t, { source: { store }, session: { store } }, { registry });
    const warm = visitor('warm');
    for (const [, step] of STEPS) await warm.does(step);
    await takeCommandCounts(client);
    const phone = visitor('phone');
    const counted = [];
    for (const [name, step] of STEPS) {
      await phone.does(step);
      counted.push([name, await takeCommandCounts(client)]);
    }
    counts.push(counted);
  }
  assert.deepEqual(counts[1], counts[0]);
});

test('without a registry the stored text has the session and _rev, and nothing else; a sealed cookie costs two look-ups', async t => {
  for (const name of ['SqliteStore', 'RedisStore']) {
    const place = await PLACES[name](t);
    const { visitor } = await serve(t, place, { registry: null });
    const phone = visitor('phone');
    for (const [, step] of STEPS.slice(0, 4)) await phone.does(step);
    const [{ key }] = await place.store.list({ user: 'ada' });
    assert.match(await place.store.getText(key), /^\{"user":"ada","n":1,"_expire":\d+,"_maxAge":86400000,"_rev":"[a-z\d.-]+"\}$/);
  }
  const place = await PLACES['sealed cookies, revocations in SqliteStore'](t);
  const keys = [];
  for (const method of ['get', 'getText', 'set', 'setText', 'compareAndSet']) {
    const original = place.store[method];
    place.store[method] = function (key, ...args) {
      if (method !== 'getText') keys.push(`${method} ${key.split(':')[0]}`);
      return original.call(this, key, ...args);
    };
  }
  const { visitor } = await serve(t, place, { registry: null });
  const phone = visitor('phone');
  const asked = {};
  for (const [step, handle] of STEPS) {
    await phone.does(handle);
    asked[step] = keys.splice(0).sort();
  }
  assert.deepEqual(asked, { login: [], read: ['get not-before', 'get revoked'], write: ['get not-before', 'get revoked'], logout: ['compareAndSet revoked', 'get not-before', 'get revoked'] });
});

test('with a registry a session of no user has no record, and none is kept of one that has logged out', async t => {
  clock.set(Date.UTC(2026, 10, 28));
  const place = await PLACES.SqliteStore(t);
  const { visitor } = await serve(t, place, { registry: { address: 'full' } });
  const stranger = visitor('stranger');
  const { externalKey } = JSON.parse(await stranger.does(ctx => {
    ctx.session.cart = 1;
    return JSON.stringify({ externalKey: ctx.session.externalKey });
  }));
  assert.doesNotMatch(await place.store.getText(externalKey), /_record/);
  await stranger.does(ctx => { ctx.session.user = 'ada'; });
  assert.match(await place.store.getText(externalKey), /"_record":"/);
  await stranger.does(ctx => { ctx.session.user = undefined; });
  assert.doesNotMatch(await place.store.getText(externalKey), /_record/);
});
