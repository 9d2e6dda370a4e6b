'use strict';

// The test files run twice, once on each engine, but for those that would only say the same again.

/** @typedef {{ name: string, env: Record<string, string>, takes: (file: string) => boolean }} Pass */

/** Why a file needs one pass only; its path below __test__ begins with one of the words. @type {{ reason: string, names: string[] }[]} */
const ONCE = [
  {
    reason: 'runs both engines in itself, against each other, the originals or published vectors; or is about which engine is chosen',
    names: ['engine/'],
  },
  {
    reason: 'installs or judges the packages, and sets the engine itself; or is about documents and types',
    names: ['package/', 'docs/'],
  },
  {
    reason: 'is about a store alone: no cookie is read or written',
    names: ['stores/', 'store_tests/', 'store/access.'],
  },
  {
    reason: 'is about a store that is slow, hangs or is gone: what then happens is decided without an engine',
    names: ['store/deadline.', 'store/down'],
  },
  {
    reason: 'is about what a command asks for and prints: opening a cookie has tests on both engines, and doctor\'s name the engine themselves',
    names: ['cli/'],
  },
  {
    reason: 'is about the order in which two workers reach a store: merging has tests on both engines, alone and in one process',
    names: ['store/overlapping.'],
  },
  {
    reason: 'is about the tests\' own tools, the demo, what a browser does, or a header without an engine',
    names: ['tools/', 'apps/demo.', 'browser/', 'cookie/header_fuzz.'],
  },
];

/** @param {string} file @returns {string} its path below __test__ */
function nameOf(file) {
  return file.slice(file.indexOf('__test__/') + '__test__/'.length);
}

/** @param {string} file path of a test file @returns {boolean} */
function needsOnePass(file) {
  return ONCE.some(({ names }) => names.some(start => nameOf(file).startsWith(start)));
}

/** @type {Pass[]} */
const PASSES = [
  { name: 'native', env: { EGG_SESSION_ENGINE: 'native' }, takes: () => true },
  { name: 'portable', env: { EGG_SESSION_ENGINE: 'portable' }, takes: file => !needsOnePass(file) },
];

/**
 * Files that mostly wait: for a server, a clock, the registry or another process. They run beside those that compute, so that no
 * core is idle. Their paths below __test__ begin with one of these.
 */
const WAITING = [
  'apps/cluster.', 'apps/load.', 'apps/mixed_fleet.', 'package/install_egg', 'package/install_koa', 'request/revocation_http.',
  'store/access.', 'store/down', 'store/overlapping.', 'store_tests/', 'stores/', 'tools/faults_',
];

/** @param {string} file path of a test file @returns {boolean} */
function waits(file) {
  return WAITING.some(start => nameOf(file).startsWith(start));
}

module.exports = { PASSES, ONCE, WAITING, waits };
