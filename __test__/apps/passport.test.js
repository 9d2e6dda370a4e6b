'use strict';

// What passport and its like do with a session: connect-style callbacks, regenerate at login and logout so that an id
// from before is worth nothing after, save before the answer goes out.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { egg3, egg4 } = require('../generate/originals');
const { cookieHeader, createEggApp, exchange } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');

/** A connect request whose session is Koa's, as koa-passport delegates it. */
const connectRequest = ctx => Object.defineProperty({}, 'session', {
  get: () => ctx.session,
  set: value => { ctx.session = value; },
});

/** The way of passport 0.6 and later to log in. */
function logIn(request, user, done) {
  request.session.regenerate(error => {
    if (error) return done(error);
    request.session.passport = { user };
    request.session.save(failure => done(failure));
  });
}

/** And to log out. */
function logOut(request, done) {
  delete request.session.passport;
  request.session.save(error => {
    if (error) return done(error);
    request.session.regenerate(failure => done(failure));
  });
}

/** Gives what the callback was called with, once, and fails the test when it is called twice. */
function called(run, ctx, ...args) {
  return new Promise((resolve, reject) => {
    let count = 0;
    const returned = run(connectRequest(ctx), ...args, (...given) => {
      count++;
      if (count > 1) reject(new Error('called back twice'));
      setImmediate(resolve, { count, given: given.map(error => error && error.message) });
    });
    if (returned !== undefined) reject(new Error('a function with a callback returned something'));
  });
}

const WAYS = {
  'in an encrypted cookie': {},
  'in a signed cookie': { encrypt: false },
  'in a store': { store: true },
};

/** An app with a session way of its own, ids counted, and what it does to a browser. */
function appFor(create, source, options) {
  const app = createEggApp(source);
  const store = options.store ? new LoggingStore() : undefined;
  let ids = 0;
  const middleware = create({ encrypt: true, key: 'SESS', ...options, store, genid: () => `id-${++ids}` }, app);
  let cookie = '';
  return {
    store,
    get cookie() { return cookie; },
    async send(handle, withCookie = cookie) {
      const { error, result, setCookie } = await exchange(app, middleware, handle, { headers: withCookie ? { cookie: withCookie } : {} });
      if (setCookie.length > 0) cookie = cookieHeader(setCookie);
      return { error: error && error.message, result };
    },
  };
}

for (const [way, options] of Object.entries(WAYS)) {
  describe(`a login and a logout ${way}`, () => {
    const sides = [['koa-session', koaSession], ['ours', createSession]].flatMap(([who, create]) => [[who, create, egg3], [who, create, egg4]]);

    test('the user is there in the next request, and gone after the logout', async () => {
      for (const [who, create, source] of sides) {
        const app = appFor(create, source, options);
        await app.send(ctx => { ctx.session.cart = [1]; });
        const login = await app.send(ctx => called(logIn, ctx, 'ann'));
        assert.deepEqual(login, { error: undefined, result: { count: 1, given: [undefined] } }, who);
        assert.deepEqual((await app.send(ctx => [ctx.session.passport, ctx.session.cart])).result, [{ user: 'ann' }, [1]], who);
        const logout = await app.send(ctx => called(logOut, ctx));
        assert.deepEqual(logout, { error: undefined, result: { count: 1, given: [undefined] } }, who);
        assert.deepEqual((await app.send(ctx => [ctx.session.passport, ctx.session.cart])).result, [undefined, [1]], who);
      }
    });

    test('someone new can log in at once', async () => {
      for (const [who, create, source] of sides) {
        const app = appFor(create, source, options);
        await app.send(ctx => called(logIn, ctx, 'ben'));
        assert.deepEqual((await app.send(ctx => ctx.session.passport)).result, { user: 'ben' }, who);
      }
    });

    test('a user of another kind of id is kept: number 0, an object, a long text', async () => {
      for (const user of [0, { id: 7, roles: ['ä'] }, 'x'.repeat(2000)]) {
        for (const [who, create, source] of sides) {
          const app = appFor(create, source, options);
          await app.send(ctx => called(logIn, ctx, user));
          assert.deepEqual((await app.send(ctx => ctx.session.passport.user)).result, user, who);
        }
      }
    });
  });
}

