'use strict';

/** What a user sees of the sessions, and how they end, over HTTP and in each place where sessions are kept. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { knownSources } = require('../../support/egg_context');
const { DAY_MS, PLACES, QUICK_PLACES, logIn, logOut, serve, userOf, whoAmI } = require('../../support/registry_apps');

/** @param {any} visitor @param {any} registry @param {string} [user] */
const listOf = (visitor, registry, user = 'ada') => visitor.does(ctx => registry.list(user, { ctx }));
const devices = sessions => sessions.map(({ label }) => label);

const HOSTILE_IDS = [
  undefined, null, '', 0, 1, NaN, true, [], {}, ['__proto__'], '__proto__', 'constructor', 'prototype', { toString: () => 'x' }, Symbol('id'), () => {}, 10n,
  'A'.repeat(22), 'A'.repeat(100_000), '\0', '../../x', 'living:', '%00', '*',
];

for (const [name, create] of Object.entries(PLACES)) {
  describe(name, () => {
    test('a user sees each session with its id, times, device, and which is this one', async t => {
      const place = await create(t);
      const { registry, visitor } = await serve(t, place, { registry: { address: 'network' } });
      const [phone, laptop] = [visitor('phone'), visitor('laptop')];
      const before = Date.now();
      await phone.does(logIn('ada'));
      await laptop.does(logIn('ada'));
      await visitor('another user').does(logIn('bob'));
      const sessions = await listOf(phone, registry);
      assert.deepEqual(devices(sessions), ['phone', 'laptop']);
      for (const session of sessions) {
        assert.deepEqual(Object.keys(session), ['id', 'createdAt', 'lastSeenAt', 'expiresAt', 'label', 'address', 'current']);
        assert.match(session.id, /^[\w-]{22}$/);
        assert.equal(session.address, '127.0.0.0/24');
        for (const time of [session.createdAt, session.lastSeenAt]) assert.ok(time >= before && time <= Date.now());
        assert.ok(session.expiresAt >= before + DAY_MS && session.expiresAt <= Date.now() + DAY_MS);
      }
      assert.deepEqual(sessions.map(({ current }) => current), [true, false]);
      assert.deepEqual(devices(await listOf(laptop, registry)), ['laptop', 'phone'], 'this one first');
      assert.deepEqual((await registry.list('ada')).map(({ current }) => current), [false, false], 'outside of a request none is current');
      assert.deepEqual(await registry.list('nobody'), []);
      assert.equal((await registry.list('ada', { limit: 1 })).length, 1);
    });

    test('the public id opens nothing, and names neither key nor id of the session', async t => {
      const place = await create(t);
      const { registry, visitor } = await serve(t, place);
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      const [{ id }] = await registry.list('ada');
      assert.equal(phone.jar.header({ path: '/' }).includes(id), false);
      const forger = visitor('forger');
      for (const value of [id, `${id}==`]) {
        forger.jar.store([`SESS=${value}; path=/`]);
        assert.equal(await forger.does(whoAmI), undefined);
      }
      if (place.session.store) {
        const [{ key }] = await place.store.list({ user: 'ada' });
        assert.notEqual(key, id);
        assert.equal(await place.store.getText(id), undefined);
      } else {
        assert.notEqual(await phone.does(ctx => require('../../..').sessionId(ctx)), id);
        await place.session.revocation.revoke(id, Date.now() + DAY_MS);
        assert.equal(await phone.does(whoAmI), 'ada', 'it is no id that could be revoked');
      }
    });

    test('an id and the beginning stay through save() and regenerate(), and a login begins anew', async t => {
      const { registry, visitor } = await serve(t, await create(t), { registry: { touchAfterMs: 0 } });
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      const [{ id, createdAt }] = await registry.list('ada');
      const steps = [
        ctx => { ctx.session.count = 1; },
        ctx => ctx.session.save(),
        ctx => ctx.session.regenerate(),
        async ctx => {
          ctx.session.count = 2;
          await ctx.session.save();
          await ctx.session.regenerate();
          ctx.session.count = 3;
          await ctx.session.regenerate();
        },
        ctx => { ctx.session = { user: 'ada' }; },
        whoAmI,
      ];
      for (const step of steps) {
        await phone.does(step);
        const sessions = await listOf(phone, registry);
        assert.deepEqual(sessions.map(session => [session.id, session.createdAt, session.current]), [[id, createdAt, true]], String(step));
      }
      await phone.does(async ctx => {
        ctx.session = null;
        ctx.session = { user: 'ada' };
      });
      const [again, ...others] = await listOf(phone, registry);
      assert.deepEqual(others, []);
      assert.notEqual(again.id, id);
      await phone.does(logIn('bob'));
      assert.deepEqual(await registry.list('ada'), []);
      const [bobs] = await listOf(phone, registry, 'bob');
      assert.notEqual(bobs.id, again.id);
    });

    test('end() ends one session of the user, of which a copied cookie is refused, and only that', async t => {
      const { registry, visitor } = await serve(t, await create(t));
      const [phone, laptop] = [visitor('phone'), visitor('laptop')];
      for (const each of [phone, laptop]) await each.does(logIn('ada'));
      const stolen = laptop.copy();
      assert.equal(await stolen.does(whoAmI), 'ada');
      const { id } = (await listOf(phone, registry)).find(({ label }) => label === 'laptop');
      assert.equal(await registry.end('ada', id), true);
      assert.deepEqual(await Promise.all([phone, laptop, stolen].map(each => each.does(whoAmI))), ['ada', undefined, undefined]);
      assert.deepEqual(devices(await listOf(phone, registry)), ['phone']);
      assert.equal(await registry.end('ada', id), false, 'it has ended already');
    });

    test('an id of another user, of nobody or of any type ends nothing and throws nothing', async t => {
      const { registry, visitor } = await serve(t, await create(t));
      const [ada, bob] = [visitor('ada'), visitor('bob')];
      await ada.does(logIn('ada'));
      await bob.does(logIn('bob'));
      const [{ id }] = await registry.list('ada');
      for (const hostile of [id, ...HOSTILE_IDS]) assert.equal(await registry.end('bob', hostile), false);
      for (const user of ['', '__proto__', 'constructor', 0, NaN]) assert.equal(await registry.end(user, id), false);
      assert.deepEqual([await ada.does(whoAmI), await bob.does(whoAmI)], ['ada', 'bob']);
    });

    test('a user of another type, and a ctx without the session, are misuse', async t => {
      const { registry } = await serve(t, await create(t));
      const misuse = { name: 'TypeError', code: 'ERR_SESSION_ARGUMENT' };
      for (const user of [undefined, null, true, {}, [], Symbol('user')]) {
        await assert.rejects(registry.list(user), misuse);
        await assert.rejects(registry.end(user, 'A'.repeat(22)), misuse);
        await assert.rejects(registry.endAll(user), misuse);
      }
      for (const ctx of [undefined, null, 1, {}, { session: { user: 'ada' } }]) await assert.rejects(registry.endOthers(ctx), misuse);
      await assert.rejects(registry.list('ada', { ctx: {} }), misuse);
      for (const limit of [-1, 1.5, '1', NaN]) await assert.rejects(registry.list('ada', { limit }), misuse);
    });

    test('endOthers() and endAll() also end what has no record, and no session of another user', async t => {
      const place = await create(t);
      const { registry, visitor } = await serve(t, place);
      const older = await serve(t, place, { registry: null });
      const [phone, laptop, unrecorded, bob] = [visitor('phone'), visitor('laptop'), older.visitor('old'), visitor('bob')];
      for (const each of [phone, laptop, unrecorded]) await each.does(logIn('ada'));
      await bob.does(logIn('bob'));
      const stolen = laptop.copy();
      const all = [phone, laptop, stolen, bob];
      const users = async () => [...await Promise.all(all.map(each => each.does(whoAmI))), await unrecorded.does(whoAmI)];
      assert.deepEqual(await users(), ['ada', 'ada', 'ada', 'bob', 'ada']);
      assert.equal(await phone.does(ctx => registry.endOthers(ctx)), true);
      assert.deepEqual(await users(), ['ada', undefined, undefined, 'bob', undefined]);
      assert.deepEqual(devices(await listOf(phone, registry)), ['phone']);
      await new Promise(resolve => { setTimeout(resolve, 2); });
      await registry.endAll('ada');
      assert.deepEqual(await users(), [undefined, undefined, undefined, 'bob', undefined]);
      assert.deepEqual(await registry.list('ada'), []);
    });

    test('endOthers() after regenerate() spares the session under its new key', async t => {
      const { registry, visitor } = await serve(t, await create(t));
      const [phone, laptop] = [visitor('phone'), visitor('laptop')];
      for (const each of [phone, laptop]) await each.does(logIn('ada'));
      const stolen = phone.copy();
      await phone.does(async ctx => {
        await ctx.session.regenerate();
        await registry.endOthers(ctx);
      });
      assert.deepEqual(await Promise.all([phone, laptop, stolen].map(each => each.does(whoAmI))), ['ada', undefined, undefined]);
      assert.deepEqual((await listOf(phone, registry)).map(({ label, current }) => [label, current]), [['phone', true]]);
    });

    test('endOthers() of a request without a user ends nothing', async t => {
      const { registry, visitor } = await serve(t, await create(t));
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      const stranger = visitor('stranger');
      assert.equal(await stranger.does(ctx => registry.endOthers(ctx)), false);
      await stranger.does(ctx => { ctx.session.cart = 1; });
      assert.equal(await stranger.does(ctx => registry.endOthers(ctx)), false);
      assert.equal(await phone.does(ctx => { ctx.session = null; return registry.endOthers(ctx); }, { keep: false }), false);
    });

    test('after a logout the session is on no list, and neither is one that has become anonymous', async t => {
      const { registry, visitor } = await serve(t, await create(t), { registry: { touchAfterMs: 0 } });
      const [phone, laptop] = [visitor('phone'), visitor('laptop')];
      for (const each of [phone, laptop]) await each.does(logIn('ada'));
      await phone.does(logOut);
      await laptop.does(ctx => { ctx.session.user = undefined; });
      await laptop.does(whoAmI);
      assert.deepEqual(await registry.list('ada'), []);
      await laptop.does(ctx => { ctx.session.user = 'ada'; });
      assert.deepEqual(devices(await registry.list('ada')), ['laptop'], 'the same session, of the user again');
    });

    test('nothing of the record reaches the app', async t => {
      const place = await create(t);
      /** @type {any[]} */
      const shown = [];
      const seen = session => {
        shown.push(JSON.stringify(session));
        return true;
      };
      const { registry, server, visitor } = await serve(t, place, {
        registry: { touchAfterMs: 0, address: 'full' }, session: { valid: (_ctx, session) => seen(session) },
      });
      const phone = visitor('Unmistakable');
      await phone.does(logIn('ada'));
      for (const step of [whoAmI, ctx => { ctx.session.n = 1; }, ctx => ctx.session.regenerate(), ctx => { seen({ ...ctx.session, _sessCtx: 0, _ctx: 0 }); }]) await phone.does(step);
      if (place.session.store) {
        for (const { key, ...row } of await place.store.list({ user: 'ada' })) shown.push(JSON.stringify([row, await place.store.get(key)]));
      }
      shown.push(JSON.stringify(server.events));
      const [{ id }] = await registry.list('ada');
      assert.ok(shown.length > 4);
      for (const text of shown) assert.doesNotMatch(text, new RegExp(`${id}|_record|Unmistakable|127\\.0\\.0\\.1`));
    });

    test('a session with `as` has a registry of its own, also in a shared store', async t => {
      const place = await create(t);
      const { registry, visitor, server } = await serve(t, place);
      const { registry: admins, ...admin } = await serve(t, place, { session: { as: 'adminSession', key: 'ADMIN', keys: ['only for admins, 32 characters...'], encrypt: 'sealed' } });
      const [phone, desk] = [visitor('phone'), admin.visitor('desk')];
      await phone.does(logIn('ada'));
      await desk.does(async ctx => {
        ctx.adminSession.user = 'ada';
        await ctx.adminSession.regenerate();
      });
      assert.deepEqual(devices(await registry.list('ada')), ['phone']);
      assert.deepEqual(devices(await admins.list('adminSession ada')), ['desk']);
      assert.equal(userOf({ user: 'ada', _as: 'adminSession' }), 'adminSession ada');
      assert.equal(await desk.does(ctx => admins.endOthers(ctx)), true);
      assert.equal(await phone.does(whoAmI), 'ada');
      assert.deepEqual(server.errors, []);
    });
  });
}

