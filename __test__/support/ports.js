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

module.exports = { freePort };
