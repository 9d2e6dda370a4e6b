'use strict';

/** Koa of one version over the package `cookies` of another: a copy of Koa whose dependency is that one. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { copyPackage } = require('./package_copy');

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
    const { version } = copyPackage(source, path.join(home, 'koa'), { modules: home, without: ['cookies'] });
    const other = copyPackage(used, path.join(home, 'cookies'), { modules: path.join(home, 'cookies/node_modules') });
    return { title: `Koa ${version} with cookies ${other.version}`, Koa: require(path.join(home, 'koa')) };
  }

  remove() {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

module.exports = { KoaCopies, VERSIONS };
