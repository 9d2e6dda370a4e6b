'use strict';

const net = require('node:net');

// Below the range that the system gives to clients and to port 0: what is free there stays free until our server listens.
const FIRST_PORT = 20000;
const PORTS = 12000;

/** For a server that wants a number before it starts. @returns {Promise<number>} */
async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) return port;
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise(resolve => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Of cluster-client, in any version of Egg. */
const AGENT_PORT_IS_TAKEN = /the port:\d+ is occupied by other/;
const MOST_STARTS = 3;

/**
 * Egg chooses its agent's port itself, among those that the system gives to anybody, and listens there a moment later. Another
 * process may be faster.
 *
 * @template T
 * @param {() => Promise<T>} start rejects with what Egg printed
 * @returns {Promise<T>}
 */
async function startEgg(start) {
  for (let starts = 1; ; starts++) {
    try {
      return await start();
    } catch (error) {
      if (starts === MOST_STARTS || !AGENT_PORT_IS_TAKEN.test(/** @type {Error} */ (error).message)) throw error;
    }
  }
}

module.exports = { freePort, startEgg };
