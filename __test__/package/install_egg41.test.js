'use strict';

/** Egg 4.1 is a beta, in ES modules only, and needs Node 22.18 or newer. In its apps, `egg-bin dev` checks types. */

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const suite = require('../support/install_egg_suite');
const { request, write } = require('../support/install_apps');
const { withCluster } = require('../support/install_cluster');
const { cleanEnv } = require('../support/packed');
const { TypedApp } = require('../support/typed_app');
const { ROOT } = require('../../scripts/platforms');

const ROUTER = `
  import type { Application, Context } from 'egg';

  export default (app: Application) => {
    app.router.post('/login', async (ctx: Context) => { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; });
    app.router.get('/me', async (ctx: Context) => { ctx.body = { user: ctx.session.user ?? null, plugin: app.plugins.session.path }; });
    app.router.post('/logout', async (ctx: Context) => { ctx.session = null; ctx.body = 'bye'; });
  };
`;

const PLUGIN = 'export default { session: { enable: true, package: \'egg-session-native\' } };';

/** @returns {Record<string, string>} the controller of docs/typescript.md */
function recipe() {
  const [, file, text] = /```ts\n\/\/ (app\/\S+)\n([^]*?)```/.exec(fs.readFileSync(path.join(ROOT, 'docs/typescript.md'), 'utf8'));
  return { [file]: text };
}

/** @param {string} session the text of the config's `session` @returns {Record<string, string>} */
const typedConfig = session => ({
  'config/plugin.ts': PLUGIN,
  'config/config.default.ts': `
    import 'egg-session-native';
    import type { PartialEggConfig } from 'egg';

    export default (): PartialEggConfig => ({
      keys: 'a key for the test',
      session: ${session},
      security: { csrf: { enable: false } },
    });
  `,
});

/** In an app with this config only the worker checks types, and not each process of the cluster. @type {Record<string, string>} */
const PLAIN_CONFIG = { 'config/plugin.js': PLUGIN, 'config/config.default.js': 'export default { keys: \'a key for the test\' };' };

/** @param {string} folder @param {Record<string, string>} files */
function writeTypedApp(folder, files) {
  write(folder, {
    'package.json': JSON.stringify({ name: 'typed-shop', private: true, type: 'module', egg: { typescript: true } }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, target: 'es2022', module: 'nodenext', skipLibCheck: true, types: ['node'], experimentalDecorators: true, emitDecoratorMetadata: true } }),
    ...files,
  });
}

