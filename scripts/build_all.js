'use strict';

// npm run build:all                            the binaries of all platforms, from one machine
// npm run build:all -- --only=linux-arm64-gnu  one of them; several with commas between
//
// zig compiles SQLite and links, for it has the C libraries of every platform. It comes from PyPI, into a folder that git ignores.
// Each binary is put where the loader and `npm run pack:all` look for it, after its headers have been checked.
// Node core modules only.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv, withoutFolders } = require('./build');
const { MACOS, check } = require('./check_binary');
const { ROOT, platforms } = require('./platforms');
const { main } = require('./setup');

const VENV = path.join(ROOT, 'target', 'zig-venv');
const BIN = path.join(VENV, process.platform === 'win32' ? 'Scripts' : 'bin');
/** The release workflow pins the same versions. */
const PACKAGES = ['cargo-zigbuild==0.24.0', 'ziglang==0.17.1'];
/** Node.js 18 needs it itself. */
const GLIBC = '2.28';
const MOST_KILOBYTES = 3400;

/**
 * Microsoft's libraries cannot be had without their licence, so the binaries of Windows are built for the ABI of LLVM's MinGW.
 * Node-API is plain C, and the same for both. The release workflow builds those that are published with Microsoft's.
 *
 * @type {Record<string, string>}
 */
const STAND_INS = {
  'x86_64-pc-windows-msvc': 'x86_64-pc-windows-gnullvm',
  'aarch64-pc-windows-msvc': 'aarch64-pc-windows-gnullvm',
};
/** @type {Record<string, string>} */
const LIBRARIES = { linux: 'libegg_session_native.so', darwin: 'libegg_session_native.dylib', win32: 'egg_session_native.dll' };

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env */
function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` failed: ${error ? error.message : 'see its message above'}`);
}

/** @param {NodeJS.ProcessEnv} env */
function bringZig(env) {
  const mark = path.join(VENV, 'packages.txt');
  const wanted = PACKAGES.join('\n');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return;
  console.log(`build: bringing ${PACKAGES.join(' and ')} from PyPI`);
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', VENV], env);
  run(path.join(BIN, 'pip'), ['install', '--quiet', '--only-binary=:all:', ...PACKAGES], env);
  fs.writeFileSync(mark, wanted);
}

/**
 * napi-build links `libnode.dll` into binaries of this ABI, a library that Node does not ship. The addon looks up Node's functions
 * when it is loaded (`dyn-symbols` in Cargo.toml), so an empty library will do.
 *
 * @returns {string} its folder
 */
function makeEmptyLibnode() {
  const folder = path.join(ROOT, 'target', 'libnode');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of ['libnode.dll', 'libnode.a']) fs.writeFileSync(path.join(folder, name), '!<arch>\n');
  return folder;
}

/**
 * @param {import('./platforms').Platform} platform
 * @param {NodeJS.ProcessEnv} env
 */
function buildFor(platform, env) {
  const target = STAND_INS[platform.target] ?? platform.target;
  console.log(`\nbuild: ${platform.suffix} (${target})`);
  run('rustup', ['target', 'add', target], env);
  env = platform.os === 'darwin' ? { ...env, MACOSX_DEPLOYMENT_TARGET: MACOS.get(platform.cpu) } : env;
  const zigTarget = platform.libc === 'glibc' ? `${target}.${GLIBC}` : target;
  run('cargo', ['zigbuild', '--release', '--locked', '--lib', '--target', zigTarget, ...withoutFolders(env)], env);
  const library = path.resolve(ROOT, env.CARGO_TARGET_DIR || 'target', target, 'release', LIBRARIES[platform.os]);
  check(library, platform, { glibc: GLIBC, kilobytes: MOST_KILOBYTES });
  const binary = path.join(ROOT, platform.binary);
  // Put aside and moved: a process that has the old one loaded keeps it.
  fs.copyFileSync(library, `${binary}.new`);
  fs.renameSync(`${binary}.new`, binary);
}

/** @param {string} [only] suffixes with commas between */
function buildAll(only) {
  const names = only?.split(',');
  const known = platforms();
  const unknown = names?.filter(name => !known.some(({ suffix }) => suffix === name)) ?? [];
  if (unknown.length > 0) throw new Error(`No platform ${unknown.join(', ')}: there are ${known.map(({ suffix }) => suffix).join(', ')}`);
  const env = cargoEnv();
  bringZig(env);
  const pathKey = Object.keys(env).find(key => key.toUpperCase() === 'PATH') || 'PATH';
  env[pathKey] = [BIN, env[pathKey]].join(path.delimiter);
  env.LIBNODE_PATH = makeEmptyLibnode();
  for (const platform of known) if (names?.includes(platform.suffix) ?? true) buildFor(platform, env);
}

if (require.main === module) {
  main(() => buildAll(process.argv.find(arg => arg.startsWith('--only='))?.slice('--only='.length)));
}
