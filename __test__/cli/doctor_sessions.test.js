'use strict';

/** `doctor --boot`: what is weak in a session that works, each of an app's sessions, clocks, and apps that do not answer. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../../index');
const { cli } = require('../support/cli');
const { EGG, EGG_BOOT, KOA, PLUGIN, appFolder, doctor, eggConfig, koaApp } = require('../support/doctor');
const { startRedis } = require('../support/servers');

const STORE = '{ get() {}, set() {}, destroy() {} }';
const CARRIER = '{ get() {}, set() {} }';
const found = (options, rest) => doctor(appFolder({ 'app.js': koaApp(options, rest) }, KOA), 'app.js');
const foundInEgg = (options, files = {}) => doctor(appFolder({
  'config/plugin.js': PLUGIN, 'config/config.default.js': eggConfig(options), 'boot.js': EGG_BOOT, 'package.json': '{"name":"an-app"}', ...files,
}, EGG), 'boot.js');

const firstWords = ({ report }) => report.findings.map(finding => finding.split(/[:,]/)[0]);

describe('options that work, and are weak or fail later', () => {
  for (const [claim, options, rest, told] of [
    ['no keys', '{}', 'app.keys = undefined;', /^no keys: .*app\.keys/],
    ['no keys for a sealed cookie', '{ encrypt: \'sealed\' }', 'app.keys = undefined;', /^no keys: .*app\.keys/],
    ['an unsigned session', '{ signed: false }', '', /^nothing protects the session cookie: anyone can write a session/],
    ['an unsigned external key', `{ signed: false, store: ${STORE} }`, '', /its external key is not signed/],
    ['scripts can read the cookie', '{ httpOnly: false }', '', /^`httpOnly: false`/],
    ['sameSite none', '{ sameSite: \'None\' }', '', /^`sameSite: 'none'` without `secure: true`/],
    ['sameSite none, and secure is false', '{ sameSite: \'none\', secure: false }', '', /^`sameSite: 'none'` has no effect/],
    ['partitioned', '{ partitioned: true }', '', /^`partitioned: true` without `secure: true`/],
    ['partitioned, and secure is false', '{ partitioned: true, secure: false }', '', /^`partitioned: true` has no effect/],
    ['a name that ctx.cookies refuses', '{ key: \'a=b\' }', '', /^session option `key`: ctx\.cookies refuses/],
  ]) {
    test(`${claim}: one finding`, () => {
      const { code, report: { findings } } = found(options, rest);
      assert.deepEqual([code, findings.length], [1, 1], findings.join('\n'));
      assert.match(findings[0], told);
    });
  }

  test('`encrypt` protects nothing in Koa, and without a signature that counts', () => {
    assert.match(found('{ encrypt: true, signed: false }').report.findings.join(), /anyone can write a session/);
  });

  for (const [claim, options, rest] of [
    ['a session with keys of its own', '{ keys: [\'a key of more than 16 bytes\'] }', 'app.keys = undefined;'],
    ['a sealed session that is not signed', '{ encrypt: \'sealed\', signed: false }', ''],
    ['a session without a cookie', `{ signed: false, httpOnly: false, externalKey: ${CARRIER}, store: ${STORE} }`, 'app.keys = undefined;'],
    ['sameSite none with secure', '{ sameSite: \'none\', partitioned: true, secure: true }', ''],
  ]) {
    test(`${claim}: no finding`, () => assert.deepEqual(found(options, rest).report.findings, []));
  }

  test('in Egg too', () => {
    const weak = '{ encrypt: false, signed: false, httpOnly: false, key: \'a=b\' }';
    // Egg takes `=` in a name.
    assert.deepEqual(firstWords(foundInEgg(weak)), ['`httpOnly', 'nothing protects the session cookie']);
    for (const [options, findings] of [['{}', ['no keys']], [weak, ['`httpOnly', 'nothing protects the session cookie', 'no keys']]]) {
      assert.deepEqual(firstWords(foundInEgg('{}', { 'config/config.default.js': `exports.session = ${options};` })), findings);
    }
  });

  test('the start says nothing of what egg-session takes without a word', () => {
    /** @type {string[]} */
    const warnings = [];
    const app = Object.assign(new Koa(), { coreLogger: { warn: line => warnings.push(line), info() {} } });
    createSession({ signed: false, httpOnly: false, sameSite: 'none', partitioned: true }, app);
    assert.deepEqual(warnings, []);
    createSession({ as: 'other', key: 'other', keys: ['a key of more than 16 bytes'], sameSite: 'none', secure: false }, app);
    assert.deepEqual(warnings, ['[egg-session-native] other: `sameSite: \'none\'` has no effect while `secure` is false: browsers ask for both']);
  });
});

