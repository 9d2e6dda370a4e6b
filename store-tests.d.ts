import createSession = require('./index');

/**
 * Tests whether a store keeps the contract of `app.sessionStore` (docs/own-store.md). Registers each test with your runner:
 * `node:test`, mocha, or any other that has `test(name, asyncFunction)`.
 *
 * @throws {TypeError} without a code: `test`, `createStore` or `advance` is not a function, or `level` is unknown
 */
declare function storeTests(options: storeTests.StoreTestsOptions): void;

declare namespace storeTests {
  /** The same function, as a named export. */
  export { storeTests };

  /** Options of `storeTests`. */
  export interface StoreTestsOptions {
    /** Your runner's function: `test` of `node:test`, `it` of mocha. It must allow a test more than `lifetimeMs + slackMs`. Required. */
    test: (name: string, run: () => Promise<void>) => unknown;

    /** Called at the start of each test. The store may hold other sessions: each test uses its own random keys. Required. */
    createStore: () => createSession.SessionStore | Promise<createSession.SessionStore>;

    /** Called with the store at the end of each test, also of a failed one. Default: none. */
    closeStore?: (store: any) => unknown;

    /**
     * What to test: `'basic'`: get, set and destroy; `'text'`: getText and setText; `'compareAndSet'`; `'lateWrites'`: that nothing revives
     * a destroyed session. Each level includes those before it. Default `'compareAndSet'`.
     */
    level?: 'basic' | 'text' | 'compareAndSet' | 'lateWrites';

    /** Moves the store's clock forward by `ms` milliseconds. Default: waits that long. */
    advance?: (ms: number) => unknown;

    /** Lifetime of the sessions that end during a test, in milliseconds. Default 1000. */
    lifetimeMs?: number;

    /** How late such a session may end, in milliseconds. Default 500. */
    slackMs?: number;
  }
}

export = storeTests;
