'use strict';

// When is a session written, how often, with what. Where koa-session is right it says so; the table of defects in the
// contract says where it is not.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { cookieHeader } = require('../support/egg_context');
const { cookieApp, cookieOf, savedIn, storeApp } = require('../support/logging_store');

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
describe('defect: CRC32 decides whether a session changed (koajs/session#131)', () => {
  const user = name => ({ cookie: { path: '/', httpOnly: true, maxAge: 86400000, overwrite: true, signed: true }, userInfo: { name, age: 18 } });
  const pairs = [
    [user('htpqwklvynl'), user('pojqhnulnxu')],
    [{ t: '3FInL6OTk261' }, { t: 'TDGbibEF3Frv' }],
  ];
  for (const [before, after] of pairs) {
    test(`${JSON.stringify(after).slice(0, 20)}…: a change that collides is saved, in a cookie and in a store`, async () => {
      const change = ctx => { ctx.session = JSON.parse(JSON.stringify(after)); };
      for (const [create, isSaved] of [[koaSession, false], [createSession, true]]) {
        // assigning anew keeps what was loaded as the baseline
        const touched = ctx => { void ctx.session; change(ctx); };
        const { setCookie } = await cookieApp(create).run(touched, cookieOf({ ...before, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }));
        assert.equal(setCookie.length > 0, isSaved);
        const { store, run } = storeApp(create);
        store.memory.set('id-0', JSON.stringify({ ...before, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }));
        await run(touched);
        assert.deepEqual(store.take(), isSaved ? ['get id-0', 'set id-0'] : ['get id-0']);
      }
    });
  }

  test('a session that was set to the same content is not saved', async () => {
    for (const [, after] of pairs) {
      const { setCookie } = await cookieApp(createSession).run(
        ctx => { void ctx.session; ctx.session = JSON.parse(JSON.stringify(after)); },
        cookieOf({ ...after, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }));
      assert.deepEqual(setCookie, []);
    }
  });

  test('every single change of one key counts, whatever follows the data in the text that was loaded', async () => {
    const data = { a: 1, b: 'x', c: [1, { d: null }] };
    const changes = [
      session => { session.a = 12; }, session => { session.a = '1'; }, session => { delete session.c; }, session => { session.c[1].d = 0; },
      session => { session.d = undefined; delete session.a; }, session => { delete session.a; session.a = 1; }, session => { session._x = 1; delete session.b; },
      session => { for (const key of ['a', 'b', 'c']) delete session[key]; }, session => { session.c.push(2); }, session => { session._expire = 5; session.z = 1; },
    ];
    const tails = [{}, { _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }, { _session: true }, { _own: 1, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS }, { isNew: true }];
    for (const tail of tails) {
      for (const change of changes) {
        const { setCookie } = await cookieApp(createSession).run(ctx => change(ctx.session), cookieOf({ ...data, ...tail }));
        assert.equal(setCookie.length, 1, `${change} with ${JSON.stringify(tail)}`);
      }
      const { setCookie } = await cookieApp(createSession).run(ctx => { ctx.session._y = 1; ctx.session.gone = undefined; }, cookieOf({ ...data, ...tail }));
      assert.deepEqual(setCookie, [], JSON.stringify(tail));
    }
  });

  test('another writer\'s JSON, with spaces, escapes or keys in between, is no change', async () => {
    for (const text of ['{ "a": 1, "_maxAge": 5000 }', '{"_maxAge":5000,"a":1}', '{"a":1.0}', '{"a":1,"b":"\\u00e4"}', '{"_session":true,"a":1,"_expire":9999999999999}', '[1,2]']) {
      const { setCookie } = await cookieApp(createSession).run(ctx => { void ctx.session; }, `koa.sess=${Buffer.from(text).toString('base64')}`);
      assert.deepEqual(setCookie, [], text);
    }
  });
});

