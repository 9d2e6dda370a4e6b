'use strict';

/** Copies of a cookies package with one edit each, loaded from a folder of their own. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { copyPackage } = require('./package_copy');

/**
 * @typedef {object} Edit
 * @property {string} title
 * @property {string} file of the package
 * @property {(source: string) => string} [transform] of the whole file
 * @property {string} [search] text that occurs in the file
 * @property {string} [replacement]
 */

class EditedCopies {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-edited-'));
  #serial = 0;

  /**
   * @param {string} name of the package
   * @param {string} from a folder from which it is found
   * @param {Edit} edit
   * @returns {any} what the copy exports
   */
  load(name, from, edit) {
    return require(this.#copy(name, from, edit).copy);
  }

  /**
   * @param {string} from
   * @param {Edit} edit of the package `cookies`
   * @returns {any} Koa, with the copy in place of the package
   */
  loadKoa(from, edit) {
    const { copy } = this.#copy('cookies', from, edit);
    const home = path.join(this.#folder, `koa-${this.#serial}`, 'node_modules');
    const koa = path.join(home, 'koa');
    fs.mkdirSync(home, { recursive: true });
    fs.symlinkSync(copy, path.join(home, 'cookies'), 'junction');
    copyPackage(path.dirname(require.resolve('koa/package.json', { paths: [from] })), koa, { modules: home, without: ['cookies'] });
    return require(koa);
  }

  /** @param {string} name @param {string} from @param {Edit} edit */
  #copy(name, from, { title, file, transform, search = '', replacement = '' }) {
    const source = path.dirname(require.resolve(`${name}/package.json`, { paths: [from] }));
    // Below a node_modules of the name that the package has, so that it looks like one.
    const home = path.join(this.#folder, String(++this.#serial), 'node_modules');
    const copy = path.join(home, path.basename(name));
    copyPackage(source, copy, { modules: home });
    const full = path.join(copy, file);
    const text = fs.readFileSync(full, 'utf8');
    const edited = transform ? transform(text) : text.split(search).join(replacement);
    if (edited === text) throw new Error(`The edit changes nothing: ${title}`);
    fs.writeFileSync(full, edited);
    return { home, copy };
  }

  remove() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

module.exports = { EditedCopies };
