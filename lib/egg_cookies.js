'use strict';

const { createHash } = require('node:crypto');

// SHA-256 of the class's source text, for the versions whose behaviour set_cookie.js and the engine reproduce.
const KNOWN_CLASSES = new Map([
  ['d157d4468247b84c915cc2588b64fb4f28c34fb1b3bc43d30774f24b0f1542f4', 'egg-cookies@2.10.1'],
  ['420532cbead1c99fa51b7eaa59fad351b19234bafd26afab975ef710100f6466', '@eggjs/cookies@3.1.0, CommonJS'],
  ['df1bf5baba05e5f84704a5be092a3a8823a3518c0b8ca56fcaf273feb807c34b', '@eggjs/cookies@3.1.0, ES module'],
]);

// How Egg 3 and Egg 4 make `ctx.cookies`; only then are the keys and defaults of a Cookies object known.
const EGG_GETTER = /new this\.app\.ContextCookies\(this, this\.app\.keys, this\.app\.config\.cookies\)/;
const METHODS = ['get', '_get', 'set', 'isSameSiteNoneCompatible'];

/**
 * Tells whether a ctx's `cookies` is the object that Egg made, of a class that we know, with nothing of it mocked or
 * replaced. Only then may the session's cookie be read and written without calling it.
 *
 * @typedef {{ slot: symbol, prototype: any, methods: Function[] }} Known
 */
class EggCookies {
  constructor() {
    /** @type {Known | undefined} */
    this._known = undefined;
    /** @type {WeakSet<Function>} classes that were looked at and are not known */
    this._foreign = new WeakSet();
  }

  /**
   * @param {any} ctx
   * @param {any} cookies `ctx.cookies`
   * @returns {boolean} false also where `autoChips` keeps a second cookie
   */
  made(ctx, cookies) {
    const known = this._known && this._known.prototype === Object.getPrototypeOf(cookies)
      ? this._known
      : this._study(ctx, cookies);
    if (!known || ctx[known.slot] !== cookies) return false;
    const { methods } = known;
    if (
      cookies.get !== methods[0]
      || cookies._get !== methods[1]
      || cookies.set !== methods[2]
      || cookies.isSameSiteNoneCompatible !== methods[3]
    ) {
      return false;
    }
    const defaults = ctx.app.config.cookies;
    return !(defaults && defaults.autoChips);
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
