'use strict';

/**
 * Tells whether the engine may do the work of a request's `ctx.cookies`. It may if the class of the object behaves as the engine
 * does, which a probe finds out once for each class (probe.js), and if this one object was made by the app's own getter, with
 * known keys, and with no method replaced. The latter is checked for each request, because mocks come and go.
 *
 * Not seen: a method of a class in the old function style (the package `cookies`) that was replaced before this package was loaded
 * and behaves alike, and anything that was replaced behind the class, such as the app's Keygrip class.
 */

const egg = require('./egg');
const koa = require('./koa');
const { differingRow, throwaway, writesPadding } = require('./probe');
const { describe } = require('./versions');

/**
 * @typedef {object} Dialect a family of cookies classes that write and read alike
 * @property {'egg-cookies' | 'cookies'} name
 * @property {string[]} methods the methods that a read or a write calls, directly or not
 * @property {new (app: any) => { owns(ctx: any, cookies: any, isFresh: boolean): boolean }} Owner
 * @property {boolean} takesKeygrip whether the app's keys may be a Keygrip
 * @property {(ctx: any, cookies: any) => any} keysOf the keys that `cookies` was made with
 * @property {(ctx: any, cookies: any, opts: any) => any} attributesFor the options with the defaults that `cookies` was made with
 * @property {(ctx: any) => string | undefined} headerOf
 * @property {(opts: any) => boolean} reads whether the engine reads cookies with these options
 * @property {(ctx: any) => boolean} mayKnowMoreKeys whether `cookies` may have more keys than the app
 * @property {(options: any) => import('../engine/arguments').Mode} modeOf
 * @property {(ctx: any, name: string, attributes: any) => boolean} canWrite
 * @property {(value: string) => boolean} canCarry whether every class of the family takes this value
 * @property {(ctx: any, name: string, attributes: any, seal: (suffix: string) => string[]) => number} setCookie
 * @property {(keyring: any, data: string) => string} sign
 * @property {(keyring: any, data: string, digest: string) => number} verify
 * @property {(ctx: any, name: string) => void} dropSignature
 *
 * @typedef {object} Known a class that behaves as the engine does
 * @property {Dialect} dialect
 * @property {any} prototype
 * @property {symbol} slot where the getter of `ctx.cookies` keeps the object
 * @property {Function[]} methods
 * @property {boolean} takesPadding whether it writes a value with `=` in it; `cookies` 0.9.0 does not
 * @property {{ owns(ctx: any, cookies: any, isFresh: boolean): boolean }} owner
 *
 * @typedef {object} Trial of a class
 * @property {any} constructor the class; undefined if none was found
 * @property {Dialect | undefined} dialect
 * @property {Known | null} known null if the class behaves differently
 * @property {string | null} reason why it is null
 *
 * @typedef {object} CookieStatus
 * @property {boolean} native whether session cookies are read and written by the engine
 * @property {'egg-cookies' | 'cookies' | null} family whose formats it has: Egg's or Koa's
 * @property {string | null} class the name of the class and its package's version, if it can be told
 * @property {string | null} reason why not native: an option, or the row of the probe that differs
 */

const NO_GETTER = 'ctx.cookies is not made by a getter, as Egg and Koa make it';
// Taken when this package is loaded: the methods of the classes in function style that were loaded before.
const loadedMethods = methodsOfLoaded();

class NativeCookies {
  #app;
  #isEnabled;
  #onStudied;
  /** @type {Known | undefined} the class that was studied last */
  #known = undefined;
  /** @type {WeakMap<Function, Known | null>} by class; null for a class that behaves differently */
  #studied = new WeakMap();
  /** @type {CookieStatus} */
  status = { native: false, family: null, class: null, reason: 'no request has shown ctx.cookies yet' };

  /**
   * @param {any} app
   * @param {boolean} isEnabled false where the app or the environment turns the engine's cookies off
   * @param {(status: CookieStatus) => void} onStudied called once for each class
   */
  constructor(app, isEnabled, onStudied) {
    this.#app = app;
    this.#isEnabled = isEnabled;
    this.#onStudied = onStudied;
    if (!isEnabled) this.status = { native: false, family: null, class: null, reason: 'turned off by nativeCookies or EGG_SESSION_NATIVE_COOKIES' };
    else this.#study(findGetter(app.context, 'cookies'), undefined);
  }

  /**
   * @param {any} ctx
   * @returns {Known | undefined} undefined where `ctx.cookies` has to do the work
   */
  of(ctx) {
    if (!this.#isEnabled) return undefined;
    let known = this.#known;
    const isFresh = known !== undefined && ctx[known.slot] === undefined;
    const { cookies } = ctx;
    if (known === undefined || known.prototype !== Object.getPrototypeOf(cookies)) {
      known = this.#ofClass(ctx, cookies);
      if (known === undefined) return undefined;
    }
    if (ctx[known.slot] !== cookies) return undefined;
    const { dialect, methods } = known;
    for (let i = 0; i < methods.length; i++) {
      if (cookies[dialect.methods[i]] !== methods[i]) return undefined;
    }
    return known.owner.owns(ctx, cookies, isFresh) ? known : undefined;
  }

  /**
   * @param {any} ctx
   * @param {any} cookies of a class other than the last
   * @returns {Known | undefined}
   */
  #ofClass(ctx, cookies) {
    const { constructor } = cookies;
    if (typeof constructor !== 'function' || constructor.prototype !== Object.getPrototypeOf(cookies)) return undefined;
    let known = this.#studied.get(constructor);
    if (known === undefined) known = this.#study(findGetter(ctx, 'cookies'), constructor);
    if (!known) return undefined;
    this.#known = known;
    return known;
  }

