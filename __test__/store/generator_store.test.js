'use strict';

// Egg 3 runs a store's generator methods with co; ours runs them itself, in Egg 4 too. Both must come to the same end.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const co = require('co');
const application = require('../../app/extend/application');
const original = require('egg-session/app/extend/application');
const eggCore = require('egg-core').EggCore;
const { storeApp } = require('../support/logging_store');
const createSession = require('../..');

/** What the plugin's setter needs of an app. */
function fakeApp(isEgg4) {
  const logs = [];
  const logger = { warn: text => logs.push(text), info: text => logs.push(text) };
  const app = { config: { session: {}, env: 'unittest' }, logger, coreLogger: logger, logs };
  return Object.assign(app, isEgg4 ? { ContextClass: class {} } : { toAsyncFunction: eggCore.prototype.toAsyncFunction });
}

/** The store that an app has after `app.sessionStore = store`. */
function set(extension, app, store) {
  Object.getOwnPropertyDescriptor(extension, 'sessionStore').set.call(app, store);
  return app.config.session.store;
}

const sleep = value => new Promise(resolve => setImmediate(resolve, value));
const failed = message => new Promise((resolve, reject) => setImmediate(reject, new Error(message)));
const thunk = (error, ...results) => callback => { setImmediate(callback, error, ...results); };
function* inner(value) {
  return `${yield sleep(value)} of inner`;
}

/** Bodies of a generator method `get(key, …)`. */
const bodies = {
  'returns at once': function* (key) { return `value of ${key}`; },
  'returns nothing': function* () {},
  'returns a promise': function* () { return sleep('promised'); },
  'returns a promise that rejects': function* () { return failed('rejected'); },
  'sees this and its arguments': function* (...args) { return [this.name, ...args]; },
  'yields a promise': function* () { return yield sleep(1); },
  'yields many promises': function* () { let sum = 0; for (let i = 0; i < 20; i++) sum += yield sleep(i); return sum; },
  'yields a thenable': function* () { return yield { then(resolve) { resolve('thenable'); } }; },
  'yields a thunk': function* () { return yield thunk(null, 'thunk'); },
  'yields a thunk of several results': function* () { return yield thunk(null, 1, 2, 3); },
  'yields a thunk of no result': function* () { return yield thunk(null); },
  'yields a thunk that looks at this': function* () { return yield function(callback) { callback(null, this === undefined ? 'none' : this.name); }; },
  'yields a thunk that calls at once': function* () { return yield callback => callback(null, 'now'); },
  'yields a thunk that fails': function* () { return yield thunk(new Error('thunk failed')); },
  'yields a thunk that throws': function* () { return yield () => { throw new Error('thunk threw'); }; },
  'catches a thunk that fails': function* () { try { yield thunk(new Error('x')); } catch (error) { return `caught ${error.message}`; } },
  'yields a generator': function* () { return yield inner('a'); },
  'yields a generator function': function* () { return yield inner; },
  'delegates to a generator': function* () { return yield* inner('b'); },
  'yields an array': function* () { return yield [sleep(1), thunk(null, 2), inner(3), [sleep(4)], 5, null, 'text']; },
  'yields an empty array': function* () { return yield []; },
  'yields an array of which one fails': function* () { return yield [sleep(1), failed('one failed')]; },
  'yields an object': function* () { return yield { a: sleep(1), b: thunk(null, 2), c: inner(3), d: { e: sleep(4) }, f: 5, g: null }; },
  'yields an empty object': function* () { return yield {}; },
  'yields an object of which one fails': function* () { return yield { a: failed('one failed') }; },
  'keeps the order of an object\'s keys': function* () { return Object.keys(yield { z: sleep(1), a: 2, m: sleep(3) }); },
  'throws at once': function* () { throw new Error('threw'); },
  'throws later': function* () { yield sleep(1); throw new TypeError('threw later'); },
  'throws what is no error': function* () { yield sleep(1); throw 'a string'; }, // eslint-disable-line no-throw-literal
  'catches a rejection and goes on': function* () { try { yield failed('first'); } catch (error) { return [error.message, yield sleep('second')]; } },
  'has a finally': function* () { const seen = []; try { yield failed('x'); } catch { seen.push('catch'); } finally { seen.push(yield sleep('finally')); } return seen; },
  'yields nothing': function* () { return yield; },
  'yields null': function* () { return yield null; },
  'yields a number': function* () { return yield 5; },
  'yields a string': function* () { return yield 'text'; },
  'yields true': function* () { return yield true; },
  'yields a Map': function* () { return yield new Map(); },
  'catches what it may not yield': function* () { try { return yield 5; } catch (error) { return error.name; } },
};

