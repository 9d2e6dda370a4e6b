'use strict';

// npm run sanitize                all of these, one after the other:
// npm run sanitize -- miri        the unit tests of the pure modules under Miri, which sees undefined behaviour in the crates they use
// npm run sanitize -- asan        the real addon, built with AddressSanitizer, under the tests of the engine; the store's unit tests
// npm run sanitize -- valgrind    the same store tests under memcheck, and the real addon: it also sees what V8 writes into its buffers

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, setup, main } = require('./setup');
const { cargoEnv } = require('./build');
const { runFiles } = require('./test_files');

/** What has to be installed for it, and the command that tells whether it is. */
const TOOLS = {
  miri: { command: ['cargo', '+nightly', 'miri', '--version'], install: 'rustup toolchain install nightly --component miri,rust-src' },
  asan: { command: ['cargo', '+nightly', '--version'], install: 'rustup toolchain install nightly' },
  valgrind: { command: ['valgrind', '--version'], install: 'apt-get install valgrind' },
};

/**
 * Miri runs a thousand times slower than the processor: left out are the loops of tens of thousands of rounds and the large
 * sets of vectors. The fuzz targets walk the same ways under AddressSanitizer.
 */
const TOO_LONG_FOR_MIRI = [
  'base64::tests::fast_and_lenient', 'base64::tests::canonical_means',
  'diff::tests::operations_applied', 'diff::tests::hostile_texts',
  'json::tests::every_value_is_found', 'json::tests::takes_exactly', 'json::tests::parses_and_compares_any_depth',
  'merge::tests::merges_as_the_rules', 'merge::tests::gives_the_other_side', 'merge::tests::hostile_texts',
  'open::tests::a_call_sees_nothing', 'open::tests::a_new_key_that_happens', 'open::tests::reads_what_egg_cookies_wrote',
  'seal::tests::writes_what_egg_cookies_writes',
  'seal_cbc::tests::a_wrong_key_fits', 'seal_cbc::tests::opens_what_it_encrypts_at_every_length',
  'sealed::tests::every_', 'sealed::tests::no_two_tokens', 'sealed::tests::a_token_is_one_byte', 'sealed::tests::published', 'sign::tests::only_the_exact',
  'wycheproof',
];

/** The tests that call the addon a great deal: strings, tokens, hostile values, threads, panics, garbage. */
const ASAN_TESTS = [
  'engine/diff', 'engine/base64', 'engine/egg_cookies', 'engine/native/garbage', 'engine/interchange', 'engine/native/panic', 'engine/signed_fallback',
  'engine/native/threads', 'engine/wrong_key', 'engine/hostile', 'engine/merge_hostile', 'engine/sealed_engines', 'engine/sealed_tampering',
];
const TARGET = 'x86_64-unknown-linux-gnu';
const TARGET_DIR = path.join(process.env.CARGO_TARGET_DIR || path.join(ROOT, 'target'), 'sanitize');
const ASAN_DEADLINE_MS = 20 * 60 * 1000;
const NOT_COPIED = new Set(['.git', 'node_modules', 'target', 'native', 'fuzz', 'logs', 'run']);

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [env]
 */
