'use strict';

const { once } = require('node:events');

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

module.exports = { hostSockets };
