'use strict';

// `Revocations`: what was revoked, in any store.

require('../support/frozen_clock');

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Revocations } = require('../..');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const HOUR_MS = 3600 * 1000;
const START_MS = Date.UTC(2026, 10, 23);
const userOf = (session) => session.user;

describe('Revocations', () => {
  test('knows the ids that were revoked, and no other, for as long as they could live', async () => {
    clock.set(START_MS);
    const store = new MemoryStore();
    const revocations = new Revocations({ store });
    await revocations.revoke('a', START_MS + HOUR_MS);
    assert.deepEqual([await revocations.isRevoked('a'), await revocations.isRevoked('b')], [true, false]);
    assert.deepEqual(await new Revocations({ store }).isRevoked('a'), true, 'another worker');
    store.now = HOUR_MS - 1;
    assert.equal(await revocations.isRevoked('a'), true);
    store.now = HOUR_MS;
    assert.equal(await revocations.isRevoked('a'), false, 'nothing is left behind');
  });

  test('keeps nothing for a session that has ended', async () => {
    clock.set(START_MS);
    const store = new LoggingStore();
    await new Revocations({ store }).revoke('a', START_MS);
    assert.deepEqual(store.take(), []);
  });

  test('gives the time of a user\'s last logout everywhere', async () => {
    const revocations = new Revocations({ store: new MemoryStore(), userOf });
    clock.set(START_MS);
    await revocations.revokeUser('ada');
    await revocations.revokeUser(7);
    clock.set(START_MS + HOUR_MS);
    const times = await Promise.all([{ user: 'ada' }, { user: 7 }, { user: '7' }, { user: 'bob' }, { user: null }, {}]
      .map((session) => revocations.notBefore(session)));
    assert.deepEqual(times, [START_MS, START_MS, START_MS, undefined, undefined, undefined]);
    await revocations.revokeUser('ada');
    assert.equal(await revocations.notBefore({ user: 'ada' }), START_MS + HOUR_MS);
  });

  test('never lowers a time, whatever order the writes arrive in', async () => {
    const store = new MemoryStore();
    const revocations = new Revocations({ store, userOf });
    const late = [];
    const { compareAndSet } = store;
    store.compareAndSet = (...args) => {
      late.push(() => compareAndSet.apply(store, args));
      return compareAndSet.apply(store, args);
    };
    for (const hours of [2, 0, 3, 1]) {
      clock.set(START_MS + hours * HOUR_MS);
      await revocations.revokeUser('ada');
      clock.set(START_MS);
      await revocations.revoke('a', START_MS + (hours + 1) * HOUR_MS);
    }
    for (const write of [...late].reverse().concat(late)) await write();
    assert.equal(await revocations.notBefore({ user: 'ada' }), START_MS + 3 * HOUR_MS);
    store.now = 4 * HOUR_MS - 1;
    assert.equal(await revocations.isRevoked('a'), true);
  });

  test('of many at once the latest stays', async () => {
    const revocations = new Revocations({ store: new MemoryStore(), userOf });
    await Promise.all(Array.from({ length: 50 }, (_, i) => {
      clock.set(START_MS + (i * 7 % 50) * HOUR_MS);
      return revocations.revokeUser('ada');
    }));
    assert.equal(await revocations.notBefore({ user: 'ada' }), START_MS + 49 * HOUR_MS);
  });

  test('spares one session, for which the logouts that did not spare it go on to count', async () => {
    for (const store of [new MemoryStore(), new LoggingStore()]) {
      const revocations = new Revocations({ store, userOf });
      const timesOf = (...ids) => Promise.all(ids.map((id) => revocations.notBefore({ user: 'ada' }, id)));
      clock.set(START_MS);
      await revocations.revokeUser('ada');
      clock.set(START_MS + 1);
      await revocations.revokeUser('ada', { except: 'a' });
      assert.deepEqual(await timesOf('a', 'b', undefined), [START_MS, START_MS + 1, START_MS + 1]);
      clock.set(START_MS + 2);
      await revocations.revokeUser('ada', { except: 'a' });
      assert.deepEqual(await timesOf('a', 'b'), [START_MS, START_MS + 2]);
      clock.set(START_MS + 3);
      await revocations.revokeUser('ada', { except: 'b' });
      assert.deepEqual(await timesOf('a', 'b'), [START_MS + 3, START_MS + 2]);
      await revocations.revokeUser('ada', { except: null });
      assert.deepEqual(await timesOf('a', 'b'), [START_MS + 3, START_MS + 3], 'in the same millisecond too');
      for (const except of [1, {}, ['b']]) {
        await assert.rejects(revocations.revokeUser('ada', { except }), { code: 'ERR_SESSION_ARGUMENT' });
      }
    }
  });

  test('no logout that arrives late spares or frees a session', async () => {
    const calls = [[0, null], [1, 'a'], [2, 'b'], [3, 'b'], [4, 'a'], [2, null]];
    const expected = { a: START_MS + 3, b: START_MS + 4, c: START_MS + 4 };
    for (let n = 0; n < 60; n++) {
      const revocations = new Revocations({ store: new MemoryStore(), userOf });
      const order = calls.map((call, i) => [call, (i + 1) * (n + 7) % 11]).sort((x, y) => x[1] - y[1]).map(([call]) => call);
      for (const [ms, except] of order) {
        clock.set(START_MS + ms);
        await revocations.revokeUser('ada', { except });
      }
      const times = await Promise.all(Object.keys(expected).map((id) => revocations.notBefore({ user: 'ada' }, id)));
      // Late, it may end a session that was spared, and the other way round it may not.
      times.forEach((time, i) => assert.ok(time >= Object.values(expected)[i], `${order.join(' ')}: ${times.map((t) => t - START_MS)}`));
    }
  });

  test('a time that is no number is given as it is, so that the middleware refuses it (fail closed)', async () => {
    const store = new MemoryStore();
    const revocations = new Revocations({ store, userOf });
    await revocations.revokeUser('ada');
    store.getText = async () => '{"notBefore":"soon"}';
    assert.equal(await revocations.notBefore({ user: 'ada' }, 'a'), 'soon');
  });

  test('no user and no id can pass for another entry', async () => {
    const revocations = new Revocations({ store: new MemoryStore(), userOf });
    await revocations.revokeUser('ada');
    await revocations.revoke('x', Date.now() + HOUR_MS);
    for (const user of ['x', 'revoked:x', '__proto__']) assert.equal(await revocations.notBefore({ user }), undefined);
  });

  test('takes stores whose methods are plain or generators', async () => {
    clock.set(START_MS);
    const entries = new Map();
    const plain = { get: (key) => entries.get(key), set: (key, entry) => { entries.set(key, entry); }, destroy() {} };
    const generators = { *get(key) { return yield Promise.resolve(entries.get(key)); }, *set(key, entry) { entries.set(key, entry); yield []; }, *destroy() {} };
    for (const store of [plain, generators]) {
      entries.clear();
      const revocations = new Revocations({ store });
      await revocations.revoke('a', START_MS + HOUR_MS);
      assert.deepEqual([await revocations.isRevoked('a'), await revocations.isRevoked('b')], [true, false]);
    }
  });

  test('lets the store\'s failures through', async () => {
    const store = new LoggingStore();
    for (const method of ['get', 'set']) store.failures.set(method, new Error('no connection'));
    const revocations = new Revocations({ store, userOf });
    for (const failing of [revocations.isRevoked('a'), revocations.notBefore({ user: 'ada' }), revocations.revokeUser('ada'),
      revocations.revoke('a', Date.now() + HOUR_MS)]) {
      await assert.rejects(failing, { message: 'no connection' });
    }
  });

  test('refuses options and users that cannot work', async () => {
    for (const [options, option] of [
      [undefined, 'store'], [{}, 'store'], [{ store: LoggingStore }, 'store'], [{ store: 'redis' }, 'store'],
      [{ store: new MemoryStore(), userOf: 'user' }, 'userOf'], [{ store: new MemoryStore(), user: userOf }, 'user'],
    ]) {
      assert.throws(() => new Revocations(options), { code: 'ERR_SESSION_OPTION', option });
    }
    assert.throws(() => new Revocations({ store: { get() {} } }), { code: 'ERR_ASSERTION' });
    const revocations = new Revocations({ store: new MemoryStore(), userOf });
    for (const user of [undefined, null, {}, true]) await assert.rejects(revocations.revokeUser(user), { code: 'ERR_SESSION_ARGUMENT' });
    await assert.rejects(revocations.notBefore({ user: {} }), { code: 'ERR_SESSION_ARGUMENT' });
    await assert.rejects(new Revocations({ store: new MemoryStore() }).revokeUser('ada'), { code: 'ERR_SESSION_ARGUMENT' });
  });
});
