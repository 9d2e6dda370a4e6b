'use strict';

// The probe in Koa: a `cookies` class or a Keygrip that behaves as the engine does is served natively, whatever its text; one that
// behaves differently in anything does its own work.

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const esbuild = require('esbuild');
const Cookies = require('cookies');
const { createInstrumenter } = require('istanbul-lib-instrument');
const Keygrip = require('keygrip');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { EditedCopies } = require('../support/edited_copies');
const { spyOnEngine } = require('../support/engine_spy');
const { withoutAdvice } = require('../support/normalise');

const FILE = 'index.js';
const minified = source => esbuild.transformSync(source, { minify: true }).code;

/** @type {import('../support/edited_copies').Edit[]} */
const SAME = [
  { title: 'a comment', file: FILE, search: 'Cookies.prototype.get = function', replacement: '// A comment.\nCookies.prototype.get = function' },
  { title: 'a renamed variable', file: FILE, search: 'sigName', replacement: 'signatureName' },
  { title: 'minified', file: FILE, transform: minified },
  { title: 'http by its node: name', file: FILE, search: "require('http')", replacement: "require('node:http')" },
  { title: 'instrumented by istanbul', file: FILE, transform: source => createInstrumenter().instrumentSync(source, 'cookies.js') },
  { title: 'a class of the language', file: FILE, transform: asClass },
];

/** @type {import('../support/edited_copies').Edit[]} */
const DIFFERENT = [
  { title: 'path in capitals', file: FILE, search: '"; path="', replacement: '"; Path="' },
  { title: 'expires in capitals', file: FILE, search: '"; expires="', replacement: '"; Expires="' },
  { title: 'a max-age', file: FILE, search: 'if (this.domain   ) header', replacement: 'if (this.maxAge) header += "; max-age=" + this.maxAge / 1000\n  if (this.domain   ) header' },
  { title: 'domain behind samesite', file: FILE, transform: source => source.replace('  if (this.domain   ) header += "; domain=" + this.domain\n', '').replace('  if (this.secure   )', '  if (this.domain   ) header += "; domain=" + this.domain\n  if (this.secure   )') },
  { title: 'samesite as given', file: FILE, search: 'this.sameSite.toLowerCase()', replacement: 'this.sameSite' },
  { title: 'another default of path', file: FILE, search: 'Cookie.prototype.path = "/";', replacement: 'Cookie.prototype.path = undefined;' },
  { title: 'another default of httpOnly', file: FILE, search: 'Cookie.prototype.httpOnly = true;', replacement: 'Cookie.prototype.httpOnly = false;' },
  { title: 'another default of overwrite', file: FILE, search: 'Cookie.prototype.overwrite = false;', replacement: 'Cookie.prototype.overwrite = true;' },
  { title: 'another word for an invalid value', file: FILE, search: "'argument value is invalid'", replacement: "'no such value'" },
  { title: 'another word for secure', file: FILE, search: 'Cannot send secure cookie over unencrypted connection', replacement: 'no TLS' },
  { title: 'names that are patterns', file: FILE, search: "name.replace(REGEXP_ESCAPE_CHARS_REGEXP, '\\\\$&')", replacement: 'name' },
  { title: 'the last cookie of a name', file: FILE, search: "'(?:^|;) *' +", replacement: "'^(?:.*;)? *' +" },
  { title: 'a foreign signature kept', file: FILE, search: 'this.set(sigName, null, {path: "/", signed: false })', replacement: 'void 0' },
  { title: 'an old signature kept', file: FILE, search: 'index && this.set(sigName, this.keys.sign(data), { signed: false })', replacement: 'void 0' },
  { title: 'the value alone signed', file: FILE, search: 'this.keys.sign(cookie.toString())', replacement: 'this.keys.sign(cookie.value)' },
  { title: 'another name of the signature', file: FILE, search: '".sig"', replacement: '".signature"' },
  { title: 'lines in front', file: FILE, search: 'headers.push(cookie.toHeader())', replacement: 'headers.unshift(cookie.toHeader())' },
  { title: 'an error of its own instead of none', file: FILE, search: 'if (!opts || !signed) return value', replacement: 'if (!opts || !signed) return value\n  if (!this.get(sigName)) throw new Error("unsigned")' },
  { title: 'secure as the request is, whatever the options', file: FILE, search: '? opts.secure\n    : secure', replacement: '? secure\n    : secure' },
  { title: 'keys in reverse', file: FILE, search: 'new Keygrip(options.keys)', replacement: 'new Keygrip([].concat(options.keys).reverse())' },
];

