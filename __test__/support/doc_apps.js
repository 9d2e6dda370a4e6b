'use strict';

/** Runs the blocks of the documents as the app would that has them: as a plugin's line, a config, `app.js`, a controller, a Koa app. */

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const http = require('node:http');
const { PassThrough } = require('node:stream');
const Redis = require('ioredis');
const Koa = require('koa');
const createSession = require('../..');
const { asAccountPage, asLabel, asSubscriber } = require('./doc_registry');
const { ENV, load, requireIn } = require('./doc_world');
const { cookieHeader, createEggApp, exchange, knownSources } = require('./egg_context');

const { RedisStore, Revocations } = createSession;
const DAY_MS = 24 * 3600 * 1000;

/** @typedef {import('./doc_world').World} World */

/** A plugin's line names this package. */
function asPlugin(world, source) {
  const { session } = load(world, source);
  assert.deepEqual({ ...session }, { enable: true, package: 'egg-session-native' });
}

/** A config starts an app without a warning, and the app keeps a session. */
async function asConfig(world, source) {
  const config = load(world, source);
  const { keys = [ENV.COOKIE_KEY], session = {}, adminSession } = config;
  const [[, cookies]] = await knownSources();
  const app = createEggApp(cookies, { keys });
  const warnings = [];
  Object.assign(app, { coreLogger: { warn: line => warnings.push(line), info() {} } });
  const options = adminSession ?? { ...require('../../config/config.default').session, ...session };
  const middleware = createSession(options, app);
  const name = adminSession ? adminSession.as : 'session';
  const first = await exchange(app, middleware, ctx => { ctx[name].user = 'ada'; }, { secure: true });
  assert.ifError(first.error);
  const second = await exchange(app, middleware, ctx => ctx[name].user, { secure: true, headers: { cookie: cookieHeader(first.setCookie) } });
  assert.equal(second.result, 'ada');
  assert.deepEqual(warnings, []);
}

/** What an `app.js` gets: in Egg 4, `app.redis` only in `didLoad`. @param {World} world */
function bareApp(world) {
  return Object.assign(new EventEmitter(), {
    config: { session: /** @type {any} */ ({}) },
    coreLogger: { warn() {} },
    beforeClose: close => world.closing.push(close),
    sessionStore: /** @type {any} */ (undefined),
  });
}

/** @param {World} world @param {any} app after it was set up: what it has keeps sessions, or what was revoked of them */
async function keeps(world, app) {
  const { revocation } = app.config.session;
  if (app.sessionStore) {
    await app.sessionStore.set('key', { user: 'ada' }, 60_000);
    assert.deepEqual({ ...await app.sessionStore.get('key') }, { user: 'ada' });
    await app.sessionStore.destroy('key');
    assert.ok(!await app.sessionStore.get('key'));
    return;
  }
  if (revocation) {
    await revocation.revoke('id', Date.now() + 60_000);
    assert.equal(await revocation.isRevoked('id'), true);
    return;
  }
  assert.ok(app.eventNames().length > 0, 'it sets a store, `revocation` or a listener');
  for (const name of app.eventNames()) app.emit(name, { operation: 'get', error: { code: 'ERR_SESSION_STORE_TIMEOUT' } });
}

/** An `app.js` that exports a function or a class. In Egg 4, a class that asks for `app.redis` does so in `didLoad`. */
async function asBoot(world, source) {
  const Boot = load(world, source);
  const app = /** @type {any} */ (bareApp(world));
  const redis = new Redis(world.redis, '127.0.0.1');
  world.closing.push(() => redis.disconnect());
  if (Boot.prototype && Object.hasOwn(Boot.prototype, 'constructor') && /^class/.test(String(Boot))) {
    const boot = new Boot(app);
    if (boot.configDidLoad) await boot.configDidLoad();
    app.redis = redis;
    if (boot.didLoad) await boot.didLoad();
  } else {
    app.redis = redis;
    Boot(app);
  }
  await keeps(world, app);
}

/** Lines of a `didLoad`. */
async function asDidLoad(world, source) {
  const app = /** @type {any} */ (bareApp(world));
  app.redis = new Redis(world.redis, '127.0.0.1');
  world.closing.push(() => app.redis.disconnect());
  load(world, source, { app });
  await keeps(world, app);
}

