'use strict';

/** The ELF binary that was built here: what it asks of the system that loads it. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { glibcFloor, hasExecutableStack, hasSqlite, missingGuards, symbolsFromOutside } = require('../../scripts/check_binary');
const { ROOT, platforms } = require('../../scripts/platforms');
const { detectLibc } = require('../../lib/engine/native/libc');

const isGlibc = process.platform === 'linux' && detectLibc() === 'gnu';
const own = platforms().find(({ os, cpu, libc }) => os === 'linux' && cpu === process.arch && libc === 'glibc');

// On other systems there is no such binary to look at.
if (isGlibc && own) {
  const binary = path.join(ROOT, own.binary);

  test('the binary runs on the glibc of the machine that built it', () => {
    const here = /** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime;
    const [major, minor] = glibcFloor(binary).split('.').map(Number);
    const [hereMajor, hereMinor] = here.split('.').map(Number);
    assert.ok(major === hereMajor && minor <= hereMinor, `needs glibc ${glibcFloor(binary)}, here is ${here}`);
  });

  test('the binary has no executable stack', () => {
    assert.strictEqual(hasExecutableStack(binary), false);
    // A program that always has a stack segment, so that the answer is not for want of one.
    assert.strictEqual(hasExecutableStack(process.execPath), false);
  });

  test('the binary asks only Node and the C library for symbols', () => {
    const foreign = symbolsFromOutside(binary).filter(name => !/^(napi_|node_api_)/.test(name));
    assert.deepStrictEqual(foreign, []);
    // Node itself needs more, the C++ library's for one, so that the answer is not for want of an eye.
    assert.notDeepStrictEqual(symbolsFromOutside(process.execPath), []);
  });

  test('the C code in the binary guards its stack and its buffers', t => {
    assert.ok(hasSqlite(binary));
    assert.deepStrictEqual(missingGuards(binary), []);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-binary-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const source = path.join(folder, 'guards.c');
    fs.writeFileSync(source, `#include <string.h>
      extern void use(char *);
      void copy(const char *from, size_t bytes) { char to[64]; memcpy(to, from, bytes); use(to); }`);
    const STACK = '-fstack-protector-strong';
    const BUFFERS = '-D_FORTIFY_SOURCE=2';
    for (const [flags, missing] of [
      [[STACK, BUFFERS], []],
      [['-fno-stack-protector', BUFFERS], ['a stack protector']],
      [[STACK], ['fortified functions']],
      [['-fno-stack-protector'], ['a stack protector', 'fortified functions']],
    ]) {
      const made = path.join(folder, 'guards.so');
      const { status, stderr } = spawnSync('cc', ['-O2', '-fPIC', '-shared', '-U_FORTIFY_SOURCE', ...flags, '-o', made, source], { encoding: 'utf8' });
      assert.strictEqual(status, 0, stderr);
      assert.deepStrictEqual(missingGuards(made), missing, flags.join(' '));
      assert.strictEqual(hasSqlite(made), false);
    }
  });

  test('objdump finds the same newest glibc', () => {
    const { stdout } = spawnSync('objdump', ['-T', binary], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const versions = new Set([...stdout.matchAll(/GLIBC_(\d+\.\d+)\)/g)].map(match => match[1]));
    assert.ok(versions.has(glibcFloor(binary)), [...versions].join(' '));
    const newest = Math.max(...[...versions].map(version => Number(version.split('.')[1])));
    assert.strictEqual(glibcFloor(binary), `2.${newest}`);
  });
}