async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return error instanceof Error ? { name: error.name, message: error.message } : { threw: error };
  }
}

/** co's refusal of what cannot be yielded quotes it, and it may be a session: ours need only be a TypeError too. */
function assertSameEnd(ours, theirs, what) {
  if (/^You may only yield/.test(theirs.message)) assert.equal(ours.name, theirs.name, what);
  else assert.deepEqual(ours, theirs, what);
}

for (const isEgg4 of [false, true]) {
  describe(`a generator method in Egg ${isEgg4 ? 4 : 3} ends as under co`, () => {
    for (const [what, body] of Object.entries(bodies)) {
      test(what, async () => {
        const store = { name: 'the store', get: body, * set() {}, destroy() {} };
        const expected = await outcome(co.wrap(body).call(store, 'key', 1000, { rolling: true }));
        const ours = set(application, fakeApp(isEgg4), store);
        assert.equal(ours, store);
        assertSameEnd(await outcome(ours.get('key', 1000, { rolling: true })), expected);
      });
    }
  });
}

test('the table is what egg-session 3 makes of it too', async () => {
  for (const [what, body] of Object.entries(bodies)) {
    const store = () => ({ name: 'the store', get: body, set() {}, destroy() {} });
    const theirs = set(original, fakeApp(false), store());
    const ours = set(application, fakeApp(false), store());
    assertSameEnd(await outcome(ours.get('key')), await outcome(theirs.get('key')), what);
  }
});

test('a class of generator methods is made with the app, and serves a request', async () => {
  const memory = new Map();
  class GeneratorStore {
    constructor(app) { this.app = app; }
    * get(key) { yield sleep(); return memory.get(key); }
    * set(key, json) { memory.set(key, json); yield sleep(); }
    * destroy(key) { yield sleep(); memory.delete(key); }
  }
  for (const isEgg4 of [false, true]) {
    memory.set('id-0', { a: 1 });
    const app = fakeApp(isEgg4);
    const store = set(application, app, GeneratorStore);
    assert.equal(store.app, app);
    const { run } = storeApp(createSession, { store });
    const { error, result } = await run(ctx => { ctx.session.a++; return ctx.session.a; });
    assert.deepEqual([error, result, memory.get('id-0').a], [undefined, 2, 2]);
    await run(ctx => { ctx.session = null; });
    assert.equal(memory.has('id-0'), false);
  }
});

test('methods that are no generators are left alone', () => {
  const get = async () => {};
  const store = { get, set() {}, destroy: () => {} };
  const { set: setMethod, destroy } = store;
  const ours = set(application, fakeApp(true), store);
  assert.deepEqual([ours.get, ours.set, ours.destroy], [get, setMethod, destroy]);
});

test('a store without a method is refused with the original\'s words', () => {
  for (const missing of ['get', 'set', 'destroy']) {
    const store = () => ({ get() {}, set() {}, destroy() {}, [missing]: undefined });
    const messages = [original, application].map(extension => {
      const app = fakeApp(false);
      try {
        set(extension, app, store());
      } catch (error) {
        return [error.name, error.message, app.config.session.store];
      }
      return 'taken';
    });
    assert.deepEqual(messages[1], messages[0]);
    assert.equal(messages[0][0], 'AssertionError');
  }
});
