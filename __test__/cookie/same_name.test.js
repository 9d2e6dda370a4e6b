'use strict';

/**
 * Several cookies of the session's name in one header: of another path or domain, or put there by a neighbour. The first
 * that opens is the session; hostile_headers.test.js holds this against the originals, at random.
 */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');
const { spyOnEngine } = require('../support/engine_spy');

const KEYS = ['first key', 'older key'];
const MODES = { encrypted: { encrypt: true }, signed: { encrypt: false }, sealed: { encrypt: 'sealed' }, 'sealed only': { encrypt: 'sealed', acceptLegacy: false } };
const MAX_CANDIDATES = 8;
const name = 'EGG_SESS';

/** An instance of an app: `visit(header, handle)` is one request. */
function instance(source, options, keys = KEYS) {
  const app = createEggApp(source, { keys });
  const middleware = createSession({ key: name, ...options }, app);
  return async (cookie, handle) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    assert.ifError(error);
    return { result, setCookie };
  };
}

const login = user => ctx => { ctx.session.user = user; };
const read = ctx => ctx.session.user || 'nobody';
const cookieOf = async (visit, user) => cookieHeader((await visit(undefined, login(user))).setCookie);

describe('several cookies of one name', async () => {
  const [[, source]] = await knownSources();

  for (const [mode, options] of Object.entries(MODES)) {
    test(`the first that opens is the session: ${mode}`, async () => {
      const visit = instance(source, options);
      const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
      for (const [header, user] of [
        [`${name}=junk; ${ada}`, 'ada'],
        [`${name}=; ${ada}`, 'ada'],
        [`${name}=junk; ${name}=more; ${ada}; ${name}=less`, 'ada'],
        [`${ada}; ${name}=junk`, 'ada'],
        [`${name}=junk; ${name}=more`, 'nobody'],
      ]) {
        assert.equal((await visit(header, read)).result, user, header);
      }
      if (mode !== 'signed') assert.equal((await visit(`${bob}; ${ada}`, read)).result, 'bob');
    });

    test(`it is looked for among ${MAX_CANDIDATES}: ${mode}`, async () => {
      const visit = instance(source, options);
      const ada = await cookieOf(visit, 'ada');
      const junk = count => `${name}=junk; `.repeat(count);
      assert.equal((await visit(junk(MAX_CANDIDATES - 1) + ada, read)).result, 'ada');
      assert.equal((await visit(junk(MAX_CANDIDATES) + ada, read)).result, 'nobody');
    });
  }

  test('a signature is looked for among those that came', async () => {
    const visit = instance(source, MODES.signed);
    const ada = await cookieOf(visit, 'ada');
    const bob = await cookieOf(visit, 'bob');
    assert.equal((await visit(`${name}.sig=junk; ${ada}`, read)).result, 'ada');
    assert.equal((await visit(`${name}.sig=junk; ${name}=junk; ${ada}`, read)).result, 'ada');
    assert.equal((await visit(`${bob.split('; ')[1]}; ${ada}`, read)).result, 'ada');
    const { result, setCookie } = await visit(`${name}.sig=junk; ${ada}`, read);
    assert.deepEqual([result, setCookie], ['ada', []], 'and none is removed where one fits');
    assert.match((await visit(`${name}.sig=junk; ${ada.split('; ')[0]}`, read)).setCookie[0], /^EGG_SESS\.sig=; /, 'but where none does');
  });

  test('after a rotation the cookie that was verified is signed anew, and never the one in front of it', async () => {
    const ada = await cookieOf(instance(source, MODES.signed, [KEYS[1]]), 'ada');
    const forged = Buffer.from('{"user":"mallory"}').toString('base64');
    const visit = instance(source, MODES.signed);
    const { result, setCookie } = await visit(`${name}=${forged}; ${ada}`, read);
    assert.equal(result, 'ada');
    assert.equal(setCookie.length, 1);
    const signature = cookieHeader(setCookie);
    assert.match(signature, /^EGG_SESS\.sig=/);
    const strict = instance(source, MODES.signed, [KEYS[0]]);
    assert.equal((await strict(`${name}=${forged}; ${signature}`, read)).result, 'nobody');
    assert.equal((await strict(`${ada.split('; ')[0]}; ${signature}`, read)).result, 'ada');
  });

  test('an external key that opens is looked up, and one that does not is passed over', async () => {
    const entries = new Map();
    const store = { get: async key => entries.get(key), set: async (key, session) => void entries.set(key, session), destroy: async key => void entries.delete(key) };
    for (const options of Object.values(MODES)) {
      const visit = instance(source, { ...options, store });
      const ada = await cookieOf(visit, 'ada');
      assert.equal((await visit(`${name}=junk; ${ada}`, read)).result, 'ada');
    }
  });

  test('through a ctx.cookies of another class the first sealed one that opens is the session, too', async () => {
    const other = { ...source, Cookies: class extends source.Cookies { own() { return this; } } };
    const apps = [() => createEggApp(other, { keys: KEYS }), () => Object.assign(new Koa(), { keys: KEYS })];
    for (const makeApp of apps) {
      const app = makeApp();
      const middleware = createSession({ key: name, ...MODES.sealed }, app);
      const { setCookie } = await exchange(app, middleware, login('ada'));
      const ada = cookieHeader(setCookie);
      for (const header of [`${name}=junk; ${ada}`, `${name}=; ${name}=v1=junk; ${ada}`]) {
        assert.equal((await exchange(app, middleware, read, { headers: { cookie: header } })).result, 'ada', header);
      }
    }
  });

  test('one cookie of the name asks the engine no more often, whether it opens or not', async () => {
    const spy = spyOnEngine();
    try {
      for (const options of [MODES.encrypted, MODES.signed]) {
        const visit = instance(source, options);
        const ada = await cookieOf(visit, 'ada');
        spy.reset();
        await visit(ada, read);
        assert.equal(spy.total(), 1, 'for what it may remember');
        spy.reset();
        await visit(`${name}=junk; ${name}.sig=junk`, read);
        assert.equal(spy.total(), 2, 'and for what is no session of the default codec');
      }
    } finally {
      spy.restore();
    }
  });

  test('however many there are, the engine is asked for a few only', async () => {
    const head = `v1=8.${'A'.repeat(30)}`;
    const kinds = [`${name}=junk; `, `${name}=junk; ${name}.sig=junk; `, `${name}=${head}; ${name}.1=AAAAAAAA.A; `];
    const spy = spyOnEngine();
    try {
      for (const options of Object.values(MODES)) {
        const visit = instance(source, options);
        for (const kind of kinds) {
          spy.reset();
          assert.equal((await visit(kind.repeat(2000), read)).result, 'nobody');
          // each of the values with each of the signatures, as a sealed one and as one of the older formats
          assert.ok(spy.total() <= 2 * MAX_CANDIDATES ** 2, `${spy.total()} times`);
        }
      }
    } finally {
      spy.restore();
    }
  });
});
