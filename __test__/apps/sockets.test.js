'use strict';

/** The WebSockets of example/sockets.js, with the package ws over real sockets: who gets in, and when a socket ends. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const Koa = require('koa');
const WebSocket = require('ws');
const createSession = require('../..');
const { acceptSockets, SESSION_ENDED } = require('../../example/sockets');
const { MemoryStore } = require('../support/memory_store');
const { deafClient, hostSockets } = require('../support/socket_host');

const ORIGIN = 'https://shop.example';
const INTERVAL_MS = 50;
const GRACE_MS = 200;
const sealed = { encrypt: 'sealed', maxAge: 60_000 };

/** @param {object} options @param {import('node:test').TestContext} t */
async function start(options, t) {
  const app = new Koa();
  app.keys = ['a key of more than 16 bytes'];
  app.silent = true;
  app.use(createSession({ key: 'shop', ...options }, app));
  app.use(ctx => {
    if (ctx.path === '/login') ctx.session.user = 'alice';
    if (ctx.path === '/visit') ctx.session.visits = 1;
    if (ctx.path === '/logout') ctx.session = null;
    ctx.body = '';
  });
  const server = http.createServer(app.callback());
  const opened = [];
  const heard = [];
  const userOf = session => session.user;
  acceptSockets(server, app, {
    origins: [ORIGIN], userOf, intervalMs: INTERVAL_MS, graceMs: GRACE_MS,
    onSocket(socket, session) {
      opened.push(session);
      socket.on('message', data => heard.push(String(data)));
    },
  });
  const { port, visit } = await hostSockets(t, server.listen(0, '127.0.0.1'));
  const connect = (cookie, origin = ORIGIN) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { ...(cookie && { cookie }), ...(origin && { origin }) } });
    socket.on('error', () => {});
    t.after(() => socket.terminate());
    return socket;
  };
  return { port, visit, connect, opened, heard };
}

/** Fails if the socket is refused. */
async function opening(socket) {
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_, { statusCode }) => reject(new Error(`refused with ${statusCode}`)));
  });
}

/** @returns {Promise<number>} the status of the answer that is no upgrade */
async function refusal(socket) {
  const answer = await new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, response) => resolve(response));
    socket.once('open', () => reject(new Error('the socket opened')));
  });
  answer.resume();
  return answer.statusCode;
}

test('who has a session gets in, and the upgrade sets no cookie', async t => {
  const { visit, connect, opened } = await start(sealed, t);
  const socket = connect(await visit('/login'));
  const [[answer]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.deepEqual(opened, [{ user: 'alice' }]);
});

test('another origin is refused, and so is none: 403', async t => {
  const { visit, connect, opened } = await start(sealed, t);
  const cookie = await visit('/login');
  for (const origin of ['https://shop.example.evil.example', 'http://shop.example', 'null', null]) {
    assert.equal(await refusal(connect(cookie, origin)), 403, String(origin));
  }
  assert.deepEqual(opened, []);
});

test('without a session, with a forged one, or without a user: 401', async t => {
  const { visit, connect } = await start(sealed, t);
  for (const cookie of [undefined, 'shop=v1=forged', await visit('/visit')]) assert.equal(await refusal(connect(cookie)), 401, String(cookie));
});

test('a socket lives on while its session does', async t => {
  const { visit, connect } = await start(sealed, t);
  const socket = connect(await visit('/login'));
  await opening(socket);
  await new Promise(resolve => setTimeout(resolve, INTERVAL_MS * 6));
  assert.equal(socket.readyState, WebSocket.OPEN);
});

for (const [where, options] of [
  ['in a store', () => ({ ...sealed, store: new MemoryStore() })],
  ['in a cookie, with revocation', () => ({
    ...sealed, absoluteMaxAge: 3600_000, revocation: { ids: new Set(), async isRevoked(id) { return this.ids.has(id); }, async revoke(id) { this.ids.add(id); } },
  })],
]) {
  test(`a socket does not outlive the logout of a session ${where}`, async t => {
    const { visit, connect } = await start(options(), t);
    const cookie = await visit('/login');
    const socket = connect(cookie);
    await opening(socket);
    await visit('/logout', cookie);
    const [code] = await once(socket, 'close');
    assert.equal(code, SESSION_ENDED);
    assert.equal(await refusal(connect(cookie)), 401);
  });
}

test('a socket does not outlive the lifetime of a session in a cookie', async t => {
  const { visit, connect } = await start({ ...sealed, maxAge: 1500 }, t);
  const socket = connect(await visit('/login'));
  await opening(socket);
  const [code] = await once(socket, 'close');
  assert.equal(code, SESSION_ENDED);
});

test('a store that fails lets nobody in, and closes the sockets that are open', async t => {
  const store = new MemoryStore();
  const { visit, connect } = await start({ ...sealed, store }, t);
  const cookie = await visit('/login');
  const socket = connect(cookie);
  await opening(socket);
  store.getText = async () => { throw new Error('down'); };
  const [code] = await once(socket, 'close');
  assert.equal(code, 1011);
  assert.equal(await refusal(connect(cookie)), 503);
});

for (const [why, end] of Object.entries({
  'the session has ended': async ({ visit, cookie }) => { await visit('/logout', cookie); },
  'the store fails': async ({ store }) => { store.getText = async () => { throw new Error('down'); }; },
})) {
  test(`a client that ignores the close frame is heard no longer, and cut off after a moment: ${why}`, async t => {
    const store = new MemoryStore();
    const { port, visit, heard } = await start({ ...sealed, store }, t);
    const cookie = await visit('/login');
    const { say, closed } = await deafClient(port, { cookie, origin: ORIGIN });
    say('before');
    await new Promise(resolve => setTimeout(resolve, INTERVAL_MS));
    await end({ visit, cookie, store });
    await new Promise(resolve => setTimeout(resolve, INTERVAL_MS * 2.5));
    const sinceMs = Date.now();
    say('after');
    await closed;
    assert.ok(Date.now() - sinceMs < 5 * GRACE_MS, `${Date.now() - sinceMs} ms`);
    assert.deepEqual(heard, ['before']);
  });
}
