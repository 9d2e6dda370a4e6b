'use strict';

/**
 * A program: reads hostile cookies from stdin, sends them through our middleware, prints what an app might print of a
 * keyring and of errors, and lets Koa print its own. Its parent looks for secrets in the output.
 *
 * @typedef {{ keys: string[], name: string, headers: Record<'encrypted' | 'signed' | 'plain', string[]> }} Traffic
 */

const util = require('node:util');
const createSession = require('../../index');
const { egg3, MODE_OPTIONS } = require('./originals');
const { createApp, dispatch } = require('./koa_context');

/** @param {Traffic} traffic */
async function sendAll({ keys, name, headers }) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    const app = createApp(egg3, keys);
    app.silent = false;
    app.use(createSession({ key: name, ...MODE_OPTIONS[mode] }, app));
    app.use(async (/** @type {any} */ ctx) => {
      ctx.session.n = 1;
      ctx.body = 'ok';
    });
    const callback = app.callback();
    for (const header of headers[mode]) await dispatch(callback, header);
  }
}

/** @param {string[]} keys */
function printKeyrings(keys) {
  const { Keyring } = createSession;
  for (const keyring of [new Keyring(keys), new Keyring(keys.map(key => Buffer.from(key)))]) {
    console.log(util.inspect(keyring, { depth: Infinity, showHidden: true }), String(keyring), JSON.stringify(keyring), keyring);
  }
  for (const wrong of [[...keys, ''], [...keys, 1], [...keys, Buffer.alloc(0)], [[keys[0]]], Buffer.from(keys[0]), keys[0]]) {
    try {
      new Keyring(/** @type {any} */ (wrong));
      console.log('no error');
    } catch (err) {
      console.log(err, util.inspect(err, { depth: Infinity, showHidden: true }));
    }
  }
}

let input = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', chunk => { input += chunk; });
process.stdin.on('end', async () => {
  const traffic = JSON.parse(input);
  await sendAll(traffic);
  printKeyrings(traffic.keys);
  console.log('all sent');
});
