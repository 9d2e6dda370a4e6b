'use strict';

/** Two sessions in one app: what each keeps carries its name, and so do the events. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { sessionId } = require('../..');
const { hosts, LARGE, optionsOf, STORES, swapped, TwoSessions } = require('../support/two_sessions');

const contentOf = entry => Object.fromEntries(Object.entries(entry).filter(([name]) => !['_expire', '_maxAge', '_rev'].includes(name)));
const dataOf = session => JSON.parse(JSON.stringify(session));

describe('in one store that both sessions share', () => {
  for (const [kind, Store] of Object.entries(STORES)) {
    /** @param {any} [more] */
    const start = async more => {
      const store = new Store();
      const [, createApp] = (await hosts())[0];
      const options = as => optionsOf('unsigned key of a store', { ...as ? { as, key: 'ADMIN_SESS' } : { key: 'EGG_SESS' }, ...more && more(as) }, store);
      return { store, two: new TwoSessions(createApp(), options(undefined), options('adminSession')) };
    };

    test(`${kind}: a key of the other session is answered as unknown`, async () => {
      const { two } = await start();
      const { cookie } = await two.request(undefined, (first, second) => {
        first.user = 1;
        second.user = 2;
      });
      const { ctx, result } = await two.request(swapped(cookie), (first, second) => [first.externalKey, second.externalKey]);
      const [egg, admin] = ['EGG_SESS', 'ADMIN_SESS'].map(name => new RegExp(`${name}=([^;]*)`).exec(cookie)[1]);
      assert.ok(!result.includes(egg) && !result.includes(admin), 'it is not adopted either');
      const missed = two.events.filter(([name]) => name === 'missed').map(([, event]) => event);
      assert.deepEqual(missed, [{ key: admin, value: undefined, ctx }, { key: egg, value: undefined, ctx, as: 'adminSession' }]);
    });

    test(`${kind}: the entry carries the name, and the session's data does not`, async () => {
      const { store, two } = await start();
      const { result: [one, other], cookie } = await two.request(undefined, (first, second) => {
        first.user = 1;
        second.user = 2;
        return [first.externalKey, second.externalKey];
      });
      const names = json => Object.keys(json).filter(name => name !== '_rev');
      assert.deepEqual(names(await store.get(one)), ['user', '_expire', '_maxAge'], 'ctx.session has the bytes of egg-session');
      const entry = await store.get(other);
      assert.deepEqual(names(entry), ['user', '_as', '_expire', '_maxAge']);
      assert.equal(entry._as, 'adminSession');
      const { result } = await two.request(cookie, (_, second) => [Object.keys(second.toJSON()), second.length]);
      assert.deepEqual(result, [['user'], 1]);
    });

    test(`${kind}: a name is kept by every kind of save`, async () => {
      const { store, two } = await start();
      let { cookie, result: key } = await two.request(undefined, async (_, second) => {
        await second.save();
        return second.externalKey;
      });
      assert.equal((await store.get(key))._as, 'adminSession', 'an empty one');
      const saves = [
        second => { second.user = 1; },
        second => { second.maxAge = 'session'; },
        second => { second.maxAge = 5000; },
        second => second.regenerate(),
        (_, ctx) => { ctx.adminSession = { user: 2 }; },
        second => second.manuallyCommit(),
      ];
      for (const change of saves) {
        const answer = await two.request(cookie, async (_, second, ctx) => {
          assert.equal(second.isNew || false, false);
          await change(second, ctx);
        });
        if (answer.cookie) cookie = answer.cookie;
        key = answer.ctx.adminSession.externalKey;
        assert.equal((await store.get(key))._as, 'adminSession');
      }
    });

    test(`${kind}: a genid that gives both the same key mixes nothing`, async () => {
      const { store, two } = await start(() => ({ genid: () => 'the same' }));
      const { cookie } = await two.request(undefined, (first, second) => {
        first.customer = 1;
        second.admin = 2;
      });
      assert.deepEqual(contentOf(await store.get('the same')), { customer: 1 }, 'ctx.session is saved last');
      const { result } = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
      assert.deepEqual(result, [{ customer: 1 }, {}]);
    });
  }

  test('a change that meets another session under its key takes nothing from it', async () => {
    const store = new STORES['a store that compares and sets']();
    const [, createApp] = (await hosts())[0];
    const two = new TwoSessions(createApp(), { key: 'A', maxAge: 60000, store }, { key: 'B', as: 'adminSession', maxAge: 60000, store });
    const { cookie, result: key } = await two.request(undefined, (_, second) => {
      second.admin = 1;
      return second.externalKey;
    });
    await two.request(cookie, async (_, second) => {
      await store.setText(key, '{"customer":1}');
      second.more = 2;
    });
    assert.deepEqual(contentOf(await store.get(key)), { admin: 1, more: 2, _as: 'adminSession' });
  });

  test('changes of one session at the same time are merged as ever', async () => {
    const store = new STORES['a store that compares and sets']();
    const [, createApp] = (await hosts())[0];
    const two = new TwoSessions(createApp(), { key: 'A', maxAge: 60000, store }, { key: 'B', as: 'adminSession', maxAge: 60000, store });
    const { cookie } = await two.request(undefined, (_, second) => { second.n = 0; });
    await Promise.all(['a', 'b'].map(name => two.request(cookie, async (_, second) => {
      await new Promise(resolve => setTimeout(resolve, 5));
      second[name] = 1;
    })));
    const { result } = await two.request(cookie, (_, second) => dataOf(second));
    assert.deepEqual({ ...result }, { n: 0, a: 1, b: 1 });
    assert.deepEqual(two.events.filter(([name]) => name === 'conflict'), []);
  });
});

