'use strict';

/**
 * Small apps to install the package into, as a reader of the README would write them, and a browser that logs in, is
 * remembered and logs out. Each app's serve script prints one line of JSON when it listens: { port, engine, reason }.
 */

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');
const { spawn } = require('node:child_process');
const { cleanEnv } = require('./packed');

/** @param {string} folder @param {Record<string, string>} files */
function write(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
}

const LISTEN = `
  const server = require('node:http').createServer(app.callback());
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, node: process.version, ...engine })));
`;

/** @param {string} folder */
function writeEggApp(folder) {
  write(folder, {
    'config/plugin.js': `
      if (process.env.SHOP_PLUGIN !== 'stock') exports.session = { enable: true, package: 'egg-session-native' };
    `,
    'config/config.default.js': `
      exports.keys = process.env.SHOP_KEYS || 'a key for the test';
      exports.session = { encrypt: true };
      exports.security = { csrf: { enable: false } };
      exports.logger = { buffer: false };
    `,
    'app/router.js': `
      module.exports = app => {
        app.router.post('/login', async ctx => { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; });
        app.router.get('/me', async ctx => { ctx.body = { user: ctx.session.user || null }; });
        app.router.post('/visit', async ctx => { ctx.session.visits = (ctx.session.visits || 0) + 1; ctx.body = { visits: ctx.session.visits }; });
        app.router.get('/process', async ctx => { ctx.body = { isWorker: require('node:cluster').isWorker, plugin: app.plugins.session.path }; });
        app.router.post('/logout', async ctx => { ctx.session = null; ctx.body = 'bye'; });
      };
    `,
    'serve.js': `
      const egg = require('egg');
      const { engine: { name, reason }, status } = require('egg-session-native');
      (egg.start || egg.startEgg)({ baseDir: __dirname, ignoreWarning: true }).then(app => {
        const engine = { engine: name, reason, plugin: app.plugins.session.path, cookies: status(app).cookies };
        ${LISTEN}
      });
    `,
    'cluster.js': `
      require('egg').startCluster({ baseDir: __dirname, workers: 1, port: Number(process.env.SHOP_PORT) });
    `,
  });
}

const KOA_ROUTES = `
  const app = new Koa();
  app.keys = ['a key for the test'];
  app.use(createSession({ key: 'shop' }, app));
  app.use(ctx => {
    if (ctx.path === '/login') { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; }
    if (ctx.path === '/me') ctx.body = { user: ctx.session.user || null };
    if (ctx.path === '/logout') { ctx.session = null; ctx.body = 'bye'; }
  });
  const engine = { engine: sessionEngine.name, reason: sessionEngine.reason };
`;

/** @param {string} folder */
function writeKoaApp(folder) {
  write(folder, {
    'serve.js': `
      const Koa = require('koa');
      const createSession = require('egg-session-native');
      const sessionEngine = createSession.engine;
      ${KOA_ROUTES}${LISTEN}
    `,
    'serve.mjs': `
      import { createRequire } from 'node:module';
      import Koa from 'koa';
      import theDefault, { createSession, engine as sessionEngine, Keyring, SqliteStore, RedisStore, diff } from 'egg-session-native';
      if (theDefault !== createSession) throw new Error('the default export is another');
      for (const named of [Keyring, SqliteStore, RedisStore, diff]) if (typeof named !== 'function') throw new Error('a named export is missing');
      const require = createRequire(import.meta.url);
      ${KOA_ROUTES}${LISTEN}
    `,
  });
}

/**
 * @param {number} port
 * @param {string} method
 * @param {string} url
 * @param {Map<string, string>} jar
 * @returns {Promise<{ body: string, setCookie: string[] }>}
 */
function request(port, method, url, jar) {
  return new Promise((resolve, reject) => {
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
    http.request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, response => {
      const setCookie = response.headers['set-cookie'] || [];
      for (const line of setCookie) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      let body = '';
      response.setEncoding('utf8').on('data', chunk => { body += chunk; }).on('end', () => (
        response.statusCode === 200 ? resolve({ body, setCookie }) : reject(new Error(`${url}: ${response.statusCode} ${body}`))));
    }).on('error', reject).end();
  });
}

/**
 * Starts an app, logs in, asks who we are, logs out, asks again, and stops the app.
 *
 * @param {string} folder
 * @param {{ node?: string, script?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ engine: string, reason?: string, plugin?: string, node: string, seen: any[], stderr: string }>}
 */
async function visit(folder, { node = process.execPath, script = 'serve.js', env = {} } = {}) {
  const child = spawn(node, [script], { cwd: folder, env: { ...cleanEnv(), NODE_ENV: 'production', EGG_SERVER_ENV: 'prod', EGG_HOME: folder, HOME: folder, ...env } });
  const ended = new Promise(resolve => child.on('exit', resolve));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', chunk => { stderr += chunk; });
  let told;
  try {
    const lines = readline.createInterface({ input: child.stdout });
    told = await Promise.race([
      new Promise(resolve => lines.on('line', line => { if (line.startsWith('{"port"')) resolve(JSON.parse(line)); })),
      ended.then(code => { throw new Error(`${script} ended with ${code}\n${stderr}`); }),
    ]);
    const { port, ...rest } = told;
    const jar = new Map();
    const seen = [];
    await request(port, 'POST', '/login?name=Ada', jar);
    seen.push(jar.size > 0, JSON.parse((await request(port, 'GET', '/me', jar)).body).user);
    await request(port, 'POST', '/logout', jar);
    seen.push(jar.size > 0, JSON.parse((await request(port, 'GET', '/me', jar)).body).user);
    return { ...rest, seen, stderr };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** What `visit` sees where all is well: a cookie and the name, then neither. */
const LOGGED_IN_AND_OUT = [true, 'Ada', false, null];

module.exports = { write, writeEggApp, writeKoaApp, request, visit, LOGGED_IN_AND_OUT };
