'use strict';

/** Koa of one version over the package `cookies` of another: a copy of Koa whose dependency is that one. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const VERSIONS = {
  koa: ['koa214', 'koa', 'koa3'],
  cookies: ['cookies08', 'cookies090', 'cookies', 'cookies092'],
};

class KoaCopies {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-koa-'));

  /**
   * @param {string} koa name of a devDependency
   * @param {string} cookies name of a devDependency
   * @returns {{ title: string, Koa: any }}
   */
  make(koa, cookies) {
    const [source, used] = [koa, cookies].map(name => path.dirname(require.resolve(`${name}/package.json`)));
    const home = path.join(this.#folder, `${koa}-${cookies}`, 'node_modules');
    fs.cpSync(source, path.join(home, 'koa'), { recursive: true, filter: file => !file.slice(source.length).includes('node_modules') });
    const { version, dependencies } = require(path.join(source, 'package.json'));
    for (const name of Object.keys(dependencies)) {
      if (name === 'cookies') continue;
      link(folderOf(name, source), path.join(home, name));
    }
    fs.cpSync(used, path.join(home, 'cookies'), { recursive: true, filter: file => !file.slice(used.length).includes('node_modules') });
    const cookiesManifest = require(path.join(used, 'package.json'));
    for (const name of Object.keys(cookiesManifest.dependencies)) link(folderOf(name, used), path.join(home, 'cookies/node_modules', name));
    return { title: `Koa ${version} with cookies ${cookiesManifest.version}`, Koa: require(path.join(home, 'koa')) };
  }

  remove() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** @param {string} target @param {string} file */
function link(target, file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.symlinkSync(target, file, 'junction');
}

/** @param {string} name @param {string} from @returns {string} */
function folderOf(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (fs.existsSync(found)) return found;
    if (folder === path.dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

module.exports = { KoaCopies, VERSIONS };
