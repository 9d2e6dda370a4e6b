'use strict';

/**
 * Of the cookies of one header eight are tried, and two sessions are looked up: when a session is read, and when a logout ends the other
 * live ones. A logout counts those under former names, too. The look-ups are those of a real SQLite file.
 */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Revocations, SqliteStore } = require('../..');
const { LONG_MS, databaseFor } = require('../support/sqlite_files');
const { NAME, cookieOf, deadAndLive, logout, names, start, stop } = require('../support/several_cookies');

after(stop);

const MAX_CANDIDATES = 8;
const FORMER = 'OLD_SESS';
const HOSTS = ['egg', 'koa', 'a subclass of egg-cookies'];

const PLACE = t => ({ path: databaseFor(t), sweepIntervalMs: 0 });

/**
 * A subclass that counts: `take()` tells how many sessions were looked up, and how many ended, since the last time.
 *
 * @param {any} Base
 * @param {Record<string, 'lookUps' | 'ends'>} counted what each method counts as
 */
function counting(Base, counted) {
  class Counting extends Base {
    #counts = { lookUps: 0, ends: 0 };

    count(what) {
      this.#counts[what]++;
    }

    take() {
      const { lookUps, ends } = this.#counts;
      this.#counts = { lookUps: 0, ends: 0 };
      return [lookUps, ends];
    }
  }
  for (const [method, what] of Object.entries(counted)) {
    Counting.prototype[method] = function counts(...args) {
      this.count(what);
      return Base.prototype[method].apply(this, args);
    };
  }
  return Counting;
}

const CountingStore = counting(SqliteStore, { getText: 'lookUps', destroy: 'ends' });
const CountingRevocations = counting(Revocations, { isRevoked: 'lookUps', revoke: 'ends' });

function storeFor(t) {
  const store = new CountingStore(PLACE(t));
  t.after(() => store.close());
  return store;
}

function revocationFor(t) {
  const store = new SqliteStore(PLACE(t));
  t.after(() => store.close());
  return new CountingRevocations({ store });
}

const KINDS = {
  'in a store': t => {
    const store = storeFor(t);
    return { options: { encrypt: 'sealed', store }, take: () => store.take() };
  },
  'in sealed cookies, with revocation': t => {
    const revocation = revocationFor(t);
    return { options: { encrypt: 'sealed', absoluteMaxAge: LONG_MS, revocation }, take: () => revocation.take() };
  },
};

const users = visit => async cookies => {
  const found = [];
  for (const cookie of cookies) found.push((await visit(cookie)).result);
  return found;
};
/** Cookies that do not open, in place of those that are dead without a look-up. */
const unopened = (count, name = NAME) => Array.from({ length: count }, (_, i) => `${name}=v1=junk${i}`);

