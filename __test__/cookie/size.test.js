'use strict';

/** What is too large for a browser is told, by how much: at start, and when it is written. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { BrowserJar, SessionServer, settle } = require('../support/session_server');

const LIMIT = 4096;
const KEY = 'EGG_SESS';
const MODES = {
  encrypted: { encrypt: true },
  signed: { encrypt: false },
  plain: { encrypt: false, signed: false },
  sealed: { encrypt: 'sealed' },
};

/** @param {any} options @param {(ctx: any) => any} handle @param {any} [source] without: Koa's own ctx.cookies */
async function eventsOf(options, handle, source) {
  const app = source ? createEggApp(source) : Object.assign(new Koa(), { keys: ['first key'] });
  const middleware = createSession({ key: KEY, ...options }, app);
  /** @type {any[]} */
  const events = [];
  for (const event of ['session:oversized', 'cookieLimitExceed']) {
    app.on(event, ({ ctx, ...payload }) => events.push([event, ctx.app === app, payload]));
  }
  const { error, setCookie } = await exchange(app, middleware, handle);
  assert.ifError(error);
  await settle();
  return { oversized: events.filter(([event]) => event === 'session:oversized'), all: events.map(([event]) => event), setCookie };
}

/** A custom codec whose cookie has a given text: the only way to an exact size in every mode. */
const exactly = value => ({ encode: () => value, decode: () => ({ n: 1 }) });
const write = ctx => { ctx.session.n = 2; };
const bytes = length => ctx => { ctx.session.text = 'x'.repeat(length); };