function run([name, ...args], env) {
  const { status } = spawnSync(name, args, { cwd: ROOT, env: { ...cargoEnv(), ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`\`${[name, ...args].join(' ')}\` ended with ${status}`);
}

function miri() {
  run(['cargo', '+nightly', 'miri', 'test', '--locked', '--no-default-features', '--lib', '--', ...TOO_LONG_FOR_MIRI.flatMap(test => ['--skip', test])],
    { CARGO_TARGET_DIR: path.join(TARGET_DIR, 'miri') });
}

/** The runtime of AddressSanitizer that goes into node; the compiler's own is for executables only. @returns {string} */
function asanRuntime() {
  const { stdout } = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const file = (stdout || '').trim();
  if (!path.isAbsolute(file)) throw new Error('The runtime of AddressSanitizer is missing: apt-get install gcc');
  return file;
}

/** A copy of the package with an addon that is watched. @param {string} folder */
function makeWatchedCopy(folder) {
  for (const entry of fs.readdirSync(ROOT)) {
    if (!NOT_COPIED.has(entry)) fs.cpSync(path.join(ROOT, entry), path.join(folder, entry), { recursive: true });
  }
  fs.symlinkSync(fs.realpathSync(path.join(ROOT, 'node_modules')), path.join(folder, 'node_modules'), 'junction');
  run([
    'cargo', '+nightly', 'build', '--locked', '--release', '--lib', '--no-default-features', '--target', TARGET,
    '--config', 'profile.release.strip=false', '--config', 'profile.release.debug=1', '--config', 'profile.release.lto="off"', '--config', 'profile.release.codegen-units=16',
  ], { CARGO_TARGET_DIR: path.join(TARGET_DIR, 'asan'), RUSTFLAGS: '-Zsanitizer=address -Zexternal-clangrt -Cforce-frame-pointers=yes' });
  const addon = path.join(TARGET_DIR, 'asan', TARGET, 'release/libegg_session_native.so');
  fs.copyFileSync(addon, path.join(folder, 'egg-session-native.linux-x64-gnu.node'));
}

/** The store's unit tests, with its threads, its SQLite and its access to files. @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function testStore(args, env) {
  run(['cargo', ...args, '--locked', '--lib', '--quiet', 'store::'], env);
}

async function asan() {
  testStore(['+nightly', 'test', '--target', TARGET], {
    CARGO_TARGET_DIR: path.join(TARGET_DIR, 'store'), RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes',
  });
  const runtime = asanRuntime();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-asan-'));
  try {
    makeWatchedCopy(folder);
    const env = {
      EGG_SESSION_ENGINE: 'native',
      LD_PRELOAD: runtime,
      // V8 never frees what it holds at the end; the quarantine is small for a test that watches the process's size
      ASAN_OPTIONS: 'detect_leaks=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16',
    };
    const results = await runFiles(ASAN_TESTS.map(name => `__test__/${name}.test.js`), {
      cwd: folder, env, concurrency: 1, deadlineMs: ASAN_DEADLINE_MS,
      onResult({ file, tests, problems, output, seconds }) {
        console.log(`  ${problems.length > 0 ? `FAIL  ${output}` : 'ok  '}  ${file}  ${tests} tests  ${seconds.toFixed(0)} s`);
      },
    });
    const failed = results.filter(({ problems }) => problems.length > 0);
    if (failed.length > 0) throw new Error(`${failed.length} test files failed under AddressSanitizer`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function valgrind() {
  testStore(['test', '--config', 'target."cfg(unix)".runner=["valgrind", "--quiet", "--error-exitcode=1"]']);
  setup();
  // without compiled JS, which memcheck would have to translate again and again
  const suppressions = path.join(__dirname, 'sanitize/node.supp');
  run(['valgrind', '--quiet', '--error-exitcode=1', `--suppressions=${suppressions}`, process.execPath, '--jitless', path.join(__dirname, 'sanitize/strings.js')]);
}

const CHECKS = { miri, asan, valgrind };

main(async () => {
  const words = process.argv.slice(2);
  const unknown = words.find(word => !Object.hasOwn(CHECKS, word));
  if (unknown !== undefined) throw new Error(`No such check: ${unknown}. There are: ${Object.keys(CHECKS).join(', ')}`);
  const names = /** @type {(keyof typeof CHECKS)[]} */ (words.length > 0 ? words : Object.keys(CHECKS));
  for (const name of names) {
    const { command: [tool, ...args], install } = TOOLS[name];
    if (spawnSync(tool, args, { env: cargoEnv(), stdio: 'ignore' }).status !== 0) throw new Error(`\`${name}\` needs: ${install}`);
  }
  for (const name of names) {
    console.log(`\n${name}`);
    await CHECKS[name]();
  }
  console.log('\nNothing was found.');
});
