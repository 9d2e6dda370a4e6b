'use strict';

// Builds the native addon with the napi CLI: `node scripts/build.js [--if-changed] [arguments for napi build]`.
// The binary is built aside and moved into place, so that a process that has the old one loaded keeps it.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const STAMP = path.join(ROOT, '.build-stamp');
const SOURCES = ['Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'build.rs', 'src', 'scripts/build.js'];

const NO_CARGO = `The native addon needs a Rust toolchain to build, and no \`cargo\` was found in PATH or in ~/.cargo/bin.
  Linux, macOS:  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh
  Windows:       install rustup from https://rustup.rs
Then open a new shell and run this command again. The demo also runs without: EGG_SESSION_ENGINE=portable npm run demo`;

/**
 * Environment in which `cargo` is found, also in a shell that was open before rustup was installed.
 */
function cargoEnv() {
  const env = { ...process.env };
  const name = process.platform === 'win32' ? 'cargo.exe' : 'cargo';
  const home = path.join(process.env.CARGO_HOME || path.join(os.homedir(), '.cargo'), 'bin');
  const pathKey = Object.keys(env).find(key => key.toUpperCase() === 'PATH') || 'PATH';
  const folders = (env[pathKey] || '').split(path.delimiter);
  if (!folders.some(folder => folder && fs.existsSync(path.join(folder, name)))) {
    if (!fs.existsSync(path.join(home, name))) throw new Error(NO_CARGO);
    env[pathKey] = [...folders, home].join(path.delimiter);
  }
  return env;
}

/**
 * @param {string} file path below the root, a file or a folder
 * @returns {string[]} the files there, sorted
 */
function filesOf(file) {
  const full = path.join(ROOT, file);
  if (!fs.existsSync(full)) return [];
  if (!fs.statSync(full).isDirectory()) return [file];
  return fs.readdirSync(full).sort().flatMap(name => filesOf(`${file}/${name}`));
}

function sourcesHash() {
  const hash = crypto.createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  for (const file of SOURCES.flatMap(filesOf)) {
    hash.update(`${file}\0`).update(fs.readFileSync(path.join(ROOT, file))).update('\0');
  }
  return hash.digest('hex');
}

/** @returns {string[]} what was built from (a hash) and into (file names) */
function readStamp() {
  return fs.existsSync(STAMP) ? fs.readFileSync(STAMP, 'utf8').trim().split('\n') : [];
}

function isCurrent() {
  const [hash, ...binaries] = readStamp();
  return hash === sourcesHash() && binaries.length > 0
    && binaries.every(name => fs.existsSync(path.join(ROOT, name)));
}

/**
 * Arguments for cargo by which a binary names no folder of the machine that built it: two builds of one source in different
 * folders are equal, byte for byte (`npm run build:reproduce`).
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
function withoutFolders(env) {
  const cargoHome = env.CARGO_HOME || path.join(os.homedir(), '.cargo');
  const flags = [[ROOT, '/egg-session-native'], [cargoHome, '/cargo']].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  return ['--config', `target.'cfg(all())'.rustflags=${JSON.stringify(flags)}`];
}

/** @param {string[]} [napiArgs] */
function build(napiArgs = []) {
  const env = cargoEnv();
  const hash = sourcesHash();
  const outputDir = path.join('native', `build-${process.pid}`);
  const napi = path.join(path.dirname(require.resolve('@napi-rs/cli/package.json', { paths: [ROOT] })), 'dist', 'cli.js');
  console.log('build: building the native addon (the first time takes a few minutes)');
  try {
    const { status } = spawnSync(process.execPath, [
      napi, 'build', '--platform', '--release', '--output-dir', outputDir, '--js', 'index.cjs', '--dts', 'index.d.ts', ...napiArgs,
      '--', ...withoutFolders(env),
    ], { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error('Building the native addon failed, see the message of cargo above');

    const binaries = fs.readdirSync(path.join(ROOT, outputDir)).filter(name => name.endsWith('.node'));
    if (binaries.length === 0) throw new Error('`napi build` made no .node file');
    for (const name of binaries) fs.renameSync(path.join(ROOT, outputDir, name), path.join(ROOT, name));
    // Other arguments make another binary (a foreign target, fewer features) than the one setup asks for, perhaps in its place.
    if (napiArgs.length === 0) fs.writeFileSync(STAMP, [hash, ...binaries, ''].join('\n'));
    else if (readStamp().some(name => binaries.includes(name))) fs.rmSync(STAMP);
  } finally {
    fs.rmSync(path.join(ROOT, outputDir), { recursive: true, force: true });
  }
}

function buildIfChanged() {
  if (!isCurrent()) build();
}

module.exports = { SOURCES, buildIfChanged, cargoEnv, withoutFolders };

if (require.main === module) {
  const args = process.argv.slice(2);
  const onlyIfChanged = args.includes('--if-changed');
  try {
    if (onlyIfChanged) buildIfChanged();
    else build(args);
  } catch (err) {
    console.error(`\n${err instanceof Error ? err.message : err}`);
    process.exitCode = 1;
  }
}
