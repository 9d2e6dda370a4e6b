'use strict';

/** egg-socket.io in an Egg 3 app, over real sockets: it runs the session middleware for a connection and for each packet. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const egg = require('egg');
const { MemoryStore } = require('../support/memory_store');

// The client of socket.io 2 takes Node's own WebSocket for a browser's, which sends no cookie of ours.
Reflect.deleteProperty(globalThis, 'WebSocket');
const connectTo = require('socket.io-client');

const ORIGIN = 'https://shop.example';
const ROOT = path.join(__dirname, '../..');

// Each test starts an app, and Egg listens for what ends the process.
process.setMaxListeners(50);

/** @param {import('node:test').TestContext} t @param {any} [options] */
async function start(t, { store, revocation } = {}) {
  process.env.FIXTURE_SESSION = JSON.stringify(revocation ? { absoluteMaxAge: 3600_000 } : {});
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-socket-io-'));
  Object.assign(process.env, { EGG_SERVER_ENV: 'unittest', FIXTURE_SCRATCH: scratch });
  // Not by egg-mock, which emits `server` before the app is ready: socket.io then lets everybody in before the middleware runs.
  const app = await egg.start({ baseDir: path.join(__dirname, '../fixtures/socket_io_app'), plugins: { session: { enable: true, path: ROOT } } });
  if (store) app.sessionStore = store;
  if (revocation) app.config.session.revocation = revocation;
  const server = http.createServer(app.callback());
  // As egg-cluster does.
  app.emit('server', server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  t.after(async () => {
    app.io.close();
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await app.close();
    await app.agent.close();
    // Egg may still open a log: rmSync() does not see a file that is new in a folder it empties, and does not begin again.
    await fs.promises.rm(scratch, { recursive: true, force: true, maxRetries: 10 });
  });
  const visit = async (url, cookie = '') => {
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { headers: { cookie, connection: 'close' } });
    return { body: await answer.text(), cookie: answer.headers.getSetCookie().map(line => line.split(';')[0]).join('; ') };
  };
  const connect = (cookie, origin = ORIGIN) => {
    const socket = connectTo(`http://127.0.0.1:${port}`, {
      transports: ['websocket'], reconnection: false, forceNew: true, extraHeaders: { ...(cookie && { cookie }), ...(origin && { origin }) },
    });
    t.after(() => socket.close());
    return socket;
  };
  return { app, visit, connect, port };
}

/** @returns {Promise<any>} what comes first: an event's name and what it carries */
function next(socket, ...events) {
  return new Promise(resolve => {
    for (const event of events) socket.once(event, value => resolve([event, value]));
  });
}

const KEPT = {
  'in a cookie': () => ({}),
  'in a store': () => ({ store: new MemoryStore() }),
  'in a cookie, with revocation': () => {
    const ids = new Set();
    return { revocation: { isRevoked: async id => ids.has(id), revoke: async id => { ids.add(id); } } };
  },
};

for (const [kept, options] of Object.entries(KEPT)) {
  test(`a session ${kept} is there for a connection and for its packets`, async t => {
    const { visit, connect } = await start(t, options());
    const { cookie } = await visit('/login');
    const socket = connect(cookie);
    assert.deepEqual(await next(socket, 'connect', 'error', 'connect_error'), ['connect', undefined]);
    socket.emit('whoami');
    assert.deepEqual(await next(socket, 'user', 'error'), ['user', 'ada']);
  });

  test(`without a session ${kept}, with a forged one or from another origin there is no connection`, async t => {
    const { visit, connect } = await start(t, options());
    const { cookie } = await visit('/login');
    for (const [given, origin, reason] of [
      ['', ORIGIN, 'no session'], ['EGG_SESS=v1=forged', ORIGIN, 'no session'], [`${cookie.slice(0, -4)}AAAA`, ORIGIN, 'no session'],
      [cookie, 'https://shop.example.evil.example', 'another origin'],
    ]) {
      assert.deepEqual(await next(connect(given, origin), 'connect', 'error'), ['error', reason]);
    }
  });
}

for (const [kept, options] of Object.entries(KEPT).slice(1)) {
  test(`after the logout of a session ${kept} no packet and no new connection gets through, and the connection ends`, async t => {
    const { app, visit, connect } = await start(t, options());
    app.config.shop.intervalMs = 300;
    const { cookie } = await visit('/login');
    const socket = connect(cookie);
    await next(socket, 'connect');
    await visit('/logout', cookie);
    socket.emit('whoami');
    assert.deepEqual(await next(socket, 'user', 'error'), ['error', 'no session']);
    assert.deepEqual(await next(connect(cookie), 'connect', 'error'), ['error', 'no session']);
    assert.deepEqual(await next(socket, 'disconnect'), ['disconnect', 'io server disconnect']);
  });
}

test('a packet that changes the session: in a store the change is kept, in a cookie it is lost', async t => {
  for (const [isKept, options] of [[true, { store: new MemoryStore() }], [false, {}]]) {
    const { visit, connect } = await start(t, options);
    const { cookie } = await visit('/login');
    const socket = connect(cookie);
    await next(socket, 'connect');
    for (const count of [1, isKept ? 2 : 1]) {
      socket.emit('visit');
      assert.deepEqual(await next(socket, 'visits', 'error'), ['visits', count]);
      await new Promise(resolve => { setTimeout(resolve, 50); });
    }
    assert.deepEqual(JSON.parse((await visit('/session', cookie)).body).visits, isKept ? 2 : undefined);
  }
});

test('the handshake sets no cookie of the session', async t => {
  const { visit, port } = await start(t);
  const { cookie } = await visit('/login');
  const headers = { cookie, origin: ORIGIN, connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': 13, 'sec-websocket-key': 'x'.repeat(22) + '==' };
  const request = http.get({ host: '127.0.0.1', port, path: '/socket.io/?EIO=3&transport=websocket', headers });
  const [answer, socket] = await once(request, 'upgrade');
  socket.destroy();
  assert.equal(answer.headers['set-cookie'], undefined);
});
