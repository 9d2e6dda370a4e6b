'use strict';

// A Keygrip as app.keys in Koa: it stands in for a keyring everywhere, and whatever a client sends, the answers are koa-session's.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const Koa = require('koa');
const Keygrip = require('keygrip');
const koaSession = require('koa-session');
const createSession = require('../..');
const { KeygripKeyring } = require('../../lib/cookie/keygrip_keyring');
const { ENGINES } = require('../generate/engines');
const { HostileCookies } = require('../generate/hostile_cookies');
const { makeHeader } = require('../generate/hostile_headers');
const { egg3 } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const { cookieHeader, exchange } = require('../support/egg_context');
const { MemoryStore } = require('../support/memory_store');

const LIB = path.join(__dirname, '../../lib');
const ROUNDS = 300;

/** Which methods of a keyring the files of a folder call. @param {string} folder @returns {string[]} */
function methodsAsked(folder) {
  const sources = fs.readdirSync(path.join(LIB, folder)).map(file => fs.readFileSync(path.join(LIB, folder, file), 'utf8'));
  const calls = sources.flatMap(source => [...source.matchAll(/(?<![\w.])(?:this\.#)?keyring\.(\w+)\(/g)].map(([, method]) => method));
  return [...new Set(calls)].sort();
}

describe('keyrings', () => {
  const asked = methodsAsked('cookie');

  test('the methods that are asked for are found in the sources', () => {
    for (const method of ['openSealed', 'openSession', 'openValue', 'sealCookie', 'sealSealed', 'sealValue', 'verifySha1']) assert.ok(asked.includes(method), method);
    assert.ok(methodsAsked('cli').includes('openSealed'));
  });

  for (const { title, Class, methods } of [
    { title: 'that of a Keygrip', Class: KeygripKeyring, methods: asked },
    ...ENGINES.map(({ name, load }) => ({ title: `that of the ${name} engine`, Class: load().Keyring, methods: [...asked, ...methodsAsked('cli')] })),
  ]) {
    test(`${title} has each of them`, () => {
      assert.deepEqual(methods.filter(method => typeof Class.prototype[method] !== 'function'), []);
    });
  }

  test('that of a Keygrip opens nothing sealed, knows no signature of Egg, and says so where it would have to make them', () => {
    const keyring = new KeygripKeyring(new Keygrip(['a key']));
    const { Keyring } = ENGINES[0].load();
    const { value } = new Keyring(['a key']).sealSealed('s', '{}');
    assert.equal(keyring.openSealed('s', value), null);
    assert.equal(keyring.verify('s=a', new Keyring(['a key']).sign('s=a')), -1);
    for (const make of [() => keyring.sealSealed('s', '{}'), () => keyring.sign('s=a')]) assert.throws(make, { name: 'TypeError', code: 'ERR_SESSION_KEYS' });
  });
});

/** Keygrips as an app may make them. @type {Record<string, () => any>} */
const KEYGRIPS = {
  'a Keygrip': () => new Keygrip(['first key', 'older key']),
  'a Keygrip with another digest': () => new Keygrip(['first key', 'older key'], 'sha256', 'hex'),
  'an object that signs and verifies': () => {
    const keygrip = new Keygrip(['first key', 'older key']);
    return { sign: data => keygrip.sign(data), verify: (data, digest) => keygrip.verify(data, digest), index: (data, digest) => keygrip.index(data, digest) };
  },
};

const OPTIONS = {
  signed: {},
  unsigned: { signed: false },
  'signed, by ctx.cookies': { nativeCookies: false },
  'signed, with a codec of the app': { encode: body => Buffer.from(JSON.stringify(body)).toString('hex'), decode: text => JSON.parse(Buffer.from(text, 'hex').toString()) },
};

/** Two apps that are equal but for their session. */
class Pair {
  errors = [];

  constructor(makeKeys, options, withStore) {
    this.sides = [koaSession, createSession].map(create => {
      const app = Object.assign(new Koa(), { keys: makeKeys(), silent: true });
      app.on('error', error => this.errors.push(error));
      const own = withStore ? { store: new MemoryStore(), genid: () => 'an-id' } : {};
      return { app, middleware: create({ key: 's', maxAge: 3600000, ...options, ...own }, app) };
    });
  }

  /** @param {string} header @param {(ctx: any) => any} handle */
  async see(header, handle) {
    const seen = [];
    for (const { app, middleware } of this.sides) {
      const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: { cookie: header } });
      seen.push({ result, error: error && error.message, setCookie: setCookie.map(line => line.replace(/expires=(?!Thu, 01 Jan 1970)[^;]+/, 'expires=…')) });
    }
    return seen;
  }
}

/** Keys of stored JSON that koa-session drops, or takes for an assignment: docs/differences.md. */
const DEFECT_KEYS = /"(?:length|populated|externalKey|maxAge|__proto__|toJSON|isNew)":/;
const read = ctx => JSON.stringify(ctx.session);
/** Values that begin as sealed ones do, and pieces beside them. */
const SEALED_VALUES = ['v1=', 'v1=abc', `v1=${'A'.repeat(80)}`, 'v1=2.abcdefabcdefgh', `v1=8.${'A'.repeat(3000)}`, 'v1=9.abcdefabcdefgh', 'v1=2.', 'v1==', 'v1=abc=', 'v1=\0', 'v1=é'];
const SHAPES = [value => value, value => `"${value}"`, value => encodeURIComponent(value), value => `"${encodeURIComponent(value)}"`, value => `"${value}`];
const BESIDE = [
  '', '; s.sig=x', '; s.1=AAAAAAAA.A', '; s.1="abcdefgh.A"; s.sig="x"', '; s=v1=more', '; s.1=%; s.2=',
  '; s=eyJ1c2VyIjoxfQ==; s.sig=x',
];

for (const [title, makeKeys] of Object.entries(KEYGRIPS)) {
  describe(`${title} as app.keys`, () => {
    for (const [format, options] of Object.entries(OPTIONS)) {
      for (const withStore of [false, true]) {
        const where = `${format}, ${withStore ? 'with a store' : 'in the cookie'}`;

        test(`${where}: a value that begins as a sealed one opens nothing, and the answers are koa-session's`, async () => {
          const pair = new Pair(makeKeys, options, withStore);
          const keygrip = makeKeys();
          for (const plain of SEALED_VALUES) {
            for (const value of SHAPES.map(shape => shape(plain))) {
              // A value that is signed is a cookie of Koa's own, whatever it begins with. That a proxy may encode it is ours.
              const signature = value.includes('%') ? [] : [`; s.sig=${keygrip.sign(`s=${plain}`)}`];
              for (const rest of [...BESIDE, ...signature]) {
                const header = `s=${value}${rest}`;
                const [theirs, ours] = await pair.see(header, read);
                assert.equal(ours.error, undefined, header);
                assert.deepEqual(ours, theirs, header);
              }
            }
          }
        });

        test(`${where}: no hostile cookie fails a request, and each session that koa-session reads is read`, async () => {
          const prng = new Prng(seed);
          // The cookies are spoiled in Egg's ways, and signed in Koa's.
          class Both extends egg3.Keygrip {
            constructor(keys) {
              super(keys);
              this.sign = data => (keys[0].includes('stranger') ? new Keygrip(keys).sign(data) : makeKeys().sign(data));
            }
          }
          const hostile = new HostileCookies(prng, { ...egg3, Keygrip: Both }, 's', ['first key', 'older key']);
          const pair = new Pair(makeKeys, options, withStore);
          let opened = 0;
          for (let i = 0; i < ROUNDS; i++) {
            const make = () => {
              const cookie = hostile.make('signed', prng.chance(0.5));
              return prng.chance(0.2) ? { ...cookie, value: prng.pick(SHAPES)(prng.pick(SEALED_VALUES)) } : cookie;
            };
            const header = makeHeader(prng, 's', make);
            const [theirs, ours] = await pair.see(header, read);
            const at = `${i}, TEST_SEED=${seed}: ${JSON.stringify(header).slice(0, 500)}`;
            assert.equal(ours.error, undefined, at);
            if (theirs.error || theirs.result === '{}') continue;
            opened++;
            if (DEFECT_KEYS.test(ours.result)) continue;
            assert.equal(ours.result, theirs.result, at);
          }
          assert.ok(opened > 0 || withStore || format.includes('codec'), `${opened} sessions`);
        });

        test(`${where}: a session lives on beside such values, and is written as by koa-session`, async t => {
          t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
          const pair = new Pair(makeKeys, options, withStore);
          const [theirs, ours] = await pair.see('s=v1=abc', ctx => { ctx.session.user = 'ada'; });
          assert.deepEqual(ours, theirs);
          const again = await pair.see(cookieHeader(ours.setCookie), read);
          assert.deepEqual(again.map(({ result }) => result), ['{"user":"ada"}', '{"user":"ada"}']);
        });
      }
    }

    test('over HTTP a request gets its answer, and so does an upgrade that reads its session', async () => {
      const app = Object.assign(new Koa(), { keys: makeKeys(), silent: true });
      const errors = [];
      app.on('error', error => errors.push(error));
      app.use(createSession({ key: 's', maxAge: 3600000 }, app));
      app.use(ctx => { ctx.body = read(ctx); });
      const server = http.createServer(app.callback());
      await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
      try {
        const { port } = /** @type {any} */ (server.address());
        for (const cookie of ['s=v1=abc', 's="v1=abc"', 's=v1%3Dabc', 's=v1=2.abcdefabcdefgh; s.1=AAAAAAAA.A; s.sig=x']) {
          const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } });
          assert.deepEqual([response.status, await response.text()], [200, '{}']);
          assert.equal(await createSession.readSession(app, { headers: { cookie } }), null);
        }
        assert.deepEqual(errors, []);
      } finally {
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
      }
    });
  });
}
