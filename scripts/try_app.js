'use strict';

// Run by scripts/try_platform.js inside a fresh app, on the platform's own Node: node try_app.js BINARY KOA
// The loader picks the platform's package among all, and a Koa app keeps sessions over HTTP, in cookies and in SqliteStore.

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');

const [binary, koaFolder] = process.argv.slice(2);
const appRequire = createRequire(__filename);
const createSession = appRequire('egg-session-native');
const Koa = createRequire(`${koaFolder}${path.sep}`)('koa');

/** @param {object} options of the session @returns {Promise<import('node:http').Server>} */
function serve(options) {
  const app = new Koa();
  app.keys = ['a key of the trial'];
  app.use(createSession(options, app));
  app.use((/** @type {any} */ ctx) => {
    if (ctx.path === '/logout') ctx.session = null;
    else ctx.session.count = (ctx.session.count || 0) + 1;
    ctx.body = String(ctx.session ? ctx.session.count : 'none');
  });
  return new Promise(resolve => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/**
 * Not by `fetch`, which cannot connect under wine.
 *
 * @param {number} port @param {string} where @param {string} cookie
 * @returns {Promise<{ body: string, setCookie: string[] }>}
 */
function get(port, where, cookie) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: where, agent: false, headers: { cookie } }, async response => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve({ body, setCookie: response.headers['set-cookie'] ?? [] });
    }).on('error', reject);
  });
}

/** @param {object} options of the session */
async function keepsSessions(options) {
  const server = await serve(options);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  let cookie = '';
  const visit = async (/** @type {string} */ where) => {
    const { body, setCookie } = await get(port, where, cookie);
    if (setCookie.length > 0) cookie = setCookie.map(text => text.split(';')[0]).join('; ');
    return body;
  };
  try {
    for (const count of ['1', '2', '3']) assert.strictEqual(await visit('/'), count, JSON.stringify(options));
    cookie = cookie.replace(/.(?=.{8}(?:;|$))/, char => (char === 'A' ? 'B' : 'A'));
    assert.notStrictEqual(await visit('/'), '4', 'a changed cookie is no session');
    assert.strictEqual(await visit('/logout'), 'none');
    assert.strictEqual(await visit('/'), '1');
  } finally {
    await new Promise(resolve => { server.close(resolve); });
  }
}

async function main() {
  const { engine, SqliteStore } = createSession;
  assert.strictEqual(engine.name, 'native', engine.reason);
  const loaded = Object.keys(require.cache).filter(file => file.endsWith('.node')).map(file => path.basename(file));
  assert.deepStrictEqual(loaded, [binary]);
  for (const options of [{}, { encrypt: 'sealed' }]) await keepsSessions(options);

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-try-'));
  const store = new SqliteStore({ path: path.join(folder, 'sessions.db') });
  await keepsSessions({ store });
  await store.close();
  fs.rmSync(folder, { recursive: true, force: true });
  console.log(`node ${process.version} ${process.platform} ${process.arch}: ${loaded[0]} was picked, and Koa kept sessions over HTTP`);
}

main().catch(err => {
  console.error(err);
  process.exitCode = 1;
});
