'use strict';

/** At start the app's store is asked whether its server lets it do what it needs; an app of Egg waits for the answer. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const Koa = require('koa');
const createSession = require('../..');
const { startStoreCluster } = require('../support/store_cluster');
const { connect, redisFor } = require('../support/redis_clients');

const { RedisStore, Revocations } = createSession;
const LOGIN = { username: 'shop', password: 'secret' };
const FORBIDDEN = { code: 'ERR_SESSION_STORE_FORBIDDEN', commands: ['evalsha'] };

/** A user who may do everything on these keys, but for EVALSHA. */
async function forbidEvalsha(admin, keys = '~*') {
  await admin.call('ACL', 'SETUSER', LOGIN.username, 'reset', 'on', `>${LOGIN.password}`, keys, '+@all', '-evalsha');
}

/** A store that says what it is asked. */
class AskedStore {
  asked = [];
  failure = undefined;
  get() {}
  set() {}
  destroy() {}
  async checkAccess(...args) {
    this.asked.push(args);
    if (this.failure) throw Object.assign(new Error('of the store'), { code: this.failure });
  }
}

function appWith(options) {
  const app = new Koa();
  app.keys = ['key'];
  app.use(createSession(options, app));
  app.use(ctx => { ctx.body = String(Boolean(ctx.session)); });
  return app;
}

async function listen(t, app) {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return async () => (await fetch(`http://127.0.0.1:${server.address().port}/`)).text();
}

/** The warnings of the process with this code, from now on. */
function warningsOf(t, code) {
  const warnings = [];
  const listener = warning => { if (warning.code === code) warnings.push(warning); };
  process.on('warning', listener);
  t.after(() => process.off('warning', listener));
  return warnings;
}

const turn = () => new Promise(resolve => setTimeout(resolve, 20));

test('Koa: checkAccess(app) rejects with what Redis refuses, and a warning says it where nobody asks', async t => {
  const { server, client: admin } = await redisFor(t);
  await forbidEvalsha(admin);
  const warnings = warningsOf(t, FORBIDDEN.code);
  const app = appWith({ store: new RedisStore({ client: connect(t, server, LOGIN) }) });
  await assert.rejects(createSession.checkAccess(app), FORBIDDEN);
  for (let i = 0; warnings.length === 0 && i < 100; i++) await turn();
  assert.match(warnings[0].message, /add \+evalsha to the ACL/);
});

test('Koa: a list of revocations is asked too', async t => {
  const { server, client: admin } = await redisFor(t);
  await forbidEvalsha(admin);
  const store = new RedisStore({ client: connect(t, server, LOGIN) });
  warningsOf(t, FORBIDDEN.code);
  const app = appWith({ encrypt: 'sealed', absoluteMaxAge: 1000, revocation: new Revocations({ store }) });
  await assert.rejects(createSession.checkAccess(app), FORBIDDEN);
});

test('a store is asked once, however many requests there are, and what its keys begin with', async t => {
  for (const [options, keyPrefix] of [[{}, ''], [{ prefix: 'sess:' }, 'sess:'], [{ idBytes: 32 }, ''], [{ genid: () => 'own' }, null]]) {
    const store = new AskedStore();
    const visit = await listen(t, appWith({ store, ...options }));
    for (let i = 0; i < 3; i++) assert.equal(await visit(), 'true');
    assert.deepEqual(store.asked, [[keyPrefix]]);
  }
});

test('a store that is set later is asked at its first request', async t => {
  const options = { store: new AskedStore() };
  const visit = await listen(t, appWith(options));
  await visit();
  const later = new AskedStore();
  options.store = later;
  assert.deepEqual(later.asked, []);
  await visit();
  await visit();
  assert.deepEqual(later.asked, [['']]);
  options.store = undefined;
  assert.equal(await visit(), 'true');
});

test('a store that cannot be asked: one warning, no error, and the next request asks again', async t => {
  const warnings = warningsOf(t, 'SESSION_STORE_ACCESS');
  const store = new AskedStore();
  store.failure = 'ERR_SESSION_STORE_TIMEOUT';
  const app = appWith({ store });
  await createSession.checkAccess(app);
  const visit = await listen(t, app);
  for (let i = 0; i < 3; i++) await visit();
  assert.ok(store.asked.length >= 3);
  store.failure = undefined;
  await visit();
  await turn();
  const { length } = store.asked;
  for (let i = 0; i < 3; i++) await visit();
  assert.equal(store.asked.length, length);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0].message, /ERR_SESSION_STORE_TIMEOUT/);
});

test('a store without the method, an app without a store, and what is no app', async () => {
  for (const options of [{ store: { get() {}, set() {}, destroy() {} } }, {}]) await createSession.checkAccess(appWith(options));
  for (const other of [new Koa(), {}, null, undefined]) await assert.rejects(createSession.checkAccess(other), { code: 'ERR_SESSION_ARGUMENT' });
});

for (const major of [3, 4]) {
  test(`Egg ${major} does not start if Redis refuses a command, and says which`, { timeout: 120_000 }, async t => {
    const { server, client: admin } = await redisFor(t);
    await forbidEvalsha(admin);
    const starting = startStoreCluster(t, { major, store: { kind: 'redis', port: server.port, login: LOGIN } });
    await assert.rejects(starting, /NOPERM\): add \+evalsha to the ACL/);
  });

  test(`Egg ${major} starts while Redis does not answer, and says what Redis refuses when it does`, { timeout: 120_000 }, async t => {
    const { server, client: admin } = await redisFor(t);
    await forbidEvalsha(admin);
    await server.freeze();
    const app = await startStoreCluster(t, { major, store: { kind: 'redis', port: server.port, login: LOGIN, timeoutMs: 500 } });
    await app.logLine(/store could not be asked .*ERR_SESSION_STORE_TIMEOUT/);
    server.thaw();
    await app.get('/read');
    await app.logLine(/add \+evalsha to the ACL/);
  });
}
