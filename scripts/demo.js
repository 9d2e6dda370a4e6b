'use strict';

// npm run demo: installs and builds what is missing, and runs example/ on 127.0.0.1 until Ctrl-C.
// EGG_SESSION_ENGINE=portable runs it without a Rust toolchain.

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { ROOT, setup, main } = require('./setup');

const HOST = '127.0.0.1';
const USUAL_PORT = 7001;

/**
 * Listens on Egg's usual port, or on any free one where that is taken.
 * @param {http.Server} server
 * @returns {Promise<number>} the port
 */
function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', err => {
      if (/** @type {NodeJS.ErrnoException} */ (err).code !== 'EADDRINUSE') return reject(err);
      server.once('error', reject).listen(0, HOST);
    });
    server.on('listening', () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
    server.listen(USUAL_PORT, HOST);
  });
}

/**
 * @param {string} url
 * @param {string} jar file in which curl keeps the cookies
 */
function instructions(url, jar) {
  const curl = `curl -s -b ${jar} -c ${jar}`;
  return `
The example shop runs at ${url} (egg ${require('egg/package.json').version}, ${require(ROOT).engine.name} engine).
Open it in a browser, or watch a session at work: log in, count (as often as you like), and see what the session knows.

  ${curl} -e ${url} -d name=Ada ${url}/login
  ${curl} ${url}/counter
  ${curl} ${url}/session

The server keeps nothing: the session is the encrypted cookie SHOP_SESS in ${jar}.
Ctrl-C stops the shop.
`;
}

async function demo() {
  setup({ addon: process.env.EGG_SESSION_ENGINE !== 'portable' });

  process.env.EGG_SERVER_ENV = process.env.EGG_SERVER_ENV || 'local';
  /** @type {any} Egg's types lack what single-process mode adds */
  const app = await require('egg').start({ baseDir: path.join(ROOT, 'example'), ignoreWarning: true });
  const server = http.createServer(app.callback());
  app.emit('server', server);
  const port = await listen(server);
  const jar = path.join(os.tmpdir(), `example-shop-${port}.cookies`);
  fs.rmSync(jar, { force: true });
  console.log(instructions(`http://${HOST}:${port}`, jar));

  /** @type {NodeJS.Signals} */
  const signal = await new Promise(resolve => {
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, resolve);
  });
  console.log(`\n${signal}: stopping`);
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  await app.close();
  await app.agent.close();
  fs.rmSync(jar, { force: true });
  process.exit(0);
}

main(demo);
