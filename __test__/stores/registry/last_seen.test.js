'use strict';

/** Reads stay reads: what is written down about a session that is only read, how often, and that it brings nothing back. */

require('../../support/frozen_clock');

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { DAY_MS, HOUR_MS, PLACES, QUICK_PLACES, logIn, logOut, serve, whoAmI } = require('../../support/registry_apps');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const START_MS = Date.UTC(2026, 10, 28);
const MINUTE_MS = 60_000;
const METHODS = ['get', 'set', 'destroy', 'getText', 'setText', 'compareAndSet', 'list', 'destroyAll'];

/** @param {any} store @returns {() => string[]} takes the names of the methods that were called */
function spyOn(store) {
  const calls = [];
  for (const method of METHODS) {
    const original = store[method];
    store[method] = function (...args) {
      calls.push(method);
      return original.apply(this, args);
    };
  }
  return () => calls.splice(0);
}

/** Makes the next call of a method wait. @returns {{ reached: Promise<void>, goOn: () => void }} */
function holdNext(store, method) {
  const original = store[method];
  let goOn;
  const released = new Promise(resolve => { goOn = resolve; });
  const reached = new Promise(resolve => {
    store[method] = async function (...args) {
      store[method] = original;
      resolve();
      await released;
      return original.apply(this, args);
    };
  });
  return { reached, goOn };
}

const writes = calls => calls.filter(name => name === 'compareAndSet' || name.startsWith('set') || name === 'destroy').length;

