'use strict';

/** Apps with a SessionRegistry behind a real HTTP server, on each of the places where sessions are kept, and their visitors. */

const createSession = require('../..');
const { BrowserJar, SessionServer, settle } = require('./session_server');
const { redisFor } = require('./redis_clients');
const { databaseFor, storeFor } = require('./sqlite_files');

const { RedisStore, Revocations, SessionRegistry } = createSession;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Two kinds of sessions may share a store: `as` tells them apart. */
const userOf = session => (session._as === undefined ? session.user : `${session._as} ${session.user}`);

const sealed = store => {
  const revocation = new Revocations({ store, userOf });
  return { source: { revocation }, session: { revocation, encrypt: 'sealed', absoluteMaxAge: 5 * DAY_MS }, store, again: () => sealed(store) };
};
const stored = store => ({ source: { store }, session: { store }, store, again: () => stored(store) });

/**
 * By name: makes, for one test, `source` for the registry, `session` for the options of the session, and the store with the records.
 * `again` makes the same for another worker.
 * @type {Record<string, (t: import('node:test').TestContext) => Promise<{ source: any, session: any, store: any, again: () => any }>>}
 */
const PLACES = {
  SqliteStore: async t => stored(storeFor(t, { path: databaseFor(t), userOf })),
  RedisStore: async t => stored(new RedisStore({ client: (await redisFor(t)).client, userOf, prefix: 'sess:' })),
  'sealed cookies, revocations in SqliteStore': async t => sealed(storeFor(t, { path: databaseFor(t) })),
  'sealed cookies, revocations in RedisStore': async t => sealed(new RedisStore({ client: (await redisFor(t)).client, prefix: 'gone:' })),
};
/** Of each kind one that starts no server. */
const QUICK_PLACES = ['SqliteStore', 'sealed cookies, revocations in SqliteStore'];

/** One browser of one app. A visit's path may name the device, as a user agent would. */
class Visitor {
  jar = new BrowserJar();

  /** @param {SessionServer} server @param {string} device */
  constructor(server, device) {
    this.server = server;
    this.path = `/?device=${encodeURIComponent(device)}`;
  }

  /** @param {(ctx: any) => any} handle @param {{ keep?: boolean }} [how] */
  async does(handle, how) {
    const { status, result } = await this.server.visit(this.jar, handle, { path: this.path, ...how });
    if (status !== 200) throw this.server.errors[0] || new Error(`status ${status}`);
    await settle();
    return result;
  }

  /** @returns {Visitor} with a copy of the cookies */
  copy() {
    const copy = new Visitor(this.server, 'a copy');
    const header = this.jar.header({ path: '/' });
    copy.jar.store(header.split('; ').map(pair => `${pair}; path=/`));
    return copy;
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {{ source: any, session: any }} place
 * @param {{ registry?: any, session?: any, how?: any }} [options] registry: null for an app without
 */
async function serve(t, { source, session }, { registry: registryOptions, session: more, how } = {}) {
  const registry = registryOptions === null ? undefined : new SessionRegistry({ ...source, label: ctx => ctx.query.device, ...registryOptions });
  const server = new SessionServer({ key: 'SESS', maxAge: DAY_MS, ...session, registry, ...more }, how);
  const failed = [];
  server.app.on('session:store_error', ({ operation, error }) => failed.push(`${operation}: ${error.code || error.message}`));
  await server.start();
  t.after(() => server.stop());
  return { server, registry, failed, visitor: device => new Visitor(server, device) };
}

const logIn = user => async ctx => {
  ctx.session.user = user;
  await ctx.session.regenerate();
};
const logOut = ctx => { ctx.session = null; };
const whoAmI = ctx => ctx.session.user;

module.exports = { DAY_MS, HOUR_MS, PLACES, QUICK_PLACES, Visitor, logIn, logOut, serve, userOf, whoAmI };