describe('each session of an app is asked', () => {
  const second = options => `app.use(createSession({ as: 'adminSession', key: 'admin', encrypt: 'sealed', ...${options} }, app));`;

  test('one that is the only one, and has a name', () => {
    const { code, report } = found('{ as: \'adminSession\', key: \'admin\', encrypt: \'sealed\' }');
    assert.deepEqual([code, report.findings, report.app.sessions.map(({ name }) => name)], [0, [], ['adminSession']]);
  });

  test('the second, whose findings have its name', () => {
    const dead = '{ get() { throw new Error(\'swordfish\'); }, set() {}, destroy() {} }';
    const { code, report, stdout } = found('{}', second(`{ nativeCookies: false, httpOnly: false, store: ${dead} }`));
    assert.equal(code, 1);
    assert.deepEqual(report.app.sessions.map(({ name, store: { kind, reachable } }) => [name, kind, reachable]), [['session', 'cookie', null], ['adminSession', 'store', false]]);
    assert.equal(report.findings.length, 3, report.findings.join('\n'));
    for (const told of [/^adminSession: session cookies are not native/, /^adminSession: `httpOnly: false`/, /^adminSession: the store cannot be read: Error at/]) {
      assert.ok(report.findings.some(finding => told.test(finding)), String(told));
    }
    assert.ok(!stdout.includes('swordfish'));
  });

  test('and no getter of others is called', () => {
    const rest = 'for (const name of [\'thing\', \'thingOptions\']) Object.defineProperty(app.context, name, { get() { throw new Error(); } });';
    assert.deepEqual(found('{}', rest).report.findings, []);
  });
});

describe('the clock', () => {
  const client = port => `new (require('ioredis'))(${port}, '127.0.0.1', { maxRetriesPerRequest: 0 }).on('error', () => {})`;
  const store = port => `new createSession.RedisStore({ client: ${client(port)} })`;
  const ofStore = port => `{ store: ${store(port)} }`;
  const ofRevocations = port => `{ encrypt: 'sealed', absoluteMaxAge: 1000, revocation: new createSession.Revocations({ store: ${store(port)} }) }`;
  const ahead = ms => `const now = Date.now; Date.now = () => now() + ${ms};`;
  const asked = (options, rest) => doctor(appFolder({ 'app.js': koaApp(options, rest) }, [...KOA, 'ioredis']), 'app.js');

  test('of Redis is compared with this machine\'s, also behind Revocations', async () => {
    const server = await startRedis();
    try {
      for (const optionsOf of [ofStore, ofRevocations]) {
        const { report: { findings, app } } = asked(optionsOf(server.port), '');
        assert.deepEqual(findings, []);
        assert.ok(Math.abs(app.sessions[0].clock.skewMs) < 1000, `${app.sessions[0].clock.skewMs}`);
        for (const [ms, told] of [[60_000, /60 s ahead of that of the store's server/], [-60_000, /60 s behind that of/]]) {
          const shifted = asked(optionsOf(server.port), ahead(ms));
          assert.deepEqual([shifted.code, shifted.report.findings.length], [1, 1]);
          assert.match(shifted.report.findings[0], told);
        }
      }
    } finally {
      await server.remove();
    }
  });

  test('a slow answer is no skew', () => {
    const slow = '{ get() {}, set() {}, destroy() {}, serverTimeMs: () => new Promise(resolve => setTimeout(() => resolve(Date.now() - 5800), 900)) }';
    const { code, report } = found(`{ store: ${slow} }`);
    assert.equal(code, 0, report.findings.join());
    assert.ok(report.app.sessions[0].clock.skewMs > 5000);
  });

  for (const [claim, answer] of [['an error', '{ throw new Error(); }'], ['nothing', '{}'], ['a word', '{ return \'noon\'; }']]) {
    test(`a store that tells ${claim} for a time tells none`, () => {
      const { code, report } = found(`{ store: { get() {}, set() {}, destroy() {}, serverTimeMs() ${answer} } }`);
      assert.deepEqual([code, report.app.sessions[0].clock], [0, { skewMs: null }]);
    });
  }
});

describe('an app that does not answer', () => {
  for (const [claim, file] of [['a file', 'absent.js'], ['a folder', '.']]) {
    test(`${claim} that is no file is wrong use`, () => {
      const { code, stdout, stderr } = cli(['doctor', '--boot', file], { cwd: appFolder({}, KOA) });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /the file of --boot does not exist/);
    });
  }

  for (const [claim, text] of [
    ['while it loads', 'process.exit(0);'],
    ['while it loads, with another exit code', 'process.exit(7);'],
    ['while its store is asked', koaApp('{ store: { get() { process.exit(0); }, set() {}, destroy() {} } }')],
  ]) {
    test(`one that ends the process ${claim} is a finding`, () => {
      const folder = appFolder({ 'app.js': text }, KOA);
      const { code, report } = doctor(folder, 'app.js');
      assert.equal(code, 1);
      assert.match(report.findings.join(), /^the app ended the process/);
      assert.match(cli(['doctor', folder, '--boot', `${folder}/app.js`]).stdout, /^- the app ended the process/m);
    });
  }
});