/** @param {string} shop the installed app @param {string} node */
function further(shop, node) {
  const installed = path.join(shop, 'node_modules');

  /** @param {string} name @param {Record<string, string>} files @returns the app as `egg-bin dev` starts it */
  const dev = (name, files) => {
    const folder = path.join(shop, name);
    writeTypedApp(folder, files);
    fs.symlinkSync(installed, path.join(folder, 'node_modules'), 'junction');
    return { folder, node, args: ['node_modules/@eggjs/bin/bin/run.js', 'dev', '--port', 'PORT'], env: { NODE_ENV: 'development', EGG_SERVER_ENV: 'local' } };
  };

  test('egg-bin dev starts a TypeScript app in ES modules', async t => {
    await withCluster(dev('typed', { ...typedConfig('{ encrypt: \'sealed\' }'), 'app/router.ts': ROUTER, ...recipe() }), async port => {
      await t.test('its router: login, read, logout', async () => {
        const jar = new Map();
        const me = async () => JSON.parse((await request(port, 'GET', '/me', jar)).body);
        await request(port, 'POST', '/login?name=Ada', jar);
        const { user, plugin } = await me();
        assert.deepStrictEqual({ user, plugin: fs.realpathSync(plugin) }, { user: 'Ada', plugin: fs.realpathSync(path.join(installed, 'egg-session-native')) });
        await request(port, 'POST', '/logout', jar);
        assert.strictEqual((await me()).user, null);
      });

      await t.test('a session in a controller of decorators, as docs/typescript.md has it: login, visits, logout', async () => {
        const jar = new Map();
        const ask = async (method, url) => JSON.parse((await request(port, method, `/account${url}`, jar)).body);
        assert.deepStrictEqual(await ask('POST', '/login?name=Ada'), { welcome: 'Ada' });
        assert.match(jar.get('EGG_SESS'), /^v1=/);
        assert.deepStrictEqual(await ask('GET', '/me'), { user: 'Ada', visits: 1 });
        assert.deepStrictEqual(await ask('GET', '/me'), { user: 'Ada', visits: 2 });
        assert.deepStrictEqual(await ask('POST', '/logout'), {});
        assert.deepStrictEqual(await ask('GET', '/me'), { user: null, visits: 1 });
      });
    });
  });

  test('a controller of decorators with a mistake in the session\'s data does not start', async () => {
    const [[file, text]] = Object.entries(recipe());
    const wrong = { [file]: text.replace('ctx.session.user = name', 'ctx.session.usr = name') };
    await assert.rejects(withCluster(dev('mistaken', { ...PLAIN_CONFIG, ...wrong }), async () => {}), /error TS\d+: Property 'usr' does not exist on type/);
  });

  test('egg-bin dev refuses an option that is no option', async () => {
    await assert.rejects(withCluster(dev('misspelt', typedConfig('{ encrypted: true }')), async () => {}), /error TS\d+: .*'encrypted' does not exist in type/);
  });

  /** @param {string} script an ES module @returns {string} what it printed, on either stream */
  const runModule = script => {
    const { stdout, stderr } = spawnSync(node, ['--input-type=module', '--eval', script], { cwd: shop, env: cleanEnv(), encoding: 'utf8' });
    return stdout + stderr;
  };

  test('@eggjs/session 5 names `encrypt: true` as its default, and its schema drops it: its cookies are signed', () => {
    assert.strictEqual(runModule(`
      import config from '@eggjs/session/config/config.default';
      console.log(JSON.stringify([config.session.encrypt ?? null, config.session.signed]));
    `), '[null,true]\n');
  });

  test('in place of @eggjs/session the package fails as docs/egg-4.md says', () => {
    const theirs = path.join(installed, '@eggjs/session');
    const aside = path.join(shop, 'stock-session');
    fs.renameSync(theirs, aside);
    fs.cpSync(path.join(installed, 'egg-session-native'), theirs, { recursive: true });
    try {
      assert.match(runModule('import \'egg\';'), /Cannot find module '.*@eggjs\/session\/types'[^]*ERR_MODULE_NOT_FOUND/);
      assert.match(runModule('import plugin from \'@eggjs/session\'; plugin();'), /TypeError: app instance required/);
    } finally {
      fs.rmSync(theirs, { recursive: true });
      fs.renameSync(aside, theirs);
    }
  });

  const app = new TypedApp({ installed });
  test.after(() => app.remove());
  const typed = [
    { setting: /** @type {const} */ ('ES modules'), options: { skipLibCheck: false } },
    { setting: /** @type {const} */ ('a bundler'), options: { skipLibCheck: true } },
    // Not `node16`, in which a CommonJS file may not import an ES module such as Egg 4.1.
    { setting: /** @type {const} */ ('CommonJS'), options: { skipLibCheck: true, module: 'nodenext' } },
  ];
  for (const { setting, options } of typed) {
    test(`${setting}, skipLibCheck ${options.skipLibCheck}: an app compiles, and misuse in it does not`, async () => {
      assert.strictEqual(await app.compile(['egg4.ts', 'egg41.ts', 'engine.ts', 'stores.ts', 'store_tests.ts'], setting, options), '');
    });
  }
  for (const file of ['egg4_typed_session.ts', 'egg3_typed_session.ts']) {
    test(`an app declares the session's type itself (${file})`, async () => {
      assert.strictEqual(await app.compile([file], 'ES modules', { skipLibCheck: true }), '');
    });
  }
}

suite({
  egg: '4.1.2-beta.9',
  stock: '@eggjs/session/dist',
  nodes: [22, 24, 26],
  beside: { '@eggjs/bin': '8.0.2-beta.9', '@types/node': '20.19.0', typescript: '5.9.3' },
  further,
});
