'use strict';

/**
 * Checks the keys of the session's cookie as early as they are known: the option `keys` at start, `app.keys` when the app begins to
 * listen, and at the first request at the latest, because a Koa app may set them late. Warns once of weak keys. No message has a key.
 */

const { hasCookie, isProtected } = require('./risks');
const { checkAgainstAppKeys, needsOwnKeys, textOf } = require('./several');
const { warn } = require('./warnings');
const { isKeygrip, problemWithKeys } = require('../engine/arguments');
const { misuse } = require('../errors');

const FEWEST_BYTES = 16;
const HOW_TO_MAKE_ONE = 'Make one with: npx egg-session-native key';
const SEALED = '`encrypt: \'sealed\'` needs the keys themselves';
/** @type {WeakSet<object>} apps whose app.keys were looked at for weak ones */
const hasToldOfKeys = new WeakSet();
const WHAT_TO_SET = 'set app.keys (in Egg `config.keys`) or the session option `keys` to an array of strings or Buffers';

class KeysCheck {
  /** @type {any} */
  #app;
  #options;
  /** True once nothing is left to check. */
  isDone = false;

  /**
   * @param {any} app
   * @param {any} options completed
   * @throws {TypeError} ERR_SESSION_KEYS for an option `keys` that cannot be keys
   */
  constructor(app, options) {
    this.#app = app;
    this.#options = options;
    if (options.keys != null) {
      this.#refuseUnusable(options.keys, 'the session option `keys`', true);
      warnOfWeakKeys(app, 'the session option `keys`', options.keys, options.as);
      this.#check();
    }
    if (!this.isDone) onListen(app, () => this.#check());
  }

  /**
   * To be called at each request until `isDone`.
   *
   * @param {() => any} keysOfRequest gives the keys that this request's `ctx.cookies` has: they may be another tenant's
   * @throws {TypeError} ERR_SESSION_KEYS
   */
  atRequest(keysOfRequest) {
    this.#check();
    if (this.isDone) return;
    // Without sealing, `ctx.cookies` itself tells that keys are missing, when it needs some.
    if (!this.#isSealing()) this.isDone = true;
    else if (problemWithKeys(valueOf(keysOfRequest), '') !== undefined) throw keysError(`${SEALED}, and there are none: ${WHAT_TO_SET}`);
  }

  /**
   * Checks the keys that are set by now, if there are any.
   *
   * @throws {TypeError} ERR_SESSION_KEYS
   */
  #check() {
    if (this.isDone) return;
    const isOwn = this.#options.keys != null;
    if (isOwn ? !needsOwnKeys(this.#options) : !takesKeys(this.#options, this.#app)) {
      this.isDone = true;
      return;
    }
    const keys = valueOf(() => this.#app.keys);
    if (keys == null) return;
    if (isOwn) checkAgainstAppKeys(this.#options, keys);
    else this.#refuseUnusable(keys, 'app.keys', false);
    this.isDone = true;
    if (isOwn || hasToldOfKeys.has(this.#app)) return;
    hasToldOfKeys.add(this.#app);
    warnOfWeakKeys(this.#app, 'app.keys', keys);
  }

  #isSealing() {
    return this.#options.encrypt === 'sealed';
  }

  /**
   * @param {any} keys
   * @param {string} name
   * @param {boolean} isOwn whether they are the session's own
   * @throws {TypeError} ERR_SESSION_KEYS
   */
  #refuseUnusable(keys, name, isOwn) {
    if (!isOwn && this.#isSealing() && isKeygrip(keys)) throw keysError(`${SEALED}, and app.keys is a Keygrip, which hides its keys: ${WHAT_TO_SET}`);
    const isStrict = isOwn || this.#isSealing();
    const problem = isStrict || !this.#canSign(keys) ? problemWithKeys(keys, name) : undefined;
    if (problem !== undefined) throw keysError(problem);
  }

  /**
   * Koa's `cookies` would fail at each signature, without a word of app.keys. Egg makes its keys of a text.
   *
   * @param {any} keys
   */
  #canSign(keys) {
    if (this.#app.ContextCookies || isKeygrip(keys)) return true;
    // All that node:crypto takes for a key.
    return Array.isArray(keys) && keys.length > 0 && Array.from(keys).every((key) => typeof key === 'string' || (typeof key === 'object' && key !== null));
  }
}

/** @param {any} options completed @param {any} app @returns {boolean} whether there is a cookie that is sealed, signed or encrypted */
function takesKeys(options, app) {
  return hasCookie(options) && isProtected(options, app);
}

/**
 * For `doctor`: at start the app may still set its keys.
 *
 * @param {any} options completed
 * @param {any} app
 * @returns {string | undefined} a sentence if the session needs keys and has none
 */
function missingKeys(options, app) {
  // Egg's ctx.cookies asks for keys in any case.
  const isNeeded = app.ContextCookies ? hasCookie(options) : takesKeys(options, app);
  if (options.keys != null || !isNeeded || valueOf(() => app.keys) != null) return undefined;
  return `no keys: unless the app gives ctx.cookies keys of their own, a request that saves a session fails: ${WHAT_TO_SET}`;
}

/** @param {string} problem */
function keysError(problem) {
  return misuse('ERR_SESSION_KEYS', `${problem}. ${HOW_TO_MAKE_ONE}`);
}

/** @param {() => any} get */
function valueOf(get) {
  try {
    return get();
  } catch {
    // Egg's `app.keys` throws where there are none.
    return undefined;
  }
}

/**
 * Koa and Egg call `app.callback()` for the server that listens.
 *
 * @param {any} app
 * @param {() => void} check
 */
function onListen(app, check) {
  const { callback } = app;
  if (typeof callback !== 'function') return;
  const own = Object.getOwnPropertyDescriptor(app, 'callback');
  /** @type {(this: any, ...args: any[]) => any} */
  const checkAndCall = function callbackOfApp(...args) {
    check();
    // Another package may have wrapped it meanwhile.
    if (app.callback === checkAndCall) {
      if (own) Object.defineProperty(app, 'callback', own);
      else delete app.callback;
    }
    return Reflect.apply(callback, this, args);
  };
  app.callback = checkAndCall;
}

/**
 * @param {any} app
 * @param {string} name
 * @param {any} keys
 * @param {string} [as]
 */
function warnOfWeakKeys(app, name, keys, as) {
  const weak = weaknesses(keys);
  if (weak.length === 0) return;
  warn(app, `weak keys: ${name} ${weak.join(', ')}. Who guesses a key can make sessions. ${HOW_TO_MAKE_ONE}`, 'SESSION_WEAK_KEYS', as);
}

/**
 * @param {any} keys a Keygrip shows none
 * @returns {string[]} what is weak about each, by its place
 */
function weaknesses(keys) {
  if (!Array.isArray(keys)) return [];
  const texts = keys.map(textOf);
  return texts.flatMap((text, i) => {
    if (text === undefined) return [];
    if (texts.indexOf(text) < i) return [`[${i}] repeats an earlier key`];
    if (text.length < FEWEST_BYTES) return [`[${i}] has fewer than ${FEWEST_BYTES} bytes`];
    return text === text[0].repeat(text.length) ? [`[${i}] repeats one character`] : [];
  });
}

module.exports = { KeysCheck, missingKeys };
