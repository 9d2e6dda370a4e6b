'use strict';

// The programs of the release's trial, in exact versions, from the npm registry of this machine. They are kept in target/release-try for
// the next run. They are no devDependencies: 640 MB (verdaccio alone 68), which a clone would install for a command that only a release
// needs.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../platforms');
const { nodeOf } = require('../../__test__/support/node_versions');

const FOLDER = path.join(ROOT, 'target', 'release-try');

const REGISTRY = { verdaccio: '6.3.2' };
const OTHERS = {
  '@yarnpkg/cli-dist': '4.18.1',
  bun: '1.4.5',
  deno: '2.9.6',
  pnpm: '10.34.9',
  yarn: '1.22.22',
};
/** verdaccio asks for the tag `cjs`, and mirrors of the registry may have the tag `latest` only. */
const OVERRIDES = { 'node-fetch': '2.7.0' };

/** Apps take these beside the package. */
const BESIDE = {
  '@vercel/ncc': '0.45.0', esbuild: '0.28.2', jest: '30.5.2', 'node-loader': '2.1.0', vitest: '3.2.4', webpack: '5.113.0', 'webpack-cli': '6.0.1',
};

/**
 * @param {string} name of the folder
 * @param {Record<string, string>} dependencies
 * @returns {string} its node_modules
 */
function bring(name, dependencies) {
  const folder = path.join(FOLDER, name);
  const wanted = JSON.stringify({ private: true, dependencies, overrides: OVERRIDES });
  const mark = path.join(folder, 'done.json');
  if (!fs.existsSync(mark) || fs.readFileSync(mark, 'utf8') !== wanted) {
    console.log(`release:try: bringing ${Object.keys(dependencies).join(', ')} from the npm registry (once)`);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), wanted);
    const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder, encoding: 'utf8', shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`The tools could not be installed: ${stderr}`);
    fs.writeFileSync(mark, wanted);
  }
  return path.join(folder, 'node_modules');
}

/**
 * @param {string} modules
 * @param {string} name of an npm package that has one package for each system
 * @returns {string} this system's program
 */
function programOf(modules, name) {
  const scope = name === 'bun' ? '@oven' : '@deno';
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const found = fs.readdirSync(path.join(modules, scope))
    .flatMap(each => [path.join(modules, scope, each, 'bin', file), path.join(modules, scope, each, file)])
    .find(each => fs.existsSync(each));
  if (!found) throw new Error(`npm's package ${name} has no program for this system`);
  return found;
}

/** @returns {string[]} the words of verdaccio's command */
function bringRegistry() {
  return [process.execPath, path.join(bring('registry', REGISTRY), 'verdaccio', 'bin', 'verdaccio')];
}

/**
 * @typedef {object} Tools
 * @property {string[]} pnpm the words of its command
 * @property {string} yarn1 its script
 * @property {string[]} yarn4
 * @property {string} bun its program
 * @property {string} deno
 * @property {Record<number, string>} node the programs of the newest of a line
 */

/** @returns {Tools} */
function bringTools() {
  const modules = bring('apps', OTHERS);
  return {
    pnpm: [process.execPath, path.join(modules, 'pnpm', 'bin', 'pnpm.cjs')],
    yarn1: path.join(modules, 'yarn', 'bin', 'yarn.js'),
    yarn4: [process.execPath, path.join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js')],
    bun: programOf(modules, 'bun'),
    deno: programOf(modules, 'deno'),
    node: { 22: nodeOf(22), 24: nodeOf(24) },
  };
}

module.exports = { BESIDE, VERSIONS: OTHERS, bringRegistry, bringTools };
