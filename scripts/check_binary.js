'use strict';

// node scripts/check_binary.js FILE.node [--glibc=2.28] [--kilobytes=600]
// Fails if a Linux binary has an executable stack, or SQLite without a stack protector and fortified functions; if it asks for a
// newer glibc than that, or is larger. Needs readelf, which reads the binaries of other processors too.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { main } = require('./setup');

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
  const names = neededSymbols(file).map(name => name.split('@')[0]);
  const guards = [['a stack protector', names.includes('__stack_chk_fail')]];
  if (glibcFloor(file) !== '0.0') guards.push(['fortified functions', names.some(name => /^__(?!stack_)\w+_chk$/.test(name))]);
  return guards.filter(([, isThere]) => !isThere).map(([guard]) => String(guard));
}

/** @param {string} file @returns {boolean} whether the store is in it, by the first bytes of every database */
function hasSqlite(file) {
  return fs.readFileSync(file).includes('SQLite format 3\0');
}

module.exports = { glibcFloor, hasExecutableStack, symbolsFromOutside, missingGuards, hasSqlite };

if (require.main === module) {
  main(() => {
    const [file] = process.argv.slice(2).filter(arg => !arg.startsWith('--'));
    const option = (/** @type {string} */ name) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1];
    if (!file) throw new Error('Which file? node scripts/check_binary.js FILE.node [--glibc=2.28] [--kilobytes=600]');
    const floor = glibcFloor(file);
    const kilobytes = Math.ceil(fs.statSync(file).size / 1024);
    console.log(`${file}: glibc ${floor}, ${kilobytes} KB`);
    if (hasExecutableStack(file)) throw new Error(`${file} has an executable stack`);
    const missing = hasSqlite(file) ? missingGuards(file) : [];
    if (missing.length > 0) throw new Error(`${file} was compiled without ${missing.join(' and ')}`);
    const glibc = option('glibc');
    if (glibc && compareVersions(floor, glibc) > 0) throw new Error(`${file} needs glibc ${floor}, and ${glibc} must do`);
    const most = option('kilobytes');
    if (most && kilobytes > Number(most)) throw new Error(`${file} has ${kilobytes} KB, and ${most} must do`);
  });
}
