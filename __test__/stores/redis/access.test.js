'use strict';

/** RedisStore finds out at start what Redis refuses to its user, and names it. */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { inspect } = require('node:util');
const Redis = require('ioredis');
const { createClient } = require('redis');
const storeTests = require('../../../store-tests');
const { RedisStore, Revocations } = require('../../..');
const { neededCommands } = require('../../../lib/stores/redis/access');
const { connectNodeRedis, redisFor, takeCommandCounts } = require('../../support/redis_clients');
const { startRedis } = require('../../support/servers');

const ROOT = path.join(__dirname, '../../..');
const HOUR_MS = 60 * 60 * 1000;
const USER = 'name-of-a-user';
const KEY = 'key-of-a-session';
const FORBIDDEN = 'ERR_SESSION_STORE_FORBIDDEN';
const userOf = session => session && session.user;
const withUsers = has => (has ? { userOf } : {});
const rulesFor = commands => commands.map(name => `+${name}`);

/** Clients of a Redis, logged in as a user with these rules and no other. */
const CLIENTS = {
  ioredis: async (t, server, login) => {
    const client = new Redis(server.port, '127.0.0.1', { ...login, enableReadyCheck: false });
    client.on('error', () => {});
    t.after(() => client.disconnect());
    return client;
  },
  'node-redis': async (t, server, login) => {
    const client = await createClient({ socket: { host: '127.0.0.1', port: server.port }, ...login }).on('error', () => {}).connect();
    t.after(() => client.destroy());
    return client;
  },
};

async function setUser(admin, rules) {
  await admin.call('ACL', 'SETUSER', USER, 'reset', 'on', '>secret', '-@all', ...rules);
  return { username: USER, password: 'secret' };
}

