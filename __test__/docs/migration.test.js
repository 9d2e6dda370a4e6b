'use strict';

/** What docs/migration.md promises to those who come from packages that are no dependency of ours, held against what these wrote. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Redis = require('ioredis');
const Keygrip = require('keygrip');
const createSession = require('../..');
const { load } = require('../support/doc_world');
const { blockWith } = require('../support/documents');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');
const { startRedis } = require('../support/servers');

const KEY = 'a key of the pages\' app';
/** Recorded: koa-generic-session 2.3.1 with koa-redis 4.0.1, SETEX for a day, and the cookie `koa.sid` signed by koa 2.16.4. */
const SID = 'TzavgpqWXcjJeddUEj6qiCgAOou7jSfA';
const TEXT = '{"cookie":{"httpOnly":true,"path":"/","overwrite":true,"signed":true,"maxAge":86400000},"user":"ada"}';
/** Recorded: egg-session-redis 2.1.0 with egg-redis 2.6.1 in egg 3.34.0, PX 86410000. */
const REDIS_KEY = '4e907ddc-e0b7-4ef2-8b1e-cc36fbcdca95';

/** @param {import('node:test').TestContext} t */
async function redisFor(t) {
  const server = await startRedis();
  const client = new Redis(server.port, '127.0.0.1');
  const world = { folder: '', redis: server.port, memcached: 0, closing: /** @type {any[]} */ ([]) };
  t.after(async () => {
    for (const close of world.closing) close();
    client.disconnect();
    await server.remove();
  });
  return { client, world };
}

test('the app goes on with the sessions of koa-generic-session, and its own are readable there', async t => {
  const { client, world } = await redisFor(t);
  await client.set(`koa:sess:${SID}`, TEXT, 'EX', 86400);
  const app = load(world, `${blockWith('docs/migration.md', '\'koa.sid\'')}\nmodule.exports = app;`);
  const [middleware] = app.middleware;
  const signed = `koa.sid=${SID}; koa.sid.sig=${new Keygrip([KEY]).sign(`koa.sid=${SID}`)}`;
  const first = await exchange(app, middleware, ctx => {
    ctx.session.visits = 1;
    return ctx.session.user;
  }, { headers: { cookie: signed } });
  assert.equal(first.result, 'ada');
  assert.equal(cookieHeader(first.setCookie), signed, 'the same key, and the signature that Koa makes');
  const saved = Object.entries(JSON.parse(/** @type {string} */ (await client.get(`koa:sess:${SID}`))));
  assert.deepEqual(Object.fromEntries(saved.filter(([name]) => !name.startsWith('_'))), { ...JSON.parse(TEXT), visits: 1 });
  const begun = await exchange(app, middleware, ctx => { ctx.session.user = 'grace'; });
  const [, key] = /^koa\.sid=([^;]+)/.exec(begun.setCookie[0]) ?? [];
  const { cookie } = JSON.parse(/** @type {string} */ (await client.get(`koa:sess:${key}`)));
  assert.deepEqual(cookie, JSON.parse(TEXT).cookie, 'without it koa-generic-session sets no expiry and signs no cookie');
  assert.equal((await exchange(app, middleware, ctx => { ctx.session = null; }, { headers: { cookie: cookieHeader(begun.setCookie) } })).error, undefined);
  assert.equal((await exchange(app, middleware, ctx => ctx.session.user, { headers: { cookie: cookieHeader(begun.setCookie) } })).result, undefined);
});

test('the app goes on with the sessions of egg-session-redis', async t => {
  const { client, world } = await redisFor(t);
  const text = `{"user":"ada","_expire":${Date.now() + 3600_000},"_maxAge":86400000}`;
  await client.set(REDIS_KEY, text, 'PX', 86_410_000);
  const Boot = load(world, blockWith('docs/migration.md', 'class AppBoot'));
  const [[, cookies]] = await knownSources();
  const app = Object.assign(createEggApp(cookies, { keys: [KEY] }), { redis: client, sessionStore: /** @type {any} */ (undefined) });
  await new Boot(app).didLoad();
  const plain = { encrypt: false, signed: false, key: 'EGG_SESS' };
  const middleware = createSession({ ...plain, store: app.sessionStore }, app);
  const { result, error } = await exchange(app, middleware, ctx => {
    ctx.session.visits = 1;
    return ctx.session.user;
  }, { headers: { cookie: `EGG_SESS=${REDIS_KEY}` } });
  assert.ifError(error);
  assert.equal(result, 'ada');
  const { user, visits } = JSON.parse(/** @type {string} */ (await client.get(REDIS_KEY)));
  assert.deepEqual({ user, visits }, { user: 'ada', visits: 1 });
  assert.ok(await client.pttl(REDIS_KEY) > 86_400_000);
});

test('from a cookie to a store: the user begins anew, and `session:missed` has the whole old session unless the name changes too', async () => {
  const [[, cookies]] = await knownSources();
  const config = { keys: [KEY] };
  const before = createEggApp(cookies, config);
  const { setCookie } = await exchange(before, createSession({ key: 'OLD', encrypt: true }, before), ctx => { ctx.session.user = 'ada'; });
  for (const [key, isShown] of /** @type {const} */ ([['OLD', true], ['NEW', false]])) {
    const app = createEggApp(cookies, config);
    const missed = /** @type {string[]} */ ([]);
    app.on('session:missed', event => missed.push(event.key));
    const store = { async get() {}, async set() {}, async destroy() {} };
    const { result } = await exchange(app, createSession({ key, encrypt: true, store }, app), ctx => ctx.session.user, { headers: { cookie: cookieHeader(setCookie) } });
    await new Promise(resolve => { setImmediate(resolve); });
    assert.equal(result, undefined);
    assert.deepEqual(missed.map(text => JSON.parse(Buffer.from(text, 'base64').toString()).user), isShown ? ['ada'] : []);
  }
});
