'use strict';

// A cookies class is served natively if it behaves as the engine does, whatever its text; a class that behaves differently in
// anything does its own work. Either way the answers are those of koa-session with the same class.

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const esbuild = require('esbuild');
const { createInstrumenter } = require('istanbul-lib-instrument');
const koaSession = require('koa-session');
const ts = require('typescript');
const createSession = require('../..');
const { EditedCopies } = require('../support/edited_copies');
const { cookieHeader, createEggApp, exchange } = require('../support/egg_context');
const { spyOnEngine } = require('../support/engine_spy');
const { egg3 } = require('../generate/originals');

const COOKIES = 'lib/cookies.js';
const COOKIE = 'lib/cookie.js';
const KEYGRIP = 'lib/keygrip.js';

/** @param {string} source @returns {string} as nyc has it */
const instrumented = source => createInstrumenter().instrumentSync(source, 'cookies.js');

/** The class is another text, and the same in all it does. @type {import('../support/edited_copies').Edit[]} */
const SAME = [
  { title: 'a comment in the class', file: COOKIES, search: '  get(name, opts) {', replacement: '  // A comment.\n  get(name, opts) {' },
  { title: 'a comment in a method', file: COOKIES, search: 'const signed = computeSigned(opts);', replacement: 'const signed = computeSigned(opts); // signed' },
  { title: 'a renamed local variable', file: COOKIES, search: 'sigName', replacement: 'signatureName' },
  { title: 'a renamed private method', file: COOKIES, search: '_formatChipsCookieName', replacement: '_chipsName' },
  { title: 'a renamed method, so that it looks like egg-cookies 2.8', file: COOKIES, search: '_get(', replacement: '_read(' },
  { title: 'minified', file: COOKIES, transform: source => esbuild.transformSync(source, { minify: true }).code },
  { title: 'minified, with its cookie', file: COOKIE, transform: source => esbuild.transformSync(source, { minify: true }).code },
  { title: 'transpiled to functions', file: COOKIES, transform: source => ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.CommonJS } }).outputText },
  { title: 'instrumented by istanbul', file: COOKIES, transform: instrumented },
  { title: 'instrumented by istanbul, with its cookie', file: COOKIE, transform: instrumented },
  { title: 'another name of the class', file: COOKIES, transform: source => source.replace('class Cookies {', 'class EggCookies {').replace(/\bCookies\.CookieError|module\.exports = Cookies/g, text => text.replace('Cookies', 'EggCookies')) },
  { title: 'an additional method', file: COOKIES, search: '  _formatChipsCookieName(name) {', replacement: '  has(name) { return this.get(name) !== undefined; }\n\n  _formatChipsCookieName(name) {' },
  { title: 'template literals', file: COOKIE, search: "header += '; path=' + attrs.path", replacement: 'header += `; path=${attrs.path}`' },
  { title: 'crypto by its node: name', file: KEYGRIP, search: "require('crypto')", replacement: "require('node:crypto')" },
];