describe('on write', async () => {
  const [[, source]] = await knownSources();
  const ways = { 'Egg': source, 'a subclass of egg-cookies': { ...source, Cookies: class extends source.Cookies { own() { return this; } } }, 'plain Koa': undefined };

  for (const [way, ofWay] of Object.entries(ways)) {
    test(`name and value of 4096 octets are no event, one octet more is: ${way}`, async () => {
      const fits = 'v'.repeat(LIMIT - KEY.length);
      assert.deepEqual((await eventsOf({ ...MODES.plain, ...exactly(fits) }, write, ofWay)).oversized, []);
      const { oversized, setCookie } = await eventsOf({ ...MODES.plain, ...exactly(`${fits}v`) }, write, ofWay);
      assert.deepEqual(oversized, [['session:oversized', true, { key: KEY, octets: 4097, limit: 4096, over: 1 }]]);
      assert.equal(setCookie.length, 1, 'it is sent all the same, as egg-cookies sends it');
    });

    test(`octets are counted, and not characters: ${way}`, async () => {
      const fits = 'é'.repeat((LIMIT - KEY.length) / 2);
      assert.deepEqual((await eventsOf({ ...MODES.plain, ...exactly(fits) }, write, ofWay)).oversized, []);
      const [[, , { octets, over }]] = (await eventsOf({ ...MODES.plain, ...exactly(`${fits}é`) }, write, ofWay)).oversized;
      assert.deepEqual([octets, over], [4098, 2]);
    });

    for (const [mode, options] of Object.entries(MODES)) {
      if (way === 'plain Koa' && mode === 'encrypted') continue;
      test(`a browser drops what is told, and keeps what is not: ${mode}, ${way}`, async () => {
        const seen = new Set();
        for (let length = 2150; length < 3100; length += 50) {
          const { oversized, setCookie } = await eventsOf(options, bytes(length), ofWay);
          const jar = new BrowserJar();
          jar.store(setCookie);
          assert.equal(jar.names.includes(KEY), oversized.length === 0, `${length}`);
          seen.add(oversized.length);
        }
        assert.deepEqual([...seen].sort(), [0, 1]);
      });
    }

    test(`an attribute of more than 1024 octets, set while the app runs: ${way}`, async () => {
      for (const [attribute, make] of /** @type {const} */ ([['path', length => `/${'p'.repeat(length - 1)}`], ['domain', length => `${'d'.repeat(length - 3)}.de`]])) {
        const withLength = length => ctx => {
          ctx.sessionOptions[attribute] = make(length);
          write(ctx);
        };
        assert.deepEqual((await eventsOf(MODES.signed, withLength(1024), ofWay)).oversized, []);
        const { oversized } = await eventsOf(MODES.signed, withLength(1030), ofWay);
        assert.deepEqual(oversized, [['session:oversized', true, { key: KEY, attribute, octets: 1030, limit: 1024, over: 6 }]]);
      }
    });
  }

  test('cookieLimitExceed is emitted as before', async () => {
    for (const ofWay of [ways.Egg, ways['a subclass of egg-cookies']]) {
      assert.deepEqual((await eventsOf({ ...MODES.plain, ...exactly('v'.repeat(4093)) }, write, ofWay)).all, ['session:oversized']);
      assert.deepEqual((await eventsOf({ ...MODES.plain, ...exactly('v'.repeat(4094)) }, write, ofWay)).all, ['cookieLimitExceed', 'session:oversized']);
      assert.deepEqual((await eventsOf({ ...MODES.plain, key: 's', ...exactly('v'.repeat(4094)) }, write, ofWay)).all, ['cookieLimitExceed']);
    }
  });

  test('the second cookie of autoChips has a longer name, and is told by that', async () => {
    const app = createEggApp(source, { cookies: { autoChips: true } });
    const middleware = createSession({ key: KEY, ...MODES.plain, sameSite: 'none', ...exactly('v'.repeat(LIMIT - KEY.length)) }, app);
    const told = [];
    app.on('session:oversized', ({ key, over }) => told.push([key, over]));
    await exchange(app, middleware, write, { secure: true, headers: { 'user-agent': 'Chrome/120.0' } });
    await settle();
    assert.deepEqual(told, [[`_CHIPS-${KEY}`, '_CHIPS-'.length]]);
  });

  test('a small session asks for nothing beyond a comparison', async t => {
    const byteLength = t.mock.method(Buffer, 'byteLength');
    const app = createEggApp(source);
    const middleware = createSession({ key: KEY, encrypt: 'sealed' }, app);
    byteLength.mock.resetCalls();
    await exchange(app, middleware, bytes(1000));
    assert.equal(byteLength.mock.callCount(), 0);
    await exchange(app, middleware, bytes(1600));
    assert.ok(byteLength.mock.callCount() > 0);
  });

  test('over HTTP, too', async () => {
    const server = await new SessionServer({ key: KEY, ...MODES.sealed }, { source }).start();
    try {
      const jar = new BrowserJar();
      await server.visit(jar, bytes(2900));
      await server.visit(jar, bytes(3100));
      await settle();
      assert.equal((await server.visit(jar, ctx => ctx.session.text.length)).result, 2900);
      const [[, { octets, limit, over }]] = server.events.filter(([event]) => event === 'session:oversized');
      assert.deepEqual([limit, octets - limit, over > 0 && over < 300], [4096, over, true]);
    } finally {
      await server.stop();
    }
  });
});

test('a name and attributes that are too large by themselves are refused at start', () => {
  const start = options => () => createSession(options, new Koa());
  for (const fine of [{ key: 'k'.repeat(4095) }, { path: `/${'p'.repeat(1023)}` }, { domain: `${'d.'.repeat(510)}de` }]) assert.doesNotThrow(start(fine));
  for (const [option, options] of /** @type {const} */ ([
    ['key', { key: 'k'.repeat(4096) }],
    ['key', { key: 'é'.repeat(2048) }],
    ['path', { path: `/${'p'.repeat(1024)}` }],
    ['path', { path: `/${'é'.repeat(512)}` }],
    ['domain', { domain: `${'d.'.repeat(512)}de` }],
  ])) {
    assert.throws(start(options), { code: 'ERR_SESSION_OPTION', option, message: /octets/ });
  }
});
