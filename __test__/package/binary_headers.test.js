'use strict';

/** What scripts/check_binary.js refuses: of macOS and Windows by binaries made field by field, of Linux by the C compiler's. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { faultsOf } = require('../../scripts/check_binary');
const { readHeaders } = require('../../scripts/binary_headers');
const { platforms } = require('../../scripts/platforms');
const { machO, pe } = require('../support/made_binaries');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-headers-'));
test.after(() => fs.rmSync(scratch, { recursive: true, force: true }));

const REGISTER = 'napi_register_module_v1';
const SYSTEM = '/usr/lib/libSystem.B.dylib';
const SQLITE = 'SQLite format 3\0';

/** @param {string} suffix */
function platform(suffix) {
  const found = platforms().find(known => known.suffix === suffix);
  assert.ok(found, suffix);
  return found;
}

/** @param {Buffer} bytes @returns {string} a file that has them */
function file(bytes) {
  const name = path.join(scratch, 'addon.node');
  fs.writeFileSync(name, bytes);
  return name;
}

test('a macOS addon is good if it exports what Node calls, and needs only the system', () => {
  /** @type {import('../support/made_binaries').Made} */
  const good = { cpu: 'arm64', libraries: [SYSTEM], exported: [REGISTER], imported: ['__stack_chk_fail', '__memcpy_chk'], content: SQLITE };
  const faults = (/** @type {object} */ change, suffix = 'darwin-arm64') => faultsOf(file(machO({ ...good, ...change })), platform(suffix));
  assert.deepStrictEqual(faults({}), []);
  assert.deepStrictEqual(faults({}, 'darwin-x64'), ['is Mach-O for arm64, and must be Mach-O for x64']);
  assert.deepStrictEqual(faults({ cpu: 'x64' }), ['is Mach-O for x64, and must be Mach-O for arm64']);
  assert.deepStrictEqual(faults({ cpu: 'x64', isSigned: false }, 'darwin-x64'), [], 'only arm64 asks for a signature');
  assert.deepStrictEqual(faults({ isSigned: false }), ['is not signed']);
  const changed = machO({ ...good });
  changed[changed.indexOf(SQLITE)] ^= 1;
  assert.deepStrictEqual(faultsOf(file(changed), platform('darwin-arm64')), ['was changed after it was signed']);
  assert.deepStrictEqual(faults({ flags: 0x20000 }), ['has an executable stack']);
  assert.deepStrictEqual(faults({ macos: [11, 0] }), []);
  assert.deepStrictEqual(faults({ macos: [11, 1] }), ['needs macOS 11.1, and 11.0 must do']);
  assert.deepStrictEqual(faults({ cpu: 'x64', macos: [11, 0] }, 'darwin-x64'), ['needs macOS 11.0, and 10.15 must do']);
  assert.deepStrictEqual(faults({ libraries: [SYSTEM, '/opt/homebrew/lib/libsqlite3.dylib'] }), ['needs /opt/homebrew/lib/libsqlite3.dylib']);
  assert.deepStrictEqual(faults({ exported: [], imported: [...good.imported ?? [], REGISTER] }), [`does not export ${REGISTER}`]);
  assert.deepStrictEqual(faults({ exported: ['a', REGISTER, 'b', 'c', 'd'] }), ['exports 4 more, a, b, c']);
  assert.deepStrictEqual(faults({ imported: ['__memcpy_chk'] }), ['was compiled without a stack protector']);
  assert.deepStrictEqual(faults({ imported: [] }), ['was compiled without a stack protector and fortified functions']);
  assert.deepStrictEqual(faults({ imported: [], content: '' }), [], 'without SQLite there is no C code');
});

