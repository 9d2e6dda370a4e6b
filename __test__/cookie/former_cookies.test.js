'use strict';

/**
 * The option `formerCookies`, over real HTTP with a browser's jar: after a change of the cookie's domain, path or name, what stayed at
 * the former place is expired when a session is written or ended, and a former name is still read.
 */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { BrowserJar, SessionServer, namesSet, settle } = require('../support/session_server');

const HOUR_MS = 3600 * 1000;
const PATH = '/shop/cart';

/** @type {SessionServer[]} */
const servers = [];
after(() => Promise.all(servers.map(server => server.stop())));

const source = (async () => (await knownSources())[0][1])();
const HOSTS = {
  egg: async () => ({ source: await source }),
  'a subclass of egg-cookies': async () => {
    const egg = await source;
    return { source: { ...egg, Cookies: class extends egg.Cookies {} } };
  },
  koa: async () => ({}),
};

/** One instance: `visit(jar, handle)` is a request of the browser that has this jar. */
async function start(options, host = 'egg', more = {}) {
  const server = await new SessionServer({ key: 'EGG_SESS', maxAge: HOUR_MS, ...options }, { ...await HOSTS[host](), ...more }).start();
  servers.push(server);
  const visit = async (jar, handle = read, how = {}) => server.visit(jar, handle, { path: PATH, ...how });
  return Object.assign(visit, { server });
}

const read = ctx => ctx.session.user || 'nobody';
const login = user => ctx => { ctx.session.user = user; };
const logout = ctx => { ctx.session = null; };

const MODES = [
  ['encrypted', { encrypt: true }, 'egg'],
  ['signed', { encrypt: false }, 'egg'],
  ['unsigned', { encrypt: false, signed: false }, 'egg'],
  ['sealed', { encrypt: 'sealed', acceptLegacy: false }, 'egg'],
  ['encrypted, with keys of its own', { encrypt: true, keys: ['a key of the session only'] }, 'egg'],
  ['signed', { encrypt: false }, 'a subclass of egg-cookies'],
  ['sealed', { encrypt: 'sealed' }, 'a subclass of egg-cookies'],
  ['signed', {}, 'koa'],
  ['unsigned', { signed: false }, 'koa'],
  ['sealed', { encrypt: 'sealed' }, 'koa'],
];

/** Each move: the attributes before and after, and the option. */
const MOVES = {
  'to a domain': [{}, { domain: 'example.com' }, { domain: null }],
  'away from a domain': [{ domain: 'example.com' }, {}, { domain: '.Example.com' }],
  'to a longer path': [{}, { path: '/shop' }, { path: '/' }],
  'to a shorter path': [{ path: '/shop' }, {}, { path: '/shop' }],
  'to a path and a domain': [{}, { path: '/shop', domain: 'example.com' }, { path: '/', domain: null }],
};

