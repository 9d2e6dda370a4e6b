'use strict';

// External keys as random as the app asks for, and never one that a client thought of.

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createContext, createEggApp, exchange, knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');

describe('idBytes', () => {
  const idsOf = (options, count) => {
    const app = new Koa();
    createSession({ store: new LoggingStore(), ...options }, app);
    return Array.from({ length: count }, () => createContext(app).session.externalKey);
  };

  for (const [idBytes, prefix] of [[16, ''], [16, 'app-'], [32, ''], [64, 'app-']]) {
    test(`${idBytes}${prefix && ' with a prefix'}: so many random bytes in base64url`, () => {
      const ids = idsOf({ idBytes, prefix }, 2000);
      assert.equal(new Set(ids).size, 2000);
      const counts = new Array(idBytes * 8).fill(0);
      for (const id of ids) {
        assert.ok(id.startsWith(prefix));
        const text = id.slice(prefix.length);
        assert.match(text, /^[\w-]+$/);
        const bytes = Buffer.from(text, 'base64url');
        assert.equal(bytes.length, idBytes);
        assert.equal(bytes.toString('base64url'), text);
        counts.forEach((_, bit) => { counts[bit] += (bytes[bit >> 3] >> (bit & 7)) & 1; });
      }
      // Seven standard deviations around the half: no bit is fixed, or leans to one side.
      for (const count of counts) assert.ok(Math.abs(count - 1000) < 7 * Math.sqrt(500), `${count} of 2000`);
    });
  }

  test('a genid of the app\'s own goes before it', () => {
    assert.deepEqual(idsOf({ idBytes: 32, genid: () => 'mine' }, 1), ['mine']);
  });

  test('under 128 bits, and what is no number of bytes, is refused at start', () => {
    for (const idBytes of [15, 0, -16, 65, 16.5, '32', NaN, true, {}]) {
      assert.throws(() => createSession({ idBytes }, new Koa()), { code: 'ERR_SESSION_OPTION', option: 'idBytes' }, String(idBytes));
    }
    for (const idBytes of [null, undefined]) createSession({ idBytes }, new Koa());
  });
});

describe('an id that a client thought of is never taken over', () => {
  const ID = 'an-id-that-a-client-thought-of';
  let egg;
  before(async () => { egg = (await knownSources())[0][1]; });

  const KEPT = {
    'store of get, set and destroy': () => new LoggingStore(),
    'store that compares and sets': () => new MemoryStore(),
  };
  const OPTIONS = { 'as it is': {}, 'with idBytes': { idBytes: 32 }, 'with hashKeys': { hashKeys: true } };
  for (const [kept, makeStore] of Object.entries(KEPT)) {
    for (const [how, options] of Object.entries(OPTIONS)) {
      test(`${kept}, in a plain cookie, ${how}`, async () => {
        const app = createEggApp(egg);
        const middleware = createSession({ key: 'SESS', encrypt: false, signed: false, store: makeStore(), ...options }, app);
        const { result, setCookie } = await exchange(app, middleware, (ctx) => {
          ctx.session.user = 'ada';
          return ctx.session.externalKey;
        }, { headers: { cookie: `SESS=${ID}` } });
        assert.notEqual(result, ID);
        assert.match(setCookie[0], new RegExp(`^SESS=${result};`));
        const again = await exchange(app, middleware, (ctx) => ctx.session.user, { headers: { cookie: `SESS=${ID}` } });
        assert.equal(again.result, undefined);
      });

      test(`${kept}, by externalKey, ${how}`, async () => {
        const app = createEggApp(egg);
        const externalKey = { get: (ctx) => ctx.get('x-session'), set: (ctx, key) => ctx.set('x-session', key) };
        const middleware = createSession({ externalKey, store: makeStore(), ...options }, app);
        const login = (ctx) => { ctx.session.user = 'ada'; return ctx.session.externalKey; };
        const { ctx, result } = await exchange(app, middleware, login, { headers: { 'x-session': ID } });
        assert.notEqual(result, ID);
        assert.equal(ctx.response.get('x-session'), result);
        const whoami = (context) => context.session.user;
        assert.equal((await exchange(app, middleware, whoami, { headers: { 'x-session': ID } })).result, undefined);
        assert.equal((await exchange(app, middleware, whoami, { headers: { 'x-session': result } })).result, 'ada');
      });
    }
  }

  test('in cookie mode, where externalKey has no part', async () => {
    for (const encrypt of [false, 'sealed']) {
      const app = createEggApp(egg);
      const externalKey = { get: () => ID, set: () => assert.fail('a key was handed out') };
      const middleware = createSession({ key: 'SESS', encrypt, externalKey }, app);
      const { result, setCookie } = await exchange(app, middleware, (ctx) => {
        ctx.session.user = 'ada';
        return [ctx.session.externalKey, ctx.session._sessCtx.externalKey];
      }, { headers: { 'x-session': ID } });
      assert.deepEqual(result, [undefined, undefined]);
      assert.doesNotMatch(JSON.stringify(setCookie), new RegExp(ID));
    }
  });

  test('nor is the id of a session in a cookie: the token is made here', async () => {
    const app = createEggApp(egg);
    const revocation = { isRevoked: () => false, revoke() {} };
    const options = { key: 'SESS', encrypt: 'sealed', absoluteMaxAge: 3600000, revocation };
    const middleware = createSession(options, app);
    const forger = new createSession.Keyring(['a key of the client']);
    const { value } = forger.sealSealed('SESS', '{"user":"ada"}', { id: ID });
    const { result } = await exchange(app, middleware, (ctx) => [ctx.session.user, createSession.sessionId(ctx)], { headers: { cookie: `SESS=${value}` } });
    assert.equal(result[0], undefined);
    assert.notEqual(result[1], ID);
  });
});
