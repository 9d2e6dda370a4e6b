'use strict';

/** What `npm run build:all` says when it cannot begin, and what it puts between rustc and the linker of macOS. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { pe } = require('../support/made_binaries');
const { stamped } = require('../../scripts/build_all');
const { WRAPPER, forKnownProcessors } = require('../../scripts/macos_linker');
const { ROOT, platforms } = require('../../scripts/platforms');
const { run } = require('../../scripts/pypi');

/** @param {string} script @param {string} arg */
function outputOf(script, arg) {
  return spawnSync(process.execPath, [path.join(ROOT, 'scripts', script), arg], { encoding: 'utf8' });
}

test('a platform that does not exist is an error that names those that do', () => {
  const { status, stderr } = outputOf('build_all.js', '--only=linux-x64-gnu,linux-mips');
  assert.strictEqual(status, 1);
  assert.match(stderr, /No platform linux-mips: there are /);
  for (const { suffix } of platforms()) assert.ok(stderr.includes(suffix), suffix);
});

test('a platform that cannot be tried here is an error that names those that can', () => {
  const { status, stderr } = outputOf('try_platform.js', 'darwin-arm64');
  assert.strictEqual(status, 1);
  assert.match(stderr, /darwin-arm64 cannot be tried here; Linux x64 can try .*linux-arm64-musl.*win32-x64-msvc/);
});

test('a missing program is an error that says how to get it', () => {
  const nowhere = { ...process.env, PATH: '/nowhere', Path: '/nowhere' };
  assert.throws(() => run('rustup', ['target', 'add', 'x'], nowhere), /`rustup target add x` failed: rustup is needed, .*https:\/\/rustup\.rs/);
  assert.throws(() => run('python3', ['-m', 'venv', 'x'], nowhere), /apt-get install python3-venv/);
  assert.throws(() => run(process.execPath, ['-e', 'process.exitCode = 3'], process.env), /failed: see its message above/);
});

test('a binary of Windows has a hash of its content as its time stamp, so equal content gives equal files', () => {
  const [one, other] = [1, 2].map(stamp => {
    const bytes = pe({ cpu: 'x64' });
    bytes.writeUInt32LE(stamp, bytes.readUInt32LE(0x3c) + 8);
    return bytes;
  });
  assert.notDeepStrictEqual(one, other);
  assert.deepStrictEqual(stamped(one), stamped(other));
  const changed = Buffer.from(one);
  changed[changed.length - 1] ^= 1;
  const at = one.readUInt32LE(0x3c) + 8;
  assert.notStrictEqual(stamped(changed).readUInt32LE(at), stamped(one).readUInt32LE(at));
});

test('the list of what macOS exports names processors that the linker knows', () => {
  const list = 'targets: [ x86_64-macos, arm64e-macos, arm64e-maccatalyst,\n            arm64e.x1-macos, arm64e.x1-maccatalyst ]';
  assert.strictEqual(forKnownProcessors(list), 'targets: [ x86_64-macos, arm64-macos, arm64-maccatalyst ]');
});

// The wrapper is for a shell.
if (process.platform !== 'win32') {
  test('the linker of macOS gets every word of rustc but a lone -Wl', t => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-linker-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.writeFileSync(path.join(folder, 'rust-lld'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    fs.writeFileSync(path.join(folder, 'ld'), WRAPPER, { mode: 0o755 });
    const words = ['-flavor', 'ld64', 'a b.o', '-Wl', '-undefined', 'dynamic_lookup', '-Wl,x', ''];
    const { stdout } = spawnSync(path.join(folder, 'ld'), words, { encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
    assert.deepStrictEqual(stdout.split('\n').slice(0, -1), words.filter(word => word !== '-Wl'));
  });
}
