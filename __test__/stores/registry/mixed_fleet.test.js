'use strict';

/** Instances without a registry, of this package and of egg-session with its README's store, share the sessions of one Redis. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { devNull } = require('node:os');
const path = require('node:path');
const createSession = require('../../..');
const { BrowserJar } = require('../../support/browser_jar');
const { MAJORS, MockApps } = require('../../support/mock_apps');
const { redisFor } = require('../../support/redis_clients');
const { PLACES, logIn, serve, whoAmI } = require('../../support/registry_apps');

const BASE_DIR = path.join(__dirname, '../../fixtures/store_app');
const { RedisStore, SessionRegistry } = createSession;

test('instances of this package without a registry keep the record', async t => {
  for (const name of ['SqliteStore', 'RedisStore']) {
    const place = await PLACES[name](t);
    const [{ registry, visitor, server }, older] = [await serve(t, place), await serve(t, place, { registry: null })];
    const phone = visitor('phone');
    await phone.does(logIn('ada'));
    const listed = await registry.list('ada');
    phone.server = older.server;
    await phone.does(ctx => { ctx.session.n = 1; });
    assert.equal(await phone.does(ctx => JSON.stringify(Object.keys(ctx.session))), JSON.stringify(['_sessCtx', '_ctx', '_externalKey', 'user', 'n', '_expire']));
    await phone.does(ctx => ctx.session.regenerate());
    phone.server = server;
    const [after] = await registry.list('ada');
    assert.deepEqual([after.id, after.createdAt, after.label], [listed[0].id, listed[0].createdAt, 'phone']);
  }
});

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`egg-session's place in Egg ${major}`, () => {
    test('a session that it has written is listed, is ended, and gets its record back under the same id', async t => {
      const { server, client } = await redisFor(t);
      process.env.FIXTURE_VARIANT = JSON.stringify({ store: { kind: 'readme', port: server.port } });
      process.env.FIXTURE_EVENTS = devNull;
      delete process.env.FIXTURE_PLUGIN;
      const mockApps = new MockApps();
      t.after(() => mockApps.stop());
      const start = implementation => mockApps.start({ major, implementation, baseDir: BASE_DIR });
      const old = await start('original');
      const ours = await start('ours');
      t.after(() => MAJORS[major].mm.restore());
      // Egg 4's own plugin signs where egg-session encrypts.
      for (const app of [old, ours]) app.config.session.encrypt = major === 3;
      const store = new RedisStore({ client, userOf: session => session.user });
      ours.sessionStore = store;
      const registry = new SessionRegistry({ store, label: ctx => ctx.get('user-agent'), touchAfterMs: 0 });
      ours.config.session.registry = registry;

      const phone = new BrowserJar();
      const visit = async (app, url, jar = phone) => {
        const request = app.httpRequest().get(url).set('user-agent', 'phone');
        const header = jar.header({ path: '/' });
        if (header) request.set('cookie', header);
        const { status, body, headers } = await request;
        assert.equal(status, 200);
        jar.store(headers['set-cookie'] || []);
        return body.session;
      };

      await visit(ours, '/login');
      const [first] = await registry.list('ada');
      assert.equal(first.label, 'phone');
      assert.deepEqual(await visit(old, '/add?key=n'), { user: 'ada', n: 1 });
      const [without, ...more] = await registry.list('ada');
      assert.deepEqual(more, []);
      assert.equal(without.id, first.id, 'the id is the same without the record');
      assert.deepEqual([without.label, without.createdAt, without.lastSeenAt], [undefined, undefined, undefined]);
      assert.ok(without.expiresAt > Date.now());
      assert.deepEqual(await visit(ours, '/read'), { user: 'ada', n: 1 });
      const [again] = await registry.list('ada');
      assert.deepEqual([again.id, again.label, again.createdAt], [first.id, 'phone', undefined]);
      assert.ok(again.lastSeenAt >= first.lastSeenAt);

      await visit(old, '/add?key=m');
      assert.equal(await registry.end('ada', first.id), true);
      assert.deepEqual(await visit(old, '/read'), {}, 'the old instance finds it expired');
      assert.deepEqual(await registry.list('ada'), []);
    });
  });
}

test('a session from before the registry is listed, is seen, and can be ended', async t => {
  for (const name of Object.keys(PLACES)) {
    const place = await PLACES[name](t);
    const [{ registry, visitor, server }, older] = [await serve(t, place, { registry: { touchAfterMs: 0 } }), await serve(t, place, { registry: null })];
    const phone = visitor('phone');
    phone.server = older.server;
    await phone.does(logIn('ada'));
    const before = await registry.list('ada');
    assert.equal(before.length, place.session.store ? 1 : 0);
    phone.server = server;
    await phone.does(whoAmI);
    const [seen] = await registry.list('ada');
    assert.deepEqual([seen.label, seen.createdAt, before.length === 0 || seen.id === before[0].id], ['phone', undefined, true]);
    assert.equal(await registry.end('ada', seen.id), true);
    assert.equal(await phone.does(whoAmI), undefined);
  }
});
