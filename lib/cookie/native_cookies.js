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
 * @property {string} name
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
 * @typedef {object} CookieStatus
 * @property {boolean} native whether session cookies are read and written by the engine
 * @property {'egg-cookies' | 'cookies' | null} family whose formats it has: Egg's or Koa's
 * @property {string | null} class the name of the class and its package's version, if it can be told
 * @property {string | null} reason why not native: an option, or the row of the probe that differs
 */

// Taken when this package is loaded: the methods of the classes in function style that were loaded before.
const loadedMethods = methodsOfLoaded();

class NativeCookies {
  #app;
  #isEnabled;
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
    this.onStudied = onStudied;
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
   * Never throws. Leaves nothing behind in the app.
   *
   * @param {Function | undefined} getter of `ctx.cookies`
   * @param {any} wanted the class that the getter has to give; undefined for any
   * @returns {Known | null}
   */
  #study(getter, wanted) {
    let constructor;
    /** @type {Dialect | undefined} */
    let dialect;
    /** @type {Known | null} */
    let known = null;
    let reason = 'ctx.cookies is not made by a getter, as Egg and Koa make it';
    try {
      const { ContextCookies } = this.#app;
      const sample = getter && throwaway(getter, { ContextCookies: wanted || ContextCookies });
      constructor = sample && sample.cookies && sample.cookies.constructor;
      if (sample && typeof constructor === 'function' && (wanted === undefined || constructor === wanted)) {
        const prototype = Object.getPrototypeOf(sample.cookies);
        dialect = typeof prototype._get === 'function' ? egg : koa;
        const slot = Object.getOwnPropertySymbols(sample.ctx).find((symbol) => sample.ctx[symbol] === sample.cookies);
        const replaced = replacedMethod(constructor);
        if (constructor.prototype !== prototype || slot === undefined) reason = 'ctx.cookies is kept in an unknown way';
        else if (replaced !== undefined) reason = `method ${replaced} was replaced`;
        else {
          const row = differingRow(dialect, /** @type {Function} */ (getter), { ContextCookies: constructor });
          reason = row === undefined ? '' : `behaves differently: ${row}`;
          const methods = dialect.methods.map((name) => prototype[name]);
          const takesPadding = writesPadding(/** @type {Function} */ (getter), { ContextCookies: constructor });
          if (row === undefined) known = { dialect, prototype, slot, methods, takesPadding, owner: new dialect.Owner(this.#app) };
        }
      }
    } catch {
      reason = 'ctx.cookies could not be made for a trial';
    }
    const studied = constructor || wanted;
    // Without a class there is nothing to remember: Koa apps may define ctx.cookies later.
    if (typeof studied === 'function') {
      this.#studied.set(studied, known);
      const family = dialect ? /** @type {'cookies'} */ (dialect.name) : null;
      this.status = { native: known !== null, family, class: describe(studied, this.#app), reason: known ? null : reason };
      this.onStudied(this.status);
    }
    if (known !== null) this.#known = known;
    return known;
  }
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
    const { value, get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name));
    const method = value || get;
    if (typeof method !== 'function') return false;
    return isClass ? !source.includes(sourceOf(method)) : known !== undefined && known.get(name) !== method;
  });
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
      methods.set(prototype, new Map(Object.getOwnPropertyNames(prototype).map((name) => {
        const { value, get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name));
        return [name, value || get];
      })));
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
