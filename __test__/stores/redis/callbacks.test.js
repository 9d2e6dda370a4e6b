'use strict';

/** Clients that take callbacks are refused: nobody could learn from them that a session was written. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const redis3 = require('redis3');
const { RedisStore } = require('../../..');
const { connectNodeRedis, redisFor } = require('../../support/redis_clients');

const userOf = session => session.user;

function connectRedis3(t, server) {
  const client = redis3.createClient(server.port, '127.0.0.1');
  client.on('error', () => {});
  t.after(() => client.end(false));
  return client;
}

test('a client of redis 3 is refused at start, also one with bluebird\'s …Async methods', async t => {
  const { server } = await redisFor(t);
  const client = connectRedis3(t, server);
  assert.throws(() => new RedisStore({ client }), { code: 'ERR_SESSION_OPTION', option: 'client', message: /redis 2 or 3 takes callbacks/ });
  client.getAsync = async () => null;
  assert.throws(() => new RedisStore({ client }), { code: 'ERR_SESSION_OPTION', option: 'client' });
});

test('client.legacy() of node-redis is refused at start, and the client itself is not', async t => {
  const { server } = await redisFor(t);
  const client = await connectNodeRedis(t, server);
  assert.throws(() => new RedisStore({ client: client.legacy() }), { code: 'ERR_SESSION_OPTION', option: 'client', message: /pass the client itself/ });
  await new RedisStore({ client }).checkAccess();
});

test('a client of redis 4 in legacyMode is told of client.v4', () => {
  const client = { get() {}, set() {}, del() {}, eval() {}, evalSha() {}, options: { legacyMode: true }, v4: {} };
  assert.throws(() => new RedisStore({ client }), /client\.v4/);
});

test('a client of redis 3 whose methods were made to return promises is taken', async t => {
  const { server } = await redisFor(t);
  const client = connectRedis3(t, server);
  for (const name of ['get', 'set', 'del', 'eval', 'evalsha']) {
    const method = client[name].bind(client);
    client[name] = (...args) => new Promise((resolve, reject) => method(...args, (error, answer) => (error ? reject(error) : resolve(answer))));
  }
  const store = new RedisStore({ client, userOf });
  await store.checkAccess();
  await store.set('key', { user: 'ada' }, 60_000);
  assert.deepEqual(await store.get('key'), { user: 'ada' });
  assert.equal(await store.destroyAll({ user: 'ada' }), 1);
});

test('a client that cannot be told at start is found out by its first call, and the check sends it nothing but a GET', async t => {
  const { server } = await redisFor(t);
  const inner = connectRedis3(t, server);
  const sent = [];
  const client = Object.fromEntries(['get', 'set', 'del', 'eval', 'evalsha'].map(name => [name, (...args) => {
    sent.push(name);
    return inner[name](...args);
  }]));
  const store = new RedisStore({ client });
  const refusal = { name: 'TypeError', code: 'ERR_SESSION_OPTION', option: 'client', message: /return no promises/ };
  await assert.rejects(store.checkAccess(), refusal);
  assert.deepEqual(sent, ['get']);
  for (const call of [() => store.get('key'), () => store.set('key', {}, 1000), () => store.destroy('key')]) await assert.rejects(call, refusal);
});

test('a client that answers a script otherwise than Redis, as ioredis-mock does: an error with a code', async t => {
  const { client } = await redisFor(t);
  const asMock = answer => (Array.isArray(answer) ? answer.map(each => each || false) : answer);
  const mock = new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== 'eval' && name !== 'evalsha') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args) => asMock(await value.apply(target, args));
    },
  });
  const store = new RedisStore({ client: mock, userOf });
  await store.checkAccess();
  await store.set('key', { user: 'ada' }, 60_000);
  assert.equal((await store.list({ user: 'ada' })).length, 1);
  await client.del('key');
  await assert.rejects(store.list({ user: 'ada' }), { code: 'ERR_SESSION_OPTION', option: 'client', message: /answers with booleans/ });
});
