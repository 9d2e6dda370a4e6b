'use strict';

// node scripts/check_binary.js FILE.node... [--glibc=2.28] [--kilobytes=600]
// Prints what the headers of a binary say: format, processor, libraries, newest glibc, size. Fails if the binary is not for the
// platform that its name tells; exports other than the one function that Node calls; needs a library that the platform does not
// have; has an executable stack; has SQLite without a stack protector and fortified functions; needs a newer macOS than Node.js 18;
// was changed after it was signed; needs a newer glibc or is larger than the options say. Needs readelf for Linux binaries, of
// whatever processor.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { readHeaders } = require('./binary_headers');
const { platforms } = require('./platforms');
const { main } = require('./setup');

/** Node looks for this function when it loads an addon. */
const EXPORT = 'napi_register_module_v1';

/** @type {Record<string, { format: string, libraries: RegExp }>} by npm's word for the system: what Node itself needs there too */
const SYSTEMS = {
  linux: { format: 'ELF', libraries: /^(?:lib(?:c|m|dl|pthread|rt|util)\.so(?:\.\d)?|libgcc_s\.so\.1|ld-linux-[\w-]+\.so\.\d|libc\.musl-\w+\.so\.1)$/ },
  darwin: { format: 'Mach-O', libraries: /^\/usr\/lib\/(?:libSystem\.B|libiconv\.2|libcharset\.1)\.dylib$|^\/System\/Library\/Frameworks\// },
  win32: { format: 'PE', libraries: /^(?:api-ms-win-[\w-]+|kernel32|ntdll|ws2_32|userenv|advapi32|bcrypt|bcryptprimitives|msvcrt|ucrtbase|vcruntime140)\.dll$/ },
};

/** @param {string} command @param {string[]} args @returns {string} */
function output(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed: ${error ? error.message : stderr}`);
  return stdout;
}

/** @param {string} a @param {string} b */
function compareVersions(a, b) {
  const [left, right] = [a, b].map(version => version.split('.').map(Number));
  return left[0] - right[0] || left[1] - right[1] || (left[2] || 0) - (right[2] || 0);
}

/** @param {string} file @returns {string} the newest glibc that one of its symbols comes from; '0.0' without any */
function glibcFloor(file) {
  const versions = [...output('readelf', ['-VW', file]).matchAll(/\bGLIBC_(\d+(?:\.\d+)+)/g)].map(match => match[1]);
  return versions.sort(compareVersions).pop() ?? '0.0';
}

/** @param {string} file @returns {boolean} also if it does not say, for then the kernel gives it one */
function hasExecutableStack(file) {
  const flags = /GNU_STACK(?:\s+0x[0-9a-f]+){5}\s+([RWE ]+?)\s+(?:0x)?\d/.exec(output('readelf', ['-lW', file]));
  return flags === null || flags[1].includes('E');
}

/** @param {string} file @returns {string[]} the symbols that it needs, with their versions; weak symbols need nothing */
function neededSymbols(file) {
  return output('readelf', ['--dyn-syms', '-W', file]).split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, , , , bind, , section]) => section === 'UND' && bind === 'GLOBAL')
    .map(([, , , , , , , name]) => name);
}

/** @param {string} file @returns {string[]} what it needs and the C library does not have */
function symbolsFromOutside(file) {
  return neededSymbols(file).filter(name => !/@(?:GLIBC|GCC)_/.test(name));
}

/**
 * @param {string} file
 * @returns {string[]} what its C code was compiled without, see .cargo/config.toml. musl has no fortified functions
 */
function missingGuards(file) {
  return guardsMissingIn(neededSymbols(file).map(name => name.split('@')[0]), glibcFloor(file) !== '0.0');
}

/**
 * @param {string[]} symbols that a binary needs
 * @param {boolean} hasFortified whether the C library has fortified functions
 */
function guardsMissingIn(symbols, hasFortified) {
  /** @type {[string, RegExp][]} */
  const guards = [['a stack protector', /^__stack_chk_fail$/]];
  if (hasFortified) guards.push(['fortified functions', /^__\w+_chk$/]);
  return guards.filter(([, name]) => !symbols.some(symbol => name.test(symbol))).map(([guard]) => guard);
}

/** @param {string} file @returns {boolean} whether the store is in it, by the first bytes of every database */
function hasSqlite(file) {
  return fs.readFileSync(file).includes('SQLite format 3\0');
}

/** The oldest macOS of Node.js 18, by npm's word for the processor. */
const MACOS = new Map([['x64', '10.15'], ['arm64', '11.0']]);

/** @param {string} file @returns {import('./binary_headers').Headers} */
function headersOf(file) {
  const headers = readHeaders(file);
  if (headers) return headers;
  const machine = /Machine:\s+(.*)/.exec(output('readelf', ['-hW', file]))?.[1] ?? '';
  const cpu = new Map([['Advanced Micro Devices X86-64', 'x64'], ['AArch64', 'arm64']]).get(machine);
  const libraries = [...output('readelf', ['-dW', file]).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(match => match[1]);
  const exported = output('readelf', ['--dyn-syms', '-W', file]).split('\n').map(line => line.trim().split(/\s+/))
    .filter(([, , , , bind, , section]) => bind === 'GLOBAL' && /^\d+$/.test(section)).map(fields => fields[7]);
  const unsafe = hasExecutableStack(file) ? ['has an executable stack'] : [];
  return { format: 'ELF', cpu, libraries, exported, imported: neededSymbols(file), unsafe };
}

/**
 * @param {string} file
 * @param {import('./binary_headers').Headers} headers
 * @returns {string[]} what the C code of the file lacks. Binaries of Windows are not looked at: Microsoft's compiler has guards of its own,
 *   and what build:all makes with LLVM's MinGW has none (.cargo/config.toml)
 */
function guardsLackingIn(file, headers) {
  if (!hasSqlite(file) || headers.format === 'PE') return [];
  return headers.format === 'ELF' ? missingGuards(file) : guardsMissingIn(headers.imported, true);
}

/**
 * @param {string} file
 * @param {import('./platforms').Platform} platform that the file is for
 * @param {{ glibc?: string, kilobytes?: number }} [limits]
 * @returns {string[]} what is wrong with it
 */
function faultsOf(file, platform, limits = {}) {
  const headers = headersOf(file);
  const system = SYSTEMS[platform.os];
  const faults = [...headers.unsafe];
  if (headers.format !== system.format || headers.cpu !== platform.cpu) {
    faults.push(`is ${headers.format} for ${headers.cpu}, and must be ${system.format} for ${platform.cpu}`);
  }
  const foreign = headers.libraries.filter(name => !system.libraries.test(name));
  if (foreign.length > 0) faults.push(`needs ${foreign.join(', ')}`);
  if (!headers.exported.includes(EXPORT)) faults.push(`does not export ${EXPORT}`);
  const others = headers.exported.filter(name => name !== EXPORT);
  if (others.length > 0) faults.push(`exports ${others.length} more, ${others.slice(0, 3).join(', ')}`);
  const guards = guardsLackingIn(file, headers);
  if (guards.length > 0) faults.push(`was compiled without ${guards.join(' and ')}`);
  if (headers.format === 'ELF') {
    const floor = glibcFloor(file);
    if ((platform.libc === 'glibc') !== (floor !== '0.0')) faults.push(`is for another C library than ${platform.libc}`);
    if (limits.glibc && compareVersions(floor, limits.glibc) > 0) faults.push(`needs glibc ${floor}, and ${limits.glibc} must do`);
  }
  const macos = MACOS.get(platform.cpu) ?? '0.0';
  if (headers.format === 'Mach-O' && compareVersions(headers.macos ?? '99.0', macos) > 0) {
    faults.push(`needs macOS ${headers.macos ?? 'of no stated version'}, and ${macos} must do`);
  }
  const kilobytes = Math.ceil(fs.statSync(file).size / 1024);
  if (limits.kilobytes && kilobytes > limits.kilobytes) faults.push(`has ${kilobytes} KB, and ${limits.kilobytes} must do`);
  return faults;
}

/**
 * Prints what the headers say.
 *
 * @param {string} file
 * @param {import('./platforms').Platform} platform that the file is for
 * @param {{ glibc?: string, kilobytes?: number }} [limits]
 * @throws {Error} that names all that is wrong with the file
 */
function check(file, platform, limits) {
  const { format, cpu, libraries, exported, macos } = headersOf(file);
  const glibc = format === 'ELF' ? glibcFloor(file) : '0.0';
  const system = `${glibc === '0.0' ? '' : `, glibc ${glibc}`}${macos ? `, macOS ${macos}` : ''}`;
  const kilobytes = Math.ceil(fs.statSync(file).size / 1024);
  console.log(`${file}: ${format} ${cpu}${system}, ${kilobytes} KB; needs ${libraries.join(', ')}; exports ${exported.length}`);
  const faults = faultsOf(file, platform, limits);
  if (faults.length > 0) throw new Error(faults.map(fault => `${file} ${fault}`).join('\n'));
}

module.exports = { EXPORT, MACOS, check, faultsOf, glibcFloor, hasExecutableStack, symbolsFromOutside, missingGuards, hasSqlite };

if (require.main === module) {
  main(() => {
    const files = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
    const option = (/** @type {string} */ name) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1];
    if (files.length === 0) throw new Error('Which file? node scripts/check_binary.js FILE.node... [--glibc=2.28] [--kilobytes=600]');
    for (const file of files) {
      const platform = platforms().find(({ binary }) => binary === path.basename(file));
      if (!platform) throw new Error(`No platform has a binary named ${path.basename(file)}`);
      check(file, platform, { glibc: option('glibc'), kilobytes: Number(option('kilobytes')) });
    }
  });
}
