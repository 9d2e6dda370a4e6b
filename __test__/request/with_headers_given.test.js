'use strict';

/** `saveWithHeaders` beside headers that the app gives to `writeHead`, and an end that is told once. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const http2 = require('node:http2');
const Koa = require('koa');
const createSession = require('../..');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { BrowserJar, SessionServer, settle } = require('../support/session_server');

/** @type {Record<string, (own: string[]) => any>} forms of headers that Node takes */
const FORMS = {
  object: own => ({ 'Set-Cookie': own, 'X-Own': '1' }),
  'object, one line': ([own]) => ({ 'Set-Cookie': own, 'X-Own': '1' }),
  'object, lower case': own => ({ 'X-Own': '1', 'set-cookie': own }),
  'object, two spellings': ([one, two]) => ({ 'SET-COOKIE': one, 'X-Own': '1', ...(two && { 'Set-Cookie': two }) }),
  'array of pairs': own => [['X-Own', '1'], ...own.map(line => ['Set-cookie', line])],
  'flat array': own => ['X-Own', '1', ...own.flatMap(line => ['Set-Cookie', line])],
  'flat array, all lines in one': own => ['X-Own', '1', 'Set-Cookie', own],
};
const ANSWERS = {
  'no reason': headers => [201, headers],
  'a reason': headers => [201, 'Made', headers],
  'a reason that is undefined': headers => [201, undefined, headers],
};
const MODES = { cookie: () => ({}), store: () => ({ store: new LoggingStore() }), sealed: () => ({ encrypt: 'sealed' }) };

/** @param {import('node:test').TestContext} t */
async function serve(t, options) {
  const server = await new SessionServer({ saveWithHeaders: true, ...options }).start();
  t.after(() => server.stop());
  return server;
}

const answerWith = (args, change = () => {}) => ctx => {
  ctx.session.n = (ctx.session.n || 0) + 1;
  change(ctx);
  ctx.respond = false;
  ctx.res.writeHead(...args);
  ctx.res.end('made');
};
const names = lines => lines.map(line => line.slice(0, line.indexOf('='))).sort();

describe('headers that the app gives to writeHead', () => {
  for (const [mode, options] of Object.entries(MODES)) {
    for (const [form, make] of Object.entries(FORMS)) {
      for (const [title, args] of Object.entries(ANSWERS)) {
        test(`${mode}, ${form}, ${title}: the session's lines and the app's go out`, async t => {
          const server = await serve(t, options());
          const jar = new BrowserJar();
          const given = make(['a=1', 'b=2']);
          const copy = structuredClone(given);
          const response = await server.visit(jar, answerWith(args(given)));
          assert.deepEqual(given, copy, 'what the app holds is not changed');
          const own = form === 'object, one line' ? ['a'] : ['a', 'b'];
          const session = mode === 'sealed' ? ['koa.sess'] : ['koa.sess', 'koa.sess.sig'];
          assert.deepEqual([response.status, names(response.setCookie)], [201, [...own, ...session]]);
          assert.equal((await server.visit(jar, ctx => ctx.session.n)).result, 1);
          assert.deepEqual(server.errors, []);
        });
      }
    }
  }

  test('headers that name no Set-Cookie, none, and an empty array are as they were', async t => {
    for (const args of [[201], [201, undefined], [201, 'Made'], [201, {}], [201, []], [201, { 'X-Own': '1' }], [201, ['X-Own', '1']], [201, [['X-Own', '1']]]]) {
      const server = await serve(t, {});
      const jar = new BrowserJar();
      const { status, setCookie } = await server.visit(jar, answerWith(args));
      assert.deepEqual([status, names(setCookie)], [201, ['koa.sess', 'koa.sess.sig']]);
      assert.equal((await server.visit(jar, ctx => ctx.session.n)).result, 1);
    }
  });

  test('they replace what the app has set before, as in Node, but no line of the session', async t => {
    const server = await serve(t, { autoCommit: true });
    const jar = new BrowserJar();
    const saved = async ctx => {
      ctx.session.n = 1;
      ctx.cookies.set('replaced', '1', { signed: false });
      await ctx.session.save();
      ctx.respond = false;
      ctx.res.writeHead(200, { 'Set-Cookie': ['a=1', ...ctx.response.get('set-cookie').filter(line => line.startsWith('koa.sess='))] });
      ctx.res.end();
    };
    assert.deepEqual(names((await server.visit(jar, saved)).setCookie), ['a', 'koa.sess', 'koa.sess.sig']);
    const untouched = await server.visit(jar, ctx => { ctx.respond = false; ctx.res.writeHead(200, { 'Set-Cookie': 'a=1' }); ctx.res.end(); });
    assert.deepEqual(names(untouched.setCookie), ['a'], 'a session that is not saved has no lines');
  });

  test('a header that Node refuses is refused', async t => {
    for (const headers of [{ 'Set-Cookie': undefined }, ['Set-Cookie', 'a=1', 'X-Own']]) {
      const server = await serve(t, {});
      const { result } = await server.visit(new BrowserJar(), ctx => {
        ctx.session.n = 1;
        try {
          ctx.res.writeHead(200, headers);
        } catch (err) {
          return err.code;
        }
        return 'taken';
      });
      assert.match(result, /^ERR_(?:HTTP_INVALID_HEADER_VALUE|INVALID_ARG_VALUE)$/);
    }
  });

  test('both sessions of an app have their lines', async t => {
    const app = Object.assign(new Koa(), { keys: ['first key'] });
    app.use(createSession({ saveWithHeaders: true }, app));
    app.use(createSession({ saveWithHeaders: true, as: 'adminSession', key: 'ADMIN', encrypt: 'sealed' }, app));
    app.use(ctx => { ctx.adminSession.n = 1; answerWith([200, { 'Set-Cookie': 'a=1' }])(ctx); });
    const server = http.createServer(app.callback());
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const response = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: 'close' } });
    assert.deepEqual(names(response.headers.getSetCookie()), ['ADMIN', 'a', 'koa.sess', 'koa.sess.sig']);
  });

  test('over HTTP/2 too', async t => {
    const app = Object.assign(new Koa(), { keys: ['first key'] });
    app.use(createSession({ saveWithHeaders: true }, app));
    let args;
    app.use(ctx => answerWith(args)(ctx));
    const server = http2.createServer(app.callback());
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
    t.after(() => { client.close(); server.close(); });
    const ask = () => new Promise((resolve, reject) => {
      const request = client.request({ ':path': '/' });
      request.on('response', headers => { resolve(headers); request.close(); }).on('error', reject).end();
    });
    for (const headers of Object.values(FORMS).map(make => make(['a=1', 'b=2']))) {
      args = [201, headers];
      const answer = await ask();
      assert.deepEqual([answer[':status'], answer['x-own']], [201, '1']);
      assert.deepEqual(names(answer['set-cookie']).filter(name => name !== 'b'), ['a', 'koa.sess', 'koa.sess.sig']);
    }
    args = [201];
    assert.deepEqual(names((await ask())['set-cookie']), ['koa.sess', 'koa.sess.sig']);
  });
});