/** Rewrites the methods of the constructor function as those of a class. @param {string} source */
function asClass(source) {
  return source.replace('function Cookies(request, response, options) {', 'class Cookies {\n  constructor(request, response, options) {')
    .replace('  if (!(this instanceof Cookies)) return new Cookies(request, response, options)\n', '')
    .replace(/\n}\n\nCookies\.prototype\.get = function\(name, opts\) \{/, '\n}\n\n  get(name, opts) {')
    .replace(/\n};\n\nCookies\.prototype\.set = function\(name, value, opts\) \{/, '\n}\n\n  set(name, value, opts) {')
    .replace('  return this\n};', '  return this\n}\n}');
}

/**
 * A Koa app that makes `ctx.cookies` as Koa does, of another class.
 * @param {any} Cookies @param {any} keys
 */
function koaWith(Cookies, keys) {
  const MADE = Symbol('made');
  const app = new Koa();
  app.silent = true;
  app.keys = keys;
  Object.defineProperty(app.context, 'cookies', {
    configurable: true,
    get() {
      return this[MADE] ??= new Cookies(this.req, this.res, { keys: this.app.keys, secure: this.request.secure });
    },
    set(cookies) {
      this[MADE] = cookies;
    },
  });
  return app;
}

/** @param {any} app @param {any} middleware @param {(ctx: any) => any} handle @param {{ cookie?: string, secure?: boolean, given?: string[], before?: (ctx: any) => void }} [request] */
async function ask(app, middleware, handle, { cookie, secure = false, given, before: prepare } = {}) {
  const req = new http.IncomingMessage(/** @type {any} */ ({ encrypted: secure, readableHighWaterMark: 16384 }));
  Object.assign(req, { method: 'GET', url: '/', headers: cookie === undefined ? {} : { cookie } });
  const ctx = app.createContext(req, new http.ServerResponse(req));
  if (given) ctx.res.setHeader('Set-Cookie', given);
  if (prepare) prepare(ctx);
  let result;
  let error;
  try {
    await middleware(ctx, async () => { result = await handle(ctx); });
  } catch (err) {
    error = err.message;
  }
  const setCookie = [].concat(ctx.res.getHeader('set-cookie') ?? []);
  return { result, error, setCookie };
}

const jarOf = ({ setCookie }) => setCookie.map(line => line.split(';')[0]).filter(pair => pair.indexOf('=') < pair.length - 1).join('; ');
const read = ctx => JSON.stringify(ctx.session);

