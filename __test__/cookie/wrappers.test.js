'use strict';

// Tracers and test tools wrap get and set of a cookies class and call through. Whenever they do it, they see each read and each
// write of the session's cookie, once.

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const esbuild = require('esbuild');
const Koa = require('koa');
const Cookies = require('cookies');
const { mm, restore } = require('mm');
const shimmer = require('shimmer');
const sinon = require('sinon');
const koaSession = require('koa-session');
const createSession = require('../..');
const { cookieHeader, createEggApp } = require('../support/egg_context');
const { egg3, egg4 } = require('../generate/originals');

/** Each wraps a method, notes the names of the cookies asked for, and gives what undoes it. */
const TOOLS = {
  sinon: (prototype, method, note) => {
    const original = prototype[method];
    const stub = sinon.stub(prototype, method).callsFake(function(...args) {
      note(method, args[0]);
      return original.apply(this, args);
    });
    return () => stub.restore();
  },
  mm: (prototype, method, note) => {
    const original = prototype[method];
    mm(prototype, method, function(...args) {
      note(method, args[0]);
      return original.apply(this, args);
    });
    return () => restore();
  },
  shimmer: (prototype, method, note) => {
    shimmer.wrap(prototype, method, original => function(...args) {
      note(method, args[0]);
      return original.apply(this, args);
    });
    return () => shimmer.unwrap(prototype, method);
  },
};

const FAMILIES = [
  { title: 'Egg 3', Class: egg3.Cookies, make: () => createEggApp(egg3), options: { encrypt: true } },
  { title: 'Egg 4', Class: egg4.Cookies, make: () => createEggApp(egg4), options: { encrypt: true } },
  { title: 'Koa', Class: Cookies, make: () => Object.assign(new Koa(), { keys: ['key'] }), options: {} },
];

/** @param {any} app @param {any} middleware @param {(ctx: any) => any} handle @param {string} [cookie] */
async function ask(app, middleware, handle, cookie) {
  const req = new http.IncomingMessage(/** @type {any} */ ({ readableHighWaterMark: 16384 }));
  Object.assign(req, { method: 'GET', url: '/', headers: cookie ? { cookie } : {} });
  const ctx = app.createContext(req, new http.ServerResponse(req));
  await middleware(ctx, async () => handle(ctx));
  return cookieHeader([].concat(ctx.res.getHeader('set-cookie') ?? []));
}

for (const { title, Class, make, options } of FAMILIES) {
  describe(title, () => {
    for (const [tool, wrap] of Object.entries(TOOLS)) {
      for (const when of ['before the middleware is made', 'before the first request', 'after the first request']) {
        test(`${tool}, ${when}: called once for a read and once for a write, as by koa-session`, async () => {
          const seen = [];
          for (const create of [koaSession, createSession]) {
            const calls = [];
            const undone = [];
            const install = () => {
              for (const method of ['get', 'set']) undone.push(wrap(Class.prototype, method, (...call) => calls.push(call.join(' '))));
            };
            try {
              if (when.includes('middleware')) install();
              const app = make();
              const middleware = create({ key: 's', maxAge: 3600000, ...options }, app);
              if (when === 'before the first request') install();
              const cookie = await ask(app, middleware, ctx => { ctx.session.n = 1; });
              if (when.includes('after')) install();
              calls.length = 0;
              await ask(app, middleware, ctx => ctx.session.n, cookie);
              const read = calls.splice(0).filter(call => call === 'get s');
              await ask(app, middleware, ctx => { ctx.session.n = 2; }, cookie);
              const write = calls.splice(0).filter(call => / s$/.test(call));
              undone.splice(0).forEach(undo => undo());
              await ask(app, middleware, ctx => ctx.session.n, cookie);
              seen.push({ read, write, after: calls });
            } finally {
              undone.forEach(undo => undo());
            }
          }
          assert.deepEqual(seen[0], { read: ['get s'], write: ['get s', 'set s'], after: [] });
          assert.deepEqual(seen[1], seen[0]);
        });
      }
    }
  });
}

