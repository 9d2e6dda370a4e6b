'use strict';

/** Egg 4.1, a beta that needs Node 22.18: an app in CommonJS, and one in TypeScript and ES modules under `egg-bin dev`. */

const { test, after } = require('node:test');
const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { write } = require('../support/install_apps');
const { nodeOf } = require('../support/node_versions');
const { Packed, cleanEnv, npm } = require('../support/packed');

const EGG = '4.1.2-beta.9';
const STARTED_MS = 90_000;

require('../support/install_egg_suite')({ major: 4, egg: EGG, nodes: [22, 24], newestNode: 22 });

const packed = new Packed();
after(() => packed.remove());
const folder = packed.app('typed', { egg: EGG, '@eggjs/bin': '8.0.2-beta.9', '@eggjs/tsconfig': '3.1.2-beta.9', typescript: '5.9.3', '@types/node': '22.15.0' });
const manifest = path.join(folder, 'package.json');
fs.writeFileSync(manifest, JSON.stringify({ ...JSON.parse(fs.readFileSync(manifest, 'utf8')), type: 'module', egg: { typescript: true } }, null, 2));
write(folder, {
  'tsconfig.json': '{ "extends": "@eggjs/tsconfig", "compilerOptions": { "declaration": false, "noEmit": true }, "include": ["app", "config"] }',
  'config/plugin.ts': `
    import type { EggPlugin } from 'egg';
    const plugin: EggPlugin = { session: { enable: true, package: 'egg-session-native' } };
    export default plugin;
  `,
  'config/config.default.ts': `
    import { defineConfig } from 'egg';
    import type { SessionConfig } from 'egg-session-native';

    const session = { encrypt: true, hashKeys: true, maxAge: 86400000 } satisfies SessionConfig;
    // @ts-expect-error: a name that there is not
    export const wrong = { encrpyt: true } satisfies SessionConfig;
    export default defineConfig({ keys: 'a key for the test', session, security: { csrf: { enable: false } } });
  `,
  'app/router.ts': `
    import type { Application, Context } from 'egg';
    import { SqliteStore } from 'egg-session-native';

    export function keep(app: Application) {
      app.sessionStore = new SqliteStore({ path: 'sessions.db' }).closeWith(app);
      app.on('session:expired', ({ key, ctx }) => { void key; void ctx.path; });
      // @ts-expect-error: this event has no such field
      app.on('session:expired', ({ nothing }) => { void nothing; });
    }

    export default (app: Application) => {
      app.router.post('/login', async (ctx: Context) => { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; });
      app.router.get('/me', async (ctx: Context) => { ctx.body = { user: ctx.session.user || null }; });
    };
  `,
});

/** @returns {Promise<number>} */
function freePort() {
  return new Promise(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

test('TypeScript and ES modules: the app compiles, and nothing is wrong in our declarations', () => {
  npm(folder, 'install', '--ignore-scripts');
  const compile = (/** @type {string[]} */ ...more) => spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--pretty', 'false', ...more], { cwd: folder, encoding: 'utf8' }).stdout;
  assert.strictEqual(compile(), '');
  const own = compile('--skipLibCheck', 'false').split('\n').filter(line => /^(?:node_modules\/egg-session-native|app|config)\//.test(line));
  assert.deepStrictEqual(own, []);
});

test('TypeScript and ES modules under egg-bin dev: app and agent start, and a session is kept', async () => {
  const port = await freePort();
  const node = nodeOf(22);
  const env = { ...cleanEnv(), PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`, HOME: folder, EGG_HOME: folder };
  const child = spawn(node, ['node_modules/@eggjs/bin/bin/run.js', 'dev', '--port', String(port)], { cwd: folder, env, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', chunk => { output += chunk; });
  try {
    for (const end = Date.now() + STARTED_MS; !output.includes('egg started on'); await sleep(100)) {
      assert.ok(Date.now() < end && child.exitCode === null, output);
    }
    const login = await fetch(`http://127.0.0.1:${port}/login?name=Ada`, { method: 'POST' });
    const [cookie] = login.headers.getSetCookie().filter(line => line.startsWith('EGG_SESS=')).map(line => line.split(';')[0]);
    const me = await fetch(`http://127.0.0.1:${port}/me`, { headers: { cookie } });
    assert.deepStrictEqual(await me.json(), { user: 'Ada' });
    assert.match(output, /agent_worker#\d+:\d+ started/);
  } finally {
    process.kill(-(/** @type {number} */ (child.pid)), 'SIGKILL');
  }
});
