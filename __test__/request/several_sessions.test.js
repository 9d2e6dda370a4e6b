'use strict';

/** Two sessions in one app never accept each other's cookies or keys, in whatever way each of them is kept. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { hosts, LARGE, MODES, optionsOf, STORES, TwoSessions } = require('../support/two_sessions');

const swapped = cookie => cookie.replace(/(^|; )(EGG|ADMIN)_SESS(?=[.=])/g, (_, before, name) => `${before}${name === 'EGG' ? 'ADMIN' : 'EGG'}_SESS`);
const dataOf = session => JSON.parse(JSON.stringify(session));

/** @param {TwoSessions} two @param {string} label @param {string[]} modes */
async function copyCookies(two, label, modes) {
  const contents = modes.map((mode, i) => ({ user: `user ${i}`, ...MODES[mode].isLarge && { LARGE } }));
  const { cookie } = await two.request(undefined, (first, second) => {
    Object.assign(first, contents[0]);
    Object.assign(second, contents[1]);
  });
  // Three times: from the second read on, opened cookies are remembered.
  for (let n = 0; n < 3; n++) {
    const own = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
    assert.deepEqual(own.result, contents, `${label}: each reads its own`);
    assert.deepEqual(own.setCookie, [], `${label}: nothing is sent again`);
    const copied = await two.request(swapped(cookie), (first, second) => [dataOf(first), dataOf(second), first.isNew, second.isNew]);
    assert.deepEqual(copied.result, [{}, {}, true, true], `${label}: each refuses the other's cookie`);
  }
  const again = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
  assert.deepEqual(again.result, contents, `${label}: neither was harmed by it`);
}

for (const firstAs of [undefined, 'one']) {
  for (const first of Object.keys(MODES)) {
    test(`each refuses a copy of the other's cookie: ${firstAs || 'ctx.session'} is ${first}`, async () => {
      for (const [host, createApp] of await hosts()) {
        for (const second of Object.keys(MODES)) {
          for (const [kind, Store] of Object.entries(STORES)) {
            for (const isShared of [true, false]) {
              if (!MODES[first].store && !MODES[second].store && !(isShared && kind === 'a plain store')) continue;
              const [one, other] = isShared ? Array(2).fill(new Store()) : [new Store(), new Store()];
              const two = new TwoSessions(createApp(), optionsOf(first, { key: 'EGG_SESS', as: firstAs }, one), optionsOf(second, { key: 'ADMIN_SESS', as: 'adminSession' }, other));
              await copyCookies(two, `${host}, ${first} and ${second}, ${kind}, ${isShared ? 'shared' : 'two'}`, [first, second]);
            }
          }
        }
      }
    });
  }
}

