'use strict';

/** Starts the example on 127.0.0.1, and beside it egg-session's cart below /egg-session, which the demo page compares with. */

const http = require('node:http');

const HOST = '127.0.0.1';
const USUAL_PORT = 7001;

/**
 * Listens on Egg's usual port, or on any free one where that is taken.
 * @param {http.Server} server
 * @param {number} first
 * @returns {Promise<number>} the port
 */
function listen(server, first) {
  return new Promise((resolve, reject) => {
    server.once('error', err => {
      if (/** @type {NodeJS.ErrnoException} */ (err).code !== 'EADDRINUSE') return reject(err);
      server.once('error', reject).listen(0, HOST);
    });
    server.on('listening', () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
    server.listen(first, HOST);
  });
}

/** @param {{ port?: number }} [options] */
async function start({ port = USUAL_PORT } = {}) {
  process.env.EGG_SERVER_ENV = process.env.EGG_SERVER_ENV || 'local';
  /** @type {any} Egg's types lack what single-process mode adds */
  const app = await require('egg').start({ baseDir: __dirname, ignoreWarning: true });
  const serveShop = app.callback();
  const serveCart = app.demo.originals?.serveCart;
  const server = http.createServer((req, res) => (serveCart && req.url?.startsWith('/egg-session/') ? serveCart : serveShop)(req, res));
  app.emit('server', server);
  const actual = await listen(server, port);

  async function close() {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await app.close();
    await app.agent.close();
  }
  return { url: `http://${HOST}:${actual}`, port: actual, close };
}

module.exports = { start };
