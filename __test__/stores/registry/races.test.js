'use strict';

/** Sessions that end while another request moves them, or gives them to another user. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const { PLACES, logIn, serve, whoAmI } = require('../../support/registry_apps');

/**
 * Makes the n-th call of a method from now on wait.
 *
 * @returns {{ reached: Promise<void>, goOn: () => void }}
 */
function holdCall(store, method, n) {
  const original = store[method];
  let [calls, goOn] = [0, () => {}];
  const released = new Promise(resolve => { goOn = resolve; });
  const reached = new Promise(resolve => {
    store[method] = async function (...args) {
      if (++calls === n) {
        store[method] = original;
        resolve();
        await released;
      }
      return original.apply(this, args);
    };
  });
  return { reached, goOn };
}

for (const [name, create] of Object.entries(PLACES)) {
  describe(name, () => {
    for (const [ending, end] of Object.entries({
      'end()': async (registry, id) => { assert.equal(await registry.end('ada', id), true); },
      'endAll()': registry => registry.endAll('ada'),
    })) {
      test(`${ending} ends a session that regenerate() moves at the same time, whatever has been written by then`, async t => {
        // In a store: before the new entry, and before the old one is given up. In a cookie: at the revocation, and at the list.
        for (const n of [1, 2]) {
          const place = await create(t);
          const { visitor, server } = await serve(t, place);
          const worker = await serve(t, place.again());
          const phone = visitor('phone');
          await phone.does(logIn('ada'));
          const [{ id }] = await worker.registry.list('ada');
          const { reached, goOn } = holdCall(place.store, 'compareAndSet', n);
          const moving = phone.does(async ctx => { await ctx.session.regenerate().catch(error => { if (error.code !== 'ERR_SESSION_GONE') throw error; }); });
          await reached;
          await end(worker.registry, id);
          goOn();
          await moving;
          assert.equal(await phone.does(whoAmI), undefined, `${ending} at write ${n}`);
          assert.deepEqual(await worker.registry.list('ada'), []);
          assert.deepEqual(server.errors, []);
        }
      });
    }
  });
}

const inCookies = Object.entries(PLACES).filter(([name]) => name.includes('cookies'));

/**
 * A request of the phone is past its check, and calls `regenerate()` while `end` waits for its own call of the store.
 *
 * @param {{ place: any, phone: any, end: () => Promise<unknown>, method: string, n: number }} race
 */
async function regenerateWithin({ place, phone, end, method, n }) {
  let [enter, regenerate] = [() => {}, () => {}];
  const entered = new Promise(resolve => { enter = resolve; });
  const asked = new Promise(resolve => { regenerate = resolve; });
  const moving = phone.does(async ctx => {
    enter();
    await asked;
    await ctx.session.regenerate();
  });
  await entered;
  const { reached, goOn } = holdCall(place.store, method, n);
  const ending = end();
  // It may end without this call.
  await Promise.race([reached, ending.then(goOn)]);
  await sleep(2);
  regenerate();
  await moving;
  goOn();
  await ending;
}

for (const [name, create] of inCookies) {
  for (const ending of ['endAll', 'endOthers']) {
    for (const isRecorded of [true, false]) {
      test(`${name}: ${ending}() waits somewhere, and ends a session ${isRecorded ? '' : 'without a record '}that regenerate() moves`, async t => {
        // It writes the cutoff and reads it again, then reads and writes the list, once for all and once for what is in it.
        for (const [method, n] of [['compareAndSet', 1], ['get', 1], ['getText', 1], ['compareAndSet', 2], ['getText', 2], ['compareAndSet', 3]]) {
          const place = await create(t);
          const mover = await serve(t, place);
          const older = await serve(t, place.again(), { registry: null });
          const ender = await serve(t, place.again());
          const [desktop, phone] = [ender.visitor('desktop'), (isRecorded ? mover : older).visitor('phone')];
          await desktop.does(logIn('ada'));
          await phone.does(logIn('ada'));
          phone.server = mover.server;
          const end = ending === 'endAll' ? () => ender.registry.endAll('ada') : () => desktop.does(ctx => ender.registry.endOthers(ctx));
          await regenerateWithin({ place, phone, end, method, n });
          assert.equal(await phone.does(whoAmI), undefined, `${method} ${n}`);
          const stays = ending === 'endAll' ? [] : ['desktop'];
          assert.deepEqual((await ender.registry.list('ada')).map(({ label }) => label), stays);
          assert.equal(await desktop.does(whoAmI), stays.length ? 'ada' : undefined);
        }
      });
    }
  }

  test(`${name}: endOthers() spares this session without a record, before and after regenerate()`, async t => {
    const place = await create(t);
    const { server, registry } = await serve(t, place);
    const older = await serve(t, place.again(), { registry: null });
    for (const steps of [['regenerate', 'endOthers'], ['endOthers', 'regenerate']]) {
      const phone = older.visitor('phone');
      phone.server = older.server;
      await phone.does(logIn('ada'));
      phone.server = server;
      await phone.does(async ctx => {
        for (const step of steps) await (step === 'regenerate' ? ctx.session.regenerate() : registry.endOthers(ctx));
      });
      assert.equal(await phone.does(whoAmI), 'ada', steps.join());
      assert.deepEqual((await registry.list('ada')).map(({ label }) => label), ['phone']);
    }
  });
}

for (const name of ['SqliteStore', 'RedisStore']) {
  test(`${name}: between the list and the end, the session goes to another user, and stays`, async t => {
    const place = await PLACES[name](t);
    const { registry, visitor } = await serve(t, place);
    const phone = visitor('phone');
    await phone.does(logIn('ada'));
    const [{ id }] = await registry.list('ada');
    for (const method of ['getText', 'compareAndSet']) {
      await phone.does(ctx => { ctx.session.user = 'ada'; });
      const { reached, goOn } = holdCall(place.store, method, 1);
      const ending = registry.end('ada', id);
      await reached;
      await phone.does(ctx => { ctx.session.user = 'bob'; });
      goOn();
      assert.equal(await ending, false, method);
      assert.equal(await phone.does(whoAmI), 'bob');
    }
  });
}

test('a hundred logins of one user at once are all recorded', async t => {
  for (const create of Object.values(PLACES)) {
    const { registry, visitor, failed } = await serve(t, await create(t));
    // One handler for all: the server runs what was set last.
    await Promise.all(Array.from({ length: 100 }, (_, i) => visitor(`device ${i}`).does(logIn('ada'))));
    assert.deepEqual(failed, []);
    assert.equal(new Set((await registry.list('ada')).map(({ label }) => label)).size, 100);
  }
});
