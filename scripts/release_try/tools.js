'use strict';

// The programs of the release's trial, in exact versions, from the npm registry of this machine. They are kept in target/release-tools for
// the next run. They are no devDependencies: 640 MB, which a clone would install for a command that only a release needs.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../platforms');

const FOLDER = path.join(ROOT, 'target', 'release-tools');
const MODULES = path.join(FOLDER, 'node_modules');

const SYSTEM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const MANIFEST = {
  private: true,
  dependencies: {
    '@yarnpkg/cli-dist': '4.18.1',
    bun: '1.4.5',
    deno: '2.9.6',
    node22: `npm:node-${SYSTEM}@22.23.3`,
    node24: `npm:node-${SYSTEM}@24.21.0`,
    pnpm: '10.34.9',
    verdaccio: '6.3.2',
    yarn: '1.22.22',
  },
  // verdaccio asks for the tag `cjs`, and mirrors of the registry may have the tag `latest` only.
  overrides: { 'node-fetch': '2.7.0' },
};

/** Apps take these beside the package. */
const BESIDE = {
  '@vercel/ncc': '0.45.0', esbuild: '0.28.2', jest: '30.5.2', 'node-loader': '2.1.0', vitest: '3.2.4', webpack: '5.113.0', 'webpack-cli': '6.0.1',
};

/** @param {string} name @returns {string} this system's program of an npm package that has one package for each system */
function programOf(name) {
  const scope = name === 'bun' ? '@oven' : '@deno';
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const found = fs.readdirSync(path.join(MODULES, scope))
    .flatMap(each => [path.join(MODULES, scope, each, 'bin', file), path.join(MODULES, scope, each, file)])
    .find(each => fs.existsSync(each));
  if (!found) throw new Error(`npm's package ${name} has no program for this system`);
  return found;
}

/**
 * @typedef {object} Tools the words of each command
 * @property {string[]} verdaccio
 * @property {string[]} pnpm
 * @property {string} yarn1 its script
 * @property {string[]} yarn4
 * @property {() => string[]} bun
 * @property {() => string[]} deno
 * @property {Record<number, string>} node the newest of a line
 */

/** @returns {Tools} */
function bringTools() {
  const wanted = JSON.stringify(MANIFEST, null, 2);
  const mark = path.join(FOLDER, 'done.json');
  if (!fs.existsSync(mark) || fs.readFileSync(mark, 'utf8') !== wanted) {
    console.log('release:try: bringing verdaccio, pnpm, yarn, bun, deno and two versions of Node from the npm registry (once)');
    fs.rmSync(FOLDER, { recursive: true, force: true });
    fs.mkdirSync(FOLDER, { recursive: true });
    fs.writeFileSync(path.join(FOLDER, 'package.json'), wanted);
    const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: FOLDER, encoding: 'utf8', shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`The tools could not be installed: ${stderr}`);
    fs.writeFileSync(mark, wanted);
  }
  const script = (/** @type {string[]} */ ...words) => [process.execPath, path.join(MODULES, ...words)];
  const node = (/** @type {number} */ major) => path.join(MODULES, `node${major}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return {
    verdaccio: script('verdaccio', 'bin', 'verdaccio'),
    pnpm: script('pnpm', 'bin', 'pnpm.cjs'),
    yarn1: path.join(MODULES, 'yarn', 'bin', 'yarn.js'),
    yarn4: script('@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
    bun: () => [programOf('bun')],
    deno: () => [programOf('deno')],
    node: { 22: node(22), 24: node(24) },
  };
}

module.exports = { BESIDE, VERSIONS: MANIFEST.dependencies, bringTools };
