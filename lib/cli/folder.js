'use strict';

/** What `doctor` reads of an app's folder: the packages that the app would load, and the line in `config/plugin`. Loads no code. */

const fs = require('node:fs');
const path = require('node:path');

const OWN_NAME = 'egg-session-native';

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
 * @returns {string[]} the files of `config/plugin` that name this package outside of comments
 */
function findPluginLines(folder) {
  const config = path.join(folder, 'config');
  const names = isFolder(config) ? fs.readdirSync(config) : [];
  return names.filter((name) => /^plugin(?:\.[\w-]+)*\.(?:[cm]?js|ts)$/.test(name) && !name.endsWith('.d.ts'))
    .filter((name) => {
      const code = (readText(path.join(config, name)) || '').replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm, '');
      return /['"`]egg-session-native['"`]/.test(code);
    })
    .map((name) => `config/${name}`);
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
