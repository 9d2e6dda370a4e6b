'use strict';

/**
 * The two pairs of packages whose cookies we must read and write: Egg 3's and Egg 4's.
 * Everything here is the originals' own code, loaded from node_modules; nothing is re-implemented.
 */

const path = require('node:path');

/**
 * @typedef {object} Original
 * @property {string} writer Names and versions, as recorded in the golden file.
 * @property {any} Cookies The class behind `ctx.cookies` in Egg.
 * @property {any} Keygrip
 * @property {() => PropertyDescriptor} cookiesProperty How Egg itself makes `ctx.cookies`.
 * @property {string} eggPath The folder that Egg's loader has for Egg itself.
 * @property {(opts: object, app: object) => Function} createSession
 * @property {{ encode: (body: unknown) => string, decode: (value: string) => unknown }} codec
 */

/** @param {string} name @param {string} alias */
function label(name, alias = name) {
  // @eggjs/cookies and koa-session 7 do not export their manifest's path the same way: read it from the directory.
  const manifest = path.join(packageDirectory(alias), 'package.json');
  return `${name} ${require(manifest).version}`;
}

/** @param {string} alias */
function packageDirectory(alias) {
  const entry = require.resolve(alias);
  const marker = path.join('node_modules', ...alias.split('/'));
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length);
}

/** @param {string} alias @param {string} file A module that the package does not export. */
function internal(alias, file) {
  const loaded = require(path.join(packageDirectory(alias), file));
  return loaded.default || loaded;
}

/** @param {object} owner @param {string} name */
function propertyOf(owner, name) {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (!descriptor) throw new Error(`no property ${name}`);
  return descriptor;
}

/** @type {Original} */
const egg3 = {
  writer: `${label('koa-session')} with ${label('egg-cookies')}`,
  Cookies: require('egg-cookies'),
  Keygrip: internal('egg-cookies', 'lib/keygrip.js'),
  cookiesProperty: () => propertyOf(internal('egg', 'app/extend/context.js'), 'cookies'),
  eggPath: packageDirectory('egg'),
  createSession: require('koa-session'),
  codec: internal('koa-session', 'lib/util.js'),
};

/** @type {Original} */
const egg4 = {
  writer: `${label('koa-session', 'koa-session7')} with ${label('@eggjs/cookies')}`,
  Cookies: require('@eggjs/cookies').Cookies,
  Keygrip: internal('@eggjs/cookies', 'dist/commonjs/keygrip.js').Keygrip,
  cookiesProperty: () => propertyOf(internal('egg4', 'dist/commonjs/app/extend/context.js').prototype, 'cookies'),
  eggPath: path.join(packageDirectory('egg4'), 'dist/commonjs'),
  createSession: require('koa-session7').createSession,
  codec: internal('koa-session7', 'dist/commonjs/util.js'),
};

/** What each mode's name means in the options of the originals. */
const MODE_OPTIONS = Object.freeze({
  encrypted: Object.freeze({ encrypt: true, signed: true }),
  signed: Object.freeze({ encrypt: false, signed: true }),
  plain: Object.freeze({ encrypt: false, signed: false }),
});

module.exports = { egg3, egg4, originals: [egg3, egg4], MODE_OPTIONS };
