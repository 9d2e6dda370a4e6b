'use strict';

/** MemcachedStore: what is particular to memcached. The contract of stores is in store_memcached.test.js. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { inspect } = require('node:util');
const { IssueLog } = require('memcached/lib/connection');
const { MemcachedStore } = require('../../..');
const { isTombstone } = require('../../../lib/store/tombstone');
const { counts, memcachedFor, secondsLeft } = require('../../support/memcached_clients');

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const SECRET = 'value-of-a-session';
/** The client's timers keep Node alive, by default for hours. */
const SHORT_TIMERS = { retries: 0, timeout: 500, retry: 100, reconnect: 100, failures: 1e9, failuresTimeout: 1000 };

/** What the client does after `reconnect` is to spawn `ping`, without which it ends the process. docs/memcached.md says how to avoid it. */
function withoutPing(t) {
  t.mock.method(IssueLog.prototype, 'attemptReconnect', () => {});
}

describe('lifetimes', () => {
  test('are kept to the second, over 30 days as well', async t => {
    const { client, server } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    for (const ms of [5 * SECOND_MS, HOUR_MS, 29 * DAY_MS, 30 * DAY_MS - SECOND_MS, 30 * DAY_MS, 30 * DAY_MS + SECOND_MS, 31 * DAY_MS, 400 * DAY_MS]) {
      for (const write of [() => store.setText('key', '1', ms), () => store.compareAndSet('key', '1', '1', ms)]) {
        await write();
        const left = await secondsLeft(server, 'key');
        // memcached's own clock ticks once a second
        assert.ok(left >= ms / SECOND_MS - 1 && left <= ms / SECOND_MS + 2, `${ms}: ${left}`);
      }
    }
  });

  test("of 'session' and of nothing are a day, or what the app says", async t => {
    const { client, server } = await memcachedFor(t);
    for (const [options, expected] of [[{}, DAY_MS], [{ defaultMaxAgeMs: 40 * DAY_MS }, 40 * DAY_MS]]) {
      for (const maxAge of ['session', undefined, null]) {
        await new MemcachedStore({ client, ...options }).setText('key', '1', maxAge);
        assert.ok(Math.abs(await secondsLeft(server, 'key') - expected / SECOND_MS) <= 2);
      }
    }
  });

  test('that are over end the session; those beyond 2038 do not', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    for (const maxAge of [0, -1, -HOUR_MS]) {
      await store.setText('key', '1', HOUR_MS);
      await store.setText('key', '2', maxAge);
      assert.equal(await store.getText('key'), undefined);
    }
    for (const maxAge of [50 * 365 * DAY_MS, Infinity, Number.MAX_VALUE]) {
      await store.setText('key', '1', maxAge);
      assert.equal(await store.getText('key'), '1');
    }
  });
});

