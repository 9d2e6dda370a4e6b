'use strict';

/**
 * Part of level `compareAndSet`: the store under the session middleware. Concurrent requests of one session lose no change and bring
 * back no destroyed session.
 */

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { createSession } = require('../middleware');

const HOUR_MS = 60 * 60 * 1000;
const REQUESTS = 50;

/**
 * A minimal app. `run(key, handle)` runs one request of the external key `key`, and returns the external key that the response
 * sends, if any.
 *
 * @param {any} store
 * @param {object} [sessionOptions]
 */
function appWith(store, sessionOptions) {
  const app = Object.assign(new EventEmitter(), { use() {}, context: {} });
  const externalKey = {
    get: (/** @type {any} */ ctx) => ctx.key,
    set: (/** @type {any} */ ctx, /** @type {string} */ key) => { ctx.answered = key; },
  };
  const middleware = createSession({ store, externalKey, maxAge: HOUR_MS, signed: false, ...sessionOptions }, app);
  /** @param {string | undefined} key @param {(ctx: any) => any} handle */
  const run = async (key, handle) => {
    const ctx = Object.assign(Object.create(app.context), { app, key, cookies: { get() {}, set() {} } });
    await middleware(ctx, async () => handle(ctx));
    return ctx.answered;
  };
  return { app, run };
}

/** @param {number} count @returns {() => Promise<void>} a barrier: settles when it was called `count` times */
function meeting(count) {
  const { promise, resolve } = resolvable();
  return () => {
    if (--count === 0) resolve(undefined);
    return promise;
  };
}

function resolvable() {
  /** @type {(value: any) => void} */
  let resolve = () => {};
  const promise = new Promise(settle => { resolve = settle; });
  return { promise, resolve };
}

/** @type {import('.').Case[]} */
module.exports = [
  {
    name: 'requests at the same time lose nothing of each other',
    async run({ store }) {
      const { run } = appWith(store);
      const key = await run(undefined, ctx => { ctx.session.start = true; });
      const allHaveLoaded = meeting(REQUESTS);
      await Promise.all(Array.from({ length: REQUESTS }, (_, i) => run(key, async ctx => {
        await allHaveLoaded();
        ctx.session[`k${i}`] = i;
      })));
      await run(key, ctx => {
        assert.deepEqual(Object.keys(ctx.session.toJSON()).sort(), ['start', ...Array.from({ length: REQUESTS }, (_, i) => `k${i}`)].sort());
      });
    },
  },
  {
    name: 'a request that only prolongs the session keeps what another has changed',
    async run({ store }) {
      const { run } = appWith(store, { rolling: true });
      const key = await run(undefined, ctx => { ctx.session.n = 1; });
      await run(key, async () => {
        await run(key, ctx => { ctx.session.n = 2; });
      });
      await run(key, ctx => assert.equal(ctx.session.n, 2));
    },
  },
  {
    name: 'a slow request does not bring back a session that was logged out',
    async run({ store }) {
      for (const rolling of [false, true]) {
        const { app, run } = appWith(store, { rolling });
        const key = await run(undefined, ctx => { ctx.session.user = 'ada'; });
        /** @type {string[]} */
        const gone = [];
        app.on('session:gone', event => gone.push(event.key));
        const answered = await run(key, async ctx => {
          await run(key, other => { other.session = null; });
          if (!rolling) ctx.session.late = true;
        });
        assert.equal(answered, undefined);
        // Events are emitted by setImmediate.
        await nextTurn();
        await nextTurn();
        assert.deepEqual(gone, [key]);
        assert.ok(!await store.getText(key, HOUR_MS, {}));
      }
    },
  },
];
