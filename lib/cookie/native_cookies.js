'use strict';

/**
 * Tells whether the engine may do the work of a request's `ctx.cookies`. It may if the class of the object behaves as the engine
 * does, which a probe finds out once for each class (probe.js), and if this one object was made by the app's own getter, with
 * known keys, and with no method replaced. The latter is checked for each request, because mocks come and go.
 *
 * Not seen: what sources.js cannot see, and anything that was replaced behind the class, such as the app's Keygrip class.
 */

const egg = require('./egg');
const koa = require('./koa');
const { differingRow, looksAtRequest, throwaways, writesPadding } = require('./probe');
const { isOfFramework, replacedMethod } = require('./sources');
const { describe } = require('./versions');

/**
 * @typedef {object} Dialect a family of cookies classes that write and read alike
 * @property {'egg-cookies' | 'cookies'} name
 * @property {string[]} methods the methods that a read or a write calls, directly or not
 * @property {(cookies: any) => boolean} hidesOptions whether an object does not tell which keys and defaults it was made with
 * @property {(cookies: any, defaults: any, isOfFramework: boolean) => string | null} whyUnknown the reason why no request's keys and
 *   defaults can be known; null if they can
 * @property {new (app: any, getter: Function | undefined) => Owner} Owner made with the getter of `ctx.cookies` if it is the framework's
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
 * @typedef {{ owns(ctx: any, cookies: any, isFresh: boolean): boolean }} Owner
 *
 * @typedef {{ get: Function, owner: object }} Getter of `ctx.cookies`, and the object that has it
 *
 * @typedef {object} Known a class that behaves as the engine does
 * @property {Dialect} dialect
 * @property {any} prototype
 * @property {symbol} slot where the getter of `ctx.cookies` keeps the object
 * @property {Function[]} methods
 * @property {boolean} takesPadding whether it writes a value with `=` in it; `cookies` 0.9.0 does not
 * @property {Owner} owner
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
 *
 * @typedef {(status: CookieStatus, isTurnedOff: boolean) => void} OnStudied
 */

const NO_GETTER = 'ctx.cookies is not made by a getter, as Egg and Koa make it';

/**
 * What was found out for an app's other sessions.
 *
 * @type {WeakMap<object, WeakMap<Function, WeakMap<Function, Known>>>} by app, by getter, by class
 */
const knownOfApps = new WeakMap();

class NativeCookies {
  #app;
  #isEnabled;
  #onStudied;
  /** @type {Known | undefined} the class that was studied last */
  #known = undefined;
  /** @type {WeakMap<Function, Known | null>} by class; null for a class that behaves differently */
  #studied = new WeakMap();
  /** @type {CookieStatus} of the app's own class: one that a request brings, and that is not native, leaves it alone */
  status = { native: false, family: null, class: null, reason: 'no request has shown ctx.cookies yet' };

