'use strict';

/** A misspelled option is told at start, with the name that was meant. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const Koa = require('koa');
const ts = require('typescript');
const createSession = require('../..');
const { NAMES } = require('../../lib/options/names');
const { AppProcess } = require('../support/app_process');
const { createEggApp, knownSources } = require('../support/egg_context');

/** @param {any} options @returns {Promise<string[]>} what an app's log gets, without the prefix */
async function linesFor(options) {
  const [[, source]] = await knownSources();
  const lines = [];
  const app = Object.assign(createEggApp(source), { coreLogger: { warn: line => lines.push(line), info() {} } });
  createSession(options, app);
  assert.ok(lines.every(line => line.startsWith('[egg-session-native] ')));
  return lines.map(line => line.slice('[egg-session-native] '.length));
}

const meant = {
  encrpyt: 'encrypt', encript: 'encrypt', Encrypt: 'encrypt', acceptLegcy: 'acceptLegacy', acceptlegacy: 'acceptLegacy', accept_legacy: 'acceptLegacy',
  MaxAge: 'maxAge', max_age: 'maxAge', maxAgeMs: 'maxAge', rollng: 'rolling', kye: 'key', stroe: 'store', http_only: 'httpOnly', 'same-site': 'sameSite',
  singed: 'signed', Secure: 'secure', absoluteMaxage: 'absoluteMaxAge', revokation: 'revocation', keyPrefix: 'prefix', rememberCookies: 'rememberedCookies',
};

describe('an unknown option is a warning', () => {
  for (const [given, name] of Object.entries(meant)) {
    test(`${given}: did you mean ${name}`, async () => {
      assert.deepEqual(await linesFor({ [given]: 'a value' }), [`session option \`${given}\` is unknown: did you mean \`${name}\`?`]);
    });
  }

  for (const given of ['ours', 'cookieName', 'x-tenant', 'a', 'constructor', '', 'a'.repeat(10000)]) {
    test(`${given.slice(0, 20)}: no option has a similar name`, async () => {
      assert.deepEqual(await linesFor({ [given]: 1 }), [`session option \`${given}\` is unknown. If it is meant for other code, let its name begin with \`_\``]);
    });
  }

  test('one for each, and none has a value', async () => {
    const lines = await linesFor({ encrpyt: 'sealed', acceptLegcy: false, password: 'hunter2' });
    assert.equal(lines.length, 3);
    assert.doesNotMatch(lines.join('\n'), /sealed|false|hunter2/);
  });

  test('the app starts, and the option stays readable', () => {
    const options = { ours: { deep: [1] } };
    createSession(options, new Koa());
    assert.deepEqual(options.ours, { deep: [1] });
  });
});

describe('nothing is said of', () => {
  test('the documented options, set or not', async () => {
    for (const value of [null, undefined]) assert.deepEqual(await linesFor(Object.fromEntries(NAMES.map(name => [name, value]))), []);
    const booleans = NAMES.filter(name => /^(?:rolling|renew|autoCommit|signed|httpOnly|secure|overwrite|partitioned|hashKeys|enable|logValue)$/.test(name));
    assert.deepEqual(await linesFor(Object.fromEntries(booleans.map(name => [name, true]))), []);
  });

  test('what Egg reads for any middleware or knows of a plugin, and the attributes of ctx.cookies', async () => {
    assert.deepEqual(await linesFor({ enable: true, match: '/a', ignore: undefined, package: 'egg-session-native', env: ['prod'], expires: new Date(), secureProxy: false }), []);
  });

  test('additions of others, whose names begin with _', async () => {
    assert.deepEqual(await linesFor({ _tenant: 1, __proto: 1, _: 1, [Symbol('of others')]: 1 }), []);
  });

  test('an unknown option that is not set', async () => {
    assert.deepEqual(await linesFor({ encrpyt: null, acceptLegcy: undefined }), []);
  });
});

test('the names are those that the types declare', () => {
  const source = ts.createSourceFile('index.d.ts', fs.readFileSync(path.join(__dirname, '../../index.d.ts'), 'utf8'), ts.ScriptTarget.Latest);
  const declared = new Set();
  const visit = node => {
    if (ts.isInterfaceDeclaration(node) && ['SessionOptions', 'SessionCookieOptions', 'SessionConfig'].includes(node.name.text)) {
      for (const member of node.members) declared.add(member.name.getText(source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  assert.deepEqual([...NAMES].sort(), [...declared].sort());
});

describe('who hears of it', () => {
  const processes = /** @type {const} */ ([3, 4]).map(major => [major, new AppProcess({ major, implementation: 'ours' })]);
  after(() => Promise.all(processes.map(([, app]) => app.stop())));

  for (const [major, app] of processes) {
    test(`the log of Egg ${major}, and of its own config nothing`, async () => {
      const { log } = await app.app({ session: { encrypt: 'sealed', acceptLegcy: false } });
      const lines = JSON.stringify(log).match(/session option `\w+` is unknown[^"]*/g);
      assert.deepEqual(lines, ['session option `acceptLegcy` is unknown: did you mean `acceptLegacy`?']);
    });
  }

  test('in plain Koa the process, by a warning with a code', async () => {
    const warnings = [];
    const listen = warning => warnings.push(warning);
    process.on('warning', listen);
    createSession({ encrpyt: 'sealed' }, new Koa());
    await new Promise(resolve => setImmediate(resolve));
    process.off('warning', listen);
    assert.deepEqual(warnings.map(({ name, code, message }) => [name, code, message]),
      [['egg-session-native', 'SESSION_OPTION', 'session option `encrpyt` is unknown: did you mean `encrypt`?']]);
  });
});
