'use strict';

// npm run build:all                            the binaries of all platforms, from one machine
// npm run build:all -- --only=linux-arm64-gnu  one of them; several with commas between
//
// zig compiles SQLite and links, for it has the C libraries of every platform; for macOS, Rust's own LLVM links.
// Each binary is put where the loader and `npm run pack:all` look for it, after its headers have been checked.
// Node core modules only.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv, withoutFolders } = require('./build');
const { EXPORT, MACOS, check } = require('./check_binary');
const { macosLinker } = require('./macos_linker');
const { ROOT, platforms } = require('./platforms');
const { run } = require('./pypi');
const { main } = require('./setup');
const { BIN, bringZig } = require('./zig');

const MACOS_LIBRARIES = path.join(ROOT, 'target', 'macos');
/** Node.js 18 needs it itself. */
const GLIBC = '2.28';
const MOST_KILOBYTES = 3400;
/** Of a PE file: where the place of its header stands, and where in the header the time stamp is. */
const [PE_OFFSET, STAMP_OFFSET] = [0x3c, 8];

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
 * zigbuild drops the list of exports that rustc gives it. Without one, a linker of MinGW's kind exports every symbol of Rust's library.
 *
 * @param {string} target of rustc
 * @returns {NodeJS.ProcessEnv} what makes it take ours. The path is relative, for the variable has spaces between its words
 */
function windowsExports(target) {
  const file = path.join('target', 'exports.def');
  fs.writeFileSync(path.join(ROOT, file), `EXPORTS\n${EXPORT}\n`);
  return { [`CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_RUSTFLAGS`]: `-C link-arg=${file}` };
}

/**
 * The linker's time stamp is a hash of what it was given, the folders of the machine included.
 *
 * @param {Buffer} bytes of a PE file
 * @returns {Buffer} the same, with a hash of its content as the time stamp
 */
function stamped(bytes) {
  const at = bytes.readUInt32LE(PE_OFFSET) + STAMP_OFFSET;
  const stampless = Buffer.from(bytes).fill(0, at, at + 4);
  stampless.writeUInt32LE(crypto.createHash('sha256').update(stampless).digest().readUInt32LE(), at);
  return stampless;
}

/**
 * @param {import('./platforms').Platform} platform
 * @param {NodeJS.ProcessEnv} env
 */
function buildFor(platform, env) {
  const target = STAND_INS[platform.target] ?? platform.target;
  console.log(`\nbuild: ${platform.suffix} (${target})`);
  run('rustup', ['target', 'add', target], env);
  if (platform.os === 'darwin') {
    env = { ...env, MACOSX_DEPLOYMENT_TARGET: MACOS.get(platform.cpu), ...macosLinker(MACOS_LIBRARIES, target) };
  }
  if (platform.os === 'win32') env = { ...env, ...windowsExports(target) };
  const zigTarget = platform.libc === 'glibc' ? `${target}.${GLIBC}` : target;
  run('cargo', ['zigbuild', '--release', '--locked', '--lib', '--target', zigTarget, ...withoutFolders(env)], env);
  const library = path.resolve(ROOT, env.CARGO_TARGET_DIR || 'target', target, 'release', LIBRARIES[platform.os]);
  check(library, platform, { glibc: GLIBC, kilobytes: MOST_KILOBYTES });
  const binary = path.join(ROOT, platform.binary);
  // Put aside and moved: a process that has the old one loaded keeps it.
  const bytes = fs.readFileSync(library);
  fs.writeFileSync(`${binary}.new`, platform.os === 'win32' ? stamped(bytes) : bytes);
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

module.exports = { stamped };

if (require.main === module) {
  main(() => buildAll(process.argv.find(arg => arg.startsWith('--only='))?.slice('--only='.length)));
}
