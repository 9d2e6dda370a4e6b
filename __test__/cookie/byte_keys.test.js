'use strict';

// Apps whose keys are Buffers: the engine serves them, byte for byte as koa-session with egg's own cookies does, and a keyring
// goes when the bytes in a Buffer change.

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const util = require('node:util');
const koaSession = require('koa-session');
const createSession = require('../..');
const CurrentKeyring = require('../../lib/cookie/keyring');
const { atFrozenClock } = require('../golden/record');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');
const { spyOnEngine } = require('../support/engine_spy');

const DAY_MS = 24 * 3600 * 1000;
const [NEW, OLD] = ['new', 'old'].map(text => createHash('sha256').update(text).digest());
const logIn = ctx => { ctx.session = { user: 1 }; };
const read = ctx => JSON.stringify(ctx.session);
const readUser = ctx => ctx.session.user;

/** @type {Array<[string, any]>} */
let sources;
before(async () => { sources = await knownSources(); });

/** @param {any} source @param {any} create @param {any[]} keys @param {object} options */
function createApp(source, create, keys, options) {
  const app = createEggApp(source, { keys });
  const middleware = create({ key: 'EGG_SESS', maxAge: DAY_MS, ...options }, app);
  return { app, visit: (handle, cookie) => exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} }) };
}

describe('keys that are Buffers', () => {
  for (const options of [{ encrypt: true }, { encrypt: false }]) {
    // For koa-session, one new key in 256 gives nonsense for an old encrypted cookie: nothing in it is random.
    test(`koa-session and the engine read each other's cookies, under old keys too: encrypt ${options.encrypt}`, () => atFrozenClock(async () => {
      for (const [name, source] of sources) {
        const pairs = [[koaSession, createSession], [createSession, koaSession]];
        for (const [writer, reader] of pairs) {
          for (const keys of [[NEW, OLD], [OLD]]) {
            const cookie = cookieHeader((await createApp(source, writer, keys, options).visit(logIn)).setCookie);
            const { visit } = createApp(source, reader, [NEW, new Uint8Array(OLD)], options);
            assert.equal((await visit(readUser, cookie)).result, 1, name);
          }
        }
      }
    }));
  }

  test('the engine does the work, once for each cookie', async () => {
    for (const [name, source] of sources) {
      const { visit } = createApp(source, createSession, [NEW], { encrypt: true });
      const spy = spyOnEngine();
      try {
        const cookie = cookieHeader((await visit(logIn)).setCookie);
        assert.equal(spy.counts.sealCookie, 1, name);
        for (let i = 0; i < 4; i++) assert.equal((await visit(readUser, cookie)).result, 1, name);
        // a cookie is remembered when it comes for the second time, if the keyring stays
        assert.equal(spy.counts.openSession, 2, name);
      } finally {
        spy.restore();
      }
    }
  });

  test('bytes that the app changes in place are another key', async () => {
    for (const [name, source] of sources) {
      const key = Buffer.from(OLD);
      const { visit } = createApp(source, createSession, [key], { encrypt: 'sealed' });
      const cookie = cookieHeader((await visit(logIn)).setCookie);
      for (let i = 0; i < 3; i++) assert.equal((await visit(readUser, cookie)).result, 1, name);
      key.fill(1);
      assert.equal((await visit(read, cookie)).result, '{}', name);
      key.set(OLD);
      assert.equal((await visit(readUser, cookie)).result, 1, name);
    }
  });
});

describe('the keyring of the app\'s keys', () => {
  const ringOf = (/** @type {any} */ keyrings, /** @type {any} */ keys) => keyrings.ifUsable(keys);

  test('equal content is the same keyring, whatever holds it', () => {
    const keyrings = new CurrentKeyring();
    const ring = ringOf(keyrings, ['first', Buffer.from(NEW)]);
    for (const bytes of [NEW, Buffer.from(NEW), new Uint8Array(NEW)]) {
      assert.equal(ringOf(keyrings, ['first', bytes]), ring);
      assert.equal(keyrings.of(['first', bytes]), ring);
    }
  });

  test('other bytes, another order, another length or a string in place of a Buffer make it anew', () => {
    const text = Buffer.from('text');
    const other = Buffer.from(NEW);
    other[31] ^= 1;
    for (const keys of [[other, text], [text, NEW], [NEW], [NEW, text, text], [NEW, 'text'], [NEW, text.subarray(1)], ['text', 'text']]) {
      const keyrings = new CurrentKeyring();
      const ring = ringOf(keyrings, [NEW, text]);
      const changed = ringOf(keyrings, keys);
      assert.notEqual(changed, ring);
      assert.equal(changed.keyring.sign('data'), new createSession.Keyring(keys).sign('data'));
    }
  });

  test('bytes changed in place make it anew, and it has the new ones', () => {
    for (const own of [Buffer.from(NEW), new Uint8Array(NEW)]) {
      const keyrings = new CurrentKeyring();
      const keys = [own, 'a string'];
      const ring = ringOf(keyrings, keys);
      const before = ring.keyring.sign('data');
      own[0] ^= 1;
      const changed = ringOf(keyrings, keys);
      assert.notEqual(changed, ring);
      assert.equal(changed.keyring.verify('data', before), -1);
      own[0] ^= 1;
      assert.equal(ringOf(keyrings, keys).keyring.sign('data'), before);
    }
  });

  test('what is no key is not usable, after a usable one either', () => {
    const keyrings = new CurrentKeyring();
    const unusable = [undefined, null, [], NEW, 'text', [''], [Buffer.alloc(0)], [NEW, undefined], [new Uint16Array(4)], [NEW.buffer], [{}], [1], new Array(1)];
    for (const keys of unusable) assert.equal(ringOf(keyrings, keys), undefined);
    const ring = ringOf(keyrings, [NEW]);
    for (const keys of unusable) {
      assert.equal(ringOf(keyrings, keys), undefined);
      assert.throws(() => keyrings.of(keys), { code: 'ERR_SESSION_KEYS' });
    }
    assert.equal(ringOf(keyrings, [NEW]), ring);
  });

  test('it shows none of them', () => {
    const keyrings = new CurrentKeyring();
    ringOf(keyrings, [Buffer.from('secret'), 'secret']);
    const shown = util.inspect(keyrings, { showHidden: true, depth: Infinity }) + JSON.stringify(keyrings);
    for (const form of ['secret', Buffer.from('secret').toString('hex'), '73 65 63', '115', Buffer.from('secret').toString('base64')]) assert.ok(!shown.includes(form), form);
  });
});
