'use strict';

/**
 * The option `formerCookies`, over real HTTP with a browser's jar: after a change of the cookie's domain, path or name, what stayed at
 * the former place is expired when a session is written or ended, and a former name is still read.
 */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { LoggingStore } = require('../support/logging_store');
const { HOUR_MS, PATH, login, logout, start, stop } = require('../support/moved_cookies');
const { BrowserJar, namesSet, settle } = require('../support/session_server');

after(stop);

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

  test('a dead cookie of one former name does not hide the live one of the next', async () => {
    const valid = (_ctx, { user }) => user !== 'dead';
    for (const [mode, host] of [[{ encrypt: true }, 'egg'], [{ encrypt: 'sealed' }, 'koa'], [{ encrypt: false }, 'egg'], [{ store: new LoggingStore() }, 'koa']]) {
      const [one, two] = [await start({ ...mode, key: 'OLD1' }, host), await start({ ...mode, key: 'OLD2' }, host)];
      const now = await start({ ...mode, valid, formerCookies: [{ key: 'OLD1' }, { key: 'OLD2' }] }, host);
      const [dead, live] = [new BrowserJar(), new BrowserJar()];
      await one(dead, login('dead'));
      await two(live, login('ada'));
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
    const valid = (_ctx, { user }) => user !== 'dead';
    const strict = await start({ encrypt: false, valid, formerCookies: [{ key: 'OLD' }] }, 'egg', { keys: ['new key', 'older key'] });
    const dead = new BrowserJar();
    await old(dead, login('dead'));
    for (const first of ['OLD=junk', dead.header()]) {
      const { result, setCookie } = await strict({ header: () => `${first}; ${jar.header()}`, store() {} });
      assert.deepEqual([result, setCookie], ['ada', []]);
    }
  });
});