/** The class does something differently. @type {import('../support/edited_copies').Edit[]} */
const DIFFERENT = [
  { title: 'path in capitals', file: COOKIE, search: "'; path='", replacement: "'; Path='" },
  { title: 'httponly in capitals', file: COOKIE, search: "'; httponly'", replacement: "'; HttpOnly'" },
  { title: 'secure in capitals', file: COOKIE, search: "'; secure'", replacement: "'; Secure'" },
  { title: 'priority as given', file: COOKIE, search: 'attrs.priority.toLowerCase()', replacement: 'attrs.priority' },
  { title: 'samesite as given', file: COOKIE, search: 'attrs.sameSite.toLowerCase()', replacement: 'attrs.sameSite' },
  { title: 'no max-age', file: COOKIE, search: "header += '; max-age=' + Math.round(maxAge / 1000);", replacement: '' },
  { title: 'max-age rounded down', file: COOKIE, search: 'Math.round(maxAge / 1000)', replacement: 'Math.floor(maxAge / 1000)' },
  { title: 'domain before path', file: COOKIE, transform: source => source.replace("    if (attrs.domain) header += '; domain=' + attrs.domain;\n", '').replace('    if (attrs.path)', "    if (attrs.domain) header += '; domain=' + attrs.domain;\n    if (attrs.path)") },
  { title: 'another default of path', file: COOKIE, search: "path: '/',", replacement: 'path: undefined,' },
  { title: 'another default of httpOnly', file: COOKIE, search: 'httpOnly: true,', replacement: 'httpOnly: false,' },
  { title: 'another default of overwrite', file: COOKIE, search: 'overwrite: false,', replacement: 'overwrite: true,' },
  { title: 'another default of sameSite', file: COOKIE, search: 'sameSite: false,', replacement: "sameSite: 'lax'," },
  { title: 'another word for an invalid value', file: COOKIE, search: "'argument value is invalid'", replacement: "'the value is invalid'" },
  { title: 'another word for an invalid domain', file: COOKIE, search: "'argument option domain is invalid'", replacement: "'the domain is invalid'" },
  { title: 'line breaks in paths', file: COOKIE, search: '!this.attrs.path || fieldContentRegExp.test(this.attrs.path)', replacement: 'true' },
  { title: 'an empty value without expiry', file: COOKIE, search: 'this.attrs.expires = new Date(0);', replacement: '' },
  { title: 'another digest', file: KEYGRIP, search: "'sha256'", replacement: "'sha512'" },
  { title: 'signatures with padding', file: KEYGRIP, search: "'=': '',", replacement: "'=': '='," },
  { title: 'signatures in the alphabet of base64', file: KEYGRIP, search: "'/': '_',", replacement: "'/': '/'," },
  { title: 'another cipher', file: KEYGRIP, search: 'aes-256-cbc', replacement: 'aes-256-ctr' },
  { title: 'another derivation of the key', file: KEYGRIP, search: "createHash('md5')", replacement: "createHash('sha1')" },
  { title: 'only the first key decrypts', file: KEYGRIP, search: 'for (let i = 0; i < keys.length; i++) {\n        const value', replacement: 'for (let i = 0; i < 1; i++) {\n        const value' },
  { title: 'only the first key verifies', file: KEYGRIP, search: 'for (let i = 0; i < keys.length; i++) {\n      if (constant', replacement: 'for (let i = 0; i < 1; i++) {\n      if (constant' },
  { title: 'the last key signs', file: KEYGRIP, search: 'key = key || this.keys[0];\n\n', replacement: 'key = key || this.keys[this.keys.length - 1];\n\n' },
  { title: 'another error for secure', file: COOKIES, search: 'Cannot send secure cookie over unencrypted connection', replacement: 'No secure cookie over HTTP' },
  { title: 'the event of large cookies later', file: COOKIES, search: '> 4093', replacement: '> 4096' },
  { title: 'names that are patterns', file: COOKIES, search: "name.replace(/[-[\\]{}()*+?.,\\\\^$|#\\s]/g, '\\\\$&')", replacement: 'name' },
  { title: 'the last cookie of a name', file: COOKIES, search: "'(?:^|;) *' +", replacement: "'^(?:.*;)? *' +" },
  { title: 'a foreign signature kept', file: COOKIES, search: "this.set(sigName, null, { path: '/', signed: false, overwrite: true });", replacement: '' },
  { title: 'an old signature kept', file: COOKIES, search: 'this.set(sigName, this.keys.sign(raw), { signed: false, overwrite: true });', replacement: '' },
  { title: 'unsigned by default', file: COOKIES, search: 'return opts.signed !== false;', replacement: 'return Boolean(opts.signed) && opts.signed !== false;' },
  { title: 'defaults before options', file: COOKIES, search: 'opts = Object.assign({}, this._defaultCookieOptions, opts);', replacement: 'opts = Object.assign({}, opts, this._defaultCookieOptions);' },
  { title: 'overwrite that looks at whole lines', file: COOKIES, search: 'return cookies.filter(c => !c.startsWith(prefix));', replacement: 'return cookies.filter(c => !c.includes(prefix.slice(0, -1)));' },
  { title: 'sameSite none over HTTP', file: COOKIES, search: 'opts.secure === false || !this.secure || (userAgent && !this.isSameSiteNoneCompatible(userAgent))', replacement: 'userAgent && !this.isSameSiteNoneCompatible(userAgent)' },
  { title: 'sameSite none for any browser', file: COOKIES, search: '(userAgent && !this.isSameSiteNoneCompatible(userAgent))) {\n        // Non-secure context or Incompatible clients, don\'t send SameSite', replacement: 'false) {\n        // Non-secure context or Incompatible clients, don\'t send SameSite' },
  { title: 'secure as the request is, whatever the options', file: COOKIES, search: 'if (opts.secure === undefined) cookie.attrs.secure = this.secure;', replacement: 'cookie.attrs.secure = this.secure;' },
  { title: 'encrypted cookies are signed too', file: COOKIES, search: 'if (opts.encrypt) return false;', replacement: '' },
  { title: 'keys that are copied', file: COOKIES, search: 'this._keys = keys;', replacement: 'this._keys = keys && [...keys].reverse();' },
];

