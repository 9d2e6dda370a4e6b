'use strict';

/** `npx egg-session-native doctor`: what it finds in an app's folder, and what an app says that it boots. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const path = require('node:path');
const { cli } = require('../support/cli');
const { EGG, EGG_BOOT, KOA, PLUGIN, appFolder, doctor, eggConfig, koaApp } = require('../support/doctor');
const { startRedis } = require('../support/servers');
const { version } = require('../../package.json');

describe('by files alone', () => {
  test('a Koa app is well: platform, engine and versions', () => {
    const { code, report } = doctor(appFolder({}, KOA));
    assert.equal(code, 0);
    const versions = Object.fromEntries(report.packages.map(found => [found.name, found.version]));
    for (const name of ['koa', 'cookies']) assert.equal(versions[name], require(`../../node_modules/${name}/package.json`).version);
    assert.equal(versions['egg-session-native'], version);
    assert.match(report.platform, new RegExp(`^${process.platform} ${process.arch}, .*, Node\\.js ${process.versions.node}$`));
    assert.deepEqual([report.framework, report.findings, report.app], ['koa', [], null]);
  });

  for (const [engine, why] of [['native', 'EGG_SESSION_ENGINE asks for it'], ['portable', 'EGG_SESSION_ENGINE asks for it']]) {
    test(`the engine ${engine}, and why`, () => {
      assert.deepEqual(doctor(appFolder({}, KOA), undefined, { EGG_SESSION_ENGINE: engine }).report.engine, { name: engine, why });
    });
  }

  test('an engine that does not exist is a finding', () => {
    const env = { EGG_SESSION_ENGINE: 'none' };
    const { code, report } = doctor(appFolder({}, KOA), undefined, env);
    assert.deepEqual([code, report.engine], [1, null]);
    assert.match(report.findings[0], /Expected 'native' or 'portable'/);
    const opening = cli(['open', '--name', 'x'], { env: { ...env, EGG_SESSION_KEYS: 'a' }, input: 'x' });
    assert.equal(opening.code, 2);
    assert.match(opening.stderr, /Expected 'native' or 'portable'/);
  });

  test('an Egg app with the line in config/plugin is well, and its packages are those that Egg brings along', () => {
    const { code, report } = doctor(appFolder({ 'config/plugin.js': PLUGIN }, EGG));
    assert.deepEqual([code, report.pluginLines], [0, ['config/plugin.js']]);
    assert.ok(report.packages.some(({ name }) => name === 'egg-cookies'));
  });

  for (const [claim, files] of [
    ['no plugin file', {}],
    ['a line that is commented out', { 'config/plugin.ts': `// ${PLUGIN}\n/* ${PLUGIN} */\nexport default {};` }],
    ['another package whose name ends so', { 'config/plugin.js': PLUGIN.replace('egg-session', 'my-egg-session') }],
    ['declarations alone', { 'config/plugin.d.ts': PLUGIN }],
  ]) {
    test(`an Egg app without the line is a finding: ${claim}`, () => {
      const { code, report } = doctor(appFolder(files, EGG));
      assert.equal(code, 1);
      assert.match(report.findings.join(), /config\/plugin\.\* does not name egg-session-native/);
    });
  }

  for (const [claim, files, off] of [
    ['in the only file', { 'config/plugin.js': PLUGIN.replace('true', 'false') }, ['config/plugin.js']],
    ['with `false`', { 'config/plugin.default.js': PLUGIN, 'config/plugin.prod.js': 'module.exports = { session: false };' }, ['config/plugin.prod.js']],
    ['for production', { 'config/plugin.js': PLUGIN, 'config/plugin.prod.ts': 'export default { session: { enable: false } };' }, ['config/plugin.prod.ts']],
  ]) {
    test(`an Egg app whose plugin is turned off is a finding: ${claim}`, () => {
      const { code, report } = doctor(appFolder(files, EGG));
      assert.deepEqual([code, report.pluginOff], [1, off]);
      assert.match(report.findings.join(), /turned off in config\/plugin/);
    });
  }

  for (const [claim, files] of [
    ['by a path', { 'config/plugin.js': 'exports.session = { enable: true, path: path.join(__dirname, \'../lib/egg-session-native\') };' }],
    ['and turned off in tests only', { 'config/plugin.js': PLUGIN, 'config/plugin.unittest.js': 'exports.session = { enable: false };' }],
    ['and another plugin is turned off', { 'config/plugin.js': `exports.security = { enable: false };\n${PLUGIN}` }],
  ]) {
    test(`an Egg app whose config/plugin names the package is well: ${claim}`, () => {
      const { code, report } = doctor(appFolder(files, EGG));
      assert.deepEqual([code, report.pluginLines, report.findings], [0, ['config/plugin.js'], []]);
    });
  }

  test('a package that is not installed there is a finding, and the app runs no code', () => {
    const { code, report } = doctor(appFolder({ 'index.js': 'process.exit(7);' }, ['koa']));
    assert.equal(code, 1);
    assert.match(report.findings.join(), /not installed/);
  });
});

describe('with --boot', () => {
  for (const [claim, files] of [
    ['a Koa app', { 'app.js': koaApp('{}') }],
    ['a function', { 'app.js': koaApp('{}').replace('module.exports = app', 'module.exports = () => app') }],
    ['a promise', { 'app.js': koaApp('{}').replace('module.exports = app', 'module.exports = Promise.resolve(app)') }],
    ['a member `app`', { 'app.js': koaApp('{}').replace('module.exports = app', 'exports.app = app') }],
    ['an ES module', { 'app.js': koaApp('{}'), 'app.mjs': 'export { default } from \'./app.js\';' }],
  ]) {
    test(`${claim} is asked, and is well`, () => {
      const { code, report } = doctor(appFolder(files, KOA), Object.keys(files).at(-1));
      assert.deepEqual([code, report.findings], [0, []]);
      const [{ name, status, store, clock }] = report.app.sessions;
      assert.deepEqual([report.app.sessions.length, name, status.cookies.native, clock], [1, 'session', true, { skewMs: null }]);
      assert.deepEqual(store, { kind: 'cookie', reachable: null, ms: null });
    });
  }

  test('cookies that are not native are a finding, with the reason', () => {
    const { code, report } = doctor(appFolder({ 'app.js': koaApp('{ nativeCookies: false }') }, KOA), 'app.js');
    assert.equal(code, 1);
    assert.match(report.findings.join(), /not native: turned off by nativeCookies/);
  });

  test('unknown options and weak keys are findings, each once', () => {
    const { code, report } = doctor(appFolder({ 'app.js': koaApp('{ acceptLegcy: false, encrypt: \'sealed\', keys: [\'short\'] }') }, KOA), 'app.js');
    assert.equal(code, 1);
    assert.equal(report.findings.length, 2, report.findings.join('\n'));
    assert.match(report.findings.join('\n'), /did you mean `acceptLegacy`/);
    assert.match(report.findings.join('\n'), /weak keys: .*\[0\] has fewer than 16 bytes/);
  });

  test('keys that were never set are a finding', () => {
    const { code, report } = doctor(appFolder({ 'app.js': koaApp('{ encrypt: \'sealed\' }', 'app.keys = [];') }, KOA), 'app.js');
    assert.equal(code, 1);
    assert.match(report.findings.join(), /ERR_SESSION_KEYS/);
  });

  for (const [claim, text, told] of [
    ['an app without sessions', 'const Koa = require(\'koa\'); module.exports = new Koa();', /createSession was not called/],
    ['no app', 'module.exports = 7;', /exports no app/],
    ['a mistake in an option', koaApp('{ maxAge: -1 }'), /ERR_SESSION_OPTION: session option `maxAge`/],
    ['an error of another', 'throw Object.assign(new Error(\'swordfish\'), { code: \'ENOTHING\' });', /Error ENOTHING at .*app\.js:1/],
    ['a module that is missing', 'require(\'./absent\');', /MODULE_NOT_FOUND/],
    ['an error that nobody catches', koaApp('{}', 'setImmediate(() => { throw new TypeError(\'swordfish\'); });'), /where nobody catches: TypeError/],
  ]) {
    test(`${claim} is a finding, and no message of another is quoted`, () => {
      const { code, report, stdout } = doctor(appFolder({ 'app.js': text }, KOA), 'app.js');
      assert.equal(code, 1);
      assert.match(report.findings.join('\n'), told);
      assert.ok(!stdout.includes('swordfish'));
    });
  }

  test('what the app prints does not get into the report, and an app that goes on does not hold it up', () => {
    const folder = appFolder({ 'app.js': koaApp('{}', 'console.log(\'printed\'); setInterval(() => {}, 1000);') }, KOA);
    const { code, stderr } = doctor(folder, 'app.js');
    assert.equal(code, 0);
    assert.match(stderr, /printed/);
  });

  const redisApp = port => koaApp(`{ store: new createSession.RedisStore({ client: new (require('ioredis'))(${port}, '127.0.0.1', { maxRetriesPerRequest: 0 }).on('error', () => {}) }) }`);

  test('a store that answers', async () => {
    const server = await startRedis();
    try {
      const { code, report } = doctor(appFolder({ 'app.js': redisApp(server.port) }, [...KOA, 'ioredis']), 'app.js');
      assert.deepEqual([code, report.findings], [0, []]);
      assert.equal(report.app.sessions[0].store.reachable, true);
    } finally {
      await server.remove();
    }
  });

  test('a store that is down is a finding', () => {
    const { code, report } = doctor(appFolder({ 'app.js': redisApp(1) }, [...KOA, 'ioredis']), 'app.js');
    assert.equal(code, 1);
    assert.equal(report.app.sessions[0].store.reachable, false);
    assert.match(report.findings.join('\n'), /the store cannot be read/);
  });

  test('a store is only read', () => {
    const store = '{ get() {}, set() { throw process.exit(9); }, destroy() { throw process.exit(9); } }';
    const { code, report } = doctor(appFolder({ 'app.js': koaApp(`{ store: ${store} }`) }, KOA), 'app.js');
    assert.deepEqual([code, report.app.sessions[0].store.reachable], [0, true]);
  });

  test('an Egg 3 app is asked, and its weak options are findings', () => {
    const files = { 'config/plugin.js': PLUGIN, 'boot.js': EGG_BOOT, 'package.json': '{"name":"an-app"}' };
    const well = doctor(appFolder({ ...files, 'config/config.default.js': eggConfig() }, EGG), 'boot.js');
    assert.deepEqual([well.code, well.report.findings], [0, []]);
    assert.match(well.report.app.sessions[0].status.cookies.class, /^egg-cookies/);
    const weak = doctor(appFolder({ ...files, 'config/config.default.js': eggConfig('{ sameSite: \'none\', secure: false, colour: 1 }', 'k') }, EGG), 'boot.js');
    assert.equal(weak.code, 1);
    for (const told of [/weak keys: app\.keys \[0\]/, /`sameSite: 'none'` has no effect/, /`colour` is unknown/]) assert.match(weak.report.findings.join('\n'), told);
  });

  test('for people it says what it found, a line each', () => {
    const folder = appFolder({ 'app.js': koaApp('{ colour: 1 }') }, KOA);
    const { code, stdout } = cli(['doctor', folder, '--boot', path.join(folder, 'app.js')]);
    assert.equal(code, 1);
    for (const line of [/^engine +(native|portable): /m, /^koa +2\./m, /^ctx\.session +in the cookie$/m, /^cookies +native, as cookies/m, /^- session option `colour` is unknown/m]) {
      assert.match(stdout, line);
    }
  });
});
