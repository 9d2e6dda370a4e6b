'use strict';

/** What cannot work is refused at start, by the option's name. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../../..');
const { MemoryStore } = require('../../support/memory_store');
const { databaseFor, storeFor } = require('../../support/sqlite_files');
const { exchange } = require('../../support/egg_context');

const { MemcachedStore, RedisStore, Revocations, SessionRegistry } = createSession;
const userOf = session => session.user;
const memcached = { get() {}, gets() {}, set() {}, add() {}, cas() {}, del() {}, touch() {} };
const redis = { get() {}, set() {}, del() {}, eval() {}, evalsha() {} };

const refuses = (option, run) => assert.throws(run, { name: 'TypeError', code: 'ERR_SESSION_OPTION', option });
/** @param {any} options @param {any} [app] */
const start = (options, app = Object.assign(new Koa(), { keys: ['a key of thirty-two characters..'] })) => createSession({ maxAge: 60_000, ...options }, app);

test('a SessionRegistry refuses what it cannot work with', t => {
  const store = storeFor(t, { path: databaseFor(t), userOf });
  for (const options of [undefined, null, 1, 'store', {}, { store: null }, { store, revocation: new Revocations({ store, userOf }) }]) {
    refuses('store', () => new SessionRegistry(options));
  }
  for (const wrong of [1, 'redis', () => {}, {}, new MemoryStore(), new MemcachedStore({ client: memcached }), { list() {}, destroyAll() {} }]) {
    refuses('store', () => new SessionRegistry({ store: wrong }));
  }
  refuses('userOf', () => new SessionRegistry({ store: new RedisStore({ client: redis }) }));
  refuses('userOf', () => new SessionRegistry({ store: storeFor(t, { path: databaseFor(t) }) }));
  for (const revocation of [1, {}, { isRevoked() {}, revoke() {} }, store, new Revocations({ store: { get() {}, set() {}, destroy() {} }, userOf })]) {
    refuses('revocation', () => new SessionRegistry({ revocation }));
  }
  refuses('userOf', () => new SessionRegistry({ revocation: new Revocations({ store }) }));
  for (const touchAfterMs of [-1, 1.5, NaN, Infinity, '1', 2 ** 31]) refuses('touchAfterMs', () => new SessionRegistry({ store, touchAfterMs }));
  for (const label of ['x', {}, true]) refuses('label', () => new SessionRegistry({ store, label }));
  for (const address of ['cut', '', true, {}]) refuses('address', () => new SessionRegistry({ store, address }));
  refuses('maxSessions', () => new SessionRegistry({ store, maxSessions: 5 }));
  for (const maxSessions of [0, 1001, 1.5, '5']) refuses('maxSessions', () => new SessionRegistry({ revocation: new Revocations({ store, userOf }), maxSessions }));
  for (const name of ['touchAfter', 'userOf', '__proto__x', 'constructor']) refuses(name, () => new SessionRegistry({ store, [name]: 1 }));
  const empty = { touchAfterMs: null, label: null, address: null, maxSessions: null, revocation: null };
  assert.ok(new SessionRegistry({ store, ...empty }));
});

test('a session refuses a registry that is about other sessions', t => {
  const store = storeFor(t, { path: databaseFor(t), userOf });
  const other = storeFor(t, { path: databaseFor(t), userOf });
  const registry = new SessionRegistry({ store });
  for (const wrong of [1, true, {}, store, { list() {}, end() {}, endOthers() {} }]) refuses('registry', () => start({ store, registry: wrong }));
  refuses('registry', () => start({ store: other, registry }));
  const revocation = new Revocations({ store, userOf });
  const sealed = { encrypt: 'sealed', absoluteMaxAge: 60_000, revocation };
  refuses('registry', () => start({ ...sealed, registry }));
  refuses('registry', () => start({ ...sealed, registry: new SessionRegistry({ revocation: new Revocations({ store, userOf }) }) }));
  refuses('registry', () => start({ ContextStore: class { get() {} set() {} destroy() {} }, registry }));
  refuses('registry', () => start({ store, registry: { list() {}, end() {}, endOthers() {}, endAll() {} } }));
  const app = Object.assign(new Koa(), { keys: ['a key of thirty-two characters..'] });
  start({ store, registry }, app);
  refuses('registry', () => start({ as: 'admin', key: 'admin', encrypt: 'sealed', store, registry }, app));
  start({ as: 'admin', key: 'admin', encrypt: 'sealed', store, registry: new SessionRegistry({ store }) }, app);
  start({ ...sealed, registry: new SessionRegistry({ revocation }) });
  start({ store, registry: null });
});

test('in an app that sets its store later, checkAccess() tells that the registry is about other sessions', async t => {
  const store = storeFor(t, { path: databaseFor(t), userOf });
  const app = Object.assign(new Koa(), { keys: ['a key of thirty-two characters..'], coreLogger: { warn() {}, info() {} } });
  const options = { maxAge: 60_000, key: 's', registry: new SessionRegistry({ store }) };
  const middleware = createSession(options, app);
  await assert.rejects(createSession.checkAccess(app), { code: 'ERR_SESSION_OPTION', option: 'registry' });
  options.store = store;
  await createSession.checkAccess(app);
  options.store = storeFor(t, { path: databaseFor(t), userOf });
  await assert.rejects(createSession.checkAccess(app), { code: 'ERR_SESSION_OPTION', option: 'registry' });
  // Until somebody mends it, sessions work without records.
  const { error } = await exchange(app, middleware, ctx => { ctx.session.user = 'ada'; });
  assert.equal(error, undefined);
  assert.deepEqual(Object.keys((await options.store.list({ user: 'ada', withRecords: true }))[0]).includes('record'), true);
  assert.equal((await options.store.list({ user: 'ada', withRecords: true }))[0].record, undefined);
});

test('checkAccess() asks the store of the Revocations about the registry\'s keys', async t => {
  const asked = [];
  const store = Object.assign(storeFor(t, { path: databaseFor(t) }), { checkAccess: async prefix => { asked.push(prefix); } });
  const revocation = new Revocations({ store, userOf });
  const app = Object.assign(new Koa(), { keys: ['a key of thirty-two characters..'], coreLogger: { warn() {}, info() {} } });
  start({ encrypt: 'sealed', absoluteMaxAge: 60_000, revocation, registry: new SessionRegistry({ revocation }) }, app);
  await createSession.checkAccess(app);
  assert.deepEqual(asked.sort(), ['living:', 'not-before:', 'revoked:']);
});
