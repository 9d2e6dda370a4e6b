'use strict';

/** A key that leads to no live session hides no other that comes behind it, and a logout ends both. At most two are looked up. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Keyring } = require('../..');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { HOUR_MS, MODES, NAME, before, cookieOf, deadAndLive, login, logout, names, start, stop } = require('../support/several_cookies');

after(stop);

const STORES = {
  'get, set and destroy': () => new LoggingStore(),
  'compare and set': () => {
    const store = /** @type {any} */ (new MemoryStore());
    store.calls = [];
    for (const method of ['getText', 'destroy']) {
      const { [method]: original } = store;
      store[method] = function logged(key, ...args) {
        store.calls.push([method, key]);
        return original.call(this, key, ...args);
      };
    }
    store.take = () => store.calls.splice(0).map(([method, key]) => `${method.slice(0, 3)} ${key}`);
    return store;
  },
};

/** Lets the second call of a method fail. @returns {() => number} how often it was called */
function failingSecond(store, method) {
  const { [method]: original } = store;
  let calls = 0;
  store[method] = function second(...args) {
    if (++calls === 2) throw new Error('down');
    return original.apply(this, args);
  };
  return () => calls;
}

for (const [kind, makeStore] of Object.entries(STORES)) {
  describe(`a store of ${kind}`, () => {
    for (const [title, mode, host] of MODES.slice(0, 8)) {
      test(`an entry that is gone hides no live one: ${title}, ${host}`, async () => {
        const store = makeStore();
        const visit = await start({ ...mode, store }, host);
        const dead = await cookieOf(visit, 'dead');
        await visit(dead, logout);
        const live = await cookieOf(visit, 'ada');
        assert.deepEqual([(await visit([dead, live])).result, (await visit([dead, live])).events], ['ada', []]);
        assert.deepEqual(names((await visit([dead])).events), ['missed']);
        assert.deepEqual(names((await visit([dead, `${NAME}=junk`])).events), ['missed']);
      });
    }

    const encrypted = { encrypt: true };

    async function storeOf(more) {
      const store = makeStore();
      const visit = await start({ ...encrypted, ...more, store });
      const { dead, live } = await deadAndLive(visit);
      store.take && store.take();
      return { store, visit, dead, live };
    }
    const gets = store => store.take().filter(call => call.startsWith('get')).length;

    test('refused by valid, or past absoluteMaxAge, an entry hides no live one', async () => {
      const store = makeStore();
      const young = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS });
      const dead = await cookieOf(young, 'dead');
      const visit = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS, valid: (_ctx, { user }) => user !== 'dead' });
      const live = await cookieOf(visit, 'ada');
      assert.equal((await visit([dead, live])).result, 'ada');
      assert.deepEqual((await visit([dead, live])).events, []);
      assert.deepEqual(names((await visit([dead])).events), ['invalid']);
      const old = await before(HOUR_MS / 2, () => cookieOf(young, 'old'));
      const strict = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS / 3 });
      assert.deepEqual([(await strict([old, live])).result, (await strict([old, live])).events], ['ada', []]);
      assert.deepEqual(names((await strict([old])).events), ['expired']);
    });

    test('two are looked up at most', async () => {
      const { store, visit, dead, live } = await storeOf();
      const { result, events } = await visit([dead[0], dead[1], live]);
      assert.deepEqual([result, names(events), gets(store)], ['nobody', ['missed'], 2]);
      assert.deepEqual([(await visit([dead[0], live, dead[1]])).result, gets(store)], ['ada', 2]);
      assert.deepEqual([(await visit([live, dead[0], dead[1]])).result, gets(store)], ['ada', 1]);
    });

    test('the same key twice is looked up once', async () => {
      const { store, visit, dead: [dead], live } = await storeOf({ encrypt: 'sealed' });
      const keyring = new Keyring(['first key']);
      const again = `${NAME}=${keyring.sealSealed(NAME, keyring.openSealed(NAME, dead.slice(NAME.length + 1)).text).value}`;
      assert.notEqual(again, dead);
      assert.deepEqual([(await visit([dead, again, live])).result, gets(store)], ['ada', 2]);
    });

    test('a key is never adopted', async () => {
      const { visit, dead } = await storeOf();
      const { cookie } = await visit([dead[0], dead[1]], login('ada'));
      assert.ok(!dead.includes(cookie));
      assert.equal((await visit(dead[1])).result, 'nobody');
    });

    test('what is saved goes to the live entry', async () => {
      const { visit, dead: [dead], live } = await storeOf();
      await visit([dead, live], ctx => { ctx.session.user = 'eve'; });
      assert.deepEqual([(await visit(live)).result, (await visit(dead)).result], ['eve', 'nobody']);
    });

    test('a logout ends the other live entry of the header, too', async () => {
      const { store, visit, dead: [dead], live } = await storeOf();
      const other = await cookieOf(visit, 'bob');
      store.take();
      assert.deepEqual([(await visit([live, other], logout)).status, store.take().map(call => call.slice(0, 3))], [200, ['get', 'des', 'get', 'des']]);
      assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'nobody']);
      const [ada, bob, eve] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob'), await cookieOf(visit, 'eve')];
      await visit([dead, ada, bob], logout);
      assert.equal((await visit(bob)).result, 'bob', 'two were looked up already');
      const fay = await cookieOf(visit, 'fay');
      await visit([bob, eve, fay], logout);
      assert.deepEqual([(await visit(bob)).result, (await visit(eve)).result, (await visit(fay)).result], ['nobody', 'nobody', 'fay']);
    });

    test('a logout with one cookie asks no more than before', async () => {
      const { store, visit, live } = await storeOf();
      await visit(live, logout);
      assert.deepEqual(store.take().map(call => call.slice(0, 3)), ['get', 'des']);
    });

    test('regenerate() leaves the other session alone', async () => {
      const { visit, live } = await storeOf();
      const other = await cookieOf(visit, 'bob');
      await visit([live, other], ctx => ctx.session.regenerate());
      assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'bob']);
    });
  });
}