/** @param {Function} create @param {any} Cookies */
async function story(create, Cookies) {
  const records = [];
  const spy = spyOnEngine();
  try {
    for (const options of [{}, { maxAge: 1501, path: '/x', domain: 'a.example', sameSite: 'Lax', secure: true }, { signed: false, overwrite: false }]) {
      const app = koaWith(Cookies, ['new key', 'old key']);
      const middleware = create({ key: 's', maxAge: 3600000, ...options }, app);
      const oldApp = koaWith(Cookies, ['old key']);
      const oldMiddleware = create({ key: 's', maxAge: 3600000, ...options }, oldApp);
      const note = async exchanged => {
        const record = await exchanged;
        const setCookie = record.setCookie.map(line => (/^s\.sig\w*=[^;]/.test(line) && record.setCookie.length === 1 ? line.split(';')[0] : line));
        records.push({ ...record, setCookie });
        return jarOf(record);
      };
      const secure = Boolean(options.secure);
      const cookie = await note(ask(app, middleware, ctx => { ctx.session.user = 'ünï'; }, { secure }));
      await note(ask(app, middleware, read, { cookie, secure }));
      await note(ask(app, middleware, ctx => { ctx.session.n = 12; }, { cookie, secure, given: ['s=before', 'other=1', 's.sig=old'] }));
      await note(ask(app, middleware, ctx => { ctx.session.n = 1; }, { cookie }));
      await note(ask(app, middleware, ctx => { ctx.session = null; }, { cookie, secure }));
      await note(ask(app, middleware, read, { cookie: 's=eyJhIjoxfQ==; s.sig=foreign', secure }));
      await note(ask(app, middleware, read, { cookie: 's=eyJhIjoxfQ==', secure }));
      const old = await note(ask(oldApp, oldMiddleware, ctx => { ctx.session.user = 1; }, { secure }));
      await note(ask(app, middleware, read, { cookie: old, secure }));
    }
    return { records: JSON.parse(JSON.stringify(records)), calls: spy.total() };
  } finally {
    spy.restore();
  }
}

const { now } = Date;
before(() => { Date.now = () => 1767323045678; });
after(() => { Date.now = now; });

describe('cookies 0.9.1, in copies with one edit', () => {
  const copies = new EditedCopies();
  after(() => copies.remove());

  for (const [isNative, edits] of /** @type {Array<[boolean, import('../support/edited_copies').Edit[]]>} */ ([[true, SAME], [false, DIFFERENT]])) {
    for (const edit of edits) {
      test(`${edit.title}: ${isNative ? 'the engine' : 'ctx.cookies'} does the work, and the answers are the class's own`, async () => {
        const Cookies = copies.load('cookies', __dirname, edit);
        const app = koaWith(Cookies, ['key']);
        createSession({}, app);
        const { cookies } = createSession.status(app);
        assert.equal(cookies.native, isNative, cookies.reason || 'native');
        const theirs = await story(koaSession, Cookies);
        const ours = await story(createSession, Cookies);
        assert.deepEqual(withoutAdvice(ours.records), theirs.records);
        assert.equal(ours.calls > 0, isNative, `the engine was asked ${ours.calls} times`);
      });
    }
  }
});

test('another class that a middleware puts in place is tried and reported once, and the app\'s own class stays native', async () => {
  class TenantCookies extends Cookies {}
  const lines = [];
  const app = Object.assign(new Koa(), { keys: ['a key that is not weak'], coreLogger: { info: line => lines.push(line), warn: line => lines.push(line) } });
  const middleware = createSession({ key: 's', maxAge: 3600000 }, app);
  const own = lines.splice(0);
  assert.equal(own.length, 1, own.join('\n'));
  const spy = spyOnEngine();
  try {
    const write = ctx => { ctx.session.user = 'Ann'; };
    const before = ctx => { ctx.cookies = new TenantCookies(ctx.req, ctx.res, { keys: ['a key that is not weak'], secure: false }); };
    for (let i = 0; i < 3; i++) assert.match((await ask(app, middleware, write, { before })).setCookie.join(), /^s=.*s\.sig=/);
    assert.equal(spy.total(), 0);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.equal(createSession.status(app).cookies.native, true);
    assert.match(lines[0], /by ctx\.cookies of class TenantCookies, not by the engine: it is not the class that the getter/);
    await ask(app, middleware, write);
    assert.ok(spy.total() > 0);
    assert.equal(lines.length, 1, lines.join('\n'));
  } finally {
    spy.restore();
  }
});

