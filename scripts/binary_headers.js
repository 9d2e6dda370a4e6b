'use strict';

// Reads the headers of macOS and Windows binaries (Mach-O and PE, 64 bits). scripts/check_binary.js reads ELF with readelf.

const crypto = require('node:crypto');
const fs = require('node:fs');

/**
 * @typedef {object} Headers
 * @property {string} format
 * @property {string | undefined} cpu in npm's words; undefined if unknown
 * @property {string[]} libraries that it needs
 * @property {string[]} exported the names of its symbols
 * @property {string[]} imported the names of the symbols that it needs; of Windows, none are read
 * @property {string} [macos] the oldest macOS that loads it
 * @property {string[]} unsafe what its header flags leave open
 */

const CPUS = new Map([[0x01000007, 'x64'], [0x0100000c, 'arm64'], [0x8664, 'x64'], [0xaa64, 'arm64']]);

/** @param {Buffer} bytes @param {number} at @returns {string} up to the zero byte */
function textAt(bytes, at) {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}

const MACHO_MAGIC = 0xfeedfacf;
const [LC_SYMTAB, LC_LOAD_DYLIB, LC_CODE_SIGNATURE, LC_BUILD_VERSION] = [0x2, 0xc, 0x1d, 0x32];
const MH_ALLOW_STACK_EXECUTION = 0x20000;
const [N_EXT, N_TYPE] = [0x01, 0x0e];

const [SIGNATURE, CODE_DIRECTORY, SHA256] = [0xfade0cc0, 0xfade0c02, 2];

/**
 * @param {Buffer} bytes
 * @param {number} at where its signature is
 * @returns {boolean} whether the signature has the hash of each page. Who signed it is not asked: linkers sign for nobody
 */
function isIntact(bytes, at) {
  if (at + 20 > bytes.length || bytes.readUInt32BE(at) !== SIGNATURE) return false;
  // The directory of the code is the first of the signature's parts.
  const directory = at + bytes.readUInt32BE(at + 16);
  if (bytes.readUInt32BE(directory) !== CODE_DIRECTORY || bytes[directory + 37] !== SHA256) return false;
  const [hashes, pages, end] = [16, 28, 32].map(offset => bytes.readUInt32BE(directory + offset));
  const page = 2 ** bytes[directory + 39];
  if (end !== at || pages !== Math.ceil(end / page)) return false;
  for (let index = 0; index < pages; index++) {
    const hash = crypto.createHash('sha256').update(bytes.subarray(index * page, Math.min((index + 1) * page, end))).digest();
    const signed = directory + hashes + 32 * index;
    if (!hash.equals(bytes.subarray(signed, signed + 32))) return false;
  }
  return true;
}

/** @param {Buffer} bytes @returns {Headers} */
function readMachO(bytes) {
  const cpu = CPUS.get(bytes.readUInt32LE(4));
  /** @type {Headers} */
  const headers = { format: 'Mach-O', cpu, libraries: [], exported: [], imported: [], unsafe: [] };
  let signature;
  for (let left = bytes.readUInt32LE(16), at = 32; left > 0; left--, at += bytes.readUInt32LE(at + 4)) {
    const command = bytes.readUInt32LE(at);
    if (command === LC_LOAD_DYLIB) headers.libraries.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)));
    if (command === LC_CODE_SIGNATURE) signature = bytes.readUInt32LE(at + 8);
    if (command === LC_BUILD_VERSION) headers.macos = `${bytes.readUInt16LE(at + 14)}.${bytes[at + 13]}`;
    if (command !== LC_SYMTAB) continue;
    const [symbols, count, names] = [8, 12, 16].map(offset => bytes.readUInt32LE(at + offset));
    for (let index = 0, symbol = symbols; index < count; index++, symbol += 16) {
      const type = bytes[symbol + 4];
      if (!(type & N_EXT)) continue;
      // C names have an underscore in front
      const name = textAt(bytes, names + bytes.readUInt32LE(symbol)).replace(/^_/, '');
      (type & N_TYPE ? headers.exported : headers.imported).push(name);
    }
  }
  if (bytes.readUInt32LE(24) & MH_ALLOW_STACK_EXECUTION) headers.unsafe.push('has an executable stack');
  // macOS on arm64 kills a process that loads unsigned code, or code that was changed after it was signed.
  if (cpu === 'arm64' && signature === undefined) headers.unsafe.push('is not signed');
  if (signature !== undefined && !isIntact(bytes, signature)) headers.unsafe.push('was changed after it was signed');
  return headers;
}

const [HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT] = [0x20, 0x40, 0x100];

/** @param {Buffer} bytes @returns {Headers} */
function readPE(bytes) {
  const pe = bytes.readUInt32LE(0x3c);
  if (bytes.toString('latin1', pe, pe + 4) !== 'PE\0\0') throw new Error('it begins as a Windows binary, and is none');
  const optional = pe + 24;
  const sections = optional + bytes.readUInt16LE(pe + 20);
  /** @param {number} address in memory @returns {number} in the file */
  const inFile = address => {
    for (let left = bytes.readUInt16LE(pe + 6), at = sections; left > 0; left--, at += 40) {
      const start = bytes.readUInt32LE(at + 12);
      if (address >= start && address < start + bytes.readUInt32LE(at + 16)) return address - start + bytes.readUInt32LE(at + 20);
    }
    throw new Error(`no section has the address ${address}`);
  };
  /** @param {number} index @returns {number | undefined} where the directory is in the file */
  const directory = index => {
    const address = bytes.readUInt32LE(optional + 112 + index * 8);
    return address === 0 ? undefined : inFile(address);
  };

  const libraries = [];
  let entry = directory(1);
  while (entry !== undefined && bytes.readUInt32LE(entry + 12) !== 0) {
    libraries.push(textAt(bytes, inFile(bytes.readUInt32LE(entry + 12))).toLowerCase());
    entry += 20;
  }
  const exported = [];
  const table = directory(0);
  if (table !== undefined && bytes.readUInt32LE(table + 24) > 0) {
    const names = inFile(bytes.readUInt32LE(table + 32));
    for (let index = 0; index < bytes.readUInt32LE(table + 24); index++) {
      exported.push(textAt(bytes, inFile(bytes.readUInt32LE(names + index * 4))));
    }
  }
  const flags = bytes.readUInt16LE(optional + 70);
  const unsafe = [];
  if (!(flags & NX_COMPAT)) unsafe.push('has an executable stack');
  if (!(flags & DYNAMIC_BASE)) unsafe.push('is loaded at a fixed address');
  if (!(flags & HIGH_ENTROPY_VA)) unsafe.push('is loaded at one of few addresses');
  return { format: 'PE', cpu: CPUS.get(bytes.readUInt16LE(pe + 4)), libraries, exported, imported: [], unsafe };
}

/** @param {string} file @returns {Headers | undefined} undefined if it is neither Mach-O nor PE */
function readHeaders(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.length > 64 && bytes.readUInt32LE(0) === MACHO_MAGIC) return readMachO(bytes);
  if (bytes.length > 64 && bytes.toString('latin1', 0, 2) === 'MZ') return readPE(bytes);
  return undefined;
}

module.exports = { readHeaders };