describe('a store that fails', () => {
  for (const [onStoreError, status] of [['throw', 500], ['readonly', 200]]) {
    test(`is no verdict: ${onStoreError}`, async () => {
      const store = new LoggingStore();
      const visit = await start({ encrypt: true, store, onStoreError });
      const [dead, live] = [await cookieOf(visit, 'dead'), await cookieOf(visit, 'ada')];
      store.take();
      store.failures.set('get', new Error('down'));
      const { status: answered, events } = await visit([dead, live], () => 'answered');
      assert.deepEqual([answered, names(events), store.take().length], [status, ['store_error'], 1]);
      store.failures.clear();
      await visit(dead, logout);
      store.take();
      const asked = failingSecond(store, 'get');
      const later = await visit([dead, live, live], () => 'answered');
      assert.deepEqual([later.status, names(later.events), asked()], [status, ['store_error'], 2]);
    });
  }

  test('at a logout fails it, and no further entry is tried', async () => {
    for (const onStoreError of ['throw', 'readonly']) {
      const store = new LoggingStore();
      const visit = await start({ encrypt: true, store, onStoreError });
      const [ada, bob, eve] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob'), await cookieOf(visit, 'eve')];
      store.take();
      const { get } = store;
      const asked = failingSecond(store, 'get');
      const { status } = await visit([ada, bob, eve], logout);
      assert.deepEqual([status, asked()], [500, 2], onStoreError);
      store.get = get;
      assert.deepEqual([(await visit(ada)).result, (await visit(bob)).result], ['nobody', 'bob']);
    }
  });

  test('an error of the other entry\'s destroy fails the logout, after the session itself was ended', async () => {
    const store = new LoggingStore();
    const visit = await start({ encrypt: true, store });
    const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
    failingSecond(store, 'destroy');
    assert.equal((await visit([ada, bob], logout)).status, 500);
    assert.deepEqual([(await visit(ada)).result, (await visit(bob)).result], ['nobody', 'bob']);
  });
});

test('with externalKey no cookie is looked at, and no other is ended', async () => {
  const store = new LoggingStore();
  const visit = await start({ encrypt: true, store });
  const [dead, live] = [await cookieOf(visit, 'dead'), await cookieOf(visit, 'ada')];
  store.take();
  const carried = await start({ encrypt: true, store, externalKey: { get: () => 'unknown', set() {} } });
  assert.equal((await carried([dead, live])).result, 'nobody');
  await carried([dead, live], logout);
  assert.deepEqual(store.take().filter(call => !call.includes('unknown')).map(call => call.slice(0, 3)), ['des']);
});