test('a Windows addon is good if it exports what Node calls, and needs only the system', () => {
  /** @type {import('../support/made_binaries').Made} */
  const good = { cpu: 'x64', libraries: ['KERNEL32.dll', 'api-ms-win-crt-heap-l1-1-0.dll'], exported: [REGISTER], content: SQLITE };
  const faults = (/** @type {object} */ change, suffix = 'win32-x64-msvc') => faultsOf(file(pe({ ...good, ...change })), platform(suffix));
  assert.deepStrictEqual(faults({}), []);
  assert.deepStrictEqual(faults({}, 'win32-arm64-msvc'), ['is PE for x64, and must be PE for arm64']);
  assert.deepStrictEqual(faults({}, 'darwin-x64').slice(0, 1), ['is PE for x64, and must be Mach-O for x64']);
  assert.deepStrictEqual(faults({ libraries: ['kernel32.dll', 'libunwind.dll', 'node.dll'] }), ['needs libunwind.dll, node.dll']);
  assert.deepStrictEqual(faults({ exported: [] }), [`does not export ${REGISTER}`]);
  assert.deepStrictEqual(faults({ exported: ['before', REGISTER] }), ['exports 1 more, before']);
  assert.deepStrictEqual(faults({ flags: 0x60 }), ['has an executable stack']);
  assert.deepStrictEqual(faults({ flags: 0x120 }), ['is loaded at a fixed address']);
  assert.deepStrictEqual(faults({ flags: 0x140 }), ['is loaded at one of few addresses']);
});

test('the reader tells the formats apart', () => {
  assert.strictEqual(readHeaders(file(machO({ cpu: 'x64' })))?.format, 'Mach-O');
  assert.strictEqual(readHeaders(file(pe({ cpu: 'x64' })))?.format, 'PE');
  assert.strictEqual(readHeaders(__filename), undefined);
});

// readelf and a compiler that makes ELF
if (process.platform === 'linux') {
  test('a Linux addon is good if it exports what Node calls, and needs only the C library', () => {
    const source = path.join(scratch, 'addon.c');
    const made = path.join(scratch, 'addon.so');
    const compile = (/** @type {string} */ text, /** @type {string[]} */ flags, output = made) => {
      fs.writeFileSync(source, text);
      const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-nostdlib', '-o', output, source, ...flags], { encoding: 'utf8' });
      assert.strictEqual(status, 0, stderr);
    };
    const addon = `void ${REGISTER}(void) {}`;
    const puts = `extern int puts(const char *); int ${REGISTER}(void) { return puts(""); }`;
    const here = process.arch === 'arm64' ? 'arm64' : 'x64';
    const other = here === 'x64' ? 'arm64' : 'x64';
    const faults = (suffix = `linux-${here}-gnu`, limits = {}) => faultsOf(made, platform(suffix), limits);

    compile(puts, ['-lc']);
    assert.deepStrictEqual(faults(), []);
    assert.deepStrictEqual(faults(`linux-${other}-gnu`), [`is ELF for ${here}, and must be ELF for ${other}`]);
    assert.deepStrictEqual(faults(`linux-${here}-musl`), ['is for another C library than musl']);
    assert.match(faults(undefined, { glibc: '2.1' })[0], /^needs glibc 2\.[\d.]+, and 2\.1 must do$/);
    assert.match(faults(undefined, { kilobytes: 1 })[0], /^has \d+ KB, and 1 must do$/);

    compile(puts, ['-lc', '-Wl,-z,execstack']);
    assert.deepStrictEqual(faults(), ['has an executable stack']);
    compile(puts.replaceAll(REGISTER, 'other'), ['-lc']);
    assert.deepStrictEqual(faults(), [`does not export ${REGISTER}`, 'exports 1 more, other']);
    compile(addon, []);
    assert.deepStrictEqual(faults(`linux-${here}-musl`), []);
    assert.deepStrictEqual(faults(), ['is for another C library than glibc']);

    const library = path.join(scratch, 'libother.so');
    compile('void other(void) {}', [], library);
    compile(puts, ['-lc', '-Wl,--no-as-needed', `-L${scratch}`, '-lother']);
    assert.deepStrictEqual(faults(), ['needs libother.so']);
  });
}