for (const [title, mode, host] of MODES) {
  describe(`${title}, ${host}`, () => {
    for (const [move, [before, now, place]] of Object.entries(MOVES)) {
      test(`a move ${move} leaves no twin behind`, async () => {
        const old = await start({ ...mode, ...before }, host);
        const plain = await start({ ...mode, ...now }, host);
        const mended = await start({ ...mode, ...now, formerCookies: [place] }, host);

        const stuck = new BrowserJar();
        await old(stuck, login('old'));
        await plain(stuck, login('new'));
        assert.equal(stuck.names.filter(name => name === 'EGG_SESS').length, 2, 'without the option there are two: this test can fail');

        const jar = new BrowserJar();
        await old(jar, login('old'));
        assert.deepEqual((await mended(jar)).setCookie, [], 'nothing is sent while nothing is written');
        const { setCookie } = await mended(jar, login('new'));
        const names = namesSet(setCookie);
        const own = mode.encrypt || mode.signed === false ? ['EGG_SESS'] : ['EGG_SESS', 'EGG_SESS.sig'];
        assert.deepEqual(names, [...own.map(name => `(${name})`), ...own]);
        assert.deepEqual(jar.names, own);
        assert.equal((await mended(jar)).result, 'new');

        for (const [user, act] of [['old', logout], ['new', logout]]) {
          const other = user === 'old' ? new BrowserJar() : jar;
          if (user === 'old') await old(other, login('old'));
          await mended(other, act);
          assert.deepEqual(other.names, []);
        }
      });
    }

    test('a cookie under a former name is read, moves with the next save, and is gone with a logout', async () => {
      const old = await start({ ...mode, key: 'OLD_SESS' }, host);
      const renamed = await start({ ...mode, formerCookies: [{ key: 'OLD_SESS' }] }, host);
      const jar = new BrowserJar();
      await old(jar, login('ada'));
      assert.deepEqual([(await renamed(jar)).result, (await renamed(jar)).setCookie], ['ada', []]);
      await renamed(jar, ctx => { ctx.session.seen = 1; });
      assert.ok(jar.names.every(name => name.startsWith('EGG_SESS')), jar.names.join());
      assert.deepEqual([(await renamed(jar)).result, (await old(jar)).result], ['ada', 'nobody']);
      const leaving = new BrowserJar();
      await old(leaving, login('bob'));
      await renamed(leaving, logout);
      assert.deepEqual(leaving.names, []);
    });

    test('a former name is read only if no cookie of the current name opens', async () => {
      const valid = (_ctx, { user }) => user !== 'refused';
      const old = await start({ ...mode, key: 'OLD_SESS' }, host);
      const now = await start(mode, host);
      const renamed = await start({ ...mode, valid, formerCookies: [{ key: 'OLD_SESS' }] }, host);
      const jar = new BrowserJar();
      await old(jar, login('old'));
      await now(jar, login('ada'));
      assert.equal((await renamed(jar)).result, 'ada');
      await now(jar, login('refused'));
      assert.equal((await renamed(jar)).result, 'nobody');
      const junk = { header: () => `EGG_SESS=junk; ${jar.header({ path: PATH }).split('; ').filter(pair => pair.startsWith('OLD')).join('; ')}`, store() {} };
      const isUnsigned = mode.signed === false && !mode.encrypt;
      assert.equal((await renamed(junk)).result, isUnsigned ? 'nobody' : 'old');
    });
  });
}

