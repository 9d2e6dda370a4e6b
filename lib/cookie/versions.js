'use strict';

/** Names the package of a class, for the log: the nearest package.json above the file that exports it. */

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {Function} constructor
 * @param {any} app
 * @returns {string} `egg-cookies 2.10.1`, or the name of the class if its package cannot be told
 */
function describe(constructor, app) {
  try {
    const file = Object.keys(require.cache).find((name) => exportsIt(/** @type {NodeModule} */ (require.cache[name]), constructor))
      || moduleOfEgg(constructor, app);
    for (let folder = file && path.dirname(file); folder && folder !== path.dirname(folder); folder = path.dirname(folder)) {
      const manifest = path.join(folder, 'package.json');
      if (!fs.existsSync(manifest)) continue;
      const { name, version } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
      if (name && version) return `${name} ${version}`;
    }
  } catch {
    // The name of the class is enough.
  }
  return `class ${constructor.name || '(anonymous)'}`;
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
 * @param {NodeModule | undefined} loaded
 * @param {Function} constructor
 */
function exportsIt(loaded, constructor) {
  if (!loaded) return false;
  const exported = loaded.exports;
  if (exported === constructor) return true;
  if (typeof exported !== 'object' || exported === null || !/[\\/](?:egg-|@eggjs[\\/])?cookies[\\/]/.test(loaded.filename)) return false;
  return exported.Cookies === constructor || exported.default === constructor;
}

module.exports = { describe };
