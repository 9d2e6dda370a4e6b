'use strict';

/**
 * Two requests come with one cookie: one calls `regenerate()`, then the other logs out. The logout ends what it came with, and the session
 * goes on under its new id, in a store as in sealed cookies: docs/revocation.md.
 */

const { after, test } = require('node:test');
const assert = require('node:assert/strict');
const { Revocations } = require('../..');
const { LoggingStore } = require('../support/logging_store');
const { cookieOf, logout, start, stop } = require('../support/several_cookies');
const { LONG_MS, storeFor } = require('../support/sqlite_files');

after(stop);

const KINDS = {
  'a store of get, set and destroy': () => ({ store: new LoggingStore() }),
  'a store that compares and sets': t => ({ store: storeFor(t) }),
  'sealed cookies with revocation': t => ({ absoluteMaxAge: LONG_MS, revocation: new Revocations({ store: storeFor(t) }) }),
};

for (const [kind, options] of Object.entries(KINDS)) {
  test(`the old id is dead, and the new one alive: ${kind}`, async t => {
    const how = { encrypt: 'sealed', ...options(t) };
    const [one, two] = [await start(how), await start(how)];
    const cookie = await cookieOf(one, 'ada');
    let moved;
    const { status } = await one(cookie, async ctx => {
      assert.equal(ctx.session.user, 'ada');
      moved = await two(cookie, other => other.session.regenerate());
      logout(ctx);
    });
    assert.deepEqual([status, moved.status], [200, 200]);
    assert.deepEqual([(await one(cookie)).result, (await one(moved.cookie)).result], ['nobody', 'ada']);
    await one(moved.cookie, logout);
    assert.equal((await one(moved.cookie)).result, 'nobody', 'a logout with the new cookie ends it');
  });
}