describe('the lines', () => {
  const sealed = { encrypt: 'sealed', acceptLegacy: false };

  test('have the attributes of the cookie, and those of the place', async () => {
    const visit = await start({ encrypt: false, domain: 'example.com', sameSite: 'lax', formerCookies: [{ domain: null }, { path: '/shop', domain: 'old.example.com' }, { key: 'OLD' }] });
    const { setCookie } = await visit(new BrowserJar(), login('ada'));
    const gone = 'path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT';
    assert.deepEqual(setCookie.slice(0, 6), [
      `EGG_SESS=; ${gone}; samesite=lax; httponly`,
      `EGG_SESS.sig=; ${gone}; samesite=lax; httponly`,
      'EGG_SESS=; path=/shop; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=old.example.com; samesite=lax; httponly',
      'EGG_SESS.sig=; path=/shop; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=old.example.com; samesite=lax; httponly',
      `OLD=; ${gone}; domain=example.com; samesite=lax; httponly`,
      `OLD.sig=; ${gone}; domain=example.com; samesite=lax; httponly`,
    ]);
    assert.match(setCookie[6], /^EGG_SESS=\w/);
    assert.equal(setCookie.length, 8);
  });

  test('are sent once, however often the session is saved, and leave other cookies alone', async () => {
    for (const host of Object.keys(HOSTS)) {
      const visit = await start({ encrypt: 'sealed', domain: 'example.com', formerCookies: [{ domain: null }, { key: 'OLD' }] }, host);
      const { setCookie } = await visit(new BrowserJar(), async ctx => {
        ctx.cookies.set('theirs', '1', { signed: false });
        ctx.session.user = 'ada';
        await ctx.session.save();
        ctx.session.user = 'bob';
        await ctx.session.regenerate();
        ctx.session.user = 'eve';
      });
      assert.deepEqual(namesSet(setCookie).sort(), ['(EGG_SESS)', '(OLD)', 'EGG_SESS', 'theirs'], host);
      assert.deepEqual(namesSet(setCookie).slice(0, 2), ['(EGG_SESS)', '(OLD)']);
    }
  });

  test('cover a signature and pieces that came, whatever the mode is now', async () => {
    const old = await start({ encrypt: false, key: 'OLD' });
    const pieces = await start({ ...sealed, key: 'OLD', chunks: 4 });
    for (const [before, handle] of [[old, login('ada')], [pieces, ctx => { ctx.session.text = 'x'.repeat(8000); }]]) {
      const now = await start({ ...sealed, formerCookies: [{ key: 'OLD' }] });
      const jar = new BrowserJar();
      await before(jar, handle);
      assert.ok(jar.names.length > 1);
      await now(jar, login('bob'));
      assert.ok(jar.names.every(name => name.startsWith('EGG_SESS')), jar.names.join());
    }
  });

  test('cover all pieces when the session ends, also those that this path does not get', async () => {
    const visit = await start({ ...sealed, chunks: 3, formerCookies: [{ key: 'OLD' }] });
    const { setCookie } = await visit(new BrowserJar(), logout);
    for (let index = 1; index < 8; index++) assert.ok(namesSet(setCookie).includes(`(OLD.${index})`), `${index}`);
  });

  test('of a session in pieces that moves its domain expire the pieces there', async () => {
    const large = ctx => { ctx.session.text = 'x'.repeat(8000); };
    const old = await start({ ...sealed, chunks: 4 });
    const now = await start({ ...sealed, chunks: 4, domain: 'example.com', formerCookies: [{ domain: null }] });
    const jar = new BrowserJar();
    await old(jar, large);
    const { length } = jar.names;
    await now(jar, large);
    assert.equal(jar.names.length, length);
    assert.equal((await now(jar, ctx => ctx.session.text.length)).result, 8000);
  });

  test('are not sent for a session that is too large for its pieces', async () => {
    const old = await start({ ...sealed, key: 'OLD' });
    const now = await start({ ...sealed, chunks: 2, formerCookies: [{ key: 'OLD' }] });
    const jar = new BrowserJar();
    await old(jar, login('ada'));
    assert.deepEqual((await now(jar, ctx => { ctx.session.text = 'x'.repeat(20000); })).setCookie, []);
    assert.equal((await now(jar)).result, 'ada');
  });

  test('cover the second cookie of autoChips, and both with partitioned', async () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36';
    const request = { secure: true, headers: { 'user-agent': userAgent } };
    const lines = async (options, cookies, headers) => {
      const app = createEggApp(await source, { cookies });
      const middleware = createSession({ key: 'EGG_SESS', encrypt: false, secure: true, sameSite: 'none', ...options }, app);
      const { setCookie, error } = await exchange(app, middleware, login('ada'), { ...request, headers: { ...request.headers, ...headers } });
      assert.ifError(error);
      return setCookie;
    };
    const formerCookies = [{ key: 'OLD' }];
    const chips = ['(OLD)', '(OLD.sig)', '(_CHIPS-OLD)', '(_CHIPS-OLD.sig)'];
    const expired = setCookie => namesSet(setCookie).filter(name => name.startsWith('('));
    const withChips = await lines({ formerCookies }, { autoChips: true });
    assert.deepEqual(expired(withChips).sort(), chips);
    assert.ok(withChips.filter(line => line.startsWith('_CHIPS-OLD')).every(line => line.endsWith('; partitioned')));
    const came = await lines({ formerCookies }, {}, { cookie: '_CHIPS-OLD=1; _CHIPS-OLD.sig=2' });
    assert.deepEqual(expired(came).sort(), chips);
    assert.ok(came.filter(line => line.startsWith('_CHIPS-OLD')).every(line => line.endsWith('; partitioned')));
    const partitioned = await lines({ formerCookies, partitioned: true }, {});
    assert.deepEqual(partitioned.filter(line => line.startsWith('OLD=')).map(line => line.endsWith('; partitioned')), [true, false]);
  });

  test('are not sent with externalKey, nor after the headers', async () => {
    const store = new LoggingStore();
    const carried = await start({ store, externalKey: { get: () => undefined, set() {} }, formerCookies: [{ key: 'OLD' }] });
    assert.deepEqual((await carried(new BrowserJar(), login('ada'))).setCookie, []);
    assert.deepEqual((await carried(new BrowserJar(), logout)).setCookie, []);
    const late = await start({ encrypt: 'sealed', formerCookies: [{ key: 'OLD' }] });
    const { status } = await late(new BrowserJar(), ctx => {
      ctx.respond = false;
      ctx.session.user = 'ada';
      ctx.res.end('{}');
    });
    await settle();
    assert.deepEqual([status, late.server.errors], [200, []]);
  });

  test('a place that the request shows to be the current one is skipped', async () => {
    let domain = 'example.com';
    const visit = await start({ encrypt: true, domain: () => domain, formerCookies: [{ domain: 'example.com' }] });
    assert.deepEqual(namesSet((await visit(new BrowserJar(), login('ada'))).setCookie), ['EGG_SESS']);
    domain = 'example.org';
    assert.deepEqual(namesSet((await visit(new BrowserJar(), login('ada'))).setCookie), ['(EGG_SESS)', 'EGG_SESS']);
    const moved = await start({ encrypt: true, formerCookies: [{ path: '/shop' }] });
    const { setCookie } = await moved(new BrowserJar(), ctx => {
      ctx.sessionOptions.path = '/shop';
      ctx.session.user = 'ada';
    });
    assert.deepEqual(namesSet(setCookie), ['EGG_SESS']);
  });
});