describe('large sessions', () => {
  const textOf = bytes => `"${'x'.repeat(bytes - 2)}"`;

  test('up to the limit are kept, one byte more is refused with a clear error, and what was there stays', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    await store.setText('key', textOf(1_000_000), HOUR_MS);
    assert.equal((await store.getText('key')).length, 1_000_000);
    await store.setText('key', '1', HOUR_MS);
    const tooLarge = textOf(1_000_001);
    for (const call of [() => store.setText('key', tooLarge, HOUR_MS), () => store.compareAndSet('key', '1', tooLarge, HOUR_MS), () => store.set('key', 'x'.repeat(1e6), HOUR_MS)]) {
      await assert.rejects(call, error => {
        assert.equal(error.code, 'ERR_SESSION_STORE_TOO_LARGE');
        assert.match(error.message, /1000001|1000002/);
        assert.ok(error.message.length < 200);
        return true;
      });
    }
    assert.equal(await store.getText('key'), '1');
  });

  test('are measured in bytes', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client, maxValueBytes: 100 });
    await store.setText('key', `"${'ü'.repeat(49)}"`, HOUR_MS);
    await assert.rejects(store.setText('key', `"${'ü'.repeat(49)}" `, HOUR_MS), { code: 'ERR_SESSION_STORE_TOO_LARGE' });
    await assert.rejects(store.setText('key', '\n'.repeat(51), HOUR_MS), { code: 'ERR_SESSION_STORE_TOO_LARGE' });
  });

  test('that the server refuses, whose limit is lower, are an error too and not a silent loss', async t => {
    // The session would just fit, but memcached counts its key and header as well.
    const text = textOf(1_048_570);
    withoutPing(t);
    for (const call of [store => store.setText('key', text, HOUR_MS), store => store.compareAndSet('key', '1', text, HOUR_MS)]) {
      const { client } = await memcachedFor(t, [], SHORT_TIMERS);
      const store = new MemcachedStore({ client, maxValueBytes: 1_048_576, timeoutMs: 500 });
      await store.setText('key', '1', HOUR_MS);
      await assert.rejects(call(store), error => /^ERR_SESSION_STORE_(TIMEOUT|FAILED)$/.test(error.code));
    }
  });
});

describe('compare-and-set', () => {
  test('costs one round trip in a request that has loaded the session, and two elsewhere', async t => {
    const { client, server } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    await store.setText('key', '1', HOUR_MS);
    const ctx = {};
    await store.getText('key', HOUR_MS, { ctx });
    const before = await counts(server);
    assert.deepEqual(await store.compareAndSet('key', '1', '2', HOUR_MS, { ctx }), { status: 'done' });
    const between = await counts(server);
    assert.deepEqual([between.cmd_get - before.cmd_get, between.cas_hits - before.cas_hits], [0, 1]);
    assert.deepEqual(await store.compareAndSet('key', '2', '3', HOUR_MS, { ctx: {} }), { status: 'done' });
    const after = await counts(server);
    assert.deepEqual([after.cmd_get - between.cmd_get, after.cas_hits - between.cas_hits], [1, 1]);
  });

  test('replaces a text that was written again just as it was', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    await store.setText('key', '1', HOUR_MS);
    const ctx = {};
    await store.getText('key', HOUR_MS, { ctx });
    await store.setText('key', '1', HOUR_MS);
    assert.deepEqual(await store.compareAndSet('key', '1', '2', HOUR_MS, { ctx }), { status: 'done' });
  });

  test('creates where nothing is expected, and never overwrites then', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    assert.deepEqual(await store.compareAndSet('key', null, '1', HOUR_MS), { status: 'done' });
    assert.deepEqual(await store.compareAndSet('key', null, '2', HOUR_MS), { status: 'conflict', text: '1' });
    assert.equal(await store.getText('key'), '1');
  });

  test('works on sessions that an app\'s own store left to the client to write as JSON', async t => {
    const { client } = await memcachedFor(t);
    const store = new MemcachedStore({ client });
    await new Promise((resolve, reject) => { client.set('key', { user: 'ada' }, 100, error => (error ? reject(error) : resolve())); });
    assert.deepEqual(await store.get('key'), { user: 'ada' });
    assert.deepEqual(await store.compareAndSet('key', await store.getText('key'), '{"n":1}', HOUR_MS), { status: 'done' });
    assert.deepEqual(await store.get('key'), { n: 1 });
  });
});

