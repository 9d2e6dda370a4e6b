'use strict';

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { createContext } = require('../support/egg_context');

class ContextStore {
  get() {}
  set() {}
  destroy() {}
}
const store = () => ({ get() {}, set() {}, destroy() {} });

/** What a `session()` makes of options: an error, or the options as they are afterwards. */
function outcome(create, options) {
  try {
    create(options, new Koa());
  } catch (error) {
    return { name: error.name, code: error.code, message: error.message, constructor: error.constructor.name };
  }
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, typeof value === 'function' ? 'function' : value]));
}

describe('what koa-session refuses is refused with the same AssertionError', () => {
  const refused = {
    'a store without get': { store: { ...store(), get: undefined } },
    'a store without set': { store: { ...store(), set: 'set' } },
    'a store without destroy': { store: { ...store(), destroy: null } },
    'a store that is no store': { store: true },
    'an externalKey without get': { externalKey: { set() {} } },
    'an externalKey without set': { externalKey: { get() {} } },
    'a ContextStore that is an object': { ContextStore: store() },
    'a ContextStore that is a function': { ContextStore: function Store() {} },
    'a ContextStore that is an arrow function': { ContextStore: () => store() },
    'a ContextStore without get': { ContextStore: class { set() {} destroy() {} } },
    'a ContextStore without set': { ContextStore: class { get() {} destroy() {} } },
    'a ContextStore without destroy': { ContextStore: class { get() {} set() {} } },
    'a ContextStore whose methods are its own': { ContextStore: class { static get() {} static set() {} static destroy() {} } },
  };
  for (const [what, options] of Object.entries(refused)) {
    test(what, () => {
      const theirs = outcome(koaSession, { ...options });
      assert.equal(theirs.code, 'ERR_ASSERTION');
      assert.deepEqual(outcome(createSession, { ...options }), theirs);
    });
  }
});

describe('what koa-session takes is taken, and completed in the same way', () => {
  const Babel = new Function('classCallCheck', 'return function Store(ctx) { classCallCheck(this, Store); }')(() => {});
  Object.assign(Babel.prototype, store());
  const Derived = class extends ContextStore {};
  const all = ['key', 'maxAge', 'overwrite', 'httpOnly', 'sameSite', 'signed', 'autoCommit', 'encode', 'decode', 'store', 'externalKey',
    'ContextStore', 'genid', 'prefix', 'valid', 'beforeSave', 'rolling', 'renew', 'secure', 'path', 'domain', 'priority', 'encrypt'];
  const taken = {
    'no options': {},
    'every option null': Object.fromEntries(all.map(name => [name, null])),
    'every option undefined': Object.fromEntries(all.map(name => [name, undefined])),
    'every option false': Object.fromEntries(all.map(name => [name, false])),
    'an empty key': { key: '' },
    'maxage, the old spelling': { maxage: 1000 },
    'maxage beside maxAge': { maxage: 1000, maxAge: 2000 },
    'maxage beside maxAge undefined': { maxage: 1000, maxAge: undefined },
    'maxAge 0': { maxAge: 0 },
    'maxAge \'session\'': { maxAge: 'session' },
    'encode and decode that are no functions': { encode: 'json', decode: {} },
    'a store whose methods are inherited': { store: new ContextStore() },
    'a class as ContextStore': { ContextStore },
    'a derived class as ContextStore': { ContextStore: Derived },
    'a class that Babel made a function of': { ContextStore: Babel },
    'an anonymous class': { ContextStore: class { get() {} set() {} destroy() {} } },
    'genid with a prefix': { genid: () => 'id', prefix: 'p' },
    'an externalKey': { externalKey: { get() {}, set() {} } },
    'sameSite in any case': { sameSite: 'NoNe' },
    'sameSite true': { sameSite: true },
    'a domain function': { domain: () => 'example.com' },
  };
  for (const [what, options] of Object.entries(taken)) {
    test(what, () => {
      const theirs = outcome(koaSession, { ...options });
      assert.equal(theirs.name, undefined);
      assert.deepEqual(outcome(createSession, { ...options }), theirs);
    });
  }

  test('options that were left out altogether', () => {
    const app = new Koa();
    createSession(undefined, app);
    const { sessionOptions } = createContext(app);
    assert.equal(sessionOptions.key, 'koa.sess');
    assert.equal(sessionOptions.httpOnly, true);
  });
});

