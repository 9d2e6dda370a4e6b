'use strict';

// npm run demo: installs and builds what is missing, and runs example/ on 127.0.0.1 until Ctrl-C.
// EGG_SESSION_ENGINE=portable runs it without a Rust toolchain.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, setup, main } = require('./setup');

/**
 * @param {string} url
 * @param {string} jar file in which curl keeps the cookies
 */
function instructions(url, jar) {
  const curl = `curl -s -b ${jar} -c ${jar}`;
  return `
The example shop runs at ${url} (egg ${require('egg/package.json').version}, ${require(ROOT).engine.name} engine).
Open it in a browser: one page shows what this package does. Or watch a session at work: log in, count (as often as you like), and
see what the session knows.

  ${curl} -e ${url} -d name=Ada ${url}/login
  ${curl} ${url}/counter
  ${curl} ${url}/session

The server keeps nothing: the session is the encrypted cookie SHOP_SESS in ${jar}.
Ctrl-C stops the shop.
`;
}

async function demo() {
  setup({ addon: process.env.EGG_SESSION_ENGINE !== 'portable' });

  const { url, port, close } = await require('../example/start').start();
  const jar = path.join(os.tmpdir(), `example-shop-${port}.cookies`);
  fs.rmSync(jar, { force: true });
  console.log(instructions(url, jar));

  /** @type {NodeJS.Signals} */
  const signal = await new Promise(resolve => {
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, resolve);
  });
  console.log(`\n${signal}: stopping`);
  await close();
  fs.rmSync(jar, { force: true });
  process.exit(0);
}

main(demo);
