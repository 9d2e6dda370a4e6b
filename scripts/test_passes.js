'use strict';

// The test files run twice, once on each engine, but for those that would only say the same again.

/** @typedef {{ name: string, env: Record<string, string>, takes: (file: string) => boolean }} Pass */

/** Why a file needs one pass only; its name begins with one of the words. @type {{ reason: string, names: string[] }[]} */
const ONCE = [
  {
    reason: 'runs both engines in itself, against each other, the originals or published vectors',
    names: [
      'cross_reading.', 'cross_reading_values.', 'diff.', 'diff_properties.', 'engine_base64.', 'engine_egg_cookies.', 'engine_interchange.',
      'engine_misuse.', 'engine_signed_fallback.', 'engine_wrong_key.', 'golden.', 'hostile_engine.', 'merge.', 'merge_hostile.', 'merge_properties.',
      'sealed_cookie_text.', 'sealed_engines.', 'sealed_forgery.', 'sealed_header.', 'sealed_keys.', 'sealed_legacy.', 'sealed_nonce.',
      'sealed_primitives.', 'sealed_tampering.', 'sealed_vectors.',
    ],
  },
  {
    reason: 'is about the native engine, or about which engine is chosen',
    names: ['engine_choice.', 'engine_garbage.', 'engine_panic.', 'engine_threads.', 'loader_'],
  },
  {
    reason: 'installs or judges the packages, and sets the engine itself',
    names: ['install_', 'package_'],
  },
  {
    reason: 'is about a store alone: no cookie is read or written',
    names: ['redis_', 'sqlite_', 'store_memcached.', 'store_redis.', 'store_sqlite.', 'store_tests.'],
  },
  {
    reason: 'is about documents, types or the tests\' own tools',
    names: [
      'bench_', 'demo.', 'fuzz.', 'golden_recorder.', 'mutants.', 'readme.', 'sealed_format_doc.', 'test_runner.', 'types.',
    ],
  },
];

/** @param {string} file path of a test file @returns {boolean} */
function needsOnePass(file) {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return ONCE.some(({ names }) => names.some(start => name.startsWith(start)));
}

/** @type {Pass[]} */
const PASSES = [
  { name: 'native', env: { EGG_SESSION_ENGINE: 'native' }, takes: () => true },
  { name: 'portable', env: { EGG_SESSION_ENGINE: 'portable' }, takes: file => !needsOnePass(file) },
];

module.exports = { PASSES, ONCE };
