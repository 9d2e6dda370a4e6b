'use strict';

/** Requests of one session that meet in a store which compares and sets: new keys, new sessions, lifetimes, crowds. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { isTombstone } = require('../../lib/store/tombstone');
const { exchange } = require('../support/egg_context');
const { MemoryStore } = require('../support/memory_store');

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Counts its calls, and can be told to do something in the place of the next one. */
class RaceStore extends MemoryStore {
  calls = 0;
  /** @type {Record<string, (original: () => Promise<any>) => any>} */
  next = {};

  async #call(method, args, name = method) {
    this.calls++;
    const original = () => super[method](...args);
    const instead = this.next[name];
    delete this.next[name];
    return instead ? instead(original) : original();
  }

  destroy(...args) { return this.#call('destroy', args); }
  setText(...args) { return this.#call('setText', args); }
  compareAndSet(...args) { return this.#call('compareAndSet', args, args[1] === null ? 'create' : 'compareAndSet'); }

  /** @returns {Promise<string | undefined>} the text under a key, if it is a session's */
  async session(key) {
    const text = await this.getText(key);
    return text === undefined || isTombstone(text) ? undefined : text;
  }

  /** @returns {Promise<any>} the session under a key, without its lifetime */
  async read(key) {
    return Object.fromEntries(Object.entries(await this.get(key) || {}).filter(([name]) => !name.startsWith('_')));
  }
}

async function appWith(session, options) {
  const store = new RaceStore();
  const app = new Koa();
  app.silent = true;
  const events = [];
  for (const name of ['gone', 'conflict']) app.on(`session:${name}`, ({ key }) => events.push(`${name} ${key}`));
  let ids = 0;
  const middleware = createSession({ store, signed: false, maxAge: DAY_MS, genid: () => `new-${++ids}`, ...options }, app);
  await store.setText('id-0', JSON.stringify({ ...session, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }), DAY_MS);
  store.calls = 0;
  const run = async (handle, key = 'id-0') => {
    const outcome = await exchange(app, middleware, handle, { headers: { cookie: `koa.sess=${key}` } });
    await new Promise(setImmediate);
    return outcome;
  };
  return { store, events, run };
}

/** A request that has loaded the session, and ends when it is told to. */
async function begin(run, handle) {
  let finish;
  const outcome = await new Promise(begun => {
    const ended = run(async ctx => {
      await handle(ctx);
      await new Promise(resolve => {
        finish = resolve;
        begun({ ended });
      });
    });
  });
  return async () => {
    finish();
    return outcome.ended;
  };
}

const keyIn = setCookie => /^koa\.sess=([^;]+)/.exec(setCookie.at(-1))[1];

describe('regenerate()', () => {
  test('survives a client that lost its connection and asks twice', async () => {
    const { store, events, run } = await appWith({ user: 'ada' });
    store.next.compareAndSet = async original => {
      await original();
      return original();
    };
    const { error, setCookie } = await run(ctx => ctx.session.regenerate());
    assert.equal(error, undefined);
    assert.equal(keyIn(setCookie), 'new-1');
    assert.deepEqual([await store.read('new-1'), await store.session('id-0'), events], [{ user: 'ada' }, undefined, []]);
  });

  for (const method of ['create', 'compareAndSet']) {
    test(`leaves the session under its old key when ${method} fails, and later changes go there`, async () => {
      const { store, run } = await appWith({ user: 'ada' });
      const { error, setCookie, result } = await run(async ctx => {
        store.next[method] = async () => { throw new Error('down'); };
        await assert.rejects(ctx.session.regenerate(), /down/);
        ctx.session.late = true;
        return ctx.session.externalKey;
      });
      assert.deepEqual([error, result, keyIn(setCookie)], [undefined, 'id-0', 'id-0']);
      assert.deepEqual(await store.read('id-0'), { user: 'ada', late: true });
    });
  }

  test('is done in two calls: a tombstone stays under the old key for an hour, and opens nothing', async () => {
    const { store, run } = await appWith({ user: 'ada' });
    const { error, setCookie } = await run(ctx => ctx.session.regenerate());
    assert.deepEqual([error, store.calls], [undefined, 2]);
    const contentUnder = async key => (await run(ctx => ctx.session.toJSON(), key)).result;
    assert.deepEqual([await contentUnder('id-0'), await contentUnder(keyIn(setCookie))], [{}, { user: 'ada' }]);
    store.now = HOUR_MS - 1;
    assert.ok(isTombstone(await store.getText('id-0')));
    store.now = HOUR_MS;
    assert.equal(await store.getText('id-0'), undefined);
  });

  test('leaves the session under its old key when genid throws, and later changes go there', async () => {
    const { store, run } = await appWith({ user: 'ada' }, { genid: () => { throw new Error('no more ids'); } });
    const { error, setCookie } = await run(async ctx => {
      await assert.rejects(ctx.session.regenerate(), /no more ids/);
      ctx.session.late = true;
    });
    assert.equal(error, undefined);
    assert.deepEqual([keyIn(setCookie), await store.read('id-0')], ['id-0', { user: 'ada', late: true }]);
  });

  test('keeps the session where genid knows no other key', async () => {
    const { store, run } = await appWith({ user: 'ada' }, { genid: () => 'id-0' });
    const { setCookie } = await run(ctx => ctx.session.regenerate());
    assert.deepEqual([keyIn(setCookie), await store.read('id-0')], ['id-0', { user: 'ada' }]);
  });

  test('leaves nothing of a session that is logged out while it is moved', async () => {
    const { store, events, run } = await appWith({ user: 'ada' });
    const { setCookie } = await run(async ctx => {
      store.next.create = async original => {
        const answer = await original();
        await run(other => { other.session = null; });
        return answer;
      };
      await ctx.session.regenerate();
    });
    assert.deepEqual([setCookie, events], [[], ['gone id-0']]);
    assert.deepEqual([await store.getText('id-0'), await store.getText('new-1')], [undefined, undefined]);
  });
});

describe('null and then new content is another session', () => {
  test('into which a slow request brings nothing of the old one', async () => {
    const { store, events, run } = await appWith({ user: { id: 7, seen: 1 } });
    const finish = await begin(run, ctx => { ctx.session.user.seen = 2; });
    const { setCookie } = await run(ctx => {
      ctx.session = null;
      ctx.session = { flash: 'bye' };
    });
    assert.equal((await finish()).error, undefined);
    assert.equal(keyIn(setCookie), 'new-1');
    assert.deepEqual([await store.getText('id-0'), await store.read('new-1'), events], [undefined, { flash: 'bye' }, ['gone id-0']]);
  });

  test('also with the same content', async () => {
    const { store, run } = await appWith({ user: 'ada' });
    const { setCookie } = await run(ctx => {
      ctx.session = null;
      ctx.session = { user: 'ada' };
    });
    assert.equal(keyIn(setCookie), 'new-1');
    assert.deepEqual([await store.getText('id-0'), await store.read('new-1')], [undefined, { user: 'ada' }]);
  });

  test('also after a commit in between, awaited or not', async () => {
    for (const isAwaited of [true, false]) {
      const { store, events, run } = await appWith({ user: 'ada', cart: [] });
      const finish = await begin(run, ctx => { ctx.session.cart = ['old']; });
      const { setCookie } = await run(async ctx => {
        const { session } = ctx;
        ctx.session = null;
        const committing = session.commit();
        if (isAwaited) await committing;
        ctx.session = { user: 'ada', cart: [] };
      });
      assert.equal((await finish()).error, undefined);
      assert.equal(keyIn(setCookie), 'new-1');
      assert.deepEqual([await store.getText('id-0'), await store.read('new-1'), events], [undefined, { user: 'ada', cart: [] }, ['gone id-0']]);
    }
  });

  test('and of a visitor without a session the first', async () => {
    const { store, run } = await appWith({});
    const { setCookie, result } = await run(async ctx => {
      ctx.session = null;
      ctx.session = { user: 'ada' };
      await ctx.session.save();
      return ctx.session.externalKey;
    }, 'unknown');
    assert.equal(keyIn(setCookie), result);
    assert.deepEqual([await store.read(result), store.calls], [{ user: 'ada' }, 1]);
  });

  test('once only', async () => {
    const { store, run } = await appWith({ user: 'ada' });
    const { setCookie, result } = await run(async ctx => {
      ctx.session = null;
      ctx.session = { user: 'ada' };
      await ctx.session.save();
      ctx.session.again = true;
      return ctx.session.externalKey;
    });
    assert.deepEqual([keyIn(setCookie), result], ['new-1', 'new-1']);
    assert.deepEqual([await store.getText('id-0'), await store.read('new-1')], [undefined, { user: 'ada', again: true }]);
  });

  test('and is not written where the old one cannot be destroyed', async () => {
    const { store, run } = await appWith({ user: 'ada' });
    store.next.destroy = async () => { throw new Error('down'); };
    const { error, setCookie } = await run(ctx => {
      ctx.session = null;
      ctx.session = { flash: 'bye' };
    });
    assert.equal(error.message, 'down');
    assert.deepEqual([setCookie, await store.read('id-0'), await store.getText('new-1')], [[], { user: 'ada' }, undefined]);
  });
});

describe('a lifetime that one request sets outlives a change that another makes meanwhile', () => {
  for (const [name, lifetime] of Object.entries({ longer: 30 * DAY_MS, shorter: HOUR_MS, session: 'session' })) {
    for (const isSetFirst of [true, false]) {
      test(`${name}, set ${isSetFirst ? 'before' : 'after'} the change`, async () => {
        const { store, run } = await appWith({ user: 'ada' });
        const lasts = ctx => { ctx.session.maxAge = lifetime; };
        const changes = ctx => { ctx.session.note = 1; };
        const finish = await begin(run, isSetFirst ? changes : lasts);
        await run(isSetFirst ? lasts : changes);
        const { setCookie } = await finish();
        const { user, note, _expire, _maxAge, _session } = await store.get('id-0');
        assert.deepEqual([user, note], ['ada', 1]);
        const [, expires] = /expires=([^;]+)/.exec(setCookie[0]) || [];
        if (lifetime === 'session') {
          assert.deepEqual([_session, _expire, _maxAge, expires], [true, undefined, undefined, undefined]);
          return;
        }
        assert.equal(_maxAge, lifetime);
        for (const end of [_expire, Date.parse(expires)]) assert.ok(Math.abs(end - Date.now() - lifetime) < 60_000, `${end}`);
        store.now = lifetime;
        assert.notEqual(await store.getText('id-0'), undefined, 'the entry ends before the session');
        store.now = lifetime + 60_000;
        assert.equal(await store.getText('id-0'), undefined, 'the entry outlives the session');
      });
    }
  }
});

describe('what somebody else has written meanwhile', () => {
  for (const [name, text] of Object.entries({
    'no JSON': '{"secret', 'no object': '"secret"', 'no lifetime': '{"b":1}', 'a lifetime of another kind': '{"b":1,"_expire":"soon","_maxAge":"long"}',
    'a lifetime below zero': '{"b":1,"_expire":-1,"_maxAge":-1}',
  })) {
    test(`${name}: the request is saved, with its own lifetime`, async () => {
      const { store, run } = await appWith({ a: 1 });
      const { error, setCookie } = await run(async ctx => {
        await store.setText('id-0', text, DAY_MS);
        ctx.session.a = 2;
      });
      assert.deepEqual([error, setCookie.length], [undefined, 1]);
      assert.ok(Math.abs(Date.parse(/expires=([^;]+)/.exec(setCookie[0])[1]) - Date.now() - DAY_MS) < 60_000);
      assert.equal((await store.get('id-0')).a, 2);
      store.now = DAY_MS;
      assert.notEqual(await store.getText('id-0'), undefined);
    });
  }
});

describe('many requests that change one session at once', () => {
  test('are all saved, with three calls of the store for each at most', async () => {
    const COUNT = 500;
    const { store, run } = await appWith({});
    const finishing = await Promise.all(Array.from({ length: COUNT }, (_, i) => begin(run, ctx => { ctx.session[`k${i}`] = i; })));
    store.calls = 0;
    const outcomes = await Promise.all(finishing.map(finish => finish()));
    assert.deepEqual(outcomes.filter(({ error }) => error !== undefined), []);
    assert.equal(Object.keys(await store.read('id-0')).length, COUNT);
    assert.ok(store.calls <= 3 * COUNT, `${store.calls} calls`);
  });
});