for (const [kind, make] of Object.entries(KINDS)) {
  describe(`sessions ${kind}`, () => {
    test('two are looked up, at most, to read one', async t => {
      const { options, take } = make(t);
      const visit = await start(options);
      const { dead, live } = await deadAndLive(visit);
      take();
      for (const [cookies, user, lookUps] of [
        [[live], 'ada', 1], [[live, ...dead], 'ada', 1], [[dead[0], live], 'ada', 2], [[dead[0], live, dead[1]], 'ada', 2],
        [[dead[0], dead[1], live], 'nobody', 2], [[...dead, live], 'nobody', 2], [dead, 'nobody', 2],
      ]) {
        assert.deepEqual([(await visit(cookies)).result, take()], [user, [lookUps, 0]]);
      }
    });

    test('two are looked up, at most, in a request that logs out', async t => {
      const { options, take } = make(t);
      const visit = await start(options);
      const { dead } = await deadAndLive(visit);
      for (const [header, lookUps, left] of [
        [live => [live[0]], [1, 1], ['nobody', 'bob', 'eve']],
        [live => live, [2, 2], ['nobody', 'nobody', 'eve']],
        [live => [live[0], live[0], live[1]], [2, 2], ['nobody', 'nobody', 'eve']],
        [live => [live[0], dead[0], live[1]], [2, 1], ['nobody', 'bob', 'eve']],
        [live => [dead[0], ...live], [2, 1], ['nobody', 'bob', 'eve']],
      ]) {
        const live = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob'), await cookieOf(visit, 'eve')];
        take();
        assert.equal((await visit(header(live), logout)).status, 200);
        assert.deepEqual(take(), lookUps);
        assert.deepEqual(await users(visit)(live), left);
      }
    });

    test(`of ${MAX_CANDIDATES} cookies the last is read, and of one more it is not looked up`, async t => {
      const { options, take } = make(t);
      const visit = await start(options);
      const live = await cookieOf(visit, 'ada');
      take();
      assert.deepEqual([(await visit([...unopened(MAX_CANDIDATES - 1), live])).result, take()], ['ada', [1, 0]]);
      assert.deepEqual([(await visit([...unopened(MAX_CANDIDATES), live])).result, take()], ['nobody', [0, 0]]);
    });

    test(`of ${MAX_CANDIDATES} cookies a logout ends the last, and of one more it does not`, async t => {
      const { options, take } = make(t);
      const visit = await start(options);
      for (const [between, calls, left] of [[MAX_CANDIDATES - 2, [2, 2], 'nobody'], [MAX_CANDIDATES - 1, [1, 1], 'bob']]) {
        const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
        take();
        await visit([ada, ...unopened(between), bob], logout);
        assert.deepEqual([take(), await users(visit)([ada, bob])], [calls, ['nobody', left]]);
      }
    });

    for (const host of HOSTS) {
      describe(`under a former name, ${host}`, () => {
        async function renamed(t, more) {
          const { options, take } = make(t);
          const old = await start({ ...options, key: FORMER }, host);
          const now = await start({ ...options, ...more, formerCookies: [{ key: FORMER }] }, host);
          return { old, now, take };
        }

        test('a logout ends the live one, and nothing is asked about it before', async t => {
          const { old, now, take } = await renamed(t);
          for (const order of [[0, 1], [1, 0]]) {
            const cookies = [await cookieOf(now, 'ada'), await cookieOf(old, 'bob')];
            const header = order.map(index => cookies[index]);
            take();
            assert.deepEqual([(await now(header)).result, take()], ['ada', [1, 0]]);
            const { status, setCookie } = await now(header, logout);
            assert.deepEqual([status, take()], [200, [2, 2]]);
            assert.deepEqual(setCookie.map(line => line.split(';')[0]).filter(line => !line.includes('.sig')), [`${FORMER}=`, `${NAME}=`]);
            assert.deepEqual([(await now(cookies[0])).result, (await old(cookies[1])).result], ['nobody', 'nobody']);
          }
        });

        test('a logout ends the live one beside a dead one of the current name', async t => {
          const { old, now } = await renamed(t);
          const { dead: [dead] } = await deadAndLive(now);
          const bob = await cookieOf(old, 'bob');
          const { result, events } = await now([dead, bob]);
          assert.equal(result, 'nobody');
          assert.equal(names(events).length, 1);
          await now([dead, bob], logout);
          assert.equal((await old(bob)).result, 'nobody');
        });

        test('two are looked up, at most, with those of the current name', async t => {
          const { old, now, take } = await renamed(t);
          const [ada, eve, bob, fay] = [await cookieOf(now, 'ada'), await cookieOf(now, 'eve'), await cookieOf(old, 'bob'), await cookieOf(old, 'fay')];
          take();
          await now([bob, ada, eve], logout);
          assert.deepEqual([take(), (await now(eve)).result, (await old(bob)).result], [[2, 2], 'nobody', 'bob']);
          const tom = await cookieOf(now, 'tom');
          take();
          await now([tom, bob, fay], logout);
          assert.deepEqual([take(), await users(old)([bob, fay])], [[2, 2], ['nobody', 'fay']]);
        });
      });
    }
  });
}

for (const [mode, host] of [[{ encrypt: true }, 'egg'], [{ encrypt: false }, 'egg'], [{}, 'koa']]) {
  test(`a logout ends the live one under a former name: ${JSON.stringify(mode)}, ${host}`, async t => {
    const store = storeFor(t);
    const old = await start({ ...mode, store, key: FORMER }, host);
    const now = await start({ ...mode, store, formerCookies: [{ key: FORMER }] }, host);
    const [ada, bob, forged] = [await cookieOf(now, 'ada'), await cookieOf(old, 'bob'), `${FORMER}=junk; ${FORMER}.sig=junk`];
    assert.equal((await now([ada, forged, bob], logout)).status, 200);
    assert.deepEqual([(await now(ada)).result, (await old(bob)).result], ['nobody', 'nobody']);
  });
}

for (const host of HOSTS) {
  test(`of ${MAX_CANDIDATES} that open a logout ends the last, and of one more it does not, under two names: ${host}`, async t => {
    const valid = (_ctx, { user }) => user !== 'refused';
    const sealed = { encrypt: 'sealed', absoluteMaxAge: LONG_MS, revocation: revocationFor(t) };
    const [before, old] = [await start(sealed, host), await start({ ...sealed, key: FORMER }, host)];
    const now = await start({ ...sealed, valid, formerCookies: [{ key: FORMER }] }, host);
    const refused = [];
    for (let i = 0; i < MAX_CANDIDATES - 1; i++) refused.push(await cookieOf(i % 2 ? old : before, 'refused'));
    for (const [between, left] of [[MAX_CANDIDATES - 2, 'nobody'], [MAX_CANDIDATES - 1, 'bob']]) {
      const [ada, bob] = [await cookieOf(now, 'ada'), await cookieOf(old, 'bob')];
      await now([ada, ...refused.slice(0, between), bob], logout);
      assert.equal((await old(bob)).result, left);
    }
  });
}