describe('destroy', () => {
  /**
   * Another program writes after each look of the store, before the store's own write.
   * @param {import('node:test').TestContext} t
   * @param {number} times
   */
  async function racedStoreFor(t, times) {
    const { client } = await memcachedFor(t);
    const other = new MemcachedStore({ client });
    await other.setText('key', '"loaded"', HOUR_MS);
    const raced = Object.create(client);
    let races = 0;
    raced.gets = (key, done) => client.gets(key, (error, answer) => {
      const write = races < times ? other.setText('key', `"other ${++races}"`, HOUR_MS) : Promise.resolve();
      write.then(() => done(error, answer), done);
    });
    return { store: new MemcachedStore({ client: raced }), other };
  }

  for (const times of [1, 12, 150]) {
    test(`leaves a tombstone, also where others were faster ${times} times`, async t => {
      const { store, other } = await racedStoreFor(t, times);
      await store.destroy('key', { text: '"loaded"' });
      const { status, text } = await other.compareAndSet('key', null, '"late"', HOUR_MS);
      assert.deepEqual([status, isTombstone(text ?? '')], ['conflict', true]);
    });
  }

  test('fails where others are faster each time, and leaves what they have written', async t => {
    const { store, other } = await racedStoreFor(t, Infinity);
    await assert.rejects(store.destroy('key', { text: '"loaded"' }), { code: 'ERR_SESSION_CONFLICT' });
    assert.match(await other.getText('key'), /^"other \d+"$/);
  });
});

describe('a memcached that is', () => {
  const failuresOf = async store => {
    const calls = [
      store.getText('key-of-a-session'), store.setText('key-of-a-session', SECRET, HOUR_MS),
      store.compareAndSet('key-of-a-session', SECRET, `${SECRET}2`, HOUR_MS), store.destroy('key-of-a-session'),
    ];
    const results = await Promise.allSettled(calls);
    for (const { reason } of results) assert.doesNotMatch(inspect(reason, { depth: Infinity, showHidden: true }), /key-of-a-session|value-of-a-session/);
    return results.map(({ reason }) => reason && reason.code);
  };

  test('hung: each call fails within the deadline, and works again afterwards', async t => {
    const { client, server } = await memcachedFor(t);
    const store = new MemcachedStore({ client, timeoutMs: 200 });
    await store.setText('key', '1', HOUR_MS);
    await server.freeze();
    const started = Date.now();
    assert.deepEqual(await failuresOf(store), Array(4).fill('ERR_SESSION_STORE_TIMEOUT'));
    assert.ok(Date.now() - started < 2000);
    server.thaw();
    // The calls that were given up may still be carried out.
    const patient = new MemcachedStore({ client });
    await patient.setText('another', '2', HOUR_MS);
    assert.equal(await patient.getText('another'), '2');
  });

  test('down: each call fails, and works again once it is back, if the client is told to try', { timeout: 30_000 }, async t => {
    withoutPing(t);
    const { client, server } = await memcachedFor(t, [], SHORT_TIMERS);
    const store = new MemcachedStore({ client, timeoutMs: 1000 });
    await store.setText('key', '1', HOUR_MS);
    await server.stop();
    for (const code of await failuresOf(store)) assert.match(code, /^ERR_SESSION_STORE_(FAILED|TIMEOUT)$/);
    await server.start();
    for (let i = 0; !await store.setText('key', '2', HOUR_MS).then(() => true, () => false); i++) {
      assert.ok(i < 100, 'it never came back');
      await sleep(50);
    }
    assert.equal(await store.getText('key'), '2');
  });

  test('full: what it evicts is gone, and is not brought back by a slow request', async t => {
    const { client } = await memcachedFor(t, ['-m', '8']);
    const store = new MemcachedStore({ client });
    const texts = Array.from({ length: 400 }, (_, i) => `"${i}${'x'.repeat(50_000)}"`);
    for (const [i, text] of texts.entries()) await store.setText(`k${i}`, text, HOUR_MS);
    const evicted = [];
    for (const [i, text] of texts.entries()) {
      const found = await store.getText(`k${i}`);
      if (found === undefined) evicted.push(i);
      else assert.equal(found, text);
    }
    assert.ok(evicted.length > 50, `${evicted.length}`);
    for (const i of evicted.slice(0, 10)) assert.deepEqual(await store.compareAndSet(`k${i}`, texts[i], '"late"', HOUR_MS), { status: 'gone' });
  });
});
