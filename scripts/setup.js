'use strict';

// Makes a fresh clone runnable: the dependencies of package-lock.json and the native addon. Does nothing, quickly,
// when both are up to date. Node core modules only, for it runs before anything is installed.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { buildIfChanged } = require('./build');

const ROOT = path.join(__dirname, '..');
const OLDEST_NODE = [18, 19];

/** @param {string} file */
function readJson(file) {
  return JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
}

/**
 * Whether node_modules holds what the lock file asks for. npm keeps its own record of what it installed in
 * node_modules/.package-lock.json; comparing the two needs no stamp of ours and bears with extra packages.
 */
function dependenciesAreCurrent() {
  /** @type {Record<string, { version?: string }>} */
  let installed;
  try {
    installed = readJson('node_modules/.package-lock.json').packages;
  } catch {
    return false;
  }
  return Object.entries(readJson('package-lock.json').packages).every(([where, wanted]) => {
    if (where === '') return true;
    const found = installed[where];
    return found ? found.version === wanted.version : Boolean(wanted.optional);
  });
}

function installDependencies() {
  console.log('setup: installing the dependencies of package-lock.json (npm ci)');
  // What the lock file names by its hash is never stale.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  const npmCli = process.env.npm_execpath;
  const { status } = npmCli && /npm-cli\.c?js$/.test(npmCli)
    ? spawnSync(process.execPath, [npmCli, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
    : spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('`npm ci` failed, see its message above');
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Node.js ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.version}`);
}

/**
 * @param {{ addon?: boolean }} [options] `addon: false` leaves the native addon alone
 */
function setup({ addon = true } = {}) {
  checkNode();
  if (!dependenciesAreCurrent()) installDependencies();
  if (addon) buildIfChanged();
}

/**
 * Runs a script's steps; what goes wrong is shown as one line, not as a stack.
 * @param {() => void | Promise<void>} steps
 */
async function main(steps) {
  try {
    await steps();
  } catch (err) {
    console.error(`\n${err instanceof Error ? err.message : err}`);
    process.exitCode = 1;
  }
}

module.exports = { ROOT, checkNode, setup, main };

if (require.main === module) main(() => setup());