describe('a class in function style that is loaded after this package', () => {
  /** @returns {any} a Koa app and its class of `cookies`, both loaded anew */
  function loadKoa() {
    const [cookies, context, koa] = ['cookies', 'koa/lib/context', 'koa'].map(name => require.resolve(name));
    const loaded = [cookies, context, koa].map(file => [file, require.cache[file]]);
    for (const [file] of loaded) delete require.cache[file];
    try {
      return { Class: require(cookies), Koa: require(koa) };
    } finally {
      // The modules that the other tests have.
      after(() => loaded.forEach(([file, module]) => { require.cache[file] = module; }));
    }
  }

  test('it is native in a bundle, too', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-bundle-'));
    after(() => fs.rmSync(folder, { recursive: true, force: true }));
    for (const minify of [false, true]) {
      const outfile = path.join(folder, `koa-${minify}.js`);
      esbuild.buildSync({ entryPoints: [require.resolve('koa')], bundle: true, minify, platform: 'node', outfile });
      const start = () => {
        const app = Object.assign(new (require(outfile))(), { keys: ['key'] });
        createSession({ key: 's' }, app);
        return { app, status: createSession.status(app).cookies };
      };
      const { app, status } = start();
      assert.deepEqual(status.reason, null);
      const req = new http.IncomingMessage(/** @type {any} */ ({ readableHighWaterMark: 16384 }));
      const { cookies } = app.createContext(req, new http.ServerResponse(req));
      const undo = TOOLS.shimmer(Object.getPrototypeOf(cookies), 'set', () => {});
      assert.match(start().status.reason, /method set was replaced/);
      undo();
    }
  });

  test('it is native as it came, and a wrapper from before the middleware is called, once for a read and once for a write', async () => {
    const { Class, Koa: LateKoa } = loadKoa();
    const start = () => {
      const app = Object.assign(new LateKoa(), { keys: ['key'] });
      return { app, middleware: createSession({ key: 's', maxAge: 3600000 }, app) };
    };
    assert.equal(createSession.status(start().app).cookies.native, true);
    for (const wrap of Object.values(TOOLS)) {
      const calls = [];
      const undone = ['get', 'set'].map(method => wrap(Class.prototype, method, (...call) => calls.push(call.join(' '))));
      try {
        const { app, middleware } = start();
        calls.length = 0;
        await ask(app, middleware, ctx => { ctx.session.n = 1; }, 's=a');
        assert.deepEqual(calls, ['get s', 'get s.sig', 'set s']);
        assert.match(createSession.status(app).cookies.reason, /method get was replaced/);
      } finally {
        undone.forEach(undo => undo());
      }
    }
  });
});

test('turned off by its option or the environment, ctx.cookies does all the work, and the log and the status say so', async () => {
  for (const [env, options, switchedBy] of [
    [undefined, { nativeCookies: false }, 'nativeCookies: false'],
    ['0', {}, 'EGG_SESSION_NATIVE_COOKIES=0'],
    ['off', {}, 'EGG_SESSION_NATIVE_COOKIES=off'],
  ]) {
    if (env) process.env.EGG_SESSION_NATIVE_COOKIES = env;
    try {
      const lines = [];
      const app = Object.assign(createEggApp(egg3), { coreLogger: { info: line => lines.push(line), warn: line => lines.push(`warning: ${line}`) } });
      const middleware = createSession({ key: 's', encrypt: true, ...options }, app);
      const status = createSession.status(app).cookies;
      assert.equal(status.native, false);
      assert.equal(status.reason, `turned off by ${switchedBy}`);
      assert.deepEqual(lines, [
        `[egg-session-native] engine: ${createSession.engine.name}; session cookies are read and written by ctx.cookies of egg-cookies 2.10.1: turned off by ${switchedBy}`,
      ]);
      const calls = [];
      const undo = TOOLS.shimmer(egg3.Cookies.prototype, 'set', (...call) => calls.push(call.join(' ')));
      try {
        await ask(app, middleware, ctx => { ctx.session.n = 1; });
      } finally {
        undo();
      }
      assert.deepEqual(calls, ['set s']);
    } finally {
      delete process.env.EGG_SESSION_NATIVE_COOKIES;
    }
  }
  assert.throws(() => createSession({ nativeCookies: 'no' }, createEggApp(egg3)), { code: 'ERR_SESSION_OPTION', option: 'nativeCookies' });
});

test('`encrypt: true` in Koa is warned of once, also where native cookies are turned off; in Egg never', () => {
  for (const [make, options, expected] of [
    [FAMILIES[2].make, { encrypt: true }, 1],
    [FAMILIES[2].make, { encrypt: true, nativeCookies: false }, 1],
    [FAMILIES[2].make, { encrypt: 'sealed', nativeCookies: false }, 0],
    [FAMILIES[0].make, { encrypt: true }, 0],
    [FAMILIES[1].make, { encrypt: true, nativeCookies: false }, 0],
  ]) {
    const warnings = [];
    const app = Object.assign(make(), { coreLogger: { info() {}, warn: line => warnings.push(line) } });
    createSession({ key: 's', ...options }, app);
    assert.equal(warnings.filter(line => /`encrypt: true` has no effect in Koa/.test(line)).length, expected, JSON.stringify(options));
  }
});
