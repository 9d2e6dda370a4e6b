'use strict';

/** The conformance suite itself: green for a store that keeps the contract, red for each way to break it. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const storeTests = require('../../store-tests');
const { MemoryStore } = require('../support/memory_store');

/**
 * @param {new () => any} Store
 * @param {object} [options]
 * @returns {Promise<{ names: string[], failed: string[] }>} what the suite says, without the level
 */
async function runSuite(Store, options) {
  const cases = [];
  let store;
  storeTests({
    test(name, run) {
      assert.equal(run.length, 0, 'mocha takes a function with parameters for one with a callback');
      cases.push({ name, run });
    },
    createStore() {
      store = new Store();
      return store;
    },
    advance: ms => { store.now += ms; },
    ...options,
  });
  const failed = [];
  for (const { name, run } of cases) await run().catch(() => failed.push(name.replace(/^store \(\w+\): /, '')));
  return { names: cases.map(({ name }) => name), failed };
}

test('a store that keeps the contract passes everything', async () => {
  const { names, failed } = await runSuite(MemoryStore);
  assert.deepEqual(failed, []);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 30);
});

test('the levels ask for get, set and destroy, then for text, then for compare-and-set', async () => {
  class Basic {
    #store = new MemoryStore();
    set now(value) { this.#store.now = value; }
    get now() { return this.#store.now; }
    get(...args) { return this.#store.get(...args); }
    set(...args) { return this.#store.set(...args); }
    destroy(...args) { return this.#store.destroy(...args); }
  }
  class WithText extends MemoryStore {}
  WithText.prototype.compareAndSet = undefined;
  const [basic, text, all] = [await runSuite(Basic, { level: 'basic' }), await runSuite(WithText, { level: 'text' }), await runSuite(MemoryStore)];
  assert.deepEqual([basic.failed, text.failed], [[], []]);
  assert.ok(basic.names.length < text.names.length && text.names.length < all.names.length);
  assert.ok((await runSuite(Basic, { level: 'text' })).failed.length > 0);
  assert.ok((await runSuite(WithText)).failed.length > 0);
});

test('a mistake in the suite\'s own options is refused', () => {
  const good = { test() {}, createStore: () => new MemoryStore() };
  for (const [broken, message] of [[{ test: undefined }, /`test`/], [{ createStore: {} }, /`createStore`/], [{ advance: 5 }, /`advance`/], [{ level: 'all' }, /levels/]]) {
    assert.throws(() => storeTests({ ...good, ...broken }), { name: 'TypeError', message });
  }
});

test('the store is closed after each test, failed ones included', async () => {
  let open = 0;
  class Failing extends MemoryStore {
    constructor() { super(); open++; }
    async get() { throw new Error('down'); }
  }
  const { failed } = await runSuite(Failing, { closeStore: () => { open--; } });
  assert.ok(failed.length > 0);
  assert.equal(open, 0);
});

/** How a store may be broken, and what the suite says then, among other things. */
const BROKEN = {
  'invents sessions': ['answers something falsy for a key that it does not know', {
    async get(key, ...rest) { return await MemoryStore.prototype.get.call(this, key, ...rest) || {}; },
  }],
  'keeps references': ['gives a new object each time, and keeps none that it was given', {
    async set(key, session) { (this.map ||= new Map()).set(key, session); },
    async get(key) { return this.map?.get(key); },
  }],
  'merges by itself': ['replaces the whole session', {
    async set(key, session, ...rest) { await this.setText(key, JSON.stringify({ ...await this.get(key), ...session }), ...rest); },
  }],
  'cuts keys off': ['keeps keys apart', {
    async set(key, session, ...rest) { await this.setText(key.slice(0, 250), JSON.stringify(session), ...rest); },
    async get(key) { return JSON.parse(await this.getText(key.slice(0, 250)) ?? 'null'); },
  }],
  'ignores case': ['keeps keys apart', {
    async set(key, session, ...rest) { await this.setText(key.toLowerCase(), JSON.stringify(session), ...rest); },
    async get(key) { return JSON.parse(await this.getText(key.toLowerCase()) ?? 'null'); },
  }],
  'does not destroy': ['destroys one session and no other', { async destroy() {} }],
  'fails to destroy nothing': ['destroys what is not there without an error', {
    async destroy(key) {
      if (await this.getText(key) === undefined) throw new Error('not found');
      await MemoryStore.prototype.destroy.call(this, key);
    },
  }],
  'answers before it has written': ['reads what was written just before', {
    async set(...args) { setTimeout(() => MemoryStore.prototype.set.apply(this, args), 5); },
  }],
  'never expires': ['keeps a session for its lifetime, and no longer', {
    async setText(key, text) { await MemoryStore.prototype.setText.call(this, key, text); },
  }],
  'takes milliseconds for microseconds': ['keeps a session for its lifetime, and no longer', {
    async setText(key, text, maxAge) { await MemoryStore.prototype.setText.call(this, key, text, maxAge / 1000); },
  }],
  'prolongs what is read': ['does not prolong a session that is only read', {
    async get(key, maxAge) {
      const session = await MemoryStore.prototype.get.call(this, key);
      if (session) await this.set(key, session, maxAge);
      return session;
    },
  }],
  'fails on \'session\'': ["takes 'session' and nothing as lifetimes", {
    async set(key, session, maxAge) {
      if (typeof maxAge !== 'number') throw new Error('not an integer');
      await this.setText(key, JSON.stringify(session), maxAge);
    },
  }],
  'takes a month for a time since 1970': ['takes lifetimes of weeks, months and years, and parts of a millisecond', {
    async set(key, session, maxAge) { await this.setText(key, JSON.stringify(session), maxAge > 30 * 24 * 3600 * 1000 ? 0 : maxAge); },
  }],
  'writes JSON anew': ['keeps a text to the character', {
    async setText(key, text, maxAge) { await MemoryStore.prototype.setText.call(this, key, JSON.stringify(JSON.parse(text)), maxAge); },
  }],
  'keeps texts apart from objects': ['has one session for both kinds of methods', {
    async set(key, session, maxAge) { await MemoryStore.prototype.setText.call(this, `object ${key}`, JSON.stringify(session), maxAge); },
    async get(key) { return JSON.parse(await MemoryStore.prototype.getText.call(this, `object ${key}`) ?? 'null'); },
  }],
  'sets without comparing': ['leaves another text alone, and tells it', {
    async compareAndSet(key, expected, text, maxAge) {
      await this.setText(key, text, maxAge);
      return { status: 'done' };
    },
  }],
  'says done and writes nothing': ['replaces the text that is expected', { async compareAndSet() { return { status: 'done' }; } }],
  'compares what is meant': ['compares the text and not what it means', {
    async compareAndSet(key, expected, text, maxAge) {
      const found = await this.getText(key);
      const same = (() => { try { return JSON.stringify(JSON.parse(found)) === JSON.stringify(JSON.parse(expected)); } catch { return false; } })();
      return MemoryStore.prototype.compareAndSet.call(this, key, same ? found : expected, text, maxAge);
    },
  }],
  'tells the text that was expected': ['leaves another text alone, and tells it', {
    async compareAndSet(key, expected, text, maxAge) {
      const answer = await MemoryStore.prototype.compareAndSet.call(this, key, expected, text, maxAge);
      return answer.status === 'conflict' ? { ...answer, text: expected } : answer;
    },
  }],
  'brings back what was destroyed': ['never brings back what was destroyed', {
    async compareAndSet(key, expected, text, maxAge) {
      const answer = await MemoryStore.prototype.compareAndSet.call(this, key, expected, text, maxAge);
      if (answer.status !== 'gone') return answer;
      await this.setText(key, text, maxAge);
      return { status: 'done' };
    },
  }],
  'compares, waits, then sets': ['of many at once that expect the same text, exactly one is done', {
    async compareAndSet(key, expected, text, maxAge) {
      const found = await this.getText(key);
      if (found === undefined) return { status: 'gone' };
      if (found !== expected) return { status: 'conflict', text: found };
      await new Promise(resolve => setImmediate(resolve));
      await this.setText(key, text, maxAge);
      return { status: 'done' };
    },
  }],
  'never shortens a lifetime': ['moves the lifetime of what it replaces, be it longer or shorter, and only of that', {
    async compareAndSet(key, expected, text, maxAge) {
      return MemoryStore.prototype.compareAndSet.call(this, key, expected, text, Math.max(maxAge, 3600 * 1000));
    },
  }],
  'has one lifetime for all texts': ['counts the lifetime from the last setText, be it longer or shorter', {
    async set(key, session, maxAge) { await MemoryStore.prototype.setText.call(this, key, JSON.stringify(session), maxAge); },
    async setText(key, text) { await MemoryStore.prototype.setText.call(this, key, text, 3600 * 1000); },
  }],
  'leaves the lifetime as it was': ['moves the lifetime of what it replaces, be it longer or shorter, and only of that', {
    async setText(key, text, maxAge) { await MemoryStore.prototype.setText.call(this, key, text, (this.lifetimes ||= new Map()).get(key) ?? maxAge); this.lifetimes.set(key, maxAge); },
    async compareAndSet(key, expected, text) {
      return MemoryStore.prototype.compareAndSet.call(this, key, expected, text, this.lifetimes?.get(key));
    },
  }],
};

for (const [name, [claim, methods]] of Object.entries(BROKEN)) {
  test(`a store that ${name} turns red`, async () => {
    class Broken extends MemoryStore {}
    Object.assign(Broken.prototype, methods);
    const { failed } = await runSuite(Broken);
    assert.ok(failed.includes(claim), `red: ${failed.join('; ') || 'nothing'}`);
  });
}

test('under the middleware, a store that sets without comparing loses requests and brings sessions back', async () => {
  class Careless extends MemoryStore {
    async compareAndSet(key, expected, text, maxAge) {
      await this.setText(key, text, maxAge);
      return { status: 'done' };
    }
  }
  const { failed } = await runSuite(Careless);
  for (const claim of ['requests at the same time lose nothing of each other', 'a request that only prolongs the session keeps what another has changed']) {
    assert.ok(failed.includes(claim), claim);
  }
});
