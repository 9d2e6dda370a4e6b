'use strict';

/** Cookies that no browser takes are refused at start; what only some take is told. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { BrowserJar } = require('../support/browser_jar');

const start = (options, app = new Koa()) => () => createSession(options, app);
const SECURE = { secure: true };

describe('a name with a prefix', () => {
  const refused = [
    ['secure', { key: '__Host-sess' }],
    ['secure', { key: '__Secure-sess' }],
    ['secure', { key: '__host-sess' }],
    ['secure', { key: '__SECURE-sess', secure: false }],
    ['secure', { key: '__Host-sess', secure: null }],
    ['path', { key: '__Host-sess', ...SECURE, path: '/shop' }],
    ['path', { key: '__HOST-sess', ...SECURE, path: null }],
    ['path', { key: '__Host-sess', ...SECURE, path: '' }],
    ['domain', { key: '__Host-sess', ...SECURE, domain: 'example.com' }],
    ['domain', { key: '__hosT-sess', ...SECURE, path: '/', domain: () => 'example.com' }],
  ];
  for (const [option, options] of refused) {
    test(`is refused for its \`${option}\`: ${JSON.stringify(options)}`, () => {
      assert.throws(start(options), { code: 'ERR_SESSION_OPTION', option, message: /browser/ });
    });
  }

  const taken = [
    { key: '__Host-sess', ...SECURE },
    { key: '__Host-sess', ...SECURE, path: '/', domain: null },
    { key: '__Secure-sess', ...SECURE, path: '/shop', domain: 'example.com' },
    { key: '__Hostsess' }, { key: 'x__Host-sess' }, { key: '_Host-sess' },
  ];
  for (const options of taken) test(`is taken: ${JSON.stringify(options)}`, () => assert.doesNotThrow(start(options)));

  test('the app\'s cookie defaults count, as they do when the cookie is written', async () => {
    const [[, source]] = await knownSources();
    const app = cookies => createEggApp(source, { cookies });
    assert.doesNotThrow(start({ key: '__Host-sess' }, app(SECURE)));
    assert.throws(start({ key: '__Host-sess', secure: undefined }, app(SECURE)), { option: 'secure' });
    assert.throws(start({ key: '__Host-sess' }, app({ ...SECURE, domain: 'example.com' })), { option: 'domain' });
    assert.throws(start({ key: '__Host-sess' }, app({ ...SECURE, path: '/shop' })), { option: 'path' });
    assert.doesNotThrow(start({ key: '__Host-sess', path: '/' }, app({ ...SECURE, path: '/shop' })));
  });

  test('what is taken is kept by a browser, pieces and signature too', async () => {
    const [[, source]] = await knownSources();
    for (const mode of [{ encrypt: true }, { encrypt: false }, { encrypt: 'sealed', chunks: 3 }]) {
      for (const options of taken) {
        const app = createEggApp(source);
        const middleware = createSession({ ...options, ...mode }, app);
        const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.text = 'x'.repeat(mode.chunks ? 4000 : 10); }, { secure: true });
        const jar = new BrowserJar();
        jar.store(setCookie, { secure: true });
        assert.equal(jar.names.length, mode.encrypt === true ? 1 : 2, JSON.stringify(options));
      }
    }
  });
});

describe('attributes that fit no request', () => {
  for (const value of ['shop', './', ' /', 'http://example.com/', '*']) {
    test(`path ${value}`, () => assert.throws(start({ path: value }), { code: 'ERR_SESSION_OPTION', option: 'path' }));
  }
  for (const value of ['http://example.com', 'example.com:8080', 'example.com/shop', '*.example.com', 'example com', '.', 'a..b', 'münchen.de', '::1']) {
    test(`domain ${value}`, () => assert.throws(start({ domain: value }), { code: 'ERR_SESSION_OPTION', option: 'domain' }));
  }
  for (const value of ['example.com', '.example.com', 'EXAMPLE.com', 'localhost', '127.0.0.1', '[::1]', 'xn--mnchen-3ya.de', 'a_b.example.com.', 'example.com; SameSite=Lax']) {
    test(`domain ${value} is one that a browser may take`, () => assert.doesNotThrow(start({ domain: value })));
  }
  describe('a domain that a function gives is called in Koa too, at each cookie', () => {
    const modes = {
      signed: {}, unsigned: { signed: false }, sealed: { encrypt: 'sealed' }, pieces: { encrypt: 'sealed', chunks: 3 },
      'by ctx.cookies': { nativeCookies: false }, 'with a former place': { formerCookies: [{ path: '/shop' }] },
      'with the same place by another function': { formerCookies: [{ domain: () => 'shop.example.com' }] },
      'with a former domain': { formerCookies: [{ domain: () => 'old.example.com' }] },
    };
    for (const [mode, options] of Object.entries(modes)) {
      test(mode, async () => {
        let domain = 'shop.example.com';
        const app = Object.assign(new Koa(), { keys: ['a first key of 32 bytes, no weak'] });
        const middleware = createSession({ maxAge: 3600000, ...options, domain: () => domain }, app);
        const visit = async (handle, cookie) => (await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} })).setCookie;
        const allowed = mode === 'with a former domain' ? /; domain=(?:shop|old)\.example\.com/ : /; domain=shop\.example\.com/;
        const lines = await visit(ctx => { ctx.session.n = 1; });
        for (const line of lines) assert.match(line, allowed);
        assert.equal(lines.some(line => line.includes('1970')), mode.startsWith('with a former'));
        const ended = await visit(ctx => { ctx.session = null; }, lines.map(line => line.split(';')[0]).join('; '));
        assert.ok(ended.length > 0);
        for (const line of ended) assert.match(line, allowed);
        domain = 'example.org';
        assert.match((await visit(ctx => { ctx.session.n = 1; })).at(-1), /; domain=example\.org/);
      });
    }
    test('the signature that is renewed has it', async () => {
      const app = Object.assign(new Koa(), { keys: ['an old key of the app, no weak one'] });
      const middleware = createSession({ domain: () => 'example.com' }, app);
      const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.n = 1; }, {});
      app.keys = ['a new key of the app, no weak one', 'an old key of the app, no weak one'];
      const cookie = setCookie.map(line => line.split(';')[0]).join('; ');
      const renewed = await exchange(app, middleware, ctx => ctx.session.n, { headers: { cookie } });
      assert.equal(renewed.result, 1);
      assert.match(renewed.setCookie[0], /^koa\.sess\.sig=[^;]+; path=\/;.* domain=example\.com; httponly$/);
    });
  });

  test('a path that brings in an attribute of its own, as apps did before egg-cookies knew it', () => {
    assert.doesNotThrow(start({ path: '/; SameSite=Lax' }));
  });
});

/** @param {any} options @param {string[]} [flags] of node @returns {string} what a Koa app prints when it starts */
function startIn(options, flags = []) {
  const script = `const Koa = require('koa'); require(${JSON.stringify(path.join(__dirname, '../..'))})(${JSON.stringify(options)}, new Koa());`;
  const { status, stderr } = spawnSync(process.execPath, [...flags, '-e', script], { cwd: path.join(__dirname, '../..'), encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
}

describe('what only some browsers or servers take is told, and works as before', () => {
  test('sameSite none without secure', () => {
    assert.match(startIn({ sameSite: 'None', secure: false }), /SESSION_OPTION.*`sameSite: 'none'`.*`secure`/);
    assert.doesNotMatch(startIn({ sameSite: 'none' }), /SESSION_OPTION/);
    assert.doesNotMatch(startIn({ sameSite: 'lax', secure: false }), /SESSION_OPTION/);
  });

  test('more pieces than the headers of a request may take', () => {
    const sealed = { encrypt: 'sealed' };
    assert.match(startIn({ ...sealed, chunks: 8 }), /SESSION_OPTION.*`chunks: 8`.*--max-http-header-size/);
    assert.match(startIn({ ...sealed, chunks: 4 }), /SESSION_OPTION/);
    assert.match(startIn({ ...sealed, chunks: 2 }, ['--max-http-header-size=8192']), /SESSION_OPTION/);
    assert.doesNotMatch(startIn({ ...sealed, chunks: 8 }, ['--max-http-header-size=65536']), /SESSION_OPTION/);
    assert.doesNotMatch(startIn({ ...sealed, chunks: 3 }), /SESSION_OPTION/);
  });

  test('an Egg app has it in its log', async () => {
    const [[, source]] = await knownSources();
    const lines = [];
    const app = Object.assign(createEggApp(source), { coreLogger: { warn: line => lines.push(line) } });
    createSession({ sameSite: 'none', secure: false, encrypt: 'sealed', chunks: 8 }, app);
    assert.deepEqual(lines.map(line => line.split(' ').slice(0, 2).join(' ')), ['[egg-session-native] `sameSite:', '[egg-session-native] `chunks:']);
  });
});
