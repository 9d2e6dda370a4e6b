'use strict';

/** A request of Koa that fails: its session's cookie goes out with the error's answer, and with no other. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { knownSources, createEggApp } = require('../support/egg_context');
const createSession = require('../..');
const { LoggingStore } = require('../support/logging_store');
const { KOAS, read, serve, start, valueOf } = require('../support/koa_errors');
const { BrowserJar } = require('../support/session_server');

const MODES = { signed: {}, sealed: { encrypt: 'sealed' }, unsigned: { signed: false }, pieces: { encrypt: 'sealed', chunks: 3 } };

describe('a Koa app that throws', () => {
  for (const [title, koa] of Object.entries(KOAS)) {
    for (const [mode, options] of [...Object.entries(MODES), ['store', 'store']]) {
      test(`${title}, ${mode}: regenerate(), a logout and a change reach the browser`, async t => {
        const visit = await serve(t, options === 'store' ? { store: new LoggingStore() } : options, { app: new (require(koa))() });
        const jar = new BrowserJar();
        await visit(jar, start);

        const moved = await visit(jar, async ctx => {
          await ctx.session.regenerate();
          ctx.cookies.set('other', 'gone', { signed: false });
          ctx.set('X-Other', 'gone');
          throw new Error('after regenerate()');
        });
        assert.deepEqual([moved.status, moved.text, moved.headers['x-other']], [500, 'Internal Server Error', undefined]);
        assert.ok(moved.setCookie.length > 0 && moved.setCookie.every(line => line.startsWith('SESS')), String(moved.setCookie));
        assert.equal(await valueOf(visit, jar), '1');

        const counted = await visit(jar, ctx => { ctx.session.n++; ctx.throw(401, 'wrong password', { headers: { 'WWW-Authenticate': 'Basic' } }); });
        assert.deepEqual([counted.status, counted.text, counted.headers['www-authenticate']], [401, 'wrong password', 'Basic']);
        assert.equal(await valueOf(visit, jar), '2');

        await visit(jar, ctx => { ctx.session = null; throw new Error('after a logout'); });
        assert.equal(await valueOf(visit, jar), 'undefined');
      });
    }
  }

  test('an error behind the session middleware, or in a stream, does the same', async t => {
    const visit = await serve(t, {}, { outer: async (ctx, next) => { await next(); if (ctx.path === '/outer') throw new Error('outer'); } });
    const jar = new BrowserJar();
    assert.equal((await visit(jar, start, '/outer')).status, 500);
    assert.equal(await valueOf(visit, jar), '1');
    const { Readable } = require('node:stream');
    await visit(jar, ctx => {
      ctx.session.n = 7;
      ctx.body = new Readable({ read() { this.destroy(new Error('stream')); } });
    });
    assert.equal(await valueOf(visit, jar), '7');
  });

  test('one shared error for two users, in turn and at once: no answer has the other\'s cookie, and the error keeps none', async t => {
    const shared = Object.assign(new Error('shared'), { status: 403, expose: true });
    const frozen = Object.freeze(Object.assign(new Error('frozen'), { status: 403, expose: true, headers: Object.freeze({ 'X-Own': '1' }) }));
    const withHeaders = Object.assign(new Error('headers'), { status: 403, headers: { 'Set-Cookie': 'own=1', 'X-Own': '1' } });
    const accessor = Object.defineProperty(Object.assign(new Error('accessor'), { status: 403 }), 'headers', { get: () => ({ 'X-Own': '1' }), configurable: true });
    const closed = Object.preventExtensions(Object.assign(new Error('closed'), { statusCode: 403, headers: { 'X-Own': '1' } }));
    for (const error of [shared, frozen, closed, withHeaders, accessor]) {
      const before = Object.getOwnPropertyDescriptors(error);
      const visit = await serve(t, { maxAge: 3600000 });
      const fail = async ctx => {
        const user = ctx.path.slice(1);
        if (user !== 'nobody') ctx.session.user = user;
        if (user !== 'nobody') await ctx.session.save();
        await new Promise(resolve => setTimeout(resolve, 5));
        throw error;
      };
      const check = async (answer, jar) => {
        assert.equal(answer.status, 403);
        assert.equal(answer.setCookie.filter(line => line.startsWith('SESS=')).length, 1);
        assert.equal(answer.errors[0] === undefined || answer.errors[0].message === error.message, true);
        return (await visit(jar, ctx => { ctx.body = ctx.session.user; })).text;
      };
      const [ada, bob, nobody] = [new BrowserJar(), new BrowserJar(), new BrowserJar()];
      assert.equal(await check(await visit(ada, fail, '/ada'), ada), 'ada');
      assert.equal(await check(await visit(bob, fail, '/bob'), bob), 'bob');
      // Without a session's cookie, Koa's handler fails for an error that takes no status.
      if (error !== frozen && error !== closed) {
        assert.deepEqual((await visit(nobody, fail, '/nobody')).setCookie, error === withHeaders ? ['own=1'] : []);
      }
      const atOnce = Array.from({ length: 20 }, (_, i) => [`u${i}`, new BrowserJar()]);
      const answers = await Promise.all(atOnce.map(([user, jar]) => visit(jar, fail, `/${user}`)));
      for (const [i, [user, jar]] of atOnce.entries()) assert.equal(await check(answers[i], jar), user);
      for (const [name, descriptor] of Object.entries(before)) {
        assert.deepEqual(Object.getOwnPropertyDescriptor(error, name), descriptor, name);
      }
      assert.equal(JSON.stringify(Object.getOwnPropertyDescriptors(error)).includes('SESS'), false);
      assert.equal('headers' in error, error !== shared);
    }
  });

  test('listeners of `error` find the error as it was, and what they assign stays', async t => {
    const app = new (require('koa'))();
    const error = Object.assign(new Error('seen'), { headers: { 'X-Own': '1' } });
    const seen = [];
    app.on('error', err => { seen.push({ ...err.headers }); err.headers = { 'X-Later': '2' }; });
    const visit = await serve(t, {}, { app });
    const jar = new BrowserJar();
    const { headers } = await visit(jar, ctx => { start(ctx); throw error; });
    assert.deepEqual([seen, headers['x-later'], headers['x-own']], [[{ 'X-Own': '1' }], '2', undefined]);
    assert.deepEqual(error.headers, { 'X-Later': '2' });
    assert.equal(await valueOf(visit, jar), '1');
  });

  test('a decode that throws one error for all: the cookie is cleared, and the error has none', async t => {
    for (const error of [new Error('decode'), Object.freeze(new Error('frozen'))]) {
      const visit = await serve(t, { signed: false, decode() { throw error; } });
      const jar = new BrowserJar();
      await visit(jar, start);
      const { status, setCookie } = await visit(jar, read);
      assert.equal(status, 500);
      assert.deepEqual([setCookie.length, setCookie[0].split(';')[0]], [1, 'SESS=']);
      assert.equal('headers' in error, false);
      assert.equal((await visit(jar, read)).status, 200);
    }
  });

  for (const thrown of ['a string', { status: 401 }, 7]) {
    test(`${JSON.stringify(thrown)} that is thrown: the answer is Koa's, and has the cookie`, async t => {
      const jar = new BrowserJar();
      const visit = await serve(t, {});
      const { status, errors } = await visit(jar, ctx => { start(ctx); throw thrown; });
      assert.equal(await valueOf(visit, jar), '1');
      const untouched = await (await serve(t, { cookieOnError: false }))(new BrowserJar(), ctx => { start(ctx); throw thrown; });
      assert.deepEqual([status, errors.map(String)], [untouched.status, untouched.errors.map(String)]);
    });
  }

  test('null that is thrown: Koa gives no answer, and the app is told that the session was not saved', async t => {
    const app = new (require('koa'))();
    const visit = await serve(t, {}, { app });
    const told = new Promise(resolve => app.once('session:unsaved', resolve));
    // eslint-disable-next-line no-throw-literal
    await assert.rejects(visit(new BrowserJar(), ctx => { start(ctx); throw null; }), { message: 'no answer' });
    assert.equal((await told).operation, 'save');
    assert.deepEqual((await visit(new BrowserJar(), read)).setCookie, []);
  });

  test('a handler that drops the headers: session:unsaved, and not session:changed', async t => {
    const app = new (require('koa'))();
    app.context.onerror = function (err) {
      if (err == null) return;
      for (const name of this.res.getHeaderNames()) this.res.removeHeader(name);
      this.res.statusCode = 500;
      this.res.end('mine');
    };
    const visit = await serve(t, {}, { app });
    assert.deepEqual((await visit(new BrowserJar(), ctx => { start(ctx); throw new Error('mine'); })).events, ['unsaved save']);
    const store = new LoggingStore();
    const other = new (require('koa'))();
    other.context.onerror = app.context.onerror;
    const visitStore = await serve(t, { store }, { app: other });
    const jar = new BrowserJar();
    await visitStore(jar, start);
    const { events } = await visitStore(jar, ctx => { ctx.session.n = 2; throw new Error('mine'); });
    assert.deepEqual(events, ['changed'], 'in the store the change is saved, and the browser has the key');
  });

  test('a handler that keeps the headers keeps all of them, and finds the error as it was', async t => {
    const app = new (require('koa'))();
    const found = [];
    app.context.onerror = function (err) {
      if (err == null) return;
      found.push(err.headers);
      this.set(err.headers || {});
      this.body = 'mine';
      this.res.end(this.body);
    };
    const visit = await serve(t, { signed: false }, { app });
    const { setCookie, events } = await visit(new BrowserJar(), ctx => {
      start(ctx);
      ctx.cookies.set('other', '1', { signed: false });
      throw new Error('mine');
    });
    assert.deepEqual([setCookie.map(line => line.split('=')[0]), found, events], [['other', 'SESS'], [undefined], ['changed']]);
  });

  test('cookieOnError: false drops the cookie as koa-session does; without a save there is none', async t => {
    const visit = await serve(t, { cookieOnError: false });
    const jar = new BrowserJar();
    assert.deepEqual((await visit(jar, ctx => { start(ctx); throw new Error('lost'); })).setCookie, []);
    const kept = await serve(t, {});
    await kept(jar, start);
    assert.deepEqual((await kept(jar, ctx => { void ctx.session.n; throw new Error('read only'); })).setCookie, []);
    for (const cookieOnError of ['no', 1, {}]) {
      assert.throws(() => createSession({ cookieOnError }, new (require('koa'))()), { code: 'ERR_SESSION_OPTION', option: 'cookieOnError' });
    }
  });

  test('Egg: nothing is put before its own handler', async () => {
    const [[, source]] = await knownSources();
    const app = createEggApp(source);
    app.context.onerror = () => {};
    const middleware = createSession({ key: 'SESS' }, app);
    const { createContext } = require('../support/egg_context');
    const ctx = createContext(app);
    await middleware(ctx, async () => { ctx.session.n = 1; });
    assert.equal(Object.hasOwn(ctx, 'onerror'), false);
  });
});

test('an error keeps the lines that expire a former cookie, and leaves those of others out', async t => {
  const visit = await serve(t, { formerCookies: [{ key: 'OLD' }, { path: '/app' }] });
  const { setCookie } = await visit(new BrowserJar(), ctx => {
    ctx.cookies.set('OTHER', '1');
    ctx.session.user = 'ada';
    ctx.throw(401);
  });
  assert.deepEqual(setCookie.map(line => line.slice(0, line.indexOf('='))).sort(), ['OLD', 'OLD.sig', 'SESS', 'SESS', 'SESS.sig', 'SESS.sig']);
});

test('an error keeps the cookies of both sessions of an app, and its error object neither', async t => {
  const app = new (require('koa'))();
  app.keys = ['first key'];
  const visit = await serve(t, {}, { app, outer: createSession({ as: 'adminSession', key: 'ADMIN', encrypt: 'sealed' }, app) });
  const jar = new BrowserJar();
  const shared = Object.assign(new Error('shared'), { status: 403 });
  const { status, setCookie } = await visit(jar, ctx => {
    ctx.session.user = 'ada';
    ctx.adminSession.user = 'root';
    throw shared;
  });
  assert.equal(status, 403);
  assert.deepEqual(setCookie.map(line => line.slice(0, line.indexOf('='))).sort(), ['ADMIN', 'SESS', 'SESS.sig']);
  assert.equal(shared.headers, undefined);
  const after = await visit(jar, ctx => { ctx.body = `${ctx.session.user} ${ctx.adminSession.user}`; });
  assert.equal(after.text, 'ada root');
});