describe('in one store that both sessions share', () => {
  for (const [kind, Store] of Object.entries(STORES)) {
    /** @param {any} [more] */
    const start = async more => {
      const store = new Store();
      const [, createApp] = (await hosts())[0];
      const options = as => optionsOf('unsigned key of a store', { ...as ? { as, key: 'ADMIN_SESS' } : { key: 'EGG_SESS' }, ...more && more(as) }, store);
      return { store, two: new TwoSessions(createApp(), options(undefined), options('adminSession')) };
    };

    test(`${kind}: a key of the other session is answered as unknown`, async () => {
      const { two } = await start();
      const { cookie } = await two.request(undefined, (first, second) => {
        first.user = 1;
        second.user = 2;
      });
      const { ctx, result } = await two.request(swapped(cookie), (first, second) => [first.externalKey, second.externalKey]);
      const [egg, admin] = ['EGG_SESS', 'ADMIN_SESS'].map(name => new RegExp(`${name}=([^;]*)`).exec(cookie)[1]);
      assert.ok(!result.includes(egg) && !result.includes(admin), 'it is not adopted either');
      const missed = two.events.filter(([name]) => name === 'missed').map(([, event]) => event);
      assert.deepEqual(missed, [{ key: admin, value: undefined, ctx }, { key: egg, value: undefined, ctx, as: 'adminSession' }]);
    });

    test(`${kind}: the entry carries the name, and the session's data does not`, async () => {
      const { store, two } = await start();
      const { result: [one, other], cookie } = await two.request(undefined, (first, second) => {
        first.user = 1;
        second.user = 2;
        return [first.externalKey, second.externalKey];
      });
      const names = json => Object.keys(json).filter(name => name !== '_rev');
      assert.deepEqual(names(await store.get(one)), ['user', '_expire', '_maxAge'], 'ctx.session has the bytes of egg-session');
      const entry = await store.get(other);
      assert.deepEqual(names(entry), ['user', '_as', '_expire', '_maxAge']);
      assert.equal(entry._as, 'adminSession');
      const { result } = await two.request(cookie, (_, second) => [Object.keys(second.toJSON()), second.length]);
      assert.deepEqual(result, [['user'], 1]);
    });

    test(`${kind}: a name is kept by every kind of save`, async () => {
      const { store, two } = await start();
      let { cookie, result: key } = await two.request(undefined, async (_, second) => {
        await second.save();
        return second.externalKey;
      });
      assert.equal((await store.get(key))._as, 'adminSession', 'an empty one');
      const saves = [
        second => { second.user = 1; },
        second => { second.maxAge = 'session'; },
        second => { second.maxAge = 5000; },
        second => second.regenerate(),
        (_, ctx) => { ctx.adminSession = { user: 2 }; },
        second => second.manuallyCommit(),
      ];
      for (const change of saves) {
        const answer = await two.request(cookie, async (_, second, ctx) => {
          assert.equal(second.isNew || false, false);
          await change(second, ctx);
        });
        if (answer.cookie) cookie = answer.cookie;
        key = answer.ctx.adminSession.externalKey;
        assert.equal((await store.get(key))._as, 'adminSession');
      }
    });

    test(`${kind}: a genid that gives both the same key mixes nothing`, async () => {
      const { store, two } = await start(() => ({ genid: () => 'the same' }));
      const { cookie } = await two.request(undefined, (first, second) => {
        first.customer = 1;
        second.admin = 2;
      });
      const { _expire, _maxAge, _rev, ...entry } = await store.get('the same');
      assert.deepEqual(entry, { customer: 1 }, 'ctx.session is saved last');
      const { result } = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
      assert.deepEqual(result, [{ customer: 1 }, {}]);
    });
  }

  test('a change that meets another session under its key takes nothing from it', async () => {
    const store = new STORES['a store that compares and sets']();
    const [, createApp] = (await hosts())[0];
    const two = new TwoSessions(createApp(), { key: 'A', maxAge: 60000, store }, { key: 'B', as: 'adminSession', maxAge: 60000, store });
    const { cookie, result: key } = await two.request(undefined, (_, second) => {
      second.admin = 1;
      return second.externalKey;
    });
    await two.request(cookie, async (_, second) => {
      await store.setText(key, '{"customer":1}');
      second.more = 2;
    });
    const { _expire, _maxAge, _rev, ...entry } = await store.get(key);
    assert.deepEqual(entry, { admin: 1, more: 2, _as: 'adminSession' });
  });

  test('changes of one session at the same time are merged as ever', async () => {
    const store = new STORES['a store that compares and sets']();
    const [, createApp] = (await hosts())[0];
    const two = new TwoSessions(createApp(), { key: 'A', maxAge: 60000, store }, { key: 'B', as: 'adminSession', maxAge: 60000, store });
    const { cookie } = await two.request(undefined, (_, second) => { second.n = 0; });
    await Promise.all(['a', 'b'].map(name => two.request(cookie, async (_, second) => {
      await new Promise(resolve => setTimeout(resolve, 5));
      second[name] = 1;
    })));
    const { result } = await two.request(cookie, (_, second) => dataOf(second));
    assert.deepEqual({ ...result }, { n: 0, a: 1, b: 1 });
    assert.deepEqual(two.events.filter(([name]) => name === 'conflict'), []);
  });
});
