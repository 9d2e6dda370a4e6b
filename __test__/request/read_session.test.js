'use strict';

/** `readSession` reads by the rules of a request, and writes nothing. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp, knownSources } = require('../support/egg_context');
const { MemoryStore } = require('../support/memory_store');

const { readSession, Keyring } = createSession;
const KEYS = ['the newest key of the app', 'an older key of the app..'];
const NAME = 'K';
const old = new Keyring([KEYS[1]]);
const DATA = { user: 'alice', cart: [{ id: 1 }] };
const stored = (more = {}) => JSON.stringify({ ...DATA, _expire: Date.now() + 60_000, _maxAge: 60_000, ...more });

/** @param {object} options @param {any} [app] */
function appWith(options, app = Object.assign(new Koa(), { keys: KEYS, silent: true })) {
  createSession({ key: NAME, maxAge: 60_000, ...options }, app);
  return app;
}

/** @param {Record<string, string>} cookies */
const reqWith = cookies => ({ headers: { cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ') } });
const cookieOf = ({ value, signature }) => ({ [NAME]: value, ...(signature && { [`${NAME}.sig`]: signature }) });
const sealed = (meta, text = stored()) => cookieOf(old.sealSealed(NAME, text, meta));

/** A store that counts its calls. */
function countingStore() {
  const store = new MemoryStore();
  const calls = [];
  const counted = new Proxy(store, {
    get: (target, name) => (typeof target[name] !== 'function' ? target[name] : (...args) => {
      calls.push(name);
      return target[name](...args);
    }),
  });
  return { store, counted, calls };
}

test('reads a session of each format that Koa has', async () => {
  for (const [mode, options] of [['sealed', { encrypt: 'sealed' }], ['signed-sha1', {}], ['signed-sha1', { encrypt: 'sealed' }], ['plain', { signed: false }]]) {
    assert.deepEqual(await readSession(appWith(options), reqWith(cookieOf(old.seal(mode, NAME, stored())))), DATA, mode);
  }
});

test('reads a session of each format that Egg has', async () => {
  for (const [source, cookies] of await knownSources()) {
    for (const [mode, options] of [['sealed', { encrypt: 'sealed' }], ['encrypted', { encrypt: true }], ['signed', { encrypt: true }], ['signed', { encrypt: false }]]) {
      const app = appWith(options, createEggApp(cookies, { keys: KEYS }));
      assert.deepEqual(await readSession(app, reqWith(cookieOf(old.seal(mode, NAME, stored())))), DATA, `${source} ${mode}`);
    }
  }
});

test('reads a session in pieces', async (t) => {
  const app = appWith({ encrypt: 'sealed', chunks: 3 });
  const big = { text: 'x'.repeat(6000) };
  app.use(createSession({ key: NAME, encrypt: 'sealed', chunks: 3 }, app));
  app.use(ctx => {
    ctx.session = big;
    ctx.body = '';
  });
  const server = app.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`, { headers: { connection: 'close' } });
  const cookies = answer.headers.getSetCookie().map(line => line.split(';')[0]);
  assert.ok(cookies.length > 1);
  assert.deepEqual(await readSession(app, { headers: { cookie: cookies.join('; ') } }), big);
  assert.equal(await readSession(app, { headers: { cookie: cookies.slice(0, -1).join('; ') } }), null);
});

describe('gives null', () => {
  const live = sealed();
  for (const [claim, options, req] of [
    ['without a cookie', {}, { headers: {} }],
    ['for a cookie of no format', {}, reqWith({ [NAME]: 'garbage' })],
    ['for a session that has ended', {}, reqWith(sealed({}, stored({ _expire: 1 })))],
    ['for a token that has ended', {}, reqWith(sealed({ expiresAtMs: 1 }))],
    ['over absoluteMaxAge', { absoluteMaxAge: 1000 }, reqWith(sealed({ createdAtMs: Date.now() - 2000 }))],
    ['where `valid` refuses', { valid: () => false }, reqWith(live)],
    ['for an older format that is refused', { acceptLegacy: false }, reqWith(cookieOf(old.seal('signed-sha1', NAME, stored())))],
    ['for a session that was revoked', { absoluteMaxAge: 60_000, revocation: { isRevoked: async () => true, revoke() {} } }, reqWith(sealed({ createdAtMs: Date.now(), id: 'a' }))],
  ]) {
    test(claim, async () => assert.equal(await readSession(appWith({ encrypt: 'sealed', ...options }), req), null));
  }

  test('but reads the same sessions where nothing refuses them', async () => {
    const revocation = { isRevoked: async () => false, revoke() {} };
    assert.deepEqual(await readSession(appWith({ encrypt: 'sealed', valid: () => true, absoluteMaxAge: 60_000, revocation }), reqWith(sealed({ createdAtMs: Date.now() }))), DATA);
  });
});

describe('with a store', () => {
  const ID = 'an-external-key';
  const req = reqWith(cookieOf(old.sealSealed(NAME, ID)));

  test('reads it once, and calls nothing else', async () => {
    const { store, counted, calls } = countingStore();
    await store.setText(ID, stored());
    const app = appWith({ encrypt: 'sealed', store: counted, rolling: true, renew: true });
    assert.deepEqual(await readSession(app, req), DATA);
    assert.equal(await readSession(app, reqWith(cookieOf(old.sealSealed(NAME, 'unknown')))), null);
    await new Promise(setImmediate);
    assert.deepEqual(calls, ['getText', 'getText']);
  });

  test('the store is not told that lifetimes roll', async () => {
    const told = [];
    const store = { get: async (key, maxAge, { rolling }) => told.push(rolling) && JSON.parse(stored()), set() {}, destroy() {} };
    assert.deepEqual(await readSession(appWith({ encrypt: 'sealed', store, rolling: true }), req), DATA);
    assert.deepEqual(told, [false]);
  });

  test('what the store keeps is neither frozen nor handed out', async () => {
    const kept = JSON.parse(stored());
    const read = await readSession(appWith({ encrypt: 'sealed', store: { get: async () => kept, set() {}, destroy() {} } }), req);
    assert.ok(!Object.isFrozen(kept) && !Object.isFrozen(kept.cart) && read.cart !== kept.cart);
  });

  test('a store that fails throws, or gives null under onStoreError: readonly', async () => {
    const store = { get: async () => { throw new Error('down'); }, set() {}, destroy() {} };
    await assert.rejects(readSession(appWith({ encrypt: 'sealed', store }), req), /down/);
    assert.equal(await readSession(appWith({ encrypt: 'sealed', store, onStoreError: 'readonly' }), req), null);
  });
});

test('what it gives is plain, without the lifetime, and frozen all through', async () => {
  for (const app of [appWith({ encrypt: 'sealed' }), appWith({ encrypt: 'sealed', rememberedCookies: 0 })]) {
    for (let i = 0; i < 4; i++) {
      const read = await readSession(app, reqWith(sealed()));
      assert.equal(Object.getPrototypeOf(read), Object.prototype);
      assert.deepEqual(Object.keys(read), ['user', 'cart']);
      for (const value of [read, read.cart, read.cart[0]]) assert.ok(Object.isFrozen(value));
    }
  }
});

test('a cookie that is remembered is not frozen by it', async () => {
  const app = appWith({ encrypt: 'sealed' });
  const req = reqWith(sealed());
  for (let i = 0; i < 4; i++) await readSession(app, req);
  const request = Object.assign(new http.IncomingMessage(null), { headers: req.headers, socket: {} });
  const ctx = app.createContext(request, new http.ServerResponse(request));
  ctx.session.cart.push(2);
  assert.equal(ctx.session.cart.length, 2);
});

test('no Set-Cookie is made on a response of the request, even for a signature by an older key', async (t) => {
  const app = appWith({});
  const server = http.createServer(async (req, res) => {
    res.end(JSON.stringify(await readSession(app, req)));
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const headers = reqWith(cookieOf(old.seal('signed-sha1', NAME, stored()))).headers;
  const answer = await fetch(`http://127.0.0.1:${server.address().port}`, { headers: { ...headers, connection: 'close' } });
  assert.deepEqual(await answer.json(), DATA);
  assert.deepEqual(answer.headers.getSetCookie(), []);
});

test('header names count in any case, as a worker may pass them on', async () => {
  const { cookie } = reqWith(sealed()).headers;
  assert.deepEqual(await readSession(appWith({ encrypt: 'sealed' }), { headers: { Cookie: cookie } }), DATA);
});

test('takes the Headers of fetch, and a cookie in several header lines', async () => {
  const app = appWith({ encrypt: 'sealed', valid: (ctx, { user }) => ctx.get('user-agent') === `of ${user}` });
  const { cookie } = reqWith(sealed()).headers;
  const headers = { cookie, 'User-Agent': 'of alice' };
  assert.deepEqual(await readSession(app, { headers: new Headers(headers) }), DATA);
  assert.deepEqual(await readSession(app, new Request('http://shop.example', { headers })), DATA);
  assert.deepEqual(await readSession(app, { headers: { ...headers, cookie: ['a=b', cookie] } }), DATA);
  assert.equal(await readSession(app, new Request('http://shop.example')), null);
});

test('a cookie that is no text throws with a code', async () => {
  for (const cookie of [1, true, {}, Symbol('text'), Buffer.from('a=b'), [1], () => {}]) {
    for (const socket of [undefined, {}]) {
      await assert.rejects(readSession(appWith({ encrypt: 'sealed' }), { headers: { cookie }, socket }), {
        code: 'ERR_SESSION_ARGUMENT', message: /^Expected a string for req\.headers\.cookie but received /,
      });
    }
  }
  for (const cookie of [undefined, null, '', []]) assert.equal(await readSession(appWith({ encrypt: 'sealed' }), { headers: { cookie } }), null);
});

test('misuse throws with a code', async () => {
  const app = appWith({});
  for (const req of [undefined, null, 7, {}, { headers: null }, { headers: 'x' }]) {
    await assert.rejects(readSession(app, req), { code: 'ERR_SESSION_ARGUMENT' });
  }
  await assert.rejects(readSession(new Koa(), { headers: {} }), { code: 'ERR_SESSION_ARGUMENT' });
});

test('a hostile cookie of any depth never throws', async () => {
  const deep = Buffer.from(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`).toString('base64');
  const read = await readSession(appWith({ signed: false }), reqWith({ [NAME]: deep }));
  assert.ok(Object.isFrozen(read.a[0][0]));
});

test('reads the session that `as` names, and refuses a name of none', async () => {
  const app = appWith({ encrypt: 'sealed' });
  createSession({ as: 'adminSession', key: 'ADMIN', encrypt: 'sealed', maxAge: 60_000 }, app);
  const { value } = old.seal('sealed', 'ADMIN', JSON.stringify({ admin: 'root', _as: 'adminSession', _expire: Date.now() + 60_000, _maxAge: 60_000 }));
  const req = { headers: { cookie: `ADMIN=${value}; ${Object.entries(cookieOf(old.seal('sealed', NAME, stored()))).map(([name, text]) => `${name}=${text}`)}` } };
  assert.deepEqual(await readSession(app, req), DATA);
  assert.deepEqual(await readSession(app, req, { as: 'adminSession' }), { admin: 'root' });
  await assert.rejects(readSession(app, req, { as: 'other' }), { code: 'ERR_SESSION_ARGUMENT' });
});
