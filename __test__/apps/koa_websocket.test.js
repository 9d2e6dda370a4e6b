'use strict';

/** koa-websocket over real sockets. It runs middleware after the upgrade, with a context that has no response. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const Koa = require('koa');
const withWebSockets = require('koa-websocket');
const WebSocket = require('ws');
const createSession = require('../..');
const { MemoryStore } = require('../support/memory_store');
const { deafClient, hostSockets } = require('../support/socket_host');

const ORIGIN = 'https://shop.example';
const SESSION_ENDED = 4401;
const GRACE_MS = 200;

/** @param {import('node:test').TestContext} t @param {any} options */
async function start(t, options) {
  const app = withWebSockets(Object.assign(new Koa(), { keys: ['a key of more than 16 bytes'], silent: true }));
  app.use(createSession({ key: 'shop', encrypt: 'sealed', maxAge: 60_000, ...options }, app));
  app.use(ctx => {
    if (ctx.path === '/login') ctx.session.user = 'ada';
    if (ctx.path === '/logout') ctx.session = null;
    ctx.body = '';
  });
  const heard = [];
  // As docs/sockets.md has it.
  app.ws.use(async ({ req, websocket }) => {
    websocket.on('message', async data => {
      heard.push(String(data));
      const session = req.headers.origin === ORIGIN ? await createSession.readSession(app, req) : null;
      if (session !== null) return websocket.send(session.user);
      websocket.removeAllListeners('message');
      websocket.close(SESSION_ENDED);
      const cut = setTimeout(() => websocket.terminate(), GRACE_MS);
      return websocket.on('close', () => clearTimeout(cut));
    });
  });
  const { port, visit } = await hostSockets(t, app.listen(0, '127.0.0.1'));
  const connect = async (cookie, origin = ORIGIN) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { ...(cookie && { cookie }), origin } });
    t.after(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  };
  return { port, visit, connect, heard };
}

/** @returns {Promise<string>} the answer to a message, or the code of the close */
function ask(socket) {
  return new Promise(resolve => {
    socket.once('message', data => resolve(String(data)));
    socket.once('close', code => resolve(String(code)));
    socket.send('who am I?');
  });
}

for (const [kept, options] of [
  ['in a store', () => ({ store: new MemoryStore() })],
  ['in a cookie', () => ({ revocation: { ids: new Set(), async isRevoked(id) { return this.ids.has(id); }, async revoke(id) { this.ids.add(id); } }, absoluteMaxAge: 3600_000 })],
]) {
  test(`readSession gives a message the session ${kept}, until the logout`, async t => {
    const { visit, connect } = await start(t, options());
    const cookie = await visit('/login');
    const socket = await connect(cookie);
    assert.equal(await ask(socket), 'ada');
    await visit('/logout', cookie);
    assert.equal(await ask(socket), String(SESSION_ENDED));
  });

  test(`without a session ${kept}, with a forged one or from another origin a socket is closed`, async t => {
    const { visit, connect } = await start(t, options());
    const cookie = await visit('/login');
    for (const [given, origin] of [['', ORIGIN], ['shop=v1=forged', ORIGIN], [cookie, 'https://evil.example']]) {
      assert.equal(await ask(await connect(given, origin)), String(SESSION_ENDED));
    }
  });
}

test('a client that ignores the close frame is heard no longer, and cut off after a moment', async t => {
  const { port, visit, heard } = await start(t, { store: new MemoryStore() });
  const cookie = await visit('/login');
  const { say, closed } = await deafClient(port, { cookie, origin: ORIGIN });
  await visit('/logout', cookie);
  const sinceMs = Date.now();
  say('one');
  await new Promise(resolve => setTimeout(resolve, GRACE_MS / 2));
  say('two');
  await closed;
  assert.ok(Date.now() - sinceMs < 5 * GRACE_MS, `${Date.now() - sinceMs} ms`);
  assert.deepEqual(heard, ['one']);
});