  /**
   * @param {any} app
   * @param {string | undefined} turnedOffBy what turns the engine's cookies off, if anything does
   * @param {OnStudied} onStudied called once for each class
   */
  constructor(app, turnedOffBy, onStudied) {
    this.#app = app;
    this.#isEnabled = turnedOffBy === undefined;
    this.#onStudied = onStudied;
    const getter = findGetter(app.context, 'cookies');
    if (this.#isEnabled) this.#study(getter, undefined);
    else this.#report(tryClass(getter, undefined, app, false), `turned off by ${turnedOffBy}`);
  }

  get isEnabled() {
    return this.#isEnabled;
  }

  /** The class that was studied last, if it behaves as the engine does. */
  get known() {
    return this.#known;
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
   * @param {Getter | undefined} getter
   * @param {any} wanted the class of the request's `ctx.cookies`; undefined at start, for the class that the getter gives
   * @returns {Known | null}
   */
  #study(getter, wanted) {
    const trial = tryClass(getter, wanted, this.#app, true);
    const { constructor, known } = trial;
    // Without a class there is nothing to remember: Koa apps may define ctx.cookies later.
    if (typeof constructor !== 'function') return null;
    this.#studied.set(constructor, known);
    if (known !== null) this.#known = known;
    this.#report(trial, trial.reason);
    return known;
  }

  /** @param {Trial} trial @param {string | null} reason */
  #report({ constructor, dialect, known }, reason) {
    const name = typeof constructor === 'function' ? describe(constructor, this.#app) : null;
    const status = { native: known !== null, family: dialect ? dialect.name : null, class: name, reason };
    if (status.native || this.status.class === null) this.status = status;
    this.#onStudied(status, !this.#isEnabled);
  }
}

/**
 * Never throws. Leaves nothing behind in the app.
 *
 * @param {Getter | undefined} getter
 * @param {any} wanted
 * @param {any} app
 * @param {boolean} isEnabled false if only the class and its dialect are asked for
 * @returns {Trial}
 */
function tryClass(getter, wanted, app, isEnabled) {
  // The wanted class is the one that is remembered, whichever the getter gives: else each request would try it again.
  /** @type {Trial} */
  const trial = { constructor: wanted, dialect: undefined, known: null, reason: null };
  try {
    trial.reason = reasonAgainst(trial, getter, app, isEnabled);
  } catch {
    trial.reason = 'ctx.cookies could not be made for a trial';
  }
  return trial;
}

/**
 * @param {Trial} trial filled in as far as it goes
 * @param {Getter | undefined} getter
 * @param {any} app
 * @param {boolean} isEnabled
 * @returns {string | null} null if the class behaves as the engine does
 */
function reasonAgainst(trial, getter, app, isEnabled) {
  const wanted = trial.constructor;
  if (getter === undefined) return NO_GETTER;
  const { ctx, cookies } = throwaways(getter.get, wanted || app.ContextCookies)({});
  const constructor = cookies && cookies.constructor;
  if (typeof constructor !== 'function') return NO_GETTER;
  if (wanted !== undefined && constructor !== wanted) return 'it is not the class that the getter of ctx.cookies uses';
  trial.constructor = constructor;
  const dialect = cookies.ctx === ctx ? egg : koa;
  trial.dialect = dialect;
  if (!isEnabled) return null;
  const knownOfGetter = knownOf(app, getter.get);
  trial.known = knownOfGetter.get(constructor) || null;
  if (trial.known !== null) return null;
  const prototype = Object.getPrototypeOf(cookies);
  const slot = Object.getOwnPropertySymbols(ctx).find((symbol) => ctx[symbol] === cookies);
  if (constructor.prototype !== prototype || slot === undefined) return 'ctx.cookies is kept in an unknown way';
  const replaced = replacedMethod(constructor);
  if (replaced !== undefined) return `method ${replaced} was replaced`;
  const isOwnGetter = dialect.hidesOptions(cookies) && isOfFramework(getter.get, getter.owner, app)
    && !looksAtRequest(getter.get, constructor);
  const unknown = dialect.whyUnknown(cookies, app.config && app.config.cookies, isOwnGetter);
  if (unknown !== null) return unknown;
  const start = throwaways(getter.get, constructor);
  const row = differingRow(dialect, start);
  if (row !== undefined) return `behaves differently: ${row}`;
  const methods = dialect.methods.map((name) => prototype[name]);
  const owner = new dialect.Owner(app, isOwnGetter ? getter.get : undefined);
  trial.known = { dialect, prototype, slot, methods, takesPadding: writesPadding(start), owner };
  knownOfGetter.set(constructor, trial.known);
  return null;
}

/** @param {any} app @param {Function} getter @returns {WeakMap<Function, Known>} by class */
function knownOf(app, getter) {
  const byGetter = knownOfApps.get(app) || new WeakMap();
  const byClass = byGetter.get(getter) || new WeakMap();
  knownOfApps.set(app, byGetter.set(getter, byClass));
  return byClass;
}

/**
 * @param {any} object
 * @param {string} name
 * @returns {Getter | undefined}
 */
function findGetter(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor) return descriptor.get && { get: descriptor.get, owner };
  }
  return undefined;
}

module.exports = NativeCookies;