describe('defect: save() and regenerate() followed by autoCommit write twice (koajs/session#168)', () => {
  const cases = {
    'save()': [ctx => ctx.session.save(), ['get id-0', 'set id-0']],
    'a change and save()': [ctx => { ctx.session.a = 2; return ctx.session.save(); }, ['get id-0', 'set id-0']],
    'save() and a later change': [async ctx => { await ctx.session.save(); ctx.session.a = 2; }, ['get id-0', 'set id-0', 'set id-0']],
    'a change, save() and the change undone': [async ctx => { ctx.session.a = 2; await ctx.session.save(); ctx.session.a = 1; }, ['get id-0', 'set id-0', 'set id-0']],
    'save() twice': [async ctx => { await ctx.session.save(); await ctx.session.save(); }, ['get id-0', 'set id-0', 'set id-0']],
    'maxAge and save()': [ctx => { ctx.session.maxAge = HOUR_MS; return ctx.session.save(); }, ['get id-0', 'set id-0']],
    'save() and maxAge': [async ctx => { await ctx.session.save(); ctx.session.maxAge = HOUR_MS; }, ['get id-0', 'set id-0', 'set id-0']],
    'manuallyCommit() of a change': [ctx => { ctx.session.a = 2; return ctx.session.manuallyCommit(); }, ['get id-0', 'set id-0']],
    'regenerate()': [ctx => ctx.session.regenerate(), ['get id-0', 'destroy id-0', 'set id-1']],
    'a change and regenerate()': [ctx => { ctx.session.a = 2; return ctx.session.regenerate(); }, ['get id-0', 'destroy id-0', 'set id-1']],
    'regenerate() and a later change': [async ctx => { await ctx.session.regenerate(); ctx.session.a = 2; }, ['get id-0', 'destroy id-0', 'set id-1', 'set id-1']],
    'save() not awaited': [ctx => { ctx.session.a = 2; ctx.session.save(); }, ['get id-0', 'set id-0']],
    'save() not awaited and a later change': [ctx => { ctx.session.save(); ctx.session.a = 2; }, ['get id-0', 'set id-0', 'set id-0']],
    'regenerate() not awaited': [ctx => { ctx.session.a = 2; ctx.session.regenerate(); }, ['get id-0', 'destroy id-0', 'set id-1']],
    'save() and = null': [async ctx => { await ctx.session.save(); ctx.session = null; }, ['get id-0', 'set id-0', 'destroy id-0']],
    'save() not awaited and = null': [ctx => { ctx.session.save(); ctx.session = null; }, ['get id-0', 'set id-0', 'destroy id-0']],
    'regenerate() not awaited and = null': [ctx => { ctx.session.regenerate(); ctx.session = null; }, ['get id-0', 'destroy id-0', 'destroy id-1']],
    'save() and content replaced by the same': [async ctx => { await ctx.session.save(); ctx.session = { a: 1 }; }, ['get id-0', 'set id-0']],
  };
  for (const [what, [handle, expected]] of Object.entries(cases)) {
    test(`${what}: ${expected.slice(1).join(', ')}`, async () => {
      const { store, run } = storeApp(createSession);
      store.turns = 5;
      const { error } = await run(handle);
      assert.equal(error, undefined);
      assert.deepEqual(store.take(), expected);
    });
  }

  test('rolling and renew do not add a write after save()', async () => {
    for (const options of [{ rolling: true }, { renew: true }, { rolling: true, maxAge: 'session' }]) {
      const { store, run } = storeApp(createSession, options);
      store.memory.set('id-0', JSON.stringify({ a: 1, _expire: Date.now() + 60_000, _maxAge: DAY_MS }));
      await run(ctx => ctx.session.save());
      assert.deepEqual(store.take(), ['get id-0', 'set id-0']);
    }
  });

  test('beforeSave runs once for one write', async () => {
    let calls = 0;
    const { run } = storeApp(createSession, { beforeSave: () => { calls++; } });
    await run(ctx => { ctx.session.a = 2; return ctx.session.save(); });
    assert.equal(calls, 1);
    const cookie = cookieApp(createSession, { beforeSave: () => { calls++; } });
    await cookie.run(ctx => { ctx.session.a = 2; return ctx.session.save(); });
    assert.equal(calls, 2);
  });

  test('in a cookie too a later change is saved with the lifetime of the first save', async () => {
    const { setCookie } = await cookieApp(createSession, { maxAge: HOUR_MS, overwrite: false }).run(async ctx => {
      ctx.session.a = 1;
      await ctx.session.save();
      await ctx.session.manuallyCommit();
      ctx.session.a = 2;
    });
    assert.deepEqual(setCookie.map(savedIn).map(json => [json.a, json._maxAge]), [[1, HOUR_MS], [2, HOUR_MS]]);
  });
});

describe('a lifetime of \'session\' outlives the first save of a request', () => {
  const change = async ctx => {
    ctx.session.a = 1;
    await ctx.session.save();
    ctx.session.a = 2;
  };
  test('in a cookie: _session in both, no expiry in either', async () => {
    const { setCookie } = await cookieApp(createSession, { maxAge: 'session', overwrite: false }).run(change);
    assert.deepEqual(setCookie.map(savedIn), [{ a: 1, _session: true }, { a: 2, _session: true }]);
    for (const line of setCookie) assert.doesNotMatch(line, /expires|max-age/);
  });

  test('in a store: the word is passed on each time', async () => {
    const { store, run } = storeApp(createSession, { maxAge: 'session' });
    store.memory.set('id-0', '{"a":0,"_session":true}');
    await run(change);
    assert.deepEqual(store.calls.map(([method, , second, third]) => (method === 'get' ? second : third)), ['session', 'session', 'session']);
  });

  test('unless the app sets another after it', async () => {
    const { setCookie } = await cookieApp(createSession, { maxAge: 'session', overwrite: false }).run(async ctx => {
      await change(ctx);
      await ctx.session.save();
      ctx.session.maxAge = HOUR_MS;
    });
    const last = savedIn(setCookie.at(-1));
    assert.equal(last._maxAge, HOUR_MS);
    assert.equal('_session' in last, false);
  });
});

describe('defect: externalKey is stale after regenerate()', () => {
  test('it is the new key at once, and the cookie\'s', async () => {
    const { store, run } = storeApp(createSession);
    const { result, setCookie } = await run(async ctx => {
      const { session } = ctx;
      const before = session.externalKey;
      await session.regenerate();
      return [before, session.externalKey, ctx.session === session, ctx.session._sessCtx.externalKey];
    });
    assert.deepEqual(result, ['id-0', 'id-1', true, 'id-1']);
    assert.match(setCookie.at(-1), /^koa\.sess=id-1;/);
    assert.deepEqual([...store.memory.keys()], ['id-1']);
  });
});

test('what one browser gets back is what the next request reads, through every kind of save', async () => {
  const { run } = cookieApp(createSession);
  let { setCookie } = await run(ctx => { ctx.session.n = 0; });
  for (const save of [session => session.save(), session => session.regenerate(), session => session.manuallyCommit(), () => {}]) {
    const before = cookieHeader(setCookie);
    ({ setCookie } = await run(ctx => { ctx.session.n++; return save(ctx.session); }, before));
  }
  const { result } = await run(ctx => ctx.session.n, cookieHeader(setCookie));
  assert.equal(result, 4);
});