test('the list of commands is what the code of the store calls', () => {
  const sources = ['client.js', 'scripts.js', 'users.js'].map(name => fs.readFileSync(path.join(ROOT, 'lib/stores/redis', name), 'utf8')).join('\n');
  const called = [...sources.matchAll(/redis\.call\('(\w+)'|this\.#client\.(\w+)\(/g)].map(match => (match[1] || match[2]).toLowerCase());
  assert.deepEqual([...new Set(called)].sort(), neededCommands(true).sort());
});

test('the ACL rules of docs/redis.md are the list', () => {
  const docs = fs.readFileSync(path.join(ROOT, 'docs/redis.md'), 'utf8');
  const rules = [...docs.matchAll(/^ACL SETUSER .*-@all (.*)$/gm)].map(([, words]) => words.split(' ').sort());
  assert.deepEqual(rules, [false, true].map(has => rulesFor(neededCommands(has)).sort()));
});

for (const has of [false, true]) {
  describe(`a user who may do what docs/redis.md says ${has ? 'with' : 'without'} userOf, and nothing else`, () => {
    let server;
    let client;
    before(async () => {
      server = await startRedis();
      const admin = new Redis(server.port, '127.0.0.1');
      const login = await setUser(admin, ['~sess:*', ...rulesFor(neededCommands(has))]);
      admin.disconnect();
      client = new Redis(server.port, '127.0.0.1', { ...login, enableReadyCheck: false });
    });
    after(async () => {
      client.disconnect();
      await server.remove();
    });
    const createStore = () => new RedisStore({ client, prefix: 'sess:', ...withUsers(has) });
    storeTests({ test, createStore });
    test('the check finds nothing to refuse', () => createStore().checkAccess());
    if (!has) return;
    test('list and destroyAll work too', async () => {
      const store = createStore();
      await store.set('a', { user: 'ada' }, HOUR_MS);
      assert.equal((await store.list({ user: 'ada' })).length, 1);
      assert.equal(await store.destroyAll({ user: 'ada' }), 1);
    });
  });
}

for (const [kind, connectAs] of Object.entries(CLIENTS)) {
  test(`each command that is not allowed is named, with the rule to add (${kind})`, async t => {
    const { server, client: admin } = await redisFor(t);
    for (const has of [true, false]) {
      for (const lacking of neededCommands(has)) {
        const login = await setUser(admin, ['~sess:*', ...rulesFor(neededCommands(has).filter(name => name !== lacking))]);
        const store = new RedisStore({ client: await connectAs(t, server, login), prefix: 'sess:', ...withUsers(has) });
        await assert.rejects(store.checkAccess(), error => {
          assert.deepEqual([error.code, error.reason, error.commands], [FORBIDDEN, 'NOPERM', [lacking]]);
          assert.ok(error.message.includes(`add +${lacking} to the ACL`), error.message);
          assert.ok(!error.message.includes(USER));
          return true;
        });
      }
    }
    assert.equal(await admin.dbsize(), 0, 'the check leaves nothing behind');
  });
}

test('all that is refused is named at once', async t => {
  const { server, client: admin } = await redisFor(t);
  const login = await setUser(admin, ['~sess:*', '+get', '+eval', '+time']);
  const store = new RedisStore({ client: await CLIENTS.ioredis(t, server, login), prefix: 'sess:', userOf });
  await assert.rejects(store.checkAccess(), error => {
    assert.deepEqual(error.commands.sort(), neededCommands(true).filter(name => !['get', 'eval', 'time'].includes(name)).sort());
    return true;
  });
});

test('keys that are not allowed: the error has the pattern to add, the client\'s keyPrefix included', async t => {
  const { server, client: admin } = await redisFor(t);
  const login = await setUser(admin, ['~shop:sess:*', ...rulesFor(neededCommands(true))]);
  const client = new Redis(server.port, '127.0.0.1', { ...login, keyPrefix: 'shop:', enableReadyCheck: false });
  t.after(() => client.disconnect());
  const patterns = async (options, ...keyPrefix) => {
    const error = await new RedisStore({ client, ...options }).checkAccess(...keyPrefix).then(() => undefined, failure => failure);
    return error && error.message.match(/~\S+/g);
  };
  assert.equal(await patterns({ prefix: 'sess:', userOf }), undefined);
  assert.deepEqual(await patterns({ prefix: 'other:', userOf }), ['~shop:other:*', '~shop:other:sessions-of:*']);
  assert.deepEqual(await patterns({}), ['~shop:*']);
  // `prefix` of config.session, in the keys that the store gets
  assert.equal(await patterns({}, 'sess:'), undefined);
  assert.deepEqual(await patterns({ userOf }, 'sess:'), ['~shop:sessions-of:*']);
  // a `genid` of the app's own: nobody can tell what the keys are like
  assert.equal(await patterns({}, null), undefined);
});

test('Revocations need the keys of both their kinds of entry', async t => {
  const { server, client: admin } = await redisFor(t);
  const check = async rules => {
    const login = await setUser(admin, [...rules, ...rulesFor(neededCommands(false))]);
    await new Revocations({ store: new RedisStore({ client: await CLIENTS.ioredis(t, server, login) }) }).checkAccess();
  };
  await check(['~revoked:*', '~not-before:*']);
  await assert.rejects(check(['~revoked:*']), /~not-before:\*/);
  await assert.rejects(check(['~not-before:*']), /~revoked:\*/);
});

test('a Redis without users, where a command is renamed or turned off', async t => {
  const { client } = await redisFor(t, { settings: ['--rename-command', 'EVALSHA', '', '--rename-command', 'PTTL', 'SECRET-PTTL'] });
  await assert.rejects(new RedisStore({ client, userOf }).checkAccess(), error => {
    assert.deepEqual([error.code, error.reason, error.commands], [FORBIDDEN, 'UNKNOWN_COMMAND', ['pttl', 'evalsha']]);
    return true;
  });
});

test('a client that is not logged in', async t => {
  const { client } = await redisFor(t, { settings: ['--requirepass', 'secret'], client: { enableReadyCheck: false } });
  await assert.rejects(new RedisStore({ client, userOf }).checkAccess(), { code: FORBIDDEN, reason: 'NOAUTH' });
});

test('the check costs three commands, with users six, and all are sent before the first answer', async t => {
  const { client, server } = await redisFor(t);
  await new RedisStore({ client }).checkAccess();
  await takeCommandCounts(client);
  const sent = async options => {
    await new RedisStore({ client, ...options }).checkAccess();
    const { eval: evals, evalsha, get } = await takeCommandCounts(client);
    return { evals, evalsha, get };
  };
  // GET counts once for itself, and once in each script.
  assert.deepEqual(await sent({}), { evals: 1, evalsha: 1, get: 3 });
  assert.deepEqual(await sent({ userOf }), { evals: 2, evalsha: 2, get: 4 });

  await server.freeze();
  const checking = new RedisStore({ client, userOf }).checkAccess();
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(client.commandQueue.length, 6);
  server.thaw();
  await checking;
});

test('what is no refusal is none: a full Redis, too few replicas, a read-only replica', async t => {
  const { client } = await redisFor(t, { settings: ['--maxmemory-policy', 'noeviction'] });
  const store = new RedisStore({ client, userOf });
  await client.config('SET', 'maxmemory', '100kb');
  await store.checkAccess();
  await client.config('SET', 'maxmemory', '0');
  await client.config('SET', 'min-replicas-to-write', '1');
  await store.checkAccess();
  await client.config('SET', 'min-replicas-to-write', '0');
  await client.replicaof('127.0.0.1', '1');
  await store.checkAccess();
});

test('a Redis that cannot be asked: another error than a refusal', async t => {
  const { client, server } = await redisFor(t);
  const store = new RedisStore({ client, timeoutMs: 1000 });
  await store.checkAccess();
  await server.freeze();
  await assert.rejects(store.checkAccess(), { code: 'ERR_SESSION_STORE_TIMEOUT' });
  server.thaw();
  await server.stop();
  await assert.rejects(store.checkAccess(), { code: /^ERR_SESSION_STORE_(TIMEOUT|FAILED)$/ });
});

test('a right that is taken away later: each call that needs it tells, without key, session and user', async t => {
  const { server, client: admin } = await redisFor(t);
  const all = neededCommands(true);
  const login = await setUser(admin, ['~sess:*', ...rulesFor(all)]);
  const store = new RedisStore({ client: await CLIENTS.ioredis(t, server, login), prefix: 'sess:', userOf });
  await store.set(KEY, { user: 'ada' }, HOUR_MS);
  const failureOf = async (call, ...lacking) => {
    await admin.call('ACL', 'SETUSER', USER, ...lacking);
    const error = await call().then(() => assert.fail('it did not fail'), failure => failure);
    await admin.call('ACL', 'SETUSER', USER, ...rulesFor(all), 'resetkeys', '~sess:*');
    assert.doesNotMatch(inspect(error, { depth: Infinity, showHidden: true }), new RegExp(`${KEY}|ada|${USER}`));
    return [error.code, error.reason, error.commands];
  };
  assert.deepEqual(await failureOf(() => store.get(KEY), '-get'), [FORBIDDEN, 'NOPERM', ['get']]);
  assert.deepEqual(await failureOf(() => store.set(KEY, { n: 1 }, HOUR_MS), '-set'), [FORBIDDEN, 'NOPERM', ['set']]);
  assert.deepEqual(await failureOf(() => store.compareAndSet(KEY, '1', '2', HOUR_MS), '-evalsha'), [FORBIDDEN, 'NOPERM', ['evalsha']]);
  // Redis 6 and 7.0 do not name a command that a script calls.
  for (const lacking of ['-get', '-set']) {
    const [code, reason] = await failureOf(() => store.compareAndSet('new', null, '{}', HOUR_MS), lacking);
    assert.deepEqual([code, reason], [FORBIDDEN, 'NOPERM']);
  }
  assert.deepEqual(await failureOf(() => store.get(KEY), 'resetkeys'), [FORBIDDEN, 'NOPERM', []]);
});

test('node-redis works as a user of docs/redis.md too', async t => {
  const { server } = await redisFor(t);
  const admin = await connectNodeRedis(t, server);
  await admin.sendCommand(['ACL', 'SETUSER', USER, 'reset', 'on', '>secret', '-@all', '~*', ...rulesFor(neededCommands(true))]);
  const store = new RedisStore({ client: await CLIENTS['node-redis'](t, server, { username: USER, password: 'secret' }), userOf });
  await store.checkAccess();
  await store.set(KEY, { user: 'ada' }, HOUR_MS);
  assert.equal(await store.destroyAll({ user: 'ada' }), 1);
});