test('the sessions of an app share one trial of its class', () => {
  class CountedCookies extends Cookies {}
  const made = [1, 3].map(sessions => {
    let objects = 0;
    const app = koaWith(new Proxy(CountedCookies, { construct: (target, args) => (objects++, new target(...args)) }), ['key']);
    for (let i = 0; i < sessions; i++) {
      createSession(i === 0 ? {} : { as: `session${i}`, key: `key${i}` }, app);
      assert.equal(createSession.status(app, i === 0 ? undefined : `session${i}`).cookies.native, true);
    }
    return objects;
  });
  assert.ok(made[0] > 20, `${made[0]}`);
  assert.equal(made[1], made[0] + 2);
});

describe('keys of a Koa app', () => {
  const login = ctx => { ctx.session.user = 'Ann'; };

  for (const [title, make] of /** @type {Array<[string, () => any]>} */ ([
    ['strings', () => ['new', 'old']],
    ['Buffers', () => [Buffer.from('new'), Buffer.from('old')]],
    ['a Keygrip', () => new Keygrip(['new', 'old'])],
    ['a Keygrip with another digest', () => new Keygrip(['new', 'old'], 'sha256', 'hex')],
  ])) {
    test(`${title}: cookies are koa-session's, and each side reads the other's`, async () => {
      const apps = [koaSession, createSession].map(create => {
        const app = new Koa();
        app.silent = true;
        app.keys = make();
        return { app, middleware: create({ key: 's', maxAge: 3600000 }, app) };
      });
      const [theirs, ours] = await Promise.all(apps.map(({ app, middleware }) => ask(app, middleware, login)));
      assert.deepEqual(ours, theirs);
      for (const { app, middleware } of apps) assert.equal((await ask(app, middleware, read, { cookie: jarOf(ours) })).result, '{"user":"Ann"}');
      const forged = jarOf(ours).replace(/s\.sig=./, match => `${match.slice(0, -1)}${match.endsWith('A') ? 'B' : 'A'}`);
      for (const { app, middleware } of apps) {
        const { result, setCookie } = await ask(app, middleware, read, { cookie: forged });
        assert.deepEqual([result, setCookie.map(line => line.split(';')[0])], ['{}', ['s.sig=']]);
      }
    });
  }

  test('keys that the app puts on ctx.cookies after it has read the session sign', async () => {
    const written = [];
    for (const create of [koaSession, createSession]) {
      const app = new Koa();
      app.keys = ['key'];
      written.push(await ask(app, create({ key: 's', maxAge: 3600000 }, app), ctx => {
        void ctx.session.user;
        ctx.cookies.keys = new Keygrip(['tenant']);
        ctx.session.user = 'Ann';
      }));
    }
    assert.deepEqual(written[1], written[0]);
  });

  test('a tenant\'s keys, set on the request, sign and verify', async () => {
    for (const prepare of [
      ctx => { ctx.cookies.keys = new Keygrip(['tenant']); },
      ctx => { ctx.cookies = new Cookies(ctx.req, ctx.res, { keys: ['tenant'], secure: false }); },
      ctx => { ctx.cookies = new Cookies(ctx.req, ctx.res, { keys: ['key', 'tenant'], secure: false }); },
      ctx => { void ctx.cookies; ctx.app.keys = ['later']; },
      ctx => { void ctx.cookies; ctx.app.keys[0] = 'changed in place'; },
    ]) {
      const records = [];
      for (const create of [koaSession, createSession]) {
        const app = new Koa();
        app.silent = true;
        app.keys = ['key'];
        const middleware = create({ key: 's', maxAge: 3600000 }, app);
        const written = await ask(app, middleware, login, { before: prepare });
        app.keys = ['key'];
        const cookie = `s=eyJ1c2VyIjoiQW5uIn0=; s.sig=${new Keygrip(['tenant']).sign('s=eyJ1c2VyIjoiQW5uIn0=')}`;
        records.push([written, (await ask(app, middleware, read, { before: prepare, cookie })).result]);
      }
      assert.deepEqual(records[1], records[0], String(prepare));
    }
  });
});
