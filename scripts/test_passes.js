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
    names: ['package/'],
  },
  {
    reason: 'is about a store alone: no cookie is read or written',
    names: ['stores/redis/', 'stores/sqlite/', 'store_tests/'],
  },
  {
    reason: 'is about the tests\' own tools, the demo, what a browser does, or a header without an engine',
    names: ['tools/', 'apps/demo.', 'browser/', 'cookie/header_fuzz.'],
  },
];

/** @param {string} file path of a test file @returns {boolean} */
function needsOnePass(file) {
  const name = file.slice(file.indexOf('__test__/') + '__test__/'.length);
  return ONCE.some(({ names }) => names.some(start => name.startsWith(start)));
}

/** @type {Pass[]} */
const PASSES = [
  { name: 'native', env: { EGG_SESSION_ENGINE: 'native' }, takes: () => true },
  { name: 'portable', env: { EGG_SESSION_ENGINE: 'portable' }, takes: file => !needsOnePass(file) },
];

module.exports = { PASSES, ONCE };
