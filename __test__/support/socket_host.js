'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const net = require('node:net');

/**
 * Waits for a server that begins to listen, and ends it with the test, whatever sockets are open then.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('node:http').Server} server
 * @returns {Promise<{ port: number, visit: (path: string, cookie?: string) => Promise<string> }>} `visit` gives the Cookie header of a
 *   browser that got the answer
 */
async function hostSockets(t, server) {
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const visit = async (path, cookie = '') => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie, connection: 'close' } });
    await answer.text();
    return answer.headers.getSetCookie().map(line => line.split(';')[0]).join('; ');
  };
  return { port, visit };
}

/**
 * A client that ignores the close frame.
 *
 * @param {number} port
 * @param {{ cookie: string, origin: string }} headers
 * @returns {Promise<{ say: (text: string) => void, closed: Promise<any> }>}
 */
async function deafClient(port, { cookie, origin }) {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: ${origin}\r\n`
    + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'x'.repeat(22)}==\r\nCookie: ${cookie}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 101 /);
  // A text frame, under a mask of zeros.
  const say = text => socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
  socket.resume();
  return { say, closed: once(socket, 'close') };
}

module.exports = { deafClient, hostSockets };
