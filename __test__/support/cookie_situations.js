'use strict';

/**
 * Ways in which `ctx.cookies` may be something else than what Egg made of its own class, and harmless ones beside them.
 *
 * @typedef {object} Situation
 * @property {string} what
 * @property {boolean} [engine] whether the engine may do the work; left out: either, as long as the outcome is right
 * @property {object} [cookies] config.cookies
 * @property {object} [options] of the session
 * @property {object} [headers]
 * @property {boolean} [resigned] an older key's signature is sent again: with which attributes is shim_rotation.test.js's matter
 * @property {(app: any, source: any) => void | (() => void)} [onApp] gives what undoes it
 * @property {(ctx: any, app: any, source: any) => void} [onContext]
 */

const JSON_BASE64 = Buffer.from('{"mocked":1}').toString('base64');
const USER_AGENT = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/79.0.1.2 Safari/537.36' };

/** Puts another value in place of an own or inherited property, and gives what undoes it. */
function replace(object, name, value) {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true, enumerable: true });
  return () => (own ? Object.defineProperty(object, name, own) : delete object[name]);
}

/** The same method, called through. */
function through(object, name) {
  const method = object[name];
  return replace(object, name, function(...args) { return method.apply(this, args); });
}

/** @type {Situation[]} */
const untouched = [
  { what: 'nothing at all', engine: true },
  { what: 'defaults for cookies in the config', engine: true, cookies: { sameSite: 'lax', domain: 'example.com', httpOnly: true } },
  { what: 'defaults that encrypt, which egg-cookies minds when it writes only', engine: true, cookies: { encrypt: true } },
  { what: 'defaults that do not sign', engine: true, cookies: { signed: false } },
  { what: 'other properties on the instance', engine: true, onContext: ctx => { ctx.cookies.mine = 1; } },
  { what: 'other cookies read and set by the app', engine: true, onContext: ctx => { ctx.cookies.get('a'); ctx.cookies.set('a', 'b'); } },
  { what: 'methods of ctx and its response mocked', engine: true, onContext: ctx => { through(ctx, 'get'); through(ctx, 'set'); through(ctx.response, 'get'); } },
  { what: 'a Cookie header that is mocked', onContext: ctx => replace(ctx, 'get', field => (field === 'cookie' ? '' : ctx.request.get(field))) },
  { what: 'an instance that says it is not secure', onContext: ctx => { ctx.cookies.secure = false; }, options: { sameSite: 'none' } },
  { what: 'a flag that lets secure cookies through', onContext: ctx => { ctx.cookies.secure = false; }, options: { secure: true, ignoreSecureError: true } },
];

/** @type {Situation[]} */
const mockedInstance = [
  { what: 'get of the instance mocked', engine: false, onContext: ctx => replace(ctx.cookies, 'get', () => JSON_BASE64) },
  { what: 'get of the instance mocked to nothing', engine: false, onContext: ctx => replace(ctx.cookies, 'get', () => undefined) },
  { what: 'get of the instance mocked to fail', engine: false, onContext: ctx => replace(ctx.cookies, 'get', () => { throw new RangeError('mocked'); }) },
  { what: 'get of the instance called through', engine: false, onContext: ctx => through(ctx.cookies, 'get') },
  { what: 'set of the instance mocked', engine: false, onContext: ctx => { ctx.noted = []; replace(ctx.cookies, 'set', (...args) => ctx.noted.push(args.slice(0, 2))); } },
  { what: 'set of the instance called through', engine: false, onContext: ctx => through(ctx.cookies, 'set') },
  { what: '_get of the instance mocked', engine: false, onContext: ctx => replace(ctx.cookies, '_get', () => JSON_BASE64) },
  { what: 'the check of user agents mocked', engine: false, options: { sameSite: 'none' }, headers: USER_AGENT, onContext: ctx => replace(ctx.cookies, 'isSameSiteNoneCompatible', () => true) },
  { what: 'the keys of the instance mocked', engine: false, onContext: ctx => replace(ctx.cookies, 'keys', {
    encrypt: text => Buffer.from(`enc ${text}`), decrypt: () => ({ value: Buffer.from(JSON_BASE64), index: 0 }), sign: () => 'signed', verify: () => 0,
  }) },
  { what: 'the prototype of the instance changed', engine: false, onContext: ctx => {
    const { cookies } = ctx;
    Object.setPrototypeOf(cookies, Object.create(Object.getPrototypeOf(cookies), { get: { value: () => JSON_BASE64 } }));
  } },
  { what: 'a mock that was undone', engine: true, onContext: ctx => { replace(ctx.cookies, 'get', () => JSON_BASE64)(); } },
];

