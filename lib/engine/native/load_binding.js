'use strict';

/**
 * Loads the compiled addon for this platform. A binary that was built beside the sources comes first, the platform's npm package
 * second. Each require() has a literal path and its own `try`, so that bundlers include the binaries that exist and accept that
 * the others are missing.
 */

const { detectLibc, describeLibc } = require('./libc');

/** @typedef {{ what: string, err: unknown }} Failure `what`: the file or package that did not load */
/** @typedef {(failures: Failure[]) => object | undefined} Load returns the addon, or undefined after adding to `failures` */

/** @type {Load} */
function linuxX64Gnu(failures) {
  try {
    return require('../../../egg-session-native.linux-x64-gnu.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.linux-x64-gnu.node', err });
  }
  try {
    return require('egg-session-native-linux-x64-gnu');
  } catch (err) {
    failures.push({ what: 'egg-session-native-linux-x64-gnu', err });
  }
}

/** @type {Load} */
function linuxX64Musl(failures) {
  try {
    return require('../../../egg-session-native.linux-x64-musl.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.linux-x64-musl.node', err });
  }
  try {
    return require('egg-session-native-linux-x64-musl');
  } catch (err) {
    failures.push({ what: 'egg-session-native-linux-x64-musl', err });
  }
}

/** @type {Load} */
function linuxArm64Gnu(failures) {
  try {
    return require('../../../egg-session-native.linux-arm64-gnu.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.linux-arm64-gnu.node', err });
  }
  try {
    return require('egg-session-native-linux-arm64-gnu');
  } catch (err) {
    failures.push({ what: 'egg-session-native-linux-arm64-gnu', err });
  }
}

/** @type {Load} */
function linuxArm64Musl(failures) {
  try {
    return require('../../../egg-session-native.linux-arm64-musl.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.linux-arm64-musl.node', err });
  }
  try {
    return require('egg-session-native-linux-arm64-musl');
  } catch (err) {
    failures.push({ what: 'egg-session-native-linux-arm64-musl', err });
  }
}

/** @type {Load} */
function darwinX64(failures) {
  try {
    return require('../../../egg-session-native.darwin-x64.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.darwin-x64.node', err });
  }
  try {
    return require('egg-session-native-darwin-x64');
  } catch (err) {
    failures.push({ what: 'egg-session-native-darwin-x64', err });
  }
}

/** @type {Load} */
function darwinArm64(failures) {
  try {
    return require('../../../egg-session-native.darwin-arm64.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.darwin-arm64.node', err });
  }
  try {
    return require('egg-session-native-darwin-arm64');
  } catch (err) {
    failures.push({ what: 'egg-session-native-darwin-arm64', err });
  }
}

/** @type {Load} */
function win32X64(failures) {
  try {
    return require('../../../egg-session-native.win32-x64-msvc.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.win32-x64-msvc.node', err });
  }
  try {
    return require('egg-session-native-win32-x64-msvc');
  } catch (err) {
    failures.push({ what: 'egg-session-native-win32-x64-msvc', err });
  }
}

/** @type {Load} */
function win32Arm64(failures) {
  try {
    return require('../../../egg-session-native.win32-arm64-msvc.node');
  } catch (err) {
    failures.push({ what: 'egg-session-native.win32-arm64-msvc.node', err });
  }
  try {
    return require('egg-session-native-win32-arm64-msvc');
  } catch (err) {
    failures.push({ what: 'egg-session-native-win32-arm64-msvc', err });
  }
}

/** @type {Record<string, Load>} */
const LOADS = {
  'linux-x64-gnu': linuxX64Gnu,
  'linux-x64-musl': linuxX64Musl,
  'linux-arm64-gnu': linuxArm64Gnu,
  'linux-arm64-musl': linuxArm64Musl,
  'darwin-x64': darwinX64,
  'darwin-arm64': darwinArm64,
  'win32-x64': win32X64,
  'win32-arm64': win32Arm64,
};

/** @returns {Load[]} those for this platform: two for a Linux whose C library is unknown, none for an unsupported platform, else one */
function loadsForHere() {
  const here = `${process.platform}-${process.arch}`;
  const libc = process.platform === 'linux' ? detectLibc() : null;
  const names = libc ? [`${here}-${libc}`] : [here, `${here}-gnu`, `${here}-musl`];
  return names.filter(name => Object.hasOwn(LOADS, name)).map(name => LOADS[name]);
}

/** @param {Failure} failure @returns {string} for the message, on one line */
function describe({ what, err }) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (Object(err));
  return `${what}: ${code === 'MODULE_NOT_FOUND' ? 'not found' : String(message || err).split('\n')[0]}`;
}

/**
 * @returns {any} the addon's exports
 * @throws {Error} ERR_SESSION_ENGINE; the message names the platform and the reason why each candidate failed
 */
function loadBinding() {
  /** @type {Failure[]} */
  const failures = [];
  for (const load of loadsForHere()) {
    const binding = load(failures);
    if (binding) return binding;
  }
  const tried = failures.length ? `tried ${failures.map(describe).join('; ')}` : 'no binary is built for this platform';
  throw Object.assign(
    new Error(`No native engine for ${process.platform} ${process.arch} (${describeLibc()}, Node.js ${process.version}): ${tried}`),
    { code: 'ERR_SESSION_ENGINE' },
  );
}

module.exports = loadBinding;
