'use strict';

/**
 * Tells, by source text, whether a method of a cookies class or the getter of `ctx.cookies` was replaced. The text never decides which
 * version a class is.
 *
 * Not seen: a method of a class in function style that was replaced before this package was loaded, and calls through. In a bundle, also
 * one that was replaced later, but before the class was tried, by code of the bundle.
 */

const fs = require('node:fs');
const path = require('node:path');
const { filesThatExport, isOfCookies, packageOf } = require('./versions');

// The packages whose getter gives each object the app's keys and defaults.
const FRAMEWORKS = ['koa', '@eggjs/koa', 'egg'];
// Taken when this package is loaded: the methods of the classes in function style that were loaded before.
const loadedMethods = methodsOfLoaded();

/**
 * Finds a method that is not the class's own. In a class of the language, the source of each method is part of the source of
 * the class. A class in function style has to have the methods that it had when this package was loaded. If it was loaded later,
 * the source of each method has to be part of the file that has the class.
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
    // A constructor, or a field, may choose other keys for a request.
    if (!hasEmptyBody(prototype.constructor)) return 'constructor';
    prototype = parent;
  }
  const source = sourceOf(prototype.constructor);
  const known = loadedMethods.get(prototype);
  /** @type {string[] | undefined} */
  let texts;
  if (/^class\b/.test(source)) texts = [source];
  else if (known === undefined) texts = textsWith(prototype.constructor, source);
  return Object.getOwnPropertyNames(prototype).find((name) => {
    if (name === 'constructor') return false;
    const method = methodOf(prototype, name);
    if (typeof method !== 'function') return false;
    return texts ? !texts.some((text) => text.includes(sourceOf(method))) : known !== undefined && known.get(name) !== method;
  });
}

/** @param {Function} subclass @returns {boolean} whether its source is `class A extends B {}` */
function hasEmptyBody(subclass) {
  const source = sourceOf(subclass).replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
  return /^class\b[^{}]*\{\s*\}$/.test(source);
}

/**
 * @param {Function} constructor
 * @param {string} source its source
 * @returns {string[]} the files that have it. In a bundle, no module exports the class: all loaded files are searched, and the main one.
 */
function textsWith(constructor, source) {
  let files = [...filesThatExport(constructor)];
  if (files.length === 0) files = [...Object.keys(require.cache), process.argv[1] || ''];
  return files.map(textOf).filter((text) => text.includes(source));
}

/**
 * @param {Function} getter of `ctx.cookies`
 * @param {any} owner the object that has it
 * @param {any} app
 * @returns {boolean} whether it is as Koa or Egg published it. Such a getter gives each object the app's keys and defaults.
 */
function isOfFramework(getter, owner, app) {
  const source = sourceOf(getter);
  const isPublished = (/** @type {string} */ file) => {
    const { name } = packageOf(file) || {};
    return FRAMEWORKS.includes(name) && textOf(file).includes(source);
  };
  // Egg copies the getter onto the app's context, and the modules of Egg 4 are in no cache.
  const eggPaths = (app.loader && app.loader.eggPaths) || [];
  if (eggPaths.some((/** @type {string} */ folder) => isPublished(path.join(folder, 'app/extend/context.js')))) return true;
  return [...filesThatExport(owner, (file) => file.endsWith('context.js'))].some(isPublished);
}

/** @param {string} file @returns {string} '' if it cannot be read */
function textOf(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
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
    if (!loaded || !isOfCookies(file)) continue;
    for (const candidate of [loaded.exports, Object(loaded.exports).Cookies, Object(loaded.exports).default]) {
      const prototype = typeof candidate === 'function' && candidate.prototype;
      if (!prototype || typeof prototype.get !== 'function' || typeof prototype.set !== 'function') continue;
      methods.set(prototype, new Map(Object.getOwnPropertyNames(prototype).map((name) => [name, methodOf(prototype, name)])));
    }
  }
  return methods;
}

module.exports = { isOfFramework, replacedMethod };