describe('a former name', () => {
  test('is looked up in the store, with the same limits, and a logout destroys the entry', async () => {
    const store = new LoggingStore();
    const old = await start({ encrypt: true, key: 'OLD', store });
    const now = await start({ encrypt: true, store, formerCookies: [{ key: 'OLD' }] });
    const jar = new BrowserJar();
    await old(jar, login('ada'));
    const copy = jar.copy();
    store.take();
    assert.equal((await now(jar)).result, 'ada');
    assert.equal(store.take().length, 1);
    await now(jar, logout);
    assert.deepEqual([(await old(copy)).result, jar.names], ['nobody', []]);
  });

  test('of several cookies under it, the first live one counts', async () => {
    const valid = (_ctx, { user }) => user !== 'dead';
    for (const [mode, host] of [[{ encrypt: true }, 'egg'], [{ encrypt: 'sealed' }, 'koa'], [{ encrypt: false }, 'egg']]) {
      const old = await start({ ...mode, key: 'OLD' }, host);
      const now = await start({ ...mode, valid, formerCookies: [{ key: 'OLD' }] }, host);
      const [dead, live] = [new BrowserJar(), new BrowserJar()];
      await old(dead, login('dead'));
      await old(live, login('ada'));
      const both = { header: () => `${dead.header()}; ${live.header()}`, store() {} };
      assert.equal((await now(both)).result, 'ada');
    }
  });

  test('two deploys rename a cookie, and no user notices, whichever instances run', async () => {
    for (const mode of [{ encrypt: true }, { encrypt: false }, { encrypt: 'sealed' }, { encrypt: 'sealed', store: new LoggingStore() }]) {
      const original = await start({ ...mode, key: 'OLD' });
      const first = await start({ ...mode, key: 'OLD', formerCookies: [{ key: 'NEW' }] });
      const second = await start({ ...mode, key: 'NEW', formerCookies: [{ key: 'OLD' }] });
      const last = await start({ ...mode, key: 'NEW' });
      const count = ctx => { ctx.session.count = (ctx.session.count || 0) + 1; return ctx.session.count; };
      const jar = new BrowserJar();
      let expected = 0;
      for (const visit of [original, first, original, first, second, first, second, second, first, second, last, second, last]) {
        assert.equal((await visit(jar, count)).result, ++expected);
        assert.equal(jar.names.filter(name => !name.endsWith('.sig')).length, 1);
      }
    }
  });

  test('a cookie under it that cannot be decoded is emptied', async () => {
    const codec = { encrypt: true, encode: JSON.stringify };
    const old = await start({ ...codec, decode: JSON.parse, key: 'OLD' });
    const now = await start({ ...codec, decode: () => { throw new Error('no'); }, formerCookies: [{ key: 'OLD' }] });
    const jar = new BrowserJar();
    await old(jar, login('ada'));
    assert.equal((await now(jar)).status, 500);
    assert.deepEqual(jar.names, []);
  });

  test('an ended session under it is told, where there is absoluteMaxAge', async () => {
    const sealed = { encrypt: 'sealed', absoluteMaxAge: HOUR_MS };
    const old = await start({ ...sealed, key: 'OLD' });
    const now = await start({ ...sealed, formerCookies: [{ key: 'OLD' }] });
    const events = [];
    now.server.app.on('session:expired', ({ value }) => events.push(value.user));
    const jar = new BrowserJar();
    await old(jar, login('ada'));
    const header = jar.header();
    const { now: real } = Date;
    Date.now = () => real() + 2 * HOUR_MS;
    try {
      assert.equal((await now({ header: () => header, store() {} })).result, 'nobody');
    } finally {
      Date.now = real;
    }
    await settle();
    assert.deepEqual(events, ['ada']);
  });

  test('an older key\'s signature under it opens, and is not signed anew', async () => {
    const old = await start({ encrypt: false, key: 'OLD' }, 'egg', { keys: ['older key'] });
    const now = await start({ encrypt: false, formerCookies: [{ key: 'OLD' }] }, 'egg', { keys: ['new key', 'older key'] });
    const jar = new BrowserJar();
    await old(jar, login('ada'));
    assert.deepEqual([(await now(jar)).result, (await now(jar)).setCookie], ['ada', []]);
  });
});

