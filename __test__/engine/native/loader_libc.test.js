'use strict';

/** Which C library a Linux process runs on, told from the executable, or else from Node's report. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { detectLibc, libcOfExecutable, libcOfReport } = require('../../../lib/engine/native/libc');
const { run } = require('../../support/packed');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-libc-'));
test.after(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** @param {string} interpreter @returns {string} a file with the head of an ELF executable that names it */
function executable(interpreter) {
  const file = path.join(scratch, 'node');
  fs.writeFileSync(file, Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(600), Buffer.from(`${interpreter}\0`), Buffer.alloc(5000, 1)]));
  return file;
}

test('the executable\'s interpreter tells glibc from musl', () => {
  for (const [interpreter, libc] of Object.entries({
    '/lib64/ld-linux-x86-64.so.2': 'gnu', // Debian, RHEL, …
    '/lib/ld-linux-aarch64.so.1': 'gnu',
    '/nix/store/0000-glibc-2.40-66/lib/ld-linux-x86-64.so.2': 'gnu', // NixOS
    '/lib/ld-musl-x86_64.so.1': 'musl', // Alpine
    '/lib/ld-musl-aarch64.so.1': 'musl',
    '/usr/lib/something-else.so.1': null,
  })) assert.strictEqual(libcOfExecutable(executable(interpreter)), libc, interpreter);
});

test('an executable that cannot be read tells nothing', () => {
  assert.strictEqual(libcOfExecutable(path.join(scratch, 'absent')), null);
  assert.strictEqual(libcOfExecutable(scratch), null);
});

test('Node\'s report tells it too', () => {
  assert.strictEqual(libcOfReport({ header: { glibcVersionRuntime: '2.36' }, sharedObjects: [] }), 'gnu');
  assert.strictEqual(libcOfReport({ header: {}, sharedObjects: ['/usr/lib/libstdc++.so.6', '/lib/ld-musl-x86_64.so.1'] }), 'musl');
  assert.strictEqual(libcOfReport({ header: {}, sharedObjects: ['/lib/libc.musl-aarch64.so.1'] }), 'musl');
  for (const silent of [null, {}, { header: {} }, { sharedObjects: 'none' }]) assert.strictEqual(libcOfReport(silent), null);
});

test('both ways say the same here', () => {
  if (process.platform !== 'linux') return;
  assert.strictEqual(libcOfReport(process.report.getReport()), libcOfExecutable(process.execPath));
  assert.strictEqual(detectLibc(), libcOfExecutable(process.execPath));
});

/** Loads the binding in a process whose executable claims to be another one; every load is refused and noted. */
const TRIED = `
  const Module = require('node:module');
  const { execPath, platform, arch, report } = JSON.parse(process.argv[1]);
  Object.defineProperty(process, 'execPath', { value: execPath });
  Object.defineProperty(process, 'platform', { value: platform });
  Object.defineProperty(process, 'arch', { value: arch });
  Object.defineProperty(process, 'report', { value: report && { getReport: () => report } });
  const tried = [];
  const load = Module._load;
  Module._load = function (request, ...rest) {
    if (!/egg-session-native[.-]/.test(request)) return load.call(this, request, ...rest);
    tried.push(request.replace('../../../', ''));
    throw Object.assign(new Error('refused'), { code: 'MODULE_NOT_FOUND' });
  };
  let message;
  try { require(${JSON.stringify(path.join(__dirname, '../../../lib/engine/native/load_binding'))})(); } catch (err) { message = err.message; }
  console.log(JSON.stringify({ tried, message }));
`;

/** @param {object} machine */
const triedOn = machine => JSON.parse(run(process.execPath, ['-e', TRIED, JSON.stringify(machine)], scratch));

test('on Alpine the binary for musl is tried, and never the one for glibc', () => {
  const { tried, message } = triedOn({ platform: 'linux', arch: 'x64', execPath: executable('/lib/ld-musl-x86_64.so.1') });
  assert.deepStrictEqual(tried, ['egg-session-native.linux-x64-musl.node', 'egg-session-native-linux-x64-musl']);
  assert.match(message, /^No native engine for linux x64 \(musl, Node\.js v[\d.]+\): tried egg-session-native\.linux-x64-musl\.node: not found; /);
});

test('on a Linux with glibc the binary for glibc is tried, and never the one for musl', () => {
  const { tried } = triedOn({ platform: 'linux', arch: 'arm64', execPath: executable('/lib/ld-linux-aarch64.so.1') });
  assert.deepStrictEqual(tried, ['egg-session-native.linux-arm64-gnu.node', 'egg-session-native-linux-arm64-gnu']);
});

test('the report decides where the executable does not tell, and both are tried where nothing tells', () => {
  const execPath = path.join(scratch, 'absent');
  const report = { header: { glibcVersionRuntime: '2.31' }, sharedObjects: [] };
  assert.match(triedOn({ platform: 'linux', arch: 'x64', execPath, report }).message, /\(glibc 2\.31, .*linux-x64-gnu: not found$/);
  assert.deepStrictEqual(triedOn({ platform: 'linux', arch: 'x64', execPath }).tried.map(name => name.slice('egg-session-native.'.length)),
    ['linux-x64-gnu.node', 'linux-x64-gnu', 'linux-x64-musl.node', 'linux-x64-musl']);
});

test('elsewhere there is one binary for a system and a processor, and none for what is not built', () => {
  for (const [platform, arch, suffix] of [['darwin', 'x64', ''], ['darwin', 'arm64', ''], ['win32', 'x64', '-msvc'], ['win32', 'arm64', '-msvc']]) {
    const { tried } = triedOn({ platform, arch, execPath: 'node' });
    assert.deepStrictEqual(tried, [`egg-session-native.${platform}-${arch}${suffix}.node`, `egg-session-native-${platform}-${arch}${suffix}`]);
  }
  for (const [platform, arch] of [['freebsd', 'x64'], ['linux', 's390x'], ['linux', 'ia32']]) {
    const { tried, message } = triedOn({ platform, arch, execPath: executable('/lib64/ld-linux-x86-64.so.2') });
    assert.deepStrictEqual(tried, []);
    assert.match(message, new RegExp(`^No native engine for ${platform} ${arch} .*: no binary is built for this platform$`));
  }
});
