'use strict';

/** `npx egg-session-native doctor`: what it finds in an app's folder, and what an app says that it boots. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { cli } = require('../support/cli');
const { startRedis } = require('../support/servers');

const ROOT = path.join(__dirname, '../..');
const STRONG = 'a key of more than 16 bytes';
const { version } = require('../../package.json');

const folders = [];
after(() => folders.forEach(folder => fs.rmSync(folder, { recursive: true, force: true })));

/**
 * An app's folder with links to what it depends on.
 * @param {Record<string, string>} files by path
 * @param {string[]} modules
 */
function appFolder(files, modules) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'session-doctor-')));
  folders.push(folder);
  for (const [file, text] of Object.entries({ 'package.json': '{"name":"an-app","version":"1.0.0"}', ...files })) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
  for (const name of modules) {
    const link = path.join(folder, 'node_modules', name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(name === 'egg-session-native' ? ROOT : path.join(ROOT, 'node_modules', name), link, 'junction');
  }
  return folder;
}

/** @param {string} folder @param {string} [boot] @param {Record<string, string | undefined>} [env] */
function doctor(folder, boot, env) {
  const { code, stdout, stderr } = cli(['doctor', '--json', ...(boot ? ['--boot', boot] : [])], { cwd: folder, env });
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout), stdout, stderr };
}

const koaApp = (options, rest = '') => `
const Koa = require('koa');
const createSession = require('egg-session-native');
const app = new Koa();
app.keys = [${JSON.stringify(STRONG)}];
app.use(createSession(${options}, app));
${rest}
module.exports = app;
`;
const KOA = ['koa', 'egg-session-native'];
const EGG = ['egg', 'egg-session-native'];
const PLUGIN = 'exports.session = { enable: true, package: \'egg-session-native\' };';
const eggConfig = (session = '{}', keys = STRONG) => `exports.keys = '${keys}'; exports.session = ${session};`;
const EGG_BOOT = 'module.exports = require(\'egg\').start({ baseDir: __dirname, env: \'prod\', mode: \'single\' });';

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
    ['declarations alone', { 'config/plugin.d.ts': PLUGIN }],
  ]) {
    test(`an Egg app without the line is a finding: ${claim}`, () => {
      const { code, report } = doctor(appFolder(files, EGG));
      assert.equal(code, 1);
      assert.match(report.findings.join(), /config\/plugin\.\* does not name egg-session-native/);
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
      assert.equal(report.app.status.cookies.native, true);
      assert.deepEqual(report.app.store, { kind: 'cookie', reachable: null, ms: null });
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
      assert.equal(report.app.store.reachable, true);
    } finally {
      await server.remove();
    }
  });

  test('a store that is down is a finding', () => {
    const { code, report } = doctor(appFolder({ 'app.js': redisApp(1) }, [...KOA, 'ioredis']), 'app.js');
    assert.equal(code, 1);
    assert.equal(report.app.store.reachable, false);
    assert.match(report.findings.join('\n'), /the store cannot be read/);
  });

  test('a store is only read', () => {
    const store = '{ get() {}, set() { throw process.exit(9); }, destroy() { throw process.exit(9); } }';
    const { code, report } = doctor(appFolder({ 'app.js': koaApp(`{ store: ${store} }`) }, KOA), 'app.js');
    assert.deepEqual([code, report.app.store.reachable], [0, true]);
  });

  test('an Egg 3 app is asked, and its weak options are findings', () => {
    const files = { 'config/plugin.js': PLUGIN, 'boot.js': EGG_BOOT, 'package.json': '{"name":"an-app"}' };
    const well = doctor(appFolder({ ...files, 'config/config.default.js': eggConfig() }, EGG), 'boot.js');
    assert.deepEqual([well.code, well.report.findings], [0, []]);
    assert.match(well.report.app.status.cookies.class, /^egg-cookies/);
    const weak = doctor(appFolder({ ...files, 'config/config.default.js': eggConfig('{ sameSite: \'none\', secure: false, colour: 1 }', 'k') }, EGG), 'boot.js');
    assert.equal(weak.code, 1);
    for (const told of [/weak keys: app\.keys \[0\]/, /`sameSite: 'none'` has no effect/, /`colour` is unknown/]) assert.match(weak.report.findings.join('\n'), told);
  });

  test('for people it says what it found, a line each', () => {
    const folder = appFolder({ 'app.js': koaApp('{ colour: 1 }') }, KOA);
    const { code, stdout } = cli(['doctor', folder, '--boot', path.join(folder, 'app.js')]);
    assert.equal(code, 1);
    for (const line of [/^engine +(native|portable): /m, /^koa +2\./m, /^cookies +native, as cookies/m, /^clock +checked: /m, /^- session option `colour` is unknown/m]) {
      assert.match(stdout, line);
    }
  });
});