/** @type {Situation[]} */
const anotherObject = [
  { what: 'a ctx.cookies of its own on the ctx', engine: false, onContext: (ctx, app, { Cookies }) => { replace(ctx, 'cookies', new Cookies(ctx, ['its own key'], { path: '/own' })); } },
  { what: 'another getter on the context', engine: false, onApp: (app, { Cookies }) => {
    const descriptor = Object.getOwnPropertyDescriptor(app.context, 'cookies');
    const MADE = Symbol('made');
    Object.defineProperty(app.context, 'cookies', { configurable: true, get() { return this[MADE] ??= new Cookies(this, ['another key'], { path: '/another' }); } });
    return () => Object.defineProperty(app.context, 'cookies', descriptor);
  } },
  { what: 'a subclass that changes get', engine: false, onApp: (app, { Cookies }) => replace(app, 'ContextCookies', class extends Cookies { get() { return JSON_BASE64; } }) },
  { what: 'a subclass that changes nothing', engine: true, onApp: (app, { Cookies }) => replace(app, 'ContextCookies', class extends Cookies {}) },
  { what: 'another class', engine: false, onApp: app => replace(app, 'ContextCookies', class Cookies {
    constructor(ctx) { this.ctx = ctx; }
    get() { return JSON_BASE64; }
    set(name, value) { this.ctx.set('x-set', `${name}=${value}`); }
  }) },
  { what: 'a class of the same source that is another', onApp: (app, { Cookies }) => {
    const get = Cookies.prototype.get;
    Cookies.prototype.get = function() { return JSON_BASE64; };
    return () => { Cookies.prototype.get = get; };
  }, engine: false },
];

/** @type {Situation[]} */
const patchedPrototype = ['get', 'set', '_get', 'isSameSiteNoneCompatible'].map(name => ({
  what: `${name} of the class patched`,
  engine: false,
  onApp: (app, { Cookies }) => {
    const own = Cookies.prototype[name];
    Cookies.prototype[name] = function(...args) { return own.apply(this, args); };
    return () => { Cookies.prototype[name] = own; };
  },
}));

/** @type {Situation[]} */
const configured = [
  { what: 'autoChips', engine: false, cookies: { autoChips: true }, options: { sameSite: 'none' } },
  { what: 'autoChips that is switched off after ctx.cookies was made', cookies: { autoChips: true }, options: { sameSite: 'none' },
    onContext: (ctx, app) => { void ctx.cookies; app.config.cookies = {}; } },
  { what: 'autoChips that is switched on after ctx.cookies was made', options: { sameSite: 'none' },
    onContext: (ctx, app) => { void ctx.cookies; app.config.cookies = { autoChips: true }; } },
  { what: 'other defaults after ctx.cookies was made', onContext: (ctx, app) => { void ctx.cookies; app.config.cookies = { path: '/later' }; } },
  { what: 'the defaults themselves changed after ctx.cookies was made', onContext: (ctx, app) => { void ctx.cookies; app.config.cookies.path = '/later'; } },
  { what: 'partitioned', options: { partitioned: true, sameSite: 'none' }, headers: { 'user-agent': 'Chrome/120.0' } },
  { what: 'partitioned, and the others removed', options: { partitioned: true, removeUnpartitioned: true, sameSite: 'none' }, headers: { 'user-agent': 'Chrome/120.0' } },
  { what: 'other keys', engine: true, onApp: app => replace(app, 'keys', ['other key']) },
  { what: 'a new key in front', onApp: app => replace(app, 'keys', ['new key', ...app.keys]), resigned: true },
  { what: 'keys changed in place', onApp: app => { const { keys } = app; keys.splice(0, 1); return () => { keys.unshift('key one'); }; }, resigned: true },
  { what: 'other keys after ctx.cookies was made', onContext: (ctx, app) => { void ctx.cookies; app.keys = ['later key']; } },
  { what: 'no keys', onApp: app => replace(app, 'keys', undefined) },
  { what: 'keys that are null', onApp: app => replace(app, 'keys', null) },
  { what: 'an empty list of keys', onApp: app => replace(app, 'keys', []) },
  { what: 'keys that are no list', onApp: app => replace(app, 'keys', 'key one') },
  { what: 'an empty key', onApp: app => replace(app, 'keys', ['']) },
  { what: 'a key that is a Buffer', onApp: app => replace(app, 'keys', [Buffer.from('key one'), 'key one']) },
  { what: 'a key that is no text', onApp: app => replace(app, 'keys', [7]) },
];

module.exports = { situations: { untouched, mockedInstance, anotherObject, patchedPrototype, configured } };
