'use strict';

/** The smallest macOS and Windows binaries that have headers to read, made field by field. */

const crypto = require('node:crypto');

/**
 * @typedef {object} Made
 * @property {'x64' | 'arm64'} cpu
 * @property {string[]} [libraries]
 * @property {string[]} [exported]
 * @property {string[]} [imported] only in Mach-O
 * @property {number} [flags] the header's
 * @property {boolean} [isSigned] only in Mach-O
 * @property {[number, number]} [macos] only in Mach-O: the oldest that loads it
 * @property {string} [content] more bytes at the end
 */

/** @param {Buffer} bytes @param {number} at @param {number[]} values */
function put32(bytes, at, ...values) {
  values.forEach((value, index) => bytes.writeUInt32LE(value, at + 4 * index));
}

/** @param {Made} made @returns {Buffer} */
function machO({ cpu, libraries = [], exported = [], imported = [], flags = 0, isSigned = true, macos = [10, 15], content = '' }) {
  const commands = libraries.map(name => {
    const command = Buffer.alloc(24 + Math.ceil((name.length + 1) / 8) * 8);
    put32(command, 0, 0xc, command.length, 24);
    command.write(name, 24);
    return command;
  });
  const signing = Buffer.alloc(isSigned ? 16 : 0);
  commands.push(signing);
  const version = Buffer.alloc(24);
  put32(version, 0, 0x32, 24, 1, macos[0] * 0x10000 + macos[1] * 0x100);
  commands.push(version);
  const symtab = Buffer.alloc(24);
  commands.push(symtab);
  const names = [...exported, ...imported].map(name => `_${name}\0`);
  const symbolsAt = 32 + Buffer.concat(commands).length;
  const namesAt = symbolsAt + 16 * names.length;
  put32(symtab, 0, 0x2, 24, symbolsAt, names.length, namesAt, names.join('').length);
  const symbols = names.map((_, index) => {
    const symbol = Buffer.alloc(16);
    put32(symbol, 0, names.slice(0, index).join('').length);
    symbol[4] = index < exported.length ? 0x0f : 0x01;
    return symbol;
  });
  const header = Buffer.alloc(32);
  const count = commands.filter(command => command.length > 0).length;
  put32(header, 0, 0xfeedfacf, cpu === 'arm64' ? 0x0100000c : 0x01000007, 0, 6, count, 0, flags);
  const parts = () => Buffer.concat([header, ...commands, ...symbols, Buffer.from(names.join('')), Buffer.from(content)]);
  if (!isSigned) return parts();
  put32(signing, 0, 0x1d, 16, parts().length);
  return Buffer.concat([parts(), signatureOf(parts())]);
}

/** @param {Buffer} bytes @returns {Buffer} what a linker puts behind them: the SHA-256 of each page of 64 bytes */
function signatureOf(bytes) {
  const PAGE_BITS = 6;
  const hashes = [];
  for (let at = 0; at < bytes.length; at += 2 ** PAGE_BITS) {
    hashes.push(crypto.createHash('sha256').update(bytes.subarray(at, at + 2 ** PAGE_BITS)).digest());
  }
  const head = Buffer.alloc(20);
  [0xfade0cc0, 0, 1, 0, head.length].forEach((value, index) => head.writeUInt32BE(value, index * 4));
  const directory = Buffer.alloc(44);
  [0xfade0c02, 0, 0x20400, 2, directory.length, 0, 0, hashes.length, bytes.length].forEach((value, index) => directory.writeUInt32BE(value, index * 4));
  directory.set([32, 2, 0, PAGE_BITS], 36);
  return Buffer.concat([head, directory, ...hashes]);
}

const SECTION_ADDRESS = 0x1000;
const SECTION_AT = 0x400;

/** @param {Made} made @returns {Buffer} */
function pe({ cpu, libraries = [], exported = [], flags = 0x160, content = '' }) {
  const bytes = Buffer.alloc(0x2000);
  bytes.write('MZ');
  put32(bytes, 0x3c, 0x80);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(cpu === 'arm64' ? 0xaa64 : 0x8664, 0x84);
  bytes.writeUInt16LE(1, 0x86); // sections
  bytes.writeUInt16LE(240, 0x94); // bytes of the optional header
  const optional = 0x98;
  bytes.writeUInt16LE(0x20b, optional);
  bytes.writeUInt16LE(flags, optional + 70);
  put32(bytes, optional + 240 + 12, SECTION_ADDRESS, 0x1c00, SECTION_AT);

  let free = SECTION_AT;
  const take = (/** @type {number} */ size) => { free += size; return free - size; };
  const addressOf = (/** @type {number} */ at) => at - SECTION_AT + SECTION_ADDRESS;
  const text = (/** @type {string} */ value) => {
    const at = take(value.length + 1);
    bytes.write(value, at);
    return addressOf(at);
  };
  const imports = take(20 * (libraries.length + 1));
  libraries.forEach((name, index) => put32(bytes, imports + 20 * index + 12, text(name)));
  const exports = take(40);
  const names = take(4 * exported.length);
  put32(bytes, exports + 24, exported.length, 0, addressOf(names));
  exported.forEach((name, index) => put32(bytes, names + 4 * index, text(name)));
  put32(bytes, optional + 112, addressOf(exports), 40, addressOf(imports));
  bytes.write(content, take(content.length));
  return bytes;
}

module.exports = { machO, pe };
