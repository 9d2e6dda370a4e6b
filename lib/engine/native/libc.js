'use strict';

/**
 * Detects the C library of this Linux process: glibc (`gnu`) or musl. The loader tries only binaries for that library. With a
 * compatibility layer such as Alpine's gcompat, a binary for the other library may load and crash later.
 */

const fs = require('node:fs');

const HEADER_BYTES = 4096;
const INTERPRETER = /\/(?:ld-musl|ld-linux)[\w.-]*\.so\.\d/;

/**
 * @param {string} interpreter text that may hold the path of an ELF interpreter, such as `/lib/ld-musl-x86_64.so.1`
 * @returns {'gnu' | 'musl' | null}
 */
function libcOf(interpreter) {
  const name = INTERPRETER.exec(interpreter);
  if (name === null) return null;
  return name[0].startsWith('/ld-musl') ? 'musl' : 'gnu';
}

/**
 * Reads the interpreter's path from the first 4096 bytes of an ELF file, which takes microseconds.
 *
 * @param {string} executable path
 * @returns {'gnu' | 'musl' | null} null if the file cannot be read or names no known interpreter
 */
function libcOfExecutable(executable) {
  try {
    const file = fs.openSync(executable, 'r');
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      return libcOf(header.toString('latin1', 0, fs.readSync(file, header, 0, HEADER_BYTES, 0)));
    } finally {
      fs.closeSync(file);
    }
  } catch {
    return null;
  }
}

/**
 * Takes 5 to 25 ms, so it is called only if the executable gave no answer, or for an error message.
 *
 * @returns {any} Node's diagnostic report, parsed; null if there is none
 */
function report() {
  try {
    const { report: reporter } = /** @type {any} */ (process);
    const { excludeNetwork } = reporter;
    // The network section looks up the host names of peers, which may take seconds.
    reporter.excludeNetwork = true;
    try {
      const content = reporter.getReport();
      return typeof content === 'string' ? JSON.parse(content) : content;
    } finally {
      reporter.excludeNetwork = excludeNetwork;
    }
  } catch {
    return null;
  }
}

/**
 * @param {any} content of process.report.getReport()
 * @returns {'gnu' | 'musl' | null}
 */
function libcOfReport(content) {
  if (!content) return null;
  if (content.header && content.header.glibcVersionRuntime) return 'gnu';
  const objects = Array.isArray(content.sharedObjects) ? content.sharedObjects : [];
  return objects.some((/** @type {unknown} */ object) => /libc\.musl-|ld-musl-/.test(String(object))) ? 'musl' : null;
}

/** @returns {'gnu' | 'musl' | null} null if neither the executable nor the report tells */
function detectLibc() {
  return libcOfExecutable(process.execPath) || libcOfReport(report());
}

/** @returns {string} the C library and, for glibc, its version, for an error message */
function describeLibc() {
  if (process.platform !== 'linux') return 'the system libc';
  const content = report();
  const version = content && content.header && content.header.glibcVersionRuntime;
  if (version) return `glibc ${version}`;
  return detectLibc() === 'musl' ? 'musl' : 'an unknown libc';
}

module.exports = { detectLibc, describeLibc, libcOfExecutable, libcOfReport };