describe('a session that was saved before it had its name', () => {
  for (const mode of ['signed', 'encrypted', 'sealed', 'signed key of a store']) {
    test(`${mode}: begins anew, also where the cookie is remembered, and the other way round`, async () => {
      for (const [host, createApp] of await hosts()) {
        const store = new STORES['a store that compares and sets']();
        const keys = ['keys of this session alone'];
        const named = () => new TwoSessions(createApp(), { key: 'A' }, optionsOf(mode, { key: 'ADMIN_SESS', as: 'adminSession', keys }, store));
        const nameless = () => new TwoSessions(createApp(), optionsOf(mode, { key: 'ADMIN_SESS', keys }, store), { key: 'B', as: 'other' });
        const [before, after] = [nameless(), named()];
        const { cookie } = await before.request(undefined, first => { first.user = 1; });
        const { cookie: later } = await after.request(undefined, (_, second) => { second.user = 1; });
        for (let n = 0; n < 3; n++) {
          const seen = [await after.request(cookie, (_, second) => dataOf(second)), await before.request(later, first => dataOf(first))];
          assert.deepEqual(seen.map(({ result }) => result), [{}, {}], host);
          const own = [await before.request(cookie, first => dataOf(first)), await after.request(later, (_, second) => dataOf(second))];
          assert.deepEqual(own.map(({ result }) => result), [{ user: 1 }, { user: 1 }], host);
        }
      }
    });
  }
});

describe('each event tells which session it is about', () => {
  const key = 'ADMIN_SESS';
  const as = 'adminSession';
  const events = {
    changed: [{}, second => { second.a = 1; }],
    missed: [{ encrypt: false, store: new STORES['a plain store']() }, second => { second.a = 1; }, store => store.entries.clear()],
    invalid: [{ valid: () => false }, second => { second.a = 1; }],
    expired: [{ maxAge: 1 }, second => { second.a = 1; }, () => new Promise(resolve => setTimeout(resolve, 5))],
    revoked: [{ encrypt: 'sealed', absoluteMaxAge: 5000, revocation: { isRevoked: () => true, revoke() {} } }, second => { second.a = 1; }],
    unsaved: [{}, (second, ctx) => {
      second.a = 1;
      Object.defineProperty(ctx, 'headerSent', { value: true });
    }],
    oversized: [{}, second => { second.a = LARGE; }],
    'oversized, sealed': [{ encrypt: 'sealed' }, second => { second.a = LARGE; }],
    'oversized, in pieces': [{ encrypt: 'sealed', chunks: 2 }, second => { second.a = LARGE; }],
    'oversized, by ctx.cookies': [{ nativeCookies: false }, second => { second.a = LARGE; }],
    store_error: [{ store: { async get() {}, async set() { throw new Error('down'); }, async destroy() {} } }, second => { second.a = 1; }],
  };
  for (const [title, [options, handle, before]] of Object.entries(events)) {
    test(title, async () => {
      for (const [host, createApp] of await hosts()) {
        for (const isNamed of [true, false]) {
          const mine = { key, ...options, ...isNamed && { as } };
          const two = new TwoSessions(createApp(), isNamed ? { key: 'EGG_SESS' } : mine, isNamed ? mine : { key: 'OTHER', as });
          const run = (cookie, what) => two.request(cookie, (first, second, ctx) => what(isNamed ? second : first, ctx)).catch(() => ({ cookie: undefined }));
          const { cookie } = await run(undefined, handle);
          await new Promise(resolve => setImmediate(resolve));
          if (before) await before(options.store);
          if (cookie) await run(cookie, session => session.isNew);
          const [name] = title.split(',');
          const told = two.events.filter(([event]) => event === name);
          assert.notEqual(told.length, 0, host);
          for (const [, event] of told) assert.deepEqual(['as' in event, event.as], isNamed ? [true, as] : [false, undefined], host);
        }
      }
    });
  }
});

test('sessionId tells the id of either', async () => {
  for (const [, createApp] of await hosts()) {
    const asked = [];
    const options = { encrypt: 'sealed', absoluteMaxAge: 5000, revocation: { isRevoked: id => { asked.push(id); }, revoke() {} } };
    const two = new TwoSessions(createApp(), { key: 'A', ...options }, { key: 'B', as: 'adminSession', ...options });
    const { cookie } = await two.request(undefined, (first, second) => {
      first.a = 1;
      second.a = 1;
    });
    const { result } = await two.request(cookie, (_first, _second, ctx) => [sessionId(ctx), sessionId(ctx, 'adminSession')]);
    assert.deepEqual(result, asked);
    assert.notEqual(result[0], result[1]);
  }
});