for (const [name, create] of Object.entries(PLACES)) {
  describe(name, () => {
    test('a session that is only read is written down once in touchAfterMs, and its end does not move', async t => {
      clock.set(START_MS);
      const place = await create(t);
      const { registry, visitor, failed } = await serve(t, place);
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      const takeCalls = spyOn(place.store);
      const [{ expiresAt, id }] = await registry.list('ada');
      takeCalls();
      for (const [minute, written, seen] of [[1, 0, 0], [4, 0, 0], [5, 1, 5], [6, 0, 5], [9, 0, 5], [10, 1, 10], [100, 1, 100], [100, 0, 100]]) {
        clock.set(START_MS + minute * MINUTE_MS);
        assert.equal(await phone.does(whoAmI), 'ada');
        assert.equal(writes(takeCalls()), written, `minute ${minute}`);
        const [session] = await registry.list('ada');
        if (written === 1 && place.session.store) {
          const [{ expiresAt: keptUntil }] = await place.store.list({ user: 'ada' });
          assert.ok(keptUntil <= expiresAt + 10_000 && keptUntil > expiresAt - 5000, `the store keeps it ${keptUntil - expiresAt} ms longer`);
        }
        takeCalls();
        assert.deepEqual(session, { ...session, id, createdAt: START_MS, lastSeenAt: START_MS + seen * MINUTE_MS, expiresAt });
      }
      clock.set(START_MS + DAY_MS - 1);
      assert.equal(await phone.does(whoAmI), 'ada');
      clock.set(START_MS + DAY_MS + 6 * MINUTE_MS);
      assert.equal(await phone.does(whoAmI), undefined);
      assert.deepEqual(await registry.list('ada'), []);
      assert.deepEqual(failed, []);
    });

    test('a save writes no more often, and a session of no user is never written down', async t => {
      clock.set(START_MS);
      const place = await create(t);
      const { registry, visitor } = await serve(t, place, { registry: { touchAfterMs: 0 } });
      const stranger = visitor('stranger');
      await stranger.does(ctx => { ctx.session.cart = 1; });
      const takeCalls = spyOn(place.store);
      clock.set(START_MS + HOUR_MS);
      await stranger.does(whoAmI);
      assert.equal(writes(takeCalls()), 0);
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      takeCalls();
      clock.set(START_MS + 2 * HOUR_MS);
      await phone.does(ctx => { ctx.session.n = 1; });
      assert.equal(writes(takeCalls()), 1);
      assert.equal((await registry.list('ada'))[0].lastSeenAt, START_MS + 2 * HOUR_MS);
    });

    test('a last-seen write that meets a logout changes nothing', async t => {
      for (const end of ['logout', 'end', 'endAll', 'regenerate']) {
        clock.set(START_MS);
        const place = await create(t);
        const { visitor, server } = await serve(t, place);
        const worker = await serve(t, place.again());
        const { registry } = worker;
        const phone = visitor('phone');
        await phone.does(logIn('ada'));
        const copy = phone.copy();
        clock.set(START_MS + HOUR_MS);
        const { reached, goOn } = holdNext(place.store, 'compareAndSet');
        const reading = copy.does(whoAmI);
        await reached;
        // The write is on its way. A request to another worker ends the session meanwhile.
        phone.server = worker.server;
        if (end === 'logout') await phone.does(logOut);
        if (end === 'regenerate') await phone.does(ctx => ctx.session.regenerate());
        if (end === 'endAll') await registry.endAll('ada');
        if (end === 'end') assert.equal(await registry.end('ada', (await registry.list('ada'))[0].id), true);
        goOn();
        assert.equal(await reading, 'ada', 'the request itself has seen the session');
        assert.equal(await copy.does(whoAmI), undefined, end);
        assert.equal((await registry.list('ada')).length, end === 'regenerate' ? 1 : 0, end);
        assert.equal(await phone.does(whoAmI), end === 'regenerate' ? 'ada' : undefined, end);
        assert.deepEqual(server.errors, []);
      }
    });

    test('a last-seen write loses no change of another request, and the other loses nothing', async t => {
      clock.set(START_MS);
      const place = await create(t);
      const { registry, visitor } = await serve(t, place, { registry: { touchAfterMs: 0 } });
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      const others = [phone.copy(), phone.copy(), phone.copy()];
      clock.set(START_MS + HOUR_MS);
      if (place.session.store) {
        const { reached, goOn } = holdNext(place.store, 'compareAndSet');
        const reading = others[0].does(whoAmI);
        await reached;
        await phone.does(ctx => { ctx.session.count = 1; });
        goOn();
        await reading;
        assert.equal(await others[1].does(ctx => ctx.session.count), 1);
      }
      await Promise.all(others.flatMap(other => Array.from({ length: 5 }, () => other.does(whoAmI))));
      assert.equal((await registry.list('ada')).length, 1);
    });

    test('if it fails, the request succeeds, and an event tells', async t => {
      clock.set(START_MS);
      const place = await create(t);
      const { visitor, failed, server } = await serve(t, place);
      const phone = visitor('phone');
      await phone.does(logIn('ada'));
      clock.set(START_MS + HOUR_MS);
      const { compareAndSet } = place.store;
      place.store.compareAndSet = async () => { throw new Error('the store is down'); };
      assert.equal(await phone.does(whoAmI), 'ada');
      place.store.compareAndSet = compareAndSet;
      assert.deepEqual(failed.map(text => text.replace(/^record/, 'compareAndSet')), ['compareAndSet: the store is down']);
      assert.deepEqual(server.errors, []);
    });

    test('several middlewares and a manual commit write it once', async t => {
      clock.set(START_MS);
      const place = await create(t);
      const { visitor, server } = await serve(t, place, { session: { autoCommit: false } });
      const phone = visitor('phone');
      await phone.does(async ctx => {
        ctx.session.user = 'ada';
        await ctx.session.manuallyCommit();
      });
      clock.set(START_MS + HOUR_MS);
      const takeCalls = spyOn(place.store);
      await phone.does(async ctx => {
        await ctx.session.manuallyCommit();
        await ctx.session.manuallyCommit();
      });
      assert.equal(writes(takeCalls()), 1);
      assert.deepEqual(server.errors, []);
    });
  });
}

for (const name of QUICK_PLACES) {
  test(`${name}: another worker's record counts`, async t => {
    clock.set(START_MS);
    const place = await PLACES[name](t);
    const [one, other] = [await serve(t, place), await serve(t, place.again())];
    const phone = one.visitor('phone');
    await phone.does(logIn('ada'));
    clock.set(START_MS + 10 * MINUTE_MS);
    await phone.does(whoAmI);
    const takeCalls = spyOn(place.store);
    phone.server = other.server;
    clock.set(START_MS + 11 * MINUTE_MS);
    await phone.does(whoAmI);
    assert.equal(writes(takeCalls()), 0);
  });
}

test('SqliteStore: a session of maxAge \'session\' is written down by saves only', async t => {
  clock.set(START_MS);
  const place = await PLACES.SqliteStore(t);
  const { registry, visitor } = await serve(t, place, { session: { maxAge: 'session' } });
  const phone = visitor('phone');
  await phone.does(logIn('ada'));
  const takeCalls = spyOn(place.store);
  clock.set(START_MS + HOUR_MS);
  await phone.does(whoAmI);
  assert.equal(writes(takeCalls()), 0);
  await phone.does(ctx => { ctx.session.n = 1; });
  assert.equal((await registry.list('ada'))[0].lastSeenAt, START_MS + HOUR_MS);
});
