'use strict';

/**
 * Finds the compiled addon: first one built beside the sources, then the platform's own npm package.
 * Every require() is literal so that bundlers and single-file builds can follow it.
 */

/** @type {Record<string, [string, () => object][]>} what to try on a platform, in order */
const candidates = {
  'linux-x64': [
    ['egg-session-native.linux-x64-gnu.node', () => require('../../egg-session-native.linux-x64-gnu.node')],
    ['egg-session-native.linux-x64-musl.node', () => require('../../egg-session-native.linux-x64-musl.node')],
    ['egg-session-native-linux-x64-gnu', () => require('egg-session-native-linux-x64-gnu')],
    ['egg-session-native-linux-x64-musl', () => require('egg-session-native-linux-x64-musl')],
  ],
  'linux-arm64': [
    ['egg-session-native.linux-arm64-gnu.node', () => require('../../egg-session-native.linux-arm64-gnu.node')],
    ['egg-session-native.linux-arm64-musl.node', () => require('../../egg-session-native.linux-arm64-musl.node')],
    ['egg-session-native-linux-arm64-gnu', () => require('egg-session-native-linux-arm64-gnu')],
    ['egg-session-native-linux-arm64-musl', () => require('egg-session-native-linux-arm64-musl')],
  ],
  'darwin-x64': [
    ['egg-session-native.darwin-x64.node', () => require('../../egg-session-native.darwin-x64.node')],
    ['egg-session-native-darwin-x64', () => require('egg-session-native-darwin-x64')],
  ],
  'darwin-arm64': [
    ['egg-session-native.darwin-arm64.node', () => require('../../egg-session-native.darwin-arm64.node')],
    ['egg-session-native-darwin-arm64', () => require('egg-session-native-darwin-arm64')],
  ],
  'win32-x64': [
    ['egg-session-native.win32-x64-msvc.node', () => require('../../egg-session-native.win32-x64-msvc.node')],
    ['egg-session-native-win32-x64-msvc', () => require('egg-session-native-win32-x64-msvc')],
  ],
  'win32-arm64': [
    ['egg-session-native.win32-arm64-msvc.node', () => require('../../egg-session-native.win32-arm64-msvc.node')],
    ['egg-session-native-win32-arm64-msvc', () => require('egg-session-native-win32-arm64-msvc')],
  ],
};

/** @returns {string} the C library, for the message only: asking costs milliseconds */
function libcName() {
  if (process.platform !== 'linux') return 'the system libc';
  const report = /** @type {any} */ (process.report && process.report.getReport());
  const glibc = report && report.header && report.header.glibcVersionRuntime;
  return glibc ? `glibc ${glibc}` : 'musl or another libc';
}

/**
 * @returns {any} the addon's exports
 * @throws {Error} ERR_SESSION_ENGINE, telling the platform, what was tried and why each failed
 */
function loadBinding() {
  const failures = [];
  for (const [what, load] of candidates[`${process.platform}-${process.arch}`] || []) {
    try {
      return load();
    } catch (err) {
      const cause = /** @type {NodeJS.ErrnoException} */ (err);
      const absent = cause.code === 'MODULE_NOT_FOUND';
      failures.push(`${what}: ${absent ? 'not found' : String(cause.message).split('\n')[0]}`);
    }
  }
  const tried = failures.length ? `tried ${failures.join('; ')}` : 'no binary is built for this platform';
  throw Object.assign(
    new Error(`No native engine for ${process.platform} ${process.arch} (${libcName()}, Node.js ${process.version}): ${tried}`),
    { code: 'ERR_SESSION_ENGINE' },
  );
}

module.exports = loadBinding;
