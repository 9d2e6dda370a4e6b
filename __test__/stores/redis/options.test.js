'use strict';

/** The options of RedisStore are checked at start. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { RedisStore } = require('../../..');

const client = { get() {}, set() {}, del() {}, eval() {}, evalsha() {} };
const nodeRedis = { get() {}, set() {}, del() {}, eval() {}, evalSha() {} };
/** What `app.redis` of egg-redis is when there are several clients. */
const singleton = { get() {}, createInstance() {}, clients: new Map() };

test('takes a client of either kind, and null for what is not set', () => {
  for (const each of [client, nodeRedis]) {
    new RedisStore({ client: each });
    new RedisStore({ client: each, prefix: null, timeoutMs: null, defaultMaxAgeMs: null, maxPendingBytes: null, userOf: null });
    new RedisStore({ client: each, prefix: 'sess:', timeoutMs: 1, defaultMaxAgeMs: 1, userOf: () => 1 });
  }
});

const REFUSED = {
  client: [undefined, null, {}, 'redis://127.0.0.1', singleton, { ...client, evalsha: undefined }, { ...client, del: 5 }],
  prefix: [5, {}, true],
  timeoutMs: [0, -1, 0.5, '100', NaN, Infinity, 2 ** 31],
  defaultMaxAgeMs: [0, -1, 0.5, 'session', Infinity],
  maxPendingBytes: [0, 1023, 1.5, '67108864', Infinity],
  userOf: ['user', true, {}],
};
for (const [option, values] of Object.entries(REFUSED)) {
  test(`refuses a wrong ${option}, and tells its name`, () => {
    for (const value of values) {
      assert.throws(() => new RedisStore({ client, [option]: value }), error => {
        assert.deepEqual([error.name, error.code, error.option], ['TypeError', 'ERR_SESSION_OPTION', option]);
        return true;
      });
    }
  });
}

test('refuses an option that it does not know, and no options at all', () => {
  assert.throws(() => new RedisStore({ client, ttl: 5 }), { code: 'ERR_SESSION_OPTION', option: 'ttl' });
  for (const nothing of [undefined, null, 'client']) assert.throws(() => new RedisStore(nothing), { code: 'ERR_SESSION_OPTION', option: 'client' });
});

test('several clients of egg-redis: the message says what to pass', () => {
  assert.throws(() => new RedisStore({ client: singleton }), /app\.redis\.get\(name\)/);
});

test('arguments of the wrong type are refused before anything is sent', async () => {
  const untouched = new Proxy(client, { get: (target, name) => (typeof target[name] === 'function' ? () => assert.fail('was called') : undefined) });
  const store = new RedisStore({ client: untouched });
  for (const call of [
    () => store.get(5), () => store.getText(undefined), () => store.destroy(null), () => store.set(5, {}), () => store.set('k', undefined),
    () => store.setText('k', {}), () => store.setText('k', '1', 'forever'), () => store.setText('k', '1', NaN),
    () => store.compareAndSet('k', undefined, '1'), () => store.compareAndSet('k', '1', {}), () => store.compareAndSet(1, '1', '1'),
  ]) await assert.rejects(call, { code: 'ERR_SESSION_ARGUMENT' }, String(call));
});