describe('an end is told once', () => {
  const carrier = told => ({
    get: () => told.key,
    set: (ctx, key) => { told.key = key; },
    remove: async ctx => { told.push(ctx.headerSent); ctx.set('X-Key', 'gone'); },
  });

  test('saveWithHeaders: externalKey.remove is called before the headers are out', async t => {
    for (const store of [new LoggingStore(), new MemoryStore()]) {
      const told = /** @type {any} */ ([]);
      const server = await serve(t, { store, externalKey: carrier(told) });
      await server.visit(new BrowserJar(), ctx => { ctx.session.n = 1; });
      let res;
      await server.visit(new BrowserJar(), ctx => { ({ res } = ctx); ctx.session = null; ctx.respond = false; ctx.res.end('bye'); });
      await settle();
      assert.deepEqual([told.slice(), res.getHeader('x-key')], [[false], 'gone']);
      assert.equal(await store.get(told.key), undefined);
    }
  });

  test('manuallyCommit(), then the automatic commit: one destroy, one remove', async t => {
    for (const saveWithHeaders of [false, true]) {
      const store = new LoggingStore();
      const told = /** @type {any} */ ([]);
      const server = await serve(t, { saveWithHeaders, store, externalKey: carrier(told) });
      await server.visit(new BrowserJar(), ctx => { ctx.session.n = 1; });
      let destroyed = 0;
      const destroy = store.destroy.bind(store);
      store.destroy = (...args) => { destroyed++; return destroy(...args); };
      await server.visit(new BrowserJar(), async ctx => { const { session } = ctx; ctx.session = null; await session.manuallyCommit(); });
      assert.deepEqual([destroyed, told.slice()], [1, [false]]);
    }
  });

  test('headers that the app replaces after manuallyCommit() get the cookie\'s end again', async t => {
    const store = new LoggingStore();
    const server = await serve(t, { saveWithHeaders: false, store });
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { ctx.session.n = 1; });
    const { setCookie } = await server.visit(jar, async ctx => {
      const { session } = ctx;
      ctx.session = null;
      await session.manuallyCommit();
      ctx.remove('set-cookie');
    });
    assert.match(setCookie[0], /^koa\.sess=;/);
  });

  test('a new session, a late save() that nobody waits for, and the automatic commit: one write, one event, no error', async t => {
    for (const store of [new LoggingStore(), new MemoryStore()]) {
      const server = await serve(t, { saveWithHeaders: false, store });
      let written = 0;
      const name = store.compareAndSet ? 'compareAndSet' : 'set';
      const write = store[name].bind(store);
      store[name] = (...args) => { written++; return write(...args); };
      await server.visit(new BrowserJar(), ctx => { ctx.respond = false; ctx.res.end('x'); ctx.session.n = 2; void ctx.session.save(); });
      for (let i = 0; i < 4; i++) await settle();
      assert.deepEqual([written, server.events.splice(0).map(([event]) => event), server.errors], [1, ['session:unsaved'], []]);
    }
  });
});
