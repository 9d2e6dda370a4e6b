'use strict';

/** What `doctor` reads of an app's folder: the packages that the app would load, and the line in `config/plugin`. Loads no code. */

const fs = require('node:fs');
const path = require('node:path');

const OWN_NAME = 'egg-session-native';
const NAMED = /['"`](?:[^'"`\n]*[\\/])?egg-session-native[\\/]?['"`]/;

/** Each package and those that may bring it along, so that it is found in nested node_modules too. @type {[string, string[]][]} */
const PACKAGES = [
  [OWN_NAME, []],
  ['egg', []],
  ['koa', ['@eggjs/koa', 'egg']],
  ['egg-cookies', ['egg']],
  ['@eggjs/cookies', ['egg', '@eggjs/core']],
  ['cookies', ['koa']],
  ['egg-session', ['egg']],
  ['@eggjs/session', ['egg']],
  ['koa-session', []],
];

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} folder without symbolic links
 */

/** @param {string} folder of an app @returns {Package[]} those that are found from there */
function findPackages(folder) {
  /** @type {Map<string, Package>} */
  const found = new Map();
  for (const [name, parents] of PACKAGES) {
    const starts = [folder, ...parents.map((parent) => find(parent, folder)).map((parent) => (parent ? parent.folder : folder))];
    for (const start of starts) {
      const candidate = found.get(name) || find(name, start);
      if (candidate) found.set(name, candidate);
    }
  }
  return [...found.values()];
}

/** @param {string} name @param {string} from @returns {Package | undefined} as `require` would find it, whatever its `exports` say */
function find(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    const manifest = readJSON(path.join(candidate, 'package.json'));
    if (manifest) return { name, version: String(manifest.version), folder: fs.realpathSync(candidate) };
    if (folder === path.dirname(folder)) return undefined;
  }
}

/**
 * @param {string} folder of an Egg app
 * @returns {{ pluginLines: string[], pluginOff: string[] }} the files of `config/plugin` that name this package outside of comments, by
 *   its name or by a path that ends with it, and those that turn the plugin off
 */
function findPluginLines(folder) {
  const config = path.join(folder, 'config');
  const names = isFolder(config) ? fs.readdirSync(config) : [];
  const files = names.filter((name) => /^plugin(?:\.[\w-]+)*\.(?:[cm]?js|ts)$/.test(name) && !name.endsWith('.d.ts')).map((name) => ({
    file: `config/${name}`,
    code: (readText(path.join(config, name)) || '').replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm, ''),
  }));
  return {
    pluginLines: files.filter(({ code }) => NAMED.test(code)).map(({ file }) => file),
    pluginOff: files.filter(({ code }) => isOff(code)).map(({ file }) => file),
  };
}

/** @param {string} code of `config/plugin` @returns {boolean} whether its entry `session` says so in plain words */
function isOff(code) {
  const [, entry] = /\bsession['"]?\s*[:=]\s*(\{[^{}]*\}|false\b)/.exec(code) || [];
  return entry !== undefined && (entry === 'false' || /\benable['"]?\s*:\s*false\b/.test(entry));
}

/** @param {string} folder */
function isFolder(folder) {
  return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** @param {string} file @returns {string | undefined} */
function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} file @returns {any} undefined if there is no such JSON */
function readJSON(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

module.exports = { OWN_NAME, findPackages, findPluginLines, isFolder, readJSON };
