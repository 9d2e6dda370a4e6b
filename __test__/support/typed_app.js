'use strict';

/**
 * A TypeScript app with the packed package and Egg, and in its node_modules only what npm would put there for these: what
 * this repository's devDependencies bring along, such as Egg 4's packages beside Egg 3, would hide what is missing.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const ts = require('typescript');
const { ROOT } = require('../../scripts/platforms');
const { Packed } = require('./packed');

const USAGE = path.join(ROOT, '__test__/types');

/** How apps compile. The first three give the kinds of module that Egg 4 has types for; the last is Egg 3's own tsconfig. */
const SETTINGS = {
  'CommonJS': { type: 'commonjs', options: { module: 'node16' } },
  'ES modules': { type: 'module', options: { module: 'node16' } },
  'a bundler': { type: 'module', options: { module: 'esnext', moduleResolution: 'bundler' } },
  'CommonJS of old': { type: 'commonjs', options: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true } },
};

/** @typedef {keyof typeof SETTINGS} Setting */

/**
 * @param {string} name a key of the lock file, `node_modules/…`
 * @param {Record<string, any>} installed what the lock file says of each package
 * @param {Set<string>} [found]
 * @returns {Set<string>} it and all that it depends on, by their keys
 */
function withDependencies(name, installed, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = installed[name];
  const peers = Object.keys(peerDependencies).filter(peer => peer !== 'egg' && !peerDependenciesMeta[peer]?.optional);
  for (const wanted of [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]) {
    const key = foldersUp(name).map(folder => `${folder}node_modules/${wanted}`).find(candidate => installed[candidate]);
    if (key) withDependencies(key, installed, found);
  }
  return found;
}

/** @param {string} name @returns {string[]} `a/node_modules/b` → where Node looks for what b wants */
function foldersUp(name) {
  const parts = name.split(/(?<=\/)(?=node_modules\/)/);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('').replace(/\/?$/, '/')).concat('');
}

/** Ended by `remove()`. */
class TypedApp {
  /**
   * @param {{ egg?: 'egg' | 'egg4', types?: string[], installed?: string }} [has] the folder of Egg in our node_modules, and packages
   *   of @types; or the node_modules of an app in which npm has installed all of this
   */
  constructor({ egg, types = ['node'], installed } = {}) {
    this.folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'session-types-')));
    this.types = types;
    this.modules = path.join(this.folder, 'node_modules');
    if (installed) fs.symlinkSync(installed, this.modules, 'junction');
    else this.#fill(egg, types);
  }

  /** @param {string | undefined} egg @param {string[]} types */
  #fill(egg, types) {
    const own = path.join(this.modules, 'egg-session-native');
    fs.mkdirSync(own, { recursive: true });
    const packed = new Packed();
    execFileSync('tar', ['-xzf', packed.main, '-C', own, '--strip-components=1']);
    packed.remove();

    const installed = JSON.parse(fs.readFileSync(path.join(ROOT, 'node_modules/.package-lock.json'), 'utf8')).packages;
    const keys = new Set(['co', ...types.map(name => `@types/${name}`)].map(name => `node_modules/${name}`));
    for (const root of [...keys, ...(egg ? [`node_modules/${egg}`] : [])]) {
      for (const key of withDependencies(root, installed)) keys.add(key);
    }
    for (const key of keys) {
      // What is further down comes along with the package that it lies in.
      if (key.lastIndexOf('node_modules/') === 0) this.#link(key, key === `node_modules/${egg}` ? 'egg' : key.slice('node_modules/'.length));
    }
  }

  /** @param {string} key @param {string} name */
  #link(key, name) {
    const link = path.join(this.modules, name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(ROOT, key), link, 'junction');
  }

  /**
   * @param {string[]} files of the usage folder
   * @param {Setting} setting
   * @param {object} [options] of the compiler, beside those of the setting
   * @returns {Promise<string>} what the compiler complains about in these files and in our types; empty when it does not
   */
  async compile(files, setting, options = {}) {
    const { type, options: own } = SETTINGS[setting];
    const folder = fs.mkdtempSync(path.join(this.folder, 'app-'));
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
    for (const file of files) fs.copyFileSync(path.join(USAGE, file), path.join(folder, file));
    fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
      // By the links' own paths, or what Egg imports would be looked for in our node_modules.
      compilerOptions: { strict: true, noEmit: true, preserveSymlinks: true, target: 'es2022', types: this.types, ...own, ...options },
      files,
    }));
    return complaints(folder).join('\n');
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Parsed and bound files, which apps with the same settings share: Egg's types take ten times as long as an app's own lines. */
const documents = ts.createDocumentRegistry(ts.sys.useCaseSensitiveFileNames);

/** Egg's own types do not all pass, and are not looked at. Those of its session plugin, which ours change, do. */
const NOT_OURS = /\/node_modules\/(?!(?:egg-session-native|@eggjs\/session)\/)(?!.*\/node_modules\/)/;

/**
 * @param {string} folder with a tsconfig.json
 * @returns {string[]} what `tsc -p` would complain about in the app's files, in our types and in those of Egg's session, a line each
 */
function complaints(folder) {
  const { config } = ts.readConfigFile(path.join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getCompilationSettings: () => options,
    getScriptFileNames: () => fileNames,
    getScriptVersion: () => '1',
    getScriptSnapshot: name => (ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(ts.sys.readFile(name)) : undefined),
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  }, documents);
  const program = service.getProgram();
  const judged = program.getSourceFiles().filter(file => !NOT_OURS.test(file.fileName) && !program.isSourceFileDefaultLibrary(file));
  const found = [...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...judged.flatMap(file => ts.getPreEmitDiagnostics(program, file))];
  const host = { getCurrentDirectory: () => folder, getCanonicalFileName: name => name, getNewLine: () => '\n' };
  return ts.sortAndDeduplicateDiagnostics(found).map(each => ts.formatDiagnostic(each, host).trim().replace(/\n\s*/g, ' '));
}

module.exports = { TypedApp, SETTINGS };
