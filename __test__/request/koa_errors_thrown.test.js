'use strict';

/** A request of Koa that fails with anything: no trap and no getter of the app ends the process, and the session's cookie goes out. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { KOAS, serve, start, valueOf } = require('../support/koa_errors');
const { BrowserJar } = require('../support/session_server');

describe('whatever is thrown, the answer is that of Koa without a session', () => {
  class Private extends Error {
    #headers = { 'X-Own': 'private' };
    #status = 403;
    expose = true;
    get headers() { return this.#headers; }
    get status() { return this.#status; }
    set status(value) { void value; }
    get statusCode() { return this.#status; }
  }
  class Shown extends Private {
    #isShown = true;
    constructor(message) {
      super(message);
      delete this.expose;
    }
    get expose() { return this.#isShown; }
  }
  class Derived extends Error {
    status = 403;
    user = 'ann';
    get headers() { return { 'X-Own': this.user }; }
  }
  class Inherited extends Error {
    get status() { return 403; }
    set status(value) { void value; }
  }
  Inherited.prototype.headers = { 'X-Own': 'inherited' };
  const refuse = () => { throw new Error('a trap of the app'); };
  const traps = { getOwnPropertyDescriptor: refuse, defineProperty: refuse, deleteProperty: refuse, ownKeys: refuse, isExtensible: refuse, has: refuse };
  const foreign = code => require('node:vm').runInNewContext(code);
  /** @type {Record<string, () => any>} */
  const thrown = {
    'a getter of the class that reads a private field': () => new Private('denied'),
    'a getter of the class that reads a field of the error': () => Object.assign(new Derived('denied'), { user: 'bob' }),
    'headers of the class': () => new Inherited('denied'),
    'a frozen error with getters that read private fields': () => Object.freeze(new Private('denied')),
    'a frozen error that tells by a private field whether to show its message': () => Object.freeze(new Shown('denied')),
    'a sealed error of a class with a setter': () => Object.seal(new Inherited('denied')),
    'a frozen error of another realm': () => foreign('Object.freeze(Object.create(new Error("x"), { status: { get: () => 403, set() {} }, [Symbol.toStringTag]: { value: "Error" } }))'),
    'an error of another realm': () => Object.assign(foreign('new Error("x")'), { status: 403, expose: true, headers: { 'X-Own': 'foreign' } }),
    'a property that is only a setter': () => Object.defineProperty(new Error('x'), 'headers', { set() {} }),
    'headers that cannot be configured': () => Object.defineProperty(Object.assign(new Error('x'), { status: 403 }), 'headers', { value: { 'X-Own': '1' } }),
    'a proxy whose traps throw': () => new Proxy(Object.assign(new Error('x'), { status: 403, headers: { 'X-Own': 'proxy' } }), { ...traps, set: () => true }),
    'a proxy that answers by itself': () => new Proxy(new Error('x'), { get: (target, name) => (name === 'headers' ? { 'X-Own': 'proxy' } : name === 'status' ? 403 : target[name]) }),
    'an error without a prototype of its own': () => Object.setPrototypeOf(new Error('x'), null),
    'a symbol': () => Symbol('x'),
    'a function': () => () => {},
    'an object without prototype': () => Object.assign(Object.create(null), { status: 403 }),
    'headers that are text': () => Object.assign(new Error('x'), { headers: 'ab' }),
    'two spellings of Set-Cookie': () => Object.assign(new Error('x'), { headers: { 'Set-Cookie': 'a=1', 'set-cookie': 'b=2', 'X-Own': '1' } }),
  };
  for (const [koaTitle, koa] of Object.entries(KOAS)) {
    for (const [title, make] of Object.entries(thrown)) {
      test(`${koaTitle}: ${title}`, async t => {
        const plainApp = new (require(koa))();
        plainApp.silent = true;
        plainApp.use(() => { throw make(); });
        const plainServer = http.createServer(plainApp.callback());
        await new Promise(resolve => plainServer.listen(0, '127.0.0.1', resolve));
        t.after(() => plainServer.close());
        const plain = await fetch(`http://127.0.0.1:${plainServer.address().port}/`, { headers: { connection: 'close' } });

        const visit = await serve(t, {}, { app: new (require(koa))() });
        const jar = new BrowserJar();
        const error = make();
        const isKept = Object(error) === error && typeof error !== 'function' && !require('node:util').types.isProxy(error);
        const before = isKept && Object.getOwnPropertyDescriptor(error, 'headers');
        const { status, text, headers, setCookie } = await visit(jar, ctx => { start(ctx); throw error; });
        assert.deepEqual(
          [status, text, headers['x-own'], setCookie.filter(line => !line.startsWith('SESS'))],
          [plain.status, await plain.text(), plain.headers.get('x-own') ?? undefined, plain.headers.getSetCookie()],
        );
        assert.equal(await valueOf(visit, jar), '1');
        if (isKept) assert.deepEqual(Object.getOwnPropertyDescriptor(error, 'headers'), before);
      });
    }
  }

  test('what listeners of `error` assign goes to the setter of the class', async t => {
    class WithSetter extends Error {
      #headers = {};
      get headers() { return this.#headers; }
      set headers(value) { this.#headers = value; }
    }
    const app = new (require('koa'))();
    app.on('error', err => { err.headers = { 'X-Own': 'set' }; });
    const error = new WithSetter('x');
    const { headers, setCookie } = await (await serve(t, {}, { app }))(new BrowserJar(), ctx => { start(ctx); throw error; });
    assert.deepEqual([headers['x-own'], error.headers, Object.hasOwn(error, 'headers')], ['set', { 'X-Own': 'set' }, false]);
    assert.ok(setCookie.length > 0);
  });

  test('a decode that throws a proxy, or an error whose setter throws: the app gets that error', async t => {
    class Closed extends Error { set headers(value) { throw new Error(`no ${value}`); } }
    for (const error of [new Closed('closed'), new Proxy(new Error('proxy'), { ...traps, set: refuse })]) {
      const visit = await serve(t, { signed: false, cookieOnError: false, decode() { throw error; } });
      const jar = new BrowserJar();
      await visit(jar, start);
      const { text } = await visit(jar, ctx => {
        try {
          void ctx.session;
        } catch (caught) {
          ctx.body = String(caught === error);
        }
      });
      assert.equal(text, 'true');
    }
  });
});
