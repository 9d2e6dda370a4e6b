'use strict';

// The linker of `npm run build:all` for macOS: LLVM's, which comes with Rust, and zig's list of what macOS exports.
// zig's own linker ignores the list of exports that rustc gives it, and takes SQLite's stack protector from zig's library, where the
// guard is a constant. Needs `sh`.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { PYTHON } = require('./zig');

/** napi-build passes `-Wl`, which compilers ignore and linkers refuse. rustc puts `rust-lld` into PATH. */
const WRAPPER = `#!/bin/sh
for word do
  shift
  [ "$word" = -Wl ] || set -- "$@" "$word"
done
exec rust-lld "$@"
`;

/** Its functions are part of libSystem, but rustc asks for these libraries by name. */
const PARTS_OF_SYSTEM = ['libc', 'libm'];
/** The libc crate asks for it, and nothing of it is used. */
const ICONV = `--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/usr/lib/libiconv.2.dylib'
...
`;

/**
 * @param {string} list zig's libSystem.tbd, which names processors that this linker does not know
 * @returns {string} the same for x64 and arm64
 */
function forKnownProcessors(list) {
  return list.replace(/,\s*arm64e\.x1-\w+/g, '').replace(/\barm64e-/g, 'arm64-');
}

/**
 * The linker leaves out what debuggers read (`-S`): the library's UUID is a hash of what was linked, and that names folders.
 *
 * @param {string} folder where the linker and its libraries are put
 * @param {string} target of rustc
 * @returns {NodeJS.ProcessEnv} what makes cargo take them
 */
function macosLinker(folder, target) {
  const zig = execFileSync(PYTHON, ['-c', 'import os, ziglang; print(os.path.dirname(ziglang.__file__))'], { encoding: 'utf8' }).trim();
  const libraries = path.join(folder, 'usr', 'lib');
  fs.mkdirSync(libraries, { recursive: true });
  const system = forKnownProcessors(fs.readFileSync(path.join(zig, 'lib', 'libc', 'darwin', 'libSystem.tbd'), 'utf8'));
  for (const name of ['libSystem', ...PARTS_OF_SYSTEM]) fs.writeFileSync(path.join(libraries, `${name}.tbd`), system);
  fs.writeFileSync(path.join(libraries, 'libiconv.tbd'), ICONV);
  const linker = path.join(folder, 'ld');
  fs.writeFileSync(linker, WRAPPER, { mode: 0o755 });
  const variable = `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}`;
  return { SDKROOT: folder, [`${variable}_LINKER`]: linker, [`${variable}_RUSTFLAGS`]: '-C linker-flavor=ld64.lld -C link-arg=-S' };
}

module.exports = { WRAPPER, forKnownProcessors, macosLinker };
