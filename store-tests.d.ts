import createSession = require('./index');

/**
 * Tests of the contract that a store for `app.sessionStore` has to keep. Registers one test each with your runner:
 * `node:test`, mocha, or any other with `test(name, asyncFunction)`.
 *
 * @throws {TypeError} for options that cannot work
 */
declare function storeTests(options: storeTests.StoreTestsOptions): void;

declare namespace storeTests {
  export { storeTests };

  export interface StoreTestsOptions {
    /** Your runner's function: `test` of `node:test`, `it` of mocha. */
    test: (name: string, run: () => Promise<void>) => unknown;

    /** Called once in each test. The store need not be empty: every test uses keys of its own. */
    createStore: () => createSession.SessionStore | Promise<createSession.SessionStore>;

    /** Called with the store at the end of each test. */
    closeStore?: (store: any) => unknown;

    /** What the store promises. Each level includes those before it. Default `'compareAndSet'`. */
    level?: 'basic' | 'text' | 'compareAndSet';

    /** Makes that many milliseconds pass, where the store's clock can be moved. Default: waits. */
    advance?: (ms: number) => unknown;

    /** Lifetime of sessions that are to end during a test, in milliseconds. Default 1000. */
    lifetimeMs?: number;

    /** How much later than it should a session may end, in milliseconds. Default 500. */
    slackMs?: number;
  }
}

export = storeTests;