/** @param {World} world @param {(ctx: any, app: any) => any} handle @param {any} [more] options */
async function inRequest(world, handle, more = {}) {
  const app = /** @type {any} */ (Object.assign(new Koa(), { keys: [ENV.COOKIE_KEY], silent: true }));
  const middleware = createSession({ key: 'pages', maxAge: DAY_MS, ...more }, app);
  const { error } = await exchange(app, middleware, ctx => handle(ctx, app));
  assert.ifError(error);
}

/** Each action of a controller runs in a request. */
async function asController(world, source) {
  for (const [name, action] of Object.entries(load(world, source))) {
    await inRequest(world, async ctx => {
      await action(ctx);
      assert.ok(ctx.body !== undefined, name);
    });
  }
}

/** A Koa app listens, and counts visits. */
async function asKoaApp(world, source) {
  const app = load(world, `${source}\nmodule.exports = app;`);
  if (!source.includes('app.use(ctx')) {
    app.use(ctx => {
      ctx.session.visits = (ctx.session.visits || 0) + 1;
      ctx.body = { visits: ctx.session.visits };
    });
  }
  const server = http.createServer(app.callback());
  await new Promise(resolve => { server.listen(0, '127.0.0.1', () => resolve(undefined)); });
  try {
    let cookie = '';
    for (const visit of [1, 2, 3]) {
      const response = await fetch(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`, { headers: { cookie } });
      const set = response.headers.getSetCookie();
      if (set.length > 0) cookie = set.map(line => line.split(';')[0]).join('; ');
      assert.match(await response.text(), new RegExp(`\\b${visit}\\b`));
    }
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => { server.close(resolve); });
  }
}

/** Lines of a handler, which runs in a request of an app with `userOf`, and with `revocation` where the lines are about it. */
async function asHandler(world, source) {
  const redis = new Redis(world.redis, '127.0.0.1');
  world.closing.push(() => redis.disconnect());
  const userOf = session => session.userId;
  const store = new RedisStore({ client: redis, prefix: 'pages:', userOf });
  const revocations = new Revocations({ store: new RedisStore({ client: redis, prefix: 'revoked:' }), userOf });
  const server = new EventEmitter();
  const isRevoking = /revocation/.test(source);
  const options = isRevoking ? { encrypt: 'sealed', absoluteMaxAge: DAY_MS, revocation: revocations } : { store };
  await inRequest(world, async (ctx, app) => {
    app.sessionStore = store;
    ctx.session.userId = 7;
    const names = { ctx, app, server, createSession, revocations, revocation: revocations, sessionId: createSession.sessionId, user: { id: 7 }, require: requireIn(world) };
    await load(world, `module.exports = (async () => {\n${source}\n})();`, names);
    for (const listen of server.listeners('upgrade')) {
      for (const [headers, status] of /** @type {const} */ ([[{}, 403], [{ origin: 'https://shop.example' }, 401]])) {
        const socket = new PassThrough();
        await listen({ headers }, socket, Buffer.alloc(0));
        assert.match(String(socket.read()), new RegExp(`^HTTP/1\\.1 ${status} `));
      }
    }
  }, options);
}

/** @type {[RegExp, (world: World, source: string) => any][]} by what a block begins with or has, in this order */
const KINDS = [
  [/^\/\/ config\/plugin\./, asPlugin],
  [/^(?:\/\/ config\/config\.default\.js\n)?exports\./, asConfig],
  [/^\/\/ app\.js(?:, in |，在 )didLoad/, asDidLoad],
  [/^\/\/ app\.js/, asBoot],
  [/^\/\/ app\/controller\//, asController],
  [/new SessionRegistry\(/, asAccountPage],
  [/^const Bowser/, asLabel],
  [/diagnostics_channel/, asSubscriber],
  [/new Koa\(\)/, asKoaApp],
  [/^\/\/ [\w/]+\.js\n/, load],
  [/^/, asHandler],
];

/** @param {World} world @param {string} source */
async function runBlock(world, source) {
  const [, run] = /** @type {[RegExp, (world: World, source: string) => any]} */ (KINDS.find(([pattern]) => pattern.test(source)));
  return run(world, source);
}

module.exports = { runBlock };
