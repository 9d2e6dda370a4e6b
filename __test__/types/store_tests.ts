// The tests of a store's contract, run by the author of a store with a runner of his own.
import { test } from 'node:test';
import storeTests, { StoreTestsOptions } from 'egg-session-native/store-tests.js';
import { SqliteStore } from 'egg-session-native';

storeTests({ test, createStore: () => new SqliteStore({ path: 'sessions.db' }), closeStore: (store: SqliteStore) => store.close() });
storeTests.storeTests({ test, createStore: async () => ({ get: () => null, set() {}, destroy() {} }), level: 'basic' });

/** As of mocha: what it hands to a test is not asked for. */
declare function it(title: string, run: (this: { timeout(ms: number): void }) => Promise<void>): { title: string };
const clock: StoreTestsOptions = {
  test: it,
  createStore: () => new SqliteStore({ path: 'sessions.db' }),
  advance: ms => { console.log(ms.toFixed()); },
  lifetimeMs: 100,
  slackMs: 50,
};
storeTests(clock);

// @ts-expect-error a runner is needed
storeTests({ createStore: () => new SqliteStore({ path: 'sessions.db' }) });
// @ts-expect-error what is made must be a store
storeTests({ test, createStore: () => ({ get: () => null }) });
// @ts-expect-error no such level
storeTests({ ...clock, level: 'all' });
