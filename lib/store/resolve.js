'use strict';

/** Turns what an app sets as `app.sessionStore` into an object with `get`, `set` and `destroy`. */

const co = require('co');
const { assertMethods, STORE_METHODS } = require('../errors');

/**
 * Generator methods are replaced by async ones on the store itself, so that the app can call them too.
 *
 * @param {any} store an object, or a class that takes the app
 * @param {any} app
 * @returns {any}
 * @throws {import('node:assert').AssertionError} if a method is missing
 */
function resolveStore(store, app) {
  const resolved = typeof store === 'function' ? new store(app) : store;
  assertMethods(resolved, 'store', STORE_METHODS);
  for (const method of STORE_METHODS) {
    if (isGeneratorFunction(resolved[method])) resolved[method] = co.wrap(resolved[method]);
  }
  return resolved;
}

/** @param {any} value */
function isGeneratorFunction(value) {
  return Object.prototype.toString.call(value) === '[object GeneratorFunction]';
}

module.exports = { resolveStore };