describe('a login in a store', () => {
  const options = { store: true };

  test('an id from before the login is worth nothing after it, and no entry of it is left', async () => {
    for (const create of [koaSession, createSession]) {
      const app = appFor(create, egg3, options);
      await app.send(ctx => { ctx.session.visited = 1; });
      const before = app.cookie;
      assert.deepEqual([...app.store.memory.keys()], ['id-1']);
      await app.send(ctx => called(logIn, ctx, 'ann'));
      assert.notEqual(app.cookie, before);
      assert.deepEqual([...app.store.memory.keys()], ['id-2']);
      const { result } = await app.send(ctx => [ctx.session.passport, ctx.session.isNew, ctx.session.externalKey], before);
      assert.deepEqual(result, [undefined, true, 'id-3']);
    }
  });

  test('an id that an attacker made up is not taken over', async () => {
    for (const create of [koaSession, createSession]) {
      const app = appFor(create, egg3, { ...options, encrypt: false, signed: false });
      await app.send(ctx => called(logIn, ctx, 'ann'), 'SESS=fixed-by-the-attacker');
      assert.equal(app.store.memory.has('fixed-by-the-attacker'), false);
      assert.notEqual(app.cookie, 'SESS=fixed-by-the-attacker');
    }
  });

  test('the calls to the store of ours: one for each step, none after the last', async () => {
    const app = appFor(createSession, egg3, options);
    await app.send(ctx => { ctx.session.visited = 1; });
    app.store.take();
    await app.send(ctx => called(logIn, ctx, 'ann'));
    assert.deepEqual(app.store.take(), ['get id-1', 'destroy id-1', 'set id-2', 'set id-2']);
    await app.send(ctx => called(logOut, ctx));
    assert.deepEqual(app.store.take(), ['get id-2', 'set id-2', 'destroy id-2', 'set id-3']);
  });

  for (const [method, run, steps] of [
    ['destroy', logIn, 'regenerate'], ['set', logIn, 'regenerate'], ['set', logOut, 'save'], ['destroy', logOut, 'regenerate'],
  ]) {
    test(`an error of the store's ${method} reaches the callback of ${run.name} through ${steps}(cb), once`, async () => {
      for (const [who, create] of [['koa-session', koaSession], ['ours', createSession]]) {
        const app = appFor(create, egg4, { ...options, autoCommit: false });
        await app.send(async ctx => { ctx.session.visited = 1; await ctx.session.save(); });
        app.store.failures.set(method, new Error(`${method} failed`));
        const { result } = await app.send(ctx => called(run, ctx, ...(run === logIn ? ['ann'] : [])));
        assert.deepEqual(result, { count: 1, given: [`${method} failed`] }, who);
      }
    });
  }

  test('what an error leaves behind: after a failed login the user is not in the session', async () => {
    for (const create of [koaSession, createSession]) {
      const app = appFor(create, egg3, { ...options, autoCommit: false });
      await app.send(async ctx => { ctx.session.visited = 1; await ctx.session.save(); });
      app.store.failures.set('destroy', new Error('destroy failed'));
      await app.send(ctx => called(logIn, ctx, 'ann'));
      app.store.failures.clear();
      assert.deepEqual((await app.send(ctx => [ctx.session.passport, ctx.session.visited])).result, [undefined, 1]);
    }
  });
});

test('a callback that throws does not reach the session: the error is the process\'s, as with koa-session', async () => {
  for (const create of [koaSession, createSession]) {
    const app = appFor(create, egg3, {});
    const caught = new Promise(resolve => {
      const listeners = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.once('unhandledRejection', reason => {
        for (const listener of listeners) process.on('unhandledRejection', listener);
        resolve(reason.message);
      });
    });
    const { error } = await app.send(ctx => { ctx.session.save(() => { throw new Error('thrown in the callback'); }); });
    assert.equal(error, undefined);
    assert.equal(await caught, 'thrown in the callback');
  }
});
