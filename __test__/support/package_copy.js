'use strict';

/** A copy of an installed package in a folder of a test, with links to what it depends on. */

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} source the package's folder
 * @param {string} copy where it goes
 * @param {{ modules: string, without?: string[] }} links `modules`: the node_modules that gets the links; `without`: dependencies
 *   that get none
 * @returns {any} its package.json
 */
function copyPackage(source, copy, { modules, without = [] }) {
  fs.cpSync(source, copy, { recursive: true, filter: file => !file.slice(source.length).includes('node_modules') });
  const manifest = require(path.join(source, 'package.json'));
  for (const name of Object.keys(manifest.dependencies || {})) {
    if (without.includes(name)) continue;
    const link = path.join(modules, name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(folderOf(name, source), link, 'junction');
  }
  return manifest;
}

/** @param {string} name @param {string} from @returns {string} the folder of a package, whose package.json `exports` may hide */
function folderOf(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (fs.existsSync(path.join(found, 'package.json'))) return found;
    if (folder === path.dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

module.exports = { copyPackage };