/**
 * Requests that write, read, change and end a session, with attributes, an old key and a foreign one.
 * @param {Function} create @param {any} source
 */
async function story(create, source) {
  const records = [];
  const oldApp = createEggApp(source, { keys: ['old key'] });
  const spy = spyOnEngine();
  try {
    const events = [];
    for (const options of [{ encrypt: true }, { encrypt: false, maxAge: 1501, domain: 'a.example', priority: 'High' }, { encrypt: false, signed: false, path: '/x', sameSite: 'Lax' }]) {
      const fresh = createEggApp(source, { keys: ['new key', 'old key'], cookies: { sameSite: 'none', httpOnly: false } });
      fresh.on('cookieLimitExceed', ({ name }) => events.push(name));
      const middleware = create({ key: 'S', maxAge: 3600000, ...options }, fresh);
      const before = create({ key: 'S', maxAge: 3600000, ...options }, oldApp);
      const ask = async (to, through, handle, given = {}) => {
        const { result, error, setCookie } = await exchange(to, through, handle, { secure: true, headers: { 'user-agent': 'Chrome/120.0' }, ...given });
        const resent = setCookie.map(line => (/^S\.sig=[^;]/.test(line) && setCookie.length === 1 ? line.split(';')[0] : line));
        records.push({ result, error: error && error.message, setCookie: resent });
        return cookieHeader(setCookie);
      };
      const write = ctx => { ctx.session.user = 'ünïcode'; };
      const read = ctx => JSON.stringify(ctx.session);
      const cookie = await ask(fresh, middleware, write);
      await ask(fresh, middleware, read, { headers: { cookie } });
      await ask(fresh, middleware, ctx => { ctx.session.n = 1; }, { headers: { cookie }, setCookie: ['S=before', 'other=1'], secure: false });
      await ask(fresh, middleware, ctx => { ctx.session = null; }, { headers: { cookie } });
      await ask(fresh, middleware, ctx => { ctx.session.large = 'x'.repeat(4000); });
      await ask(fresh, middleware, read, { headers: { cookie: 'S=eyJhIjoxfQ==; S.sig=foreign' } });
      if (options.encrypt) continue; // which key an encrypted cookie opens with is a listed defect
      await ask(oldApp, before, write).then(old => ask(fresh, middleware, read, { headers: { cookie: old } }));
    }
    await new Promise(resolve => setImmediate(resolve));
    return { records, events, calls: spy.total() };
  } finally {
    spy.restore();
  }
}

describe('egg-cookies, in copies with one edit', () => {
  const copies = new EditedCopies();
  const { now } = Date;
  before(() => { Date.now = () => 1767323045678; });
  after(() => {
    Date.now = now;
    copies.remove();
  });

  for (const [isNative, edits] of /** @type {Array<[boolean, import('../support/edited_copies').Edit[]]>} */ ([[true, SAME], [false, DIFFERENT]])) {
    for (const edit of edits) {
      test(`${edit.title}: ${isNative ? 'the engine' : 'ctx.cookies'} does the work, and the answers are the class's own`, async () => {
        const source = { ...egg3, Cookies: copies.load('egg-cookies', __dirname, edit) };
        const app = createEggApp(source);
        createSession({ encrypt: true }, app);
        const { cookies } = createSession.status(app);
        assert.deepEqual([cookies.native, cookies.family], [isNative, 'egg-cookies'], cookies.reason || 'native');
        const theirs = await story(koaSession, source);
        const ours = await story(createSession, source);
        assert.deepEqual(ours.records, theirs.records);
        assert.deepEqual(ours.events, theirs.events);
        assert.equal(ours.calls > 0, isNative, `the engine was asked ${ours.calls} times`);
      });
    }
  }
});