describe('what could never work is refused at start, with a code and the option\'s name', () => {
  const wrong = {
    key: ['naïve-€', 'a\nb', '\0', 'a\u007f', 'a;b', 7, {}, Symbol('key')],
    maxAge: [NaN, -1, Infinity, -Infinity, 'soon', '-1', '1.5', '1e3', '0x10', ' 1000', '1000\n', '1h', '9'.repeat(400), true, {}, ['a'], 1n, () => 1000],
    maxage: [NaN, -1, Infinity, 'soon', true],
    genid: ['my-id', {}, 7, true],
    valid: ['yes', {}, 7, true],
    beforeSave: ['yes', {}, 7, true],
    path: ['/\n', '/€'],
    domain: ['a\r\nb', '例え.jp'],
    sameSite: ['laxest', 'none ', 7, {}],
    priority: ['urgent', 7, true],
  };
  for (const [option, values] of Object.entries(wrong)) {
    for (const value of values) {
      test(`${option}: ${typeof value} ${String(value)}`, () => {
        const secret = { keys: ['never in a message'] };
        assert.throws(() => createSession({ [option]: value, ...secret }, new Koa()), error => {
          assert.equal(error.code, 'ERR_SESSION_OPTION');
          assert.equal(error.option, option);
          assert.ok(error instanceof TypeError);
          assert.match(error.message, new RegExp(`\`${option}\`: expected `));
          if (typeof value === 'string') assert.ok(!error.message.includes(value));
          assert.ok(!error.message.includes('never'));
          return true;
        });
      });
    }
  }
});

describe('options are live', () => {
  test('the very object is completed and read at each request', () => {
    const app = new Koa();
    const options = { key: 'a' };
    createSession(options, app);
    assert.equal(options.signed, true);
    assert.equal(typeof options.genid, 'function');
    options.key = 'b';
    assert.equal(createContext(app).sessionOptions.key, 'b');
    options.store = store();
    assert.equal(createContext(app).session._sessCtx.store, options.store);
    options.store = undefined;
    assert.equal(createContext(app).session._sessCtx.store, undefined);
  });

  test('a request\'s options are its own copy', () => {
    const app = new Koa();
    const options = { maxAge: 1000 };
    createSession(options, app);
    const [one, two] = [createContext(app), createContext(app)];
    assert.equal(one.sessionOptions, one.sessionOptions);
    one.sessionOptions.maxAge = 1;
    one.sessionOptions.extra = 1;
    assert.equal(two.sessionOptions.maxAge, 1000);
    assert.equal('extra' in options, false);
    assert.equal(options.maxAge, 1000);
  });

  for (const [when, touchFirst] of [['after', true], ['before', false]]) {
    test(`a request that has begun keeps the options it began with: changed ${when} the session is touched`, async () => {
      for (const create of [koaSession, createSession]) {
        const app = new Koa();
        const calls = [];
        const options = { key: 'before', signed: false };
        const middleware = create(options, app);
        const ctx = createContext(app);
        await middleware(ctx, async () => {
          if (touchFirst) ctx.session.a = 1;
          options.key = 'after';
          options.store = { ...store(), set: () => { calls.push('set'); } };
          ctx.session.b = 1;
        });
        const [cookie] = ctx.res.getHeader('set-cookie');
        assert.deepEqual([cookie.split('=')[0], calls], ['before', []], create === createSession ? 'ours' : 'koa-session');
      }
    });
  }

  test('autoCommit is read when the response is ready', async () => {
    for (const create of [koaSession, createSession]) {
      const app = new Koa();
      const options = { signed: false };
      const middleware = create(options, app);
      const ctx = createContext(app);
      await middleware(ctx, async () => {
        ctx.session.a = 1;
        options.autoCommit = false;
      });
      assert.equal(ctx.res.getHeader('set-cookie'), undefined);
    }
  });

  test('the middleware of a second session() works with the store of the first', async () => {
    for (const create of [koaSession, createSession]) {
      const app = new Koa();
      const first = { ...store(), get: async () => ({ from: 'the first' }) };
      create({ store: first, signed: false }, app);
      const middleware = create({ signed: false }, app);
      const ctx = createContext(app, { headers: { cookie: 'koa.sess=id' } });
      let seen;
      await middleware(ctx, async () => { seen = ctx.session.from; });
      assert.equal(seen, 'the first', create === createSession ? 'ours' : 'koa-session');
    }
  });
});