describe('at start', () => {
  const refusals = [
    [{ formerCookies: { key: 'OLD' } }, /array/],
    [{ formerCookies: [null] }, /\[0\]/],
    [{ formerCookies: ['OLD'] }, /\[0\]/],
    [{ formerCookies: [{ key: 'OLD' }, { name: 'OLD' }] }, /only `key`, `domain` and `path` in \[1\]/],
    [{ formerCookies: [{ key: 'a\nb' }] }, /`key` in \[0\]/],
    [{ formerCookies: [{ key: 1 }] }, /`key` in \[0\]/],
    [{ formerCookies: [{ path: 'shop' }] }, /`path`/],
    [{ formerCookies: [{ path: 5 }] }, /`path`/],
    [{ formerCookies: [{ domain: 'https://example.com' }] }, /`domain`/],
    [{ formerCookies: [{ domain: true }] }, /`domain`/],
    [{ formerCookies: [{ key: '__Host-old' }] }, /`secure`/],
    [{}, undefined],
    [{ formerCookies: null }, undefined],
    [{ formerCookies: [] }, undefined],
    [{ formerCookies: [{}] }, /where it is now/],
    [{ formerCookies: [{ key: 'EGG_SESS' }] }, /where it is now/],
    [{ formerCookies: [{ path: '/' }] }, /where it is now/],
    [{ formerCookies: [{ domain: null }] }, /where it is now/],
    [{ formerCookies: [{ domain: '' }] }, /where it is now/],
    [{ formerCookies: [{ domain: '.EXAMPLE.com' }], domain: 'example.com' }, /where it is now/],
    [{ formerCookies: [{ domain: null }], domain: 'example.com' }, undefined],
    [{ formerCookies: [{ path: '/shop' }], path: '/shop' }, /where it is now/],
    [{ formerCookies: [{ key: 'OLD' }, { path: '/' }] }, /\[1\] is where it is now/],
    [{ formerCookies: [{ domain: 'example.com' }], domain: () => 'example.com' }, undefined],
    [{ formerCookies: [{ domain: () => 'example.com' }], domain: 'example.com' }, undefined],
    [{ formerCookies: [{ domain: 'example.com' }] }, /where it is now/, { domain: 'example.com' }],
    [{ formerCookies: [{ domain: null }] }, undefined, { domain: 'example.com' }],
    [{ formerCookies: [{ path: '/' }] }, /where it is now/, { domain: 'example.com' }],
    [{ formerCookies: [{ path: '/' }] }, undefined, { path: '/shop' }],
  ];
  for (const [options, message, cookies] of refusals) {
    test(`${message ? 'refused' : 'taken'}: ${JSON.stringify(options)} beside ${JSON.stringify(cookies)}`, async () => {
      const app = cookies ? createEggApp(await source, { cookies }) : new Koa();
      const begin = () => createSession({ key: 'EGG_SESS', ...options }, app);
      if (message) assert.throws(begin, { code: 'ERR_SESSION_OPTION', option: 'formerCookies', message });
      else begin();
    });
  }
});
