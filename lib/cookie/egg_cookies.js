'use strict';

const { createHash } = require('node:crypto');

// SHA-256 of the class's source text, for the versions whose behaviour set_cookie.js and the engine reproduce.
const KNOWN_CLASSES = new Map([
  ['d157d4468247b84c915cc2588b64fb4f28c34fb1b3bc43d30774f24b0f1542f4', 'egg-cookies@2.10.1'],
  ['420532cbead1c99fa51b7eaa59fad351b19234bafd26afab975ef710100f6466', '@eggjs/cookies@3.1.0, CommonJS'],
  ['df1bf5baba05e5f84704a5be092a3a8823a3518c0b8ca56fcaf273feb807c34b', '@eggjs/cookies@3.1.0, ES module'],
]);

// The getter with which Egg 3 and Egg 4 make `ctx.cookies`. With another one, keys and defaults may be any.
const EGG_GETTER = /new this\.app\.ContextCookies\(this, this\.app\.keys, this\.app\.config\.cookies\)/;
const METHODS = ['get', '_get', 'set', 'isSameSiteNoneCompatible'];

/**
 * Tells whether a ctx's `cookies` is the object that Egg made, of a known class, and nothing of it is mocked or replaced. Only
 * then may the session's cookie be read and written without a call of it.
 *
 * @typedef {{ slot: symbol, prototype: any, methods: Function[] }} Known
 */
class EggCookies {
  /** @type {WeakMap<any[], object>} egg's Keygrip of an array of keys: it makes one for each array */
  #keygrips = new WeakMap();

  /** @param {any} app */
  constructor(app) {
    /** @type {Known | undefined} */
    this._known = undefined;
    /** @type {WeakSet<Function>} classes that were studied and are not known */
    this._foreign = new WeakSet();
    this._atStart = { ...(app.config && app.config.cookies) };
    this._checked = app.config && app.config.cookies;
    this._isAsAtStart = true;
  }

  /**
   * @param {any} ctx
   * @param {any} cookies `ctx.cookies`
   * @returns {boolean} false also where `autoChips` keeps a second cookie
   */
  isEggs(ctx, cookies) {
    const known = this._known && this._known.prototype === Object.getPrototypeOf(cookies)
      ? this._known
      : this._study(ctx, cookies);
    if (!known || ctx[known.slot] !== cookies || Object.hasOwn(cookies, 'keys')) return false;
    const { methods } = known;
    if (
      cookies.get !== methods[0]
      || cookies._get !== methods[1]
      || cookies.set !== methods[2]
      || cookies.isSameSiteNoneCompatible !== methods[3]
    ) {
      return false;
    }
    if (showsOptions(cookies)) return !cookies._autoChips;
    const defaults = ctx.app.config.cookies;
    return this._hasKeys(ctx.app.keys, cookies) && this._areAsAtStart(defaults) && !(defaults && defaults.autoChips);
  }

  /**
   * @param {any} ctx
   * @param {any} cookies for which `isEggs` said yes
   * @returns {any} the keys that it was made with
   */
  keysOf(ctx, cookies) {
    return showsOptions(cookies) ? cookies._keys : ctx.app.keys;
  }

  /**
   * @param {any} ctx
   * @param {any} cookies for which `isEggs` said yes
   * @returns {any} the cookie defaults that it was made with
   */
  defaultsOf(ctx, cookies) {
    return showsOptions(cookies) ? cookies._defaultCookieOptions : ctx.app.config.cookies;
  }

  /**
   * Egg 4 hides the keys that `cookies` was made with, but objects of the same keys share their Keygrip.
   *
   * @param {any} keys the app's
   * @param {any} cookies
   */
  _hasKeys(keys, cookies) {
    if (!Array.isArray(keys) || keys.length === 0) return false;
    let keygrip = this.#keygrips.get(keys);
    if (!keygrip) {
      keygrip = new cookies.constructor(cookies.ctx, keys).keys;
      this.#keygrips.set(keys, /** @type {object} */ (keygrip));
    }
    return cookies.keys === keygrip;
  }

  /**
   * Egg 4 hides the defaults too. They are the app's, unless the app replaces its defaults while it runs: then no object is
   * known.
   *
   * @param {any} defaults the app's
   */
  _areAsAtStart(defaults) {
    if (defaults !== this._checked) {
      this._checked = defaults;
      this._isAsAtStart = isShallowEqual({ ...defaults }, this._atStart);
    }
    return this._isAsAtStart;
  }

  /**
   * @param {any} ctx
   * @param {any} cookies
   * @returns {Known | undefined}
   */
  _study(ctx, cookies) {
    const { constructor } = cookies;
    if (typeof constructor !== 'function' || this._foreign.has(constructor)) return undefined;
    if (!isKnown(ctx, cookies, constructor)) {
      this._foreign.add(constructor);
      return undefined;
    }
    const slot = Object.getOwnPropertySymbols(ctx).find((symbol) => ctx[symbol] === cookies);
    if (!slot) return undefined;
    const { prototype } = constructor;
    this._known = { slot, prototype, methods: METHODS.map((name) => prototype[name]) };
    return this._known;
  }
}

/**
 * @param {any} cookies
 * @returns {boolean} whether it has its keys and defaults as properties: egg-cookies 2, not @eggjs/cookies 3
 */
function showsOptions(cookies) {
  return Object.hasOwn(cookies, '_keys');
}

/**
 * @param {any} ctx
 * @param {any} cookies
 * @param {Function} constructor
 */
function isKnown(ctx, cookies, constructor) {
  const { prototype } = constructor;
  if (prototype !== Object.getPrototypeOf(cookies) || constructor !== ctx.app.ContextCookies) return false;
  const source = String(constructor);
  return KNOWN_CLASSES.has(createHash('sha256').update(source).digest('hex'))
    && METHODS.every((name) => source.includes(String(prototype[name])))
    && EGG_GETTER.test(String(findGetter(ctx, 'cookies')));
}

/**
 * @param {any} one
 * @param {any} other
 */
function isShallowEqual(one, other) {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
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

module.exports = EggCookies;
