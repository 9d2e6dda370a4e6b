'use strict';

const assert = require('node:assert');

const co = require('co');

const METHODS = ['get', 'set', 'destroy'];

/**
 * Makes of what an app sets as `app.sessionStore` an object with `get`, `set` and `destroy`. Generator methods are
 * replaced by async ones on the store itself, so that the app can call them too.
 *
 * @param {any} store an object, or a class that takes the app
 * @param {any} app
 * @returns {any}
 * @throws {assert.AssertionError} when a method is missing
 */
function resolveStore(store, app) {
  const resolved = typeof store === 'function' ? new store(app) : store;
  for (const method of METHODS) {
    assert(typeof resolved[method] === 'function', `store.${method} must be function`);
  }
  for (const method of METHODS) {
    if (isGeneratorFunction(resolved[method])) resolved[method] = co.wrap(resolved[method]);
  }
  return resolved;
}

/** @param {any} value */
function isGeneratorFunction(value) {
  return Object.prototype.toString.call(value) === '[object GeneratorFunction]';
}

module.exports = { resolveStore };
