'use strict';

/** The Set-Cookie lines of `formerCookies`: which there are, their attributes, and their order. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const createSession = require('../..');
const { createEggApp, exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { HOSTS, login, logout, source, start, stop } = require('../support/moved_cookies');
const { BrowserJar, namesSet, settle } = require('../support/session_server');

after(stop);

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
      // Koa's class signs the empty value, too.
      const names = namesSet(setCookie).filter(name => name !== 'EGG_SESS.sig');
      assert.deepEqual(names.slice(0, 2), ['(EGG_SESS)', '(OLD)'], host);
      assert.deepEqual(names.slice(2).sort(), ['EGG_SESS', 'theirs'], host);
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
    await late(new BrowserJar(), ctx => {
      ctx.respond = false;
      ctx.session.user = 'ada';
      ctx.res.end('{}');
    });
    await settle();
    assert.deepEqual(late.server.errors, []);
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
