'use strict';

// When a session began, where absoluteMaxAge was set later, other instances write too, or the client says what it likes.

require('../support/frozen_clock');

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const { HOUR_MS, KEPT, KEY, START_MS, at, eggBrowsers, login, whoami } = require('../support/lifetime_apps');
const { MemoryStore } = require('../support/memory_store');

describe('the beginning of a session', () => {
  let make;
  before(async () => { make = await eggBrowsers(); });

  test('a session from before is as old as its last save, at least', async () => {
    for (const kept of [KEPT['encrypted cookie'], KEPT['signed cookie']]) {
      at(0);
      const { cookie } = await make(kept, { maxAge: 9 * HOUR_MS }, koaSession)(login);
      const visit = make(kept, { maxAge: 9 * HOUR_MS, absoluteMaxAge: 5 * HOUR_MS });
      at(5 * HOUR_MS - 1);
      assert.equal((await visit(whoami, cookie)).result, 'ada');
      at(5 * HOUR_MS);
      assert.equal((await visit(whoami, cookie)).result, undefined);
    }
  });

  test('an instance with egg-session ignores _createdAt and drops it when it writes', async () => {
    const kept = KEPT['encrypted cookie'];
    const options = { maxAge: 9 * HOUR_MS };
    at(0);
    const ours = make(kept, { ...options, absoluteMaxAge: 5 * HOUR_MS });
    const theirs = make(kept, options, koaSession);
    await ours(login);
    at(2 * HOUR_MS);
    assert.equal((await theirs(whoami, ours.cookie())).result, 'ada');
    await theirs((ctx) => { ctx.session.n = 1; }, ours.cookie());
    at(6 * HOUR_MS);
    assert.equal((await ours(whoami)).result, undefined);
    assert.equal((await ours(whoami, theirs.cookie())).result, 'ada', 'counted from when it was written there');
    at(7 * HOUR_MS);
    assert.equal((await ours(whoami, theirs.cookie())).result, undefined);
  });

  test('a session of which nothing tells the age is saved with a beginning as soon as it is touched', async () => {
    for (const kept of [KEPT['encrypted cookie'], { encrypt: true, store: new MemoryStore() }]) {
      at(0);
      const options = { maxAge: 'session' };
      const theirs = make(kept, options, koaSession);
      await theirs(login);
      const visit = make(kept, { ...options, absoluteMaxAge: 5 * HOUR_MS });
      visit.use(theirs.cookie());
      at(HOUR_MS);
      assert.equal((await visit(whoami)).setCookie.length, 1);
      assert.equal((await visit(whoami)).setCookie.length, 0, 'once');
      at(6 * HOUR_MS - 1);
      assert.equal((await visit(whoami)).result, 'ada');
      at(6 * HOUR_MS);
      assert.equal((await visit(whoami)).result, undefined);
    }
  });

  test('a sealed cookie takes over what an unsealed one said', async () => {
    at(0);
    const encrypted = make(KEPT['encrypted cookie'], { maxAge: 9 * HOUR_MS, absoluteMaxAge: 5 * HOUR_MS });
    await encrypted(login);
    const sealed = make(KEPT['sealed cookie'], { maxAge: 9 * HOUR_MS, absoluteMaxAge: 5 * HOUR_MS });
    sealed.use(encrypted.cookie());
    at(4 * HOUR_MS);
    const { cookie } = await sealed((ctx) => { ctx.session.n = 1; });
    assert.match(cookie, /=v1=/);
    at(5 * HOUR_MS);
    assert.equal((await sealed(whoami)).result, undefined);
  });

  test('no beginning that a client makes up throws, or lies in the future', async () => {
    const visit = make(KEPT['plain cookie'], { absoluteMaxAge: HOUR_MS });
    for (const createdAt of ['-1', '1.5', '1e999', 'null', '"x"', '{}', '[]', 'true', '9007199254740993', `${START_MS * 2}`]) {
      at(0);
      const text = `{"user":"ada","_createdAt":${createdAt},"_expire":${START_MS + HOUR_MS},"_maxAge":${HOUR_MS}}`;
      const { cookie } = await visit((ctx) => { ctx.session.n = 1; }, `${KEY}=${Buffer.from(text).toString('base64')}`);
      const saved = JSON.parse(Buffer.from(cookie.slice(KEY.length + 1), 'base64').toString());
      assert.equal(saved._createdAt, START_MS, createdAt);
    }
    for (const text of ['null', '5', '"x"', '[]', '{"_expire":"x","_maxAge":{}}', '{"_expire":1e999,"_maxAge":1}']) {
      await visit(whoami, `${KEY}=${Buffer.from(text).toString('base64')}`);
    }
  });
});
