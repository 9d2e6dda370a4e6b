'use strict';

/** RedisStore and the store of egg-session's README share one Redis. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../../..');
const { RedisStore } = require('../../..');
const { exchange } = require('../../support/egg_context');
const { connect, connectNodeRedis, readmeStore, redisFor } = require('../../support/redis_clients');

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const SESSION = { user: 'Ada', nested: { list: [1, null, 'ü😀'] }, _expire: 1893456000000, _maxAge: DAY_MS };

test('writes what the README\'s store writes: the key as it is, the same text, the same lifetime', async t => {
  const { client, server } = await redisFor(t);
  await readmeStore(client).set('readme', SESSION, HOUR_MS);
  for (const each of [client, await connectNodeRedis(t, server)]) {
    await new RedisStore({ client: each }).set('ours', SESSION, HOUR_MS);
    assert.equal(await client.get('ours'), await client.get('readme'));
    assert.equal(await client.type('ours'), 'string');
    const [theirs, ours] = [await client.pttl('readme'), await client.pttl('ours')];
    assert.ok(ours > HOUR_MS - 5000 && ours <= HOUR_MS && Math.abs(ours - theirs) < 5000, `${ours}`);
    await client.del('ours');
  }
});

test('reads and destroys what the README\'s store wrote, and the other way round', async t => {
  const { client } = await redisFor(t);
  const [readme, ours] = [readmeStore(client), new RedisStore({ client })];
  await readme.set('a', SESSION, HOUR_MS);
  assert.deepEqual(await ours.get('a', DAY_MS, {}), SESSION);
  await ours.set('b', SESSION, HOUR_MS, {});
  assert.deepEqual(await readme.get('b'), SESSION);
  await ours.destroy('a', {});
  await readme.destroy('b');
  assert.ok((await readme.get('a'))._expire < Date.now(), 'a tombstone is an expired session to egg-session');
  assert.equal(await ours.get('b'), undefined);
});

test('an instance on the README\'s store and one on RedisStore serve the same browser in turn', async t => {
  const { client } = await redisFor(t);
  const run = (create, store) => {
    const app = new Koa();
    const middleware = create({ store, signed: false, maxAge: HOUR_MS }, app);
    return async (cookie, handle) => {
      const { error, result, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
      assert.equal(error, undefined);
      return { result, cookie: setCookie.length > 0 ? setCookie[0].split(';')[0] : cookie };
    };
  };
  const instances = [run(koaSession, readmeStore(client)), run(createSession, new RedisStore({ client }))];
  let cookie;
  for (let i = 0; i < 10; i++) {
    const answer = await instances[i % 2](cookie, ctx => {
      ctx.session.visits = (ctx.session.visits || 0) + 1;
      return ctx.session.visits;
    });
    assert.equal(answer.result, i + 1);
    cookie = answer.cookie;
  }
  assert.equal((await client.keys('*')).length, 1);
});

test('a change by the README\'s store meanwhile is not overwritten, and a session that it destroyed is not revived', async t => {
  const { client } = await redisFor(t);
  const [readme, ours] = [readmeStore(client), new RedisStore({ client })];
  await readme.set('key', { n: 1 }, HOUR_MS);
  const loaded = await ours.getText('key');
  await readme.set('key', { n: 2 }, HOUR_MS);
  assert.deepEqual(await ours.compareAndSet('key', loaded, '{"n":3}', HOUR_MS), { status: 'conflict', text: '{"n":2}' });
  await readme.destroy('key');
  assert.deepEqual(await ours.compareAndSet('key', '{"n":2}', '{"n":3}', HOUR_MS), { status: 'gone' });
});

for (const [name, maxAge] of [["'session'", 'session'], ['nothing', undefined], ['null', null]]) {
  test(`keeps a session with ${name} as its lifetime for a day, or as long as the app says`, async t => {
    const { client } = await redisFor(t);
    for (const [options, expected] of [[{}, DAY_MS], [{ defaultMaxAgeMs: 7 * DAY_MS }, 7 * DAY_MS]]) {
      const store = new RedisStore({ client, ...options });
      await store.set('set', { a: 1 }, maxAge, {});
      await store.setText('setText', '1', HOUR_MS, {});
      await store.compareAndSet('setText', '1', '2', maxAge, {});
      for (const key of ['set', 'setText']) {
        const left = await client.pttl(key);
        assert.ok(left > expected - 5000 && left <= expected, `${key}: ${left}`);
      }
    }
  });
}

test('a lifetime that is over ends the session, whatever was there', async t => {
  const { client } = await redisFor(t);
  const store = new RedisStore({ client });
  for (const maxAge of [0, -1]) {
    await store.set('key', { a: 1 }, HOUR_MS, {});
    await store.set('key', { a: 2 }, maxAge, {});
    assert.equal(await store.get('key'), undefined);
    await store.setText('key', '1', HOUR_MS, {});
    assert.deepEqual(await store.compareAndSet('key', '1', '2', maxAge, {}), { status: 'done' });
    assert.equal(await store.getText('key'), undefined);
    assert.deepEqual(await store.compareAndSet('key', '2', '3', HOUR_MS, {}), { status: 'gone' });
  }
});

test('puts the prefix before each key, behind the client\'s own, and looks nowhere else', async t => {
  const { client, server } = await redisFor(t);
  const prefixed = connect(t, server, { keyPrefix: 'app:' });
  const store = new RedisStore({ client: prefixed, prefix: 'sess:', userOf: session => session.user });
  await store.set('key', { user: 'ada' }, HOUR_MS, {});
  await store.compareAndSet('key', '{"user":"ada"}', '{"user":"ada","n":1}', HOUR_MS, {});
  const keys = (await client.keys('*')).sort();
  assert.equal(keys[0], 'app:sess:key');
  assert.match(keys[1], /^app:sess:sessions-of:[\w-]{43}$/);
  assert.equal(keys.length, 2);
  assert.equal(await new RedisStore({ client: prefixed }).get('key'), undefined);
  assert.deepEqual((await store.list({ user: 'ada' })).map(({ key }) => key), ['key']);
  assert.equal(await store.destroyAll({ user: 'ada' }), 1);
  assert.deepEqual(await client.keys('*'), ['app:sess:key'], 'a tombstone');
});

test('creates where nothing is expected, and never overwrites then', async t => {
  const { client, server } = await redisFor(t);
  for (const each of [client, await connectNodeRedis(t, server)]) {
    const store = new RedisStore({ client: each });
    await client.del('key');
    assert.deepEqual(await store.compareAndSet('key', null, '1', HOUR_MS), { status: 'done' });
    assert.deepEqual(await store.compareAndSet('key', null, '2', HOUR_MS), { status: 'conflict', text: '1' });
    assert.equal(await store.getText('key'), '1');
  }
});
