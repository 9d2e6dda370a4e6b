'use strict';

/** Finds the package of a class: the nearest package.json above the file that exports it. The log names it. */

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {Function} constructor
 * @param {any} app
 * @returns {string} `egg-cookies 2.10.1`, or the name of the class if its package cannot be told
 */
function describe(constructor, app) {
  try {
    // Looked for among a few files first: an app has loaded a thousand.
    const file = firstOf(filesThatExport(constructor, (name) => name.includes('cookies'))) || firstOf(filesThatExport(constructor));
    const manifest = packageOf(file || moduleOfEgg(constructor, app));
    if (manifest) return `${manifest.name} ${manifest.version}`;
  } catch {
    // The name of the class is enough.
  }
  return `class ${constructor.name || '(anonymous)'}`;
}

/**
 * @param {any} value a class, or another object
 * @param {(file: string) => boolean} [isWanted] by the path; the others are not looked into
 * @returns {Generator<string, void>} the files of the modules that export it. An ES module is not among them.
 */
function* filesThatExport(value, isWanted = () => true) {
  for (const file of Object.keys(require.cache)) {
    if (isWanted(file) && exportsIt(file, value)) yield file;
  }
}

/**
 * @param {string} file its path, or what a bundler has for one
 * @returns {boolean} whether it is in a folder of `cookies`, `egg-cookies` or `@eggjs/cookies`
 */
function isOfCookies(file) {
  return file.includes('cookies') && /[\\/](?:egg-)?cookies[\\/]/.test(file);
}

/** @param {Generator<string, void>} files @returns {string | undefined} */
function firstOf(files) {
  return files.next().value || undefined;
}

/**
 * @param {string | undefined} file
 * @returns {any} the nearest package.json that has a name and a version
 */
function packageOf(file) {
  for (let folder = file && path.dirname(file); folder && folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (!fs.existsSync(manifest)) continue;
    const read = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    if (read.name && read.version) return read;
  }
  return undefined;
}

/**
 * An ES module is in no cache. Egg 4 has its class from the package that its own folder finds.
 *
 * @param {Function} constructor
 * @param {any} app
 * @returns {string | undefined}
 */
function moduleOfEgg(constructor, app) {
  const framework = app && app.options && app.options.framework;
  if (typeof framework !== 'string' || constructor !== app.ContextCookies || constructor.name !== 'Cookies') return undefined;
  return require.resolve('@eggjs/cookies/package.json', { paths: [framework] });
}

/**
 * @param {string} file of a module
 * @param {any} value
 */
function exportsIt(file, value) {
  const loaded = require.cache[file];
  if (!loaded) return false;
  const exported = loaded.exports;
  if (exported === value) return true;
  if (typeof exported !== 'object' || exported === null || !isOfCookies(file)) return false;
  return exported.Cookies === value || exported.default === value;
}

module.exports = { describe, filesThatExport, isOfCookies, packageOf };
