'use strict';

/**
 * Which C library this Linux process runs on: a binary for the other one must not even be tried, since with a
 * compatibility layer (Alpine's gcompat) it may load and crash later.
 */

const fs = require('node:fs');

const HEADER_BYTES = 4096;
const INTERPRETER = /\/(?:ld-musl|ld-linux)[\w.-]*\.so\.\d/;

/**
 * @param {string} interpreter the program that an executable asks the kernel to be loaded by
 * @returns {'gnu' | 'musl' | null}
 */
function libcOf(interpreter) {
  const name = INTERPRETER.exec(interpreter);
  if (name === null) return null;
  return name[0].startsWith('/ld-musl') ? 'musl' : 'gnu';
}

/**
 * The head of an ELF file names its interpreter; reading it takes microseconds.
 * @param {string} executable
 * @returns {'gnu' | 'musl' | null}
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
 * Takes 5 to 25 ms, so it is asked only if the cheap way gave no answer, or for a message.
 * @returns {any} Node's diagnostic report, or null where there is none
 */
function report() {
  try {
    const { report: reporter } = /** @type {any} */ (process);
    const { excludeNetwork } = reporter;
    // Names of peers would be looked up, which may take seconds.
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

/** @returns {'gnu' | 'musl' | null} null: neither way told */
function detectLibc() {
  return libcOfExecutable(process.execPath) || libcOfReport(report());
}

/** @returns {string} for a message */
function describeLibc() {
  if (process.platform !== 'linux') return 'the system libc';
  const content = report();
  const version = content && content.header && content.header.glibcVersionRuntime;
  if (version) return `glibc ${version}`;
  return detectLibc() === 'musl' ? 'musl' : 'an unknown libc';
}

module.exports = { detectLibc, describeLibc, libcOfExecutable, libcOfReport };
