'use strict';

/** Runs the blocks of docs/sessions.md and docs/diagnostics.md: an account page, a label, a subscriber. */

const assert = require('node:assert/strict');
const http = require('node:http');
const Redis = require('ioredis');
const Koa = require('koa');
const createSession = require('../..');
const { exchange, cookieHeader } = require('./egg_context');
const { ENV, load } = require('./doc_world');

/** @typedef {import('./doc_world').World} World */

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

/** A client that keeps its cookies. @param {number} port */
function clientOf(port) {
  const jar = new Map();
  /** @param {string} method @param {string} url @returns {Promise<any>} the answer's JSON */
  return async (method, url) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`http://127.0.0.1:${port}${url}`, { method, headers: { cookie } });
    for (const [, name, value] of response.headers.getSetCookie().map(line => /^([^=]+)=([^;]*)/.exec(line) ?? [])) jar.set(name, value);
    return response.ok ? response.json() : response.status;
  };
}

/** Routes for a block that has none. @param {any} registry */
function routes(registry) {
  return async ctx => {
    if (ctx.path === '/sessions') ctx.body = await registry.list(ctx.session.userId, { ctx });
    if (ctx.path === '/sessions/end') ctx.body = { ended: await registry.end(ctx.session.userId, ctx.query.id) };
    if (ctx.path === '/sessions/end-others') ctx.body = { ended: await registry.endOthers(ctx) };
  };
}

/** A Koa app, or lines of one: three logins of a user; the first sees all, ends the second by its id, and then the others. @param {World} world @param {string} source */
async function asAccountPage(world, source) {
  const client = new Redis(world.redis, '127.0.0.1');
  world.closing.push(() => client.disconnect());
  const isWhole = source.includes('new Koa()');
  const lines = Object.assign(new Koa(), { keys: [ENV.COOKIE_KEY] });
  const names = { app: lines, client, createSession, Revocations: createSession.Revocations, RedisStore: createSession.RedisStore, SessionRegistry: createSession.SessionRegistry };
  const { app, registry } = load(world, `${source}\nmodule.exports = { app, registry };`, isWhole ? {} : names);
  if (!isWhole) app.use(routes(registry));
  app.silent = true;
  app.middleware.splice(1, 0, async (ctx, next) => {
    if (ctx.path !== '/login') return next();
    ctx.session.userId = 7;
    ctx.body = {};
  });
  const server = http.createServer(app.callback());
  await new Promise(resolve => { server.listen(0, '127.0.0.1', () => resolve(undefined)); });
  try {
    const [first, second, third] = [1, 2, 3].map(() => clientOf(/** @type {any} */ (server.address()).port));
    for (const login of [second, third, first]) await login('POST', '/login');
    const [own, ...others] = await first('GET', '/sessions');
    assert.equal(own.current, true);
    assert.equal(others.length, 2);
    const ofSecond = (await second('GET', '/sessions'))[0].id;
    assert.deepEqual(await first('POST', `/sessions/end?id=${encodeURIComponent(ofSecond)}`), { ended: true });
    assert.deepEqual((await first('GET', '/sessions')).map(({ id }) => id), [own.id, ...others.map(({ id }) => id).filter(id => id !== ofSecond)]);
    await first('POST', '/sessions/end-others');
    assert.deepEqual((await first('GET', '/sessions')).map(({ id }) => id), [own.id]);
  } finally {
    server.closeAllConnections();
    await new Promise(resolve => { server.close(resolve); });
  }
}

/** The function `label` of a registry. @param {World} world @param {string} source */
function asLabel(world, source) {
  const label = load(world, `${source}\nmodule.exports = label;`);
  assert.equal(label({ get: () => FIREFOX }), /\/\/ (.*)$/m.exec(source)?.[1]);
  assert.equal(typeof label({ get: () => '' }), 'string');
}

/** What subscribes to a channel gets what it takes apart, once a session is opened. @param {World} world @param {string} source */
async function asSubscriber(world, source) {
  /** @type {any[]} */
  const seen = [];
  const [, members] = /\(\{ (.*?) \}\) => \{/.exec(source) ?? assert.fail('it takes a message apart');
  load(world, source.replace('// …', `seen({ ${members} });`), { seen: message => seen.push(message) });
  const app = Object.assign(new Koa(), { keys: [ENV.COOKIE_KEY] });
  const middleware = createSession({ key: 'pages', maxAge: 1000, encrypt: 'sealed' }, app);
  const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.user = 'ada'; });
  assert.deepEqual(seen, []);
  await exchange(app, middleware, ctx => ctx.session.user, { headers: { cookie: cookieHeader(setCookie) } });
  assert.deepEqual(seen, [{ format: 'sealed', keyIndex: 0 }]);
}

module.exports = { asAccountPage, asLabel, asSubscriber };
