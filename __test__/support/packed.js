'use strict';

/**
 * The package as it is published: packed once for a run of `npm test`, with stand-ins for the platforms that were not built
 * here, so that npm finds all it asks for and has to choose.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { packAll, tarballOf } = require('../../scripts/pack');
const { ROOT, platforms } = require('../../scripts/platforms');

/** @returns {import('../../scripts/platforms').Platform} this machine's */
function ownPlatform() {
  const { detectLibc } = require('../../lib/engine/native/libc');
  const libc = process.platform === 'linux' ? { gnu: 'glibc', musl: 'musl' }[/** @type {'gnu' | 'musl'} */ (detectLibc())] : undefined;
  const own = platforms().find(({ os: system, cpu, libc: wanted }) => system === process.platform && cpu === process.arch && wanted === libc);
  if (!own) throw new Error('no binary is built for this platform');
  return own;
}

/**
 * Packs all packages into a folder, or finds there what another test file has packed.
 *
 * @param {string} folder is made
 * @param {string} ownName of this machine's platform package
 */
function packInto(folder, ownName) {
  if (fs.existsSync(folder)) return;
  const scratch = fs.mkdtempSync(`${folder}-`);
  const standIn = path.join(scratch, 'stand-in.node');
  fs.writeFileSync(standIn, 'no binary');
  packAll(scratch, ({ name, binary }) => (name === ownName ? path.join(ROOT, binary) : standIn));
  try {
    fs.renameSync(scratch, folder);
  } catch (error) {
    // Another file was quicker.
    if (!fs.existsSync(folder)) throw error;
    fs.rmSync(scratch, { recursive: true });
  }
}

/** A scratch folder for apps, and the tarballs. Ended by `remove()`. */
class Packed {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-install-'));
    this.own = ownPlatform();
    const folder = path.join(process.env.SESSION_TEST_SHARED ?? this.folder, 'packed');
    packInto(folder, this.own.name);
    const { version } = require('../../package.json');
    this.main = tarballOf(folder, 'egg-session-native', version);
    this.platforms = Object.fromEntries(platforms().map(({ name }) => [name, tarballOf(folder, name, version)]));
  }

  /**
   * Writes an app's package.json. The registry does not have our packages yet: overrides say where they are.
   *
   * @param {string} name of the app's folder
   * @param {Record<string, string>} dependencies besides ours
   */
  app(name, dependencies) {
    const folder = path.join(this.folder, name);
    fs.mkdirSync(folder, { recursive: true });
    const overrides = Object.fromEntries(Object.entries(this.platforms).map(([platform, tarball]) => [platform, `file:${tarball}`]));
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({
      name, version: '1.0.0', private: true,
      dependencies: { ...dependencies, 'egg-session-native': `file:${this.main}` },
      overrides,
      pnpm: { overrides },
    }, null, 2));
    return folder;
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Without what npm tells the scripts that it runs, and without the engine that this pass of the tests is for: an app of
 * somebody else would not have them.
 * @returns {NodeJS.ProcessEnv}
 */
function cleanEnv() {
  const foreign = /^npm_(?:config_(?!registry|cache)|package|lifecycle|command|execpath)|^(?:EGG_SESSION_ENGINE|NODE_TEST_CONTEXT|NODE_ENV|NODE_OPTIONS|CI)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} what it printed
 */
function run(command, args, cwd, env = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd, env: { ...cleanEnv(), ...env }, encoding: 'utf8', maxBuffer: 1 << 26, shell: process.platform === 'win32' && command === 'npm',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** @param {string} folder @param {string[]} args */
function npm(folder, ...args) {
  return run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}

module.exports = { Packed, cleanEnv, npm, run };