  /**
   * @param {Function | undefined} getter of `ctx.cookies`
   * @param {any} wanted the class of the request's `ctx.cookies`; undefined at start, for the class that the getter gives
   * @returns {Known | null}
   */
  #study(getter, wanted) {
    const { constructor, dialect, known, reason } = tryClass(getter, wanted, this.#app);
    // Without a class there is nothing to remember: Koa apps may define ctx.cookies later.
    if (typeof constructor !== 'function') return null;
    this.#studied.set(constructor, known);
    this.status = { native: known !== null, family: dialect ? dialect.name : null, class: describe(constructor, this.#app), reason };
    this.#onStudied(this.status);
    if (known !== null) this.#known = known;
    return known;
  }
}

/**
 * Never throws. Leaves nothing behind in the app.
 *
 * @param {Function | undefined} getter of `ctx.cookies`
 * @param {any} wanted
 * @param {any} app
 * @returns {Trial}
 */
function tryClass(getter, wanted, app) {
  // The wanted class is the one that is remembered, whichever the getter gives: else each request would try it again.
  /** @type {Trial} */
  const trial = { constructor: wanted, dialect: undefined, known: null, reason: null };
  try {
    trial.reason = reasonAgainst(trial, getter, app);
  } catch {
    trial.reason = 'ctx.cookies could not be made for a trial';
  }
  return trial;
}

/**
 * @param {Trial} trial filled in as far as it goes
 * @param {Function | undefined} getter
 * @param {any} app
 * @returns {string | null} null if the class behaves as the engine does
 */
function reasonAgainst(trial, getter, app) {
  const wanted = trial.constructor;
  if (getter === undefined) return NO_GETTER;
  const { ctx, cookies } = throwaway(getter, { ContextCookies: wanted || app.ContextCookies });
  const constructor = cookies && cookies.constructor;
  if (typeof constructor !== 'function') return NO_GETTER;
  if (wanted !== undefined && constructor !== wanted) return 'it is not the class that the getter of ctx.cookies uses';
  trial.constructor = constructor;
  const prototype = Object.getPrototypeOf(cookies);
  const dialect = typeof prototype._get === 'function' ? egg : koa;
  trial.dialect = dialect;
  const slot = Object.getOwnPropertySymbols(ctx).find((symbol) => ctx[symbol] === cookies);
  if (constructor.prototype !== prototype || slot === undefined) return 'ctx.cookies is kept in an unknown way';
  const replaced = replacedMethod(constructor);
  if (replaced !== undefined) return `method ${replaced} was replaced`;
  const made = { ContextCookies: constructor };
  const row = differingRow(dialect, getter, made);
  if (row !== undefined) return `behaves differently: ${row}`;
  const methods = dialect.methods.map((name) => prototype[name]);
  trial.known = { dialect, prototype, slot, methods, takesPadding: writesPadding(getter, made), owner: new dialect.Owner(app) };
  return null;
}

/**
 * Finds a method that is not the class's own. In a class of the language, the source of each method is part of the source of
 * the class. A class in function style has to have the methods that it had when this package was loaded.
 *
 * @param {any} constructor
 * @returns {string | undefined} its name
 */
function replacedMethod(constructor) {
  let { prototype } = constructor;
  for (;;) {
    const parent = Object.getPrototypeOf(prototype);
    if (parent === Object.prototype || parent === null) break;
    const own = Object.getOwnPropertyNames(prototype).find((name) => name !== 'constructor');
    if (own !== undefined) return own;
    prototype = parent;
  }
  const source = sourceOf(prototype.constructor);
  const isClass = /^class\b/.test(source);
  const known = loadedMethods.get(prototype);
  return Object.getOwnPropertyNames(prototype).find((name) => {
    if (name === 'constructor') return false;
    const method = methodOf(prototype, name);
    if (typeof method !== 'function') return false;
    return isClass ? !source.includes(sourceOf(method)) : known !== undefined && known.get(name) !== method;
  });
}

/** @param {object} prototype @param {string} name of an own property @returns {any} a method, or the getter of a value */
function methodOf(prototype, name) {
  const { value, get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name));
  return value || get;
}

/** @param {Function} method @returns {string} its source, whatever its own `toString` says: sinon's stubs have one */
function sourceOf(method) {
  return Function.prototype.toString.call(method);
}

/** @returns {WeakMap<object, Map<string, Function>>} by prototype */
function methodsOfLoaded() {
  const methods = new WeakMap();
  for (const [file, loaded] of Object.entries(require.cache)) {
    if (!/[\\/](?:egg-)?cookies[\\/]/.test(file) || !loaded) continue;
    for (const candidate of [loaded.exports, Object(loaded.exports).Cookies, Object(loaded.exports).default]) {
      const prototype = typeof candidate === 'function' && candidate.prototype;
      if (!prototype || typeof prototype.get !== 'function' || typeof prototype.set !== 'function') continue;
      methods.set(prototype, new Map(Object.getOwnPropertyNames(prototype).map((name) => [name, methodOf(prototype, name)])));
    }
  }
  return methods;
}

/**
 * @param {any} object
 * @param {string} name
 * @returns {Function | undefined}
 */
function findGetter(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor) return descriptor.get;
  }
  return undefined;
}

module.exports = NativeCookies;
