'use strict';

/** A session that is too large for one cookie, over real HTTP, with a browser's rules about what it keeps. */

const { describe, test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { atFrozenClock } = require('../golden/record');
const { knownSources } = require('../support/egg_context');
const { BrowserJar, SessionServer, namesSet, settle } = require('../support/session_server');

const SEALED = { key: 'EGG_SESS', encrypt: 'sealed', acceptLegacy: false };
const write = bytes => ctx => { ctx.session.text = 'x'.repeat(bytes); };
const size = ctx => (ctx.session.text ? ctx.session.text.length : 'no session');
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
const piece = index => `EGG_SESS${index ? `.${index}` : ''}`;

/** Ways in which the cookie is read and written: through Egg's own `ctx.cookies` by the engine, or through another. */
async function hosts() {
  const [[, source]] = await knownSources();
  return { 'the fast way': { source }, 'a subclass of egg-cookies': { source: { ...source, Cookies: class extends source.Cookies { own() { return this; } } } }, 'plain Koa': {} };
}

for (const way of ['the fast way', 'a subclass of egg-cookies', 'plain Koa']) {
  describe(`a session in pieces, ${way}`, () => {
    /** @type {SessionServer} */
    let server;
    before(async () => {
      server = await new SessionServer({ ...SEALED, chunks: 4 }, (await hosts())[way]).start();
    });
    after(() => server.stop());

    test('it grows, shrinks and ends, and the browser keeps what it needs and no more', async () => {
      const jar = new BrowserJar();
      for (const [bytes, count] of [[10, 1], [2700, 1], [3000, 2], [8000, 3], [8000, 3], [11000, 4], [4000, 2], [100, 1], [11000, 4]]) {
        await server.visit(jar, write(bytes));
        assert.deepEqual(jar.names, range(0, count).map(piece), `${bytes} bytes`);
        assert.equal((await server.visit(jar, size)).result, bytes);
        assert.deepEqual((await server.visit(jar, () => {})).setCookie, [], 'not touched');
      }
      await server.visit(jar, ctx => { ctx.session = null; });
      assert.deepEqual(jar.names, []);
      assert.equal((await server.visit(jar, size)).result, 'no session');
      assert.deepEqual(server.events.filter(([event]) => event !== 'session:changed'), []);
    });

    test('a session for one cookie is written as without the option', async () => {
      const jar = new BrowserJar();
      const { setCookie } = await server.visit(jar, write(10));
      assert.equal(setCookie.length, 1);
      assert.match(setCookie[0], /^EGG_SESS=v1=[\w-]+; path=\//);
    });

    test('each cookie with its attributes fits a browser that counts these too', async () => {
      const { setCookie } = await server.visit(new BrowserJar(), write(11000));
      assert.equal(setCookie.length, 4);
      for (const line of setCookie) assert.ok(line.length <= 4096, `${line.length}`);
      for (const line of setCookie.slice(0, 3)) assert.equal(line.split(';')[0].length - 1, 3840);
    });

    // Each piece's line asks the clock anew: it stands still, or `expires` differs where a second ends between two of them.
    test('every piece has the attributes of the session\'s cookie', () => atFrozenClock(async () => {
      const { setCookie } = await server.visit(new BrowserJar(), ctx => {
        Object.assign(ctx.sessionOptions, { path: '/shop', sameSite: 'lax', maxAge: 5000 });
        write(8000)(ctx);
      }, { path: '/shop' });
      const [first, ...others] = setCookie.map(line => line.slice(line.indexOf(';')));
      assert.match(first, /^; path=\/shop; (?:max-age=5; )?expires=[^;]+; samesite=lax; httponly$/);
      assert.deepEqual(others, [first, first]);
    }));

    test('what is too large for all of them is not sent: the browser keeps what it has, and the app is told', async () => {
      const jar = new BrowserJar();
      await server.visit(jar, write(8000));
      server.events.length = 0;
      const { setCookie } = await server.visit(jar, write(12000));
      await settle();
      assert.deepEqual(setCookie, []);
      assert.equal((await server.visit(jar, size)).result, 8000);
      const [[, report]] = server.events.filter(([event]) => event === 'session:oversized');
      const { key, octets, limit, over } = report;
      assert.deepEqual([key, octets - limit, Object.keys(report).sort()], ['EGG_SESS', over, ['key', 'limit', 'octets', 'over']]);
      assert.ok(over > 0 && over < 1500, `${over}`);
      // By so much less text, four characters for three bytes, it fits.
      await server.visit(jar, write(12000 - Math.ceil(over * 3 / 4)));
      assert.equal((await server.visit(jar, size)).result, 12000 - Math.ceil(over * 3 / 4));
      await server.visit(jar, write(12000 - Math.ceil(over * 3 / 4) + 3));
      assert.equal((await server.visit(jar, size)).result, 12000 - Math.ceil(over * 3 / 4));
      server.events.length = 0;
    });

    test('several writes in one request leave the last', async () => {
      const jar = new BrowserJar();
      await server.visit(jar, async ctx => {
        write(11000)(ctx);
        await ctx.session.save();
        write(3000)(ctx);
      });
      assert.deepEqual(jar.names, range(0, 2).map(piece));
      assert.equal((await server.visit(jar, size)).result, 3000);
      await server.visit(jar, async ctx => {
        write(8000)(ctx);
        await ctx.session.regenerate();
      });
      assert.equal((await server.visit(jar, size)).result, 8000);
      assert.deepEqual(jar.names, range(0, 3).map(piece));
    });

    test('the end of a session expires the whole range, for the browser may have pieces that it did not show', async () => {
      const jar = new BrowserJar();
      const inShop = handle => ctx => {
        ctx.sessionOptions.path = '/shop';
        return handle(ctx);
      };
      await server.visit(jar, inShop(write(8000)), { path: '/shop' });
      const { setCookie } = await server.visit(jar, inShop(ctx => { ctx.session = null; }), { path: '/' });
      // Koa's cookies add a signature that has expired, too.
      assert.deepEqual(namesSet(setCookie).filter(name => name !== 'EGG_SESS.sig').sort(), range(0, 8).map(index => `(${piece(index)})`));
      assert.deepEqual(jar.names, []);
    });

    test('pieces of another path and pieces somebody else added do not get in the way', async () => {
      const jar = new BrowserJar();
      await server.visit(jar, write(8000));
      jar.store(['EGG_SESS.1=junk; path=/shop', 'EGG_SESS.2=; path=/shop', 'EGG_SESS=v1=3.junkjunkjunkjunkjunk; path=/shop']);
      await server.visit(jar, ctx => {
        ctx.sessionOptions.path = '/shop/old';
        write(6000)(ctx);
      }, { path: '/shop/old' });
      assert.equal((await server.visit(jar, size, { path: '/shop/old' })).result, 6000);
      assert.equal((await server.visit(jar, size, { path: '/shop' })).result, 8000);
    });
  });
}

test('an instance without the option reads pieces, and cleans up what it replaces', async () => {
  for (const how of Object.values(await hosts())) {
    const writing = await new SessionServer({ ...SEALED, chunks: 3 }, how).start();
    const reading = await new SessionServer({ ...SEALED }, how).start();
    try {
      const jar = new BrowserJar();
      await writing.visit(jar, write(8000));
      assert.equal((await reading.visit(jar, size)).result, 8000);
      await reading.visit(jar, write(100));
      assert.deepEqual(jar.names, ['EGG_SESS']);
      assert.equal((await writing.visit(jar, size)).result, 100);
    } finally {
      await writing.stop();
      await reading.stop();
    }
  }
});

test('a decode that fails clears the pieces as well', async () => {
  const server = await new SessionServer({ ...SEALED, chunks: 3 }).start();
  try {
    const jar = new BrowserJar();
    await server.visit(jar, write(8000));
    Object.assign(server.options, { decode: () => { throw new RangeError('not this time'); } });
    assert.equal((await server.visit(jar, size)).status, 500);
    assert.deepEqual(jar.names, []);
  } finally {
    await server.stop();
  }
});

test('an external key is no longer than one cookie, and pieces of a session before it are expired', async () => {
  const entries = new Map();
  const store = { get: async key => entries.get(key), set: async (key, session) => void entries.set(key, session), destroy: async key => void entries.delete(key) };
  const server = await new SessionServer({ ...SEALED, chunks: 3 }).start();
  try {
    const jar = new BrowserJar();
    await server.visit(jar, write(8000));
    Object.assign(server.options, { store });
    await server.visit(jar, write(9000));
    assert.deepEqual(jar.names, ['EGG_SESS']);
    assert.equal((await server.visit(jar, size)).result, 9000);
  } finally {
    await server.stop();
  }
});

test('the option takes 2 to 8, beside encrypt sealed, and is refused at start otherwise', () => {
  const start = options => () => createSession(options, new Koa());
  for (const chunks of [2, 3, 8, null, undefined]) assert.doesNotThrow(start({ encrypt: 'sealed', chunks }));
  for (const chunks of [0, 1, 9, 2.5, '3', true, NaN, -2]) {
    assert.throws(start({ encrypt: 'sealed', chunks }), { code: 'ERR_SESSION_OPTION', option: 'chunks' });
  }
  for (const options of [{}, { encrypt: true }, { encrypt: false }]) {
    assert.throws(start({ ...options, chunks: 3 }), { code: 'ERR_SESSION_OPTION', option: 'chunks' });
  }
});