for (const name of QUICK_PLACES) {
  test(`${name}: with each class of Egg's cookies`, async t => {
    for (const [, source] of await knownSources()) {
      const { registry, visitor } = await serve(t, await PLACES[name](t), { how: { source } });
      const [phone, laptop] = [visitor('phone'), visitor('laptop')];
      for (const each of [phone, laptop]) await each.does(logIn('ada'));
      assert.deepEqual(devices(await listOf(laptop, registry)), ['laptop', 'phone']);
      await laptop.does(ctx => registry.endOthers(ctx));
      assert.deepEqual([await phone.does(whoAmI), await laptop.does(whoAmI)], [undefined, 'ada']);
    }
  });
}

for (const session of [
  { hashKeys: true }, { hashKeys: true, prefix: 'shop:' }, { prefix: 'shop:' },
  { externalKey: { get: ctx => ctx.cookies.get('own'), set: (ctx, key) => { ctx.cookies.set('own', key); } } },
]) {
  test(`SqliteStore with ${Object.keys(session).join(' and ')}`, async t => {
    const { registry, visitor } = await serve(t, await PLACES.SqliteStore(t), { session });
    const [phone, laptop, third] = [visitor('phone'), visitor('laptop'), visitor('third')];
    for (const each of [phone, laptop, third]) await each.does(logIn('ada'));
    const sessions = await listOf(phone, registry);
    assert.deepEqual(sessions.map(({ current }) => current), [true, false, false]);
    assert.equal(await registry.end('ada', sessions.find(({ label }) => label === 'third').id), true);
    await laptop.does(ctx => registry.endOthers(ctx));
    assert.deepEqual(await Promise.all([phone, laptop, third].map(each => each.does(whoAmI))), [undefined, 'ada', undefined]);
  });
}
