'use strict';

/** "Log me out everywhere" while a request moves one of the user's sessions to a new key. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { exchange } = require('../support/egg_context');
const { redisFor } = require('../support/redis_clients');
const { databaseFor, storeFor } = require('../support/sqlite_files');

const ROUNDS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;
// It would throw for a session without a user.
const userOf = session => session.user.id;

const STORES = {
  SqliteStore: async t => storeFor(t, { path: databaseFor(t), userOf }),
  RedisStore: async t => new createSession.RedisStore({ client: (await redisFor(t)).client, userOf }),
};

for (const [name, createStore] of Object.entries(STORES)) {
  test(`destroyAll of ${name} and regenerate() at once: no session of the user is left`, { timeout: 120_000 }, async t => {
    const store = await createStore(t);
    const app = new Koa();
    app.silent = true;
    let ids = 0;
    const middleware = createSession({ store, signed: false, maxAge: DAY_MS, genid: () => `key-${++ids}` }, app);
    const outcomes = { gone: 0, moved: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const old = `old-${round}`;
      await store.setText(old, JSON.stringify({ user: { id: 'ada' }, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }), DAY_MS);
      let destroying;
      const { error, setCookie } = await exchange(app, middleware, async ctx => {
        const regenerating = ctx.session.regenerate();
        // Each round a little later.
        for (let i = 0; i < round % 12; i++) await new Promise(setImmediate);
        destroying = store.destroyAll({ user: 'ada' });
        await regenerating;
      }, { headers: { cookie: `koa.sess=${old}` } });
      await destroying;
      assert.equal(error?.code, setCookie.length > 0 ? undefined : 'ERR_SESSION_GONE');
      outcomes[setCookie.length > 0 ? 'moved' : 'gone']++;
      assert.deepEqual([await store.getText(old), await store.getText(`key-${ids}`)], [undefined, undefined], `round ${round}`);
      assert.deepEqual(await store.list({ user: 'ada' }), []);
    }
    assert.ok(outcomes.gone > 0, JSON.stringify(outcomes));
  });
}
