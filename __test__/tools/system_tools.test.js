'use strict';

/** `npm test` brings the programs that it needs, or says what lacks; each case in a process whose PATH has only what it is given. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { TOOLS } = require('../../scripts/system_tools');
const { findTestFiles, toolsOf } = require('../../scripts/test_files');
const { REPOSITORY } = require('../support/app_process');

// cargo is no program of the folder: these tests run on the one of this machine.
const FOR_TESTS = TOOLS.filter(({ isForCi, command }) => !isForCi && command !== 'cargo').map(({ command }) => command);

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} programs shell scripts by name
 * @param {string[]} [args]
 * @param {string} [script]
 * @param {{ env?: Record<string, string>, process?: string }} [options] more of the environment; JavaScript that runs before the script
 */
function run(t, programs, args = [], script = 'scripts/system_tools.js', options = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'system-tools-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const [name, body] of Object.entries(programs)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const asked = path.join(folder, 'asked');
  const preload = path.join(folder, 'preload.js');
  fs.writeFileSync(preload, options.process ?? '');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, path.join(REPOSITORY, script), ...args], {
    env: { ...process.env, PATH: folder, FOLDER: folder, ASKED: asked, ...options.env }, encoding: 'utf8',
  });
  return { status, stdout, stderr, asked: fs.existsSync(asked) ? fs.readFileSync(asked, 'utf8') : '' };
}

const present = names => Object.fromEntries([...names.map(name => [name, 'exit 0']), ['env', 'exec /usr/bin/env "$@"']]);
// Writes down how it was called, and makes the last package's program.
const APT = 'echo "$DEBIAN_FRONTEND $@" >> "$ASKED"\nfor last; do :; done\nif [ "$1" = install ]; then echo "#!/bin/sh" > "$FOLDER/$last"; fi';
/** As sudo is configured nearly everywhere: what it runs gets none of our environment, but for what these tests need. */
const SUDO = '[ "$2" = true ] || { shift; exec /usr/bin/env -i PATH="$PATH" FOLDER="$FOLDER" ASKED="$ASKED" "$@"; }';
const [AS_ROOT, AS_USER] = [0, 1000].map(uid => ({ process: `process.getuid = () => ${uid};` }));
const on = system => ({ process: `Object.defineProperty(process, 'platform', { value: '${system}' }); process.getuid = () => 1000;` });

test('nothing happens where everything is there', t => {
  const { status, stdout, stderr, asked } = run(t, { ...present(FOR_TESTS), 'apt-get': APT });
  assert.deepEqual([status, stdout, stderr, asked], [0, '', '', '']);
});

test('what lacks is installed by apt, as root or by a sudo that asks nothing', t => {
  if (process.platform !== 'linux') return;
  for (const [options, how] of [[AS_ROOT, 'apt-get'], [AS_USER, 'sudo -n env DEBIAN_FRONTEND=noninteractive apt-get']]) {
    const programs = { ...present(FOR_TESTS.filter(name => name !== 'memcached')), 'apt-get': APT, sudo: SUDO };
    const { status, stderr, stdout, asked } = run(t, programs, [], undefined, options);
    assert.deepEqual([status, stderr, stdout], [0, '', `setup: installing memcached (${how})\n`]);
    assert.equal(asked, 'noninteractive update -qq\nnoninteractive install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends memcached\n');
  }
});

test('one package that apt or brew lacks does not keep the others away', t => {
  const lacksRedis = install => `case "$*" in *redis*) exit 1;; esac\n${install}`;
  const programs = present(FOR_TESTS.filter(name => !['memcached', 'redis-server'].includes(name)));
  for (const [system, name] of [['linux', 'apt-get'], ['darwin', 'brew']]) {
    const { stdout, stderr } = run(t, { ...programs, [name]: lacksRedis(APT), sudo: SUDO }, [], undefined, on(system));
    assert.match(stdout, /^setup: installing redis\S*, memcached /);
    assert.match(stderr, /^ {2}redis-server +for/m);
    assert.doesNotMatch(stderr, /^ {2}memcached/m);
  }
});

test('gcc comes with the headers and start files of C, which Debian only recommends beside it', () => {
  assert.equal(TOOLS.find(({ command }) => command === 'cc').debian, 'gcc libc6-dev');
});

test('where nothing can be installed, one message names each program and how to get it', t => {
  const { status, stdout, stderr } = run(t, present(FOR_TESTS.filter(name => !['redis-server', 'memcached'].includes(name))));
  assert.deepEqual([status, stdout], [1, '']);
  for (const text of ['redis-server', 'memcached', 'sudo apt-get install redis-server memcached', 'brew install redis memcached', '--without=redis,memcached']) {
    assert.ok(stderr.includes(text), `${text}: ${stderr}`);
  }
});

test('an apt that fails is told in the same way, and so is what no test can do without', t => {
  const { status, stderr } = run(t, { ...present(FOR_TESTS.filter(name => name !== 'cc')), 'apt-get': 'exit 100', sudo: '[ "$2" = true ] || exit 100' });
  assert.equal(status, 1);
  assert.match(stderr, /cc +for the linker/);
  assert.doesNotMatch(stderr, /--without/);
});

test('a cargo that is missing or too old is told at the start, with all else that is missing and what was left out already', t => {
  for (const programs of [{}, { cargo: 'echo "cargo 1.63.0"' }]) {
    const { status, stdout, stderr } = run(t, { ...programs, ...present(['cc', 'readelf', 'openssl', 'chromium']) }, ['--without=redis'], 'scripts/test.js', {
      env: { CARGO_HOME: '/nowhere', HOME: '/nowhere' }, ...AS_USER,
    });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^ {2}cargo +for the engine in Rust\n {2}memcached +for .*\ncargo: +Rust 1\.\d+ or newer, https:\/\/rustup\.rs$/m);
    assert.match(stderr, /npm test -- --without=redis,memcached, once the others are there$/m);
  }
});

test('Ubuntu is not told to install the package that it lacks', t => {
  const { stderr } = run(t, present(FOR_TESTS.filter(name => !['memcached', 'chromium'].includes(name))), [], undefined, AS_USER);
  assert.match(stderr, /^Debian: +sudo apt-get install memcached chromium$/m);
  assert.match(stderr, /^Ubuntu: +sudo apt-get install memcached$/m);
  assert.match(stderr, /^chromium: +Google Chrome will do: https:/m);
});

test('Windows needs no compiler of C and no openssl', t => {
  assert.deepEqual(run(t, { 'redis-server.exe': '', 'memcached.exe': '', 'chromium.exe': '', 'cargo.exe': 'echo cargo 1.99.0', cargo: 'echo cargo 1.99.0' }, [], undefined, on('win32')), {
    status: 0, stdout: '', stderr: '', asked: '',
  });
});

test('npm test says so before anything is built, and for .ci/run there is more to bring', t => {
  const { status, stdout, stderr } = run(t, {}, [], 'scripts/test.js');
  assert.deepEqual([status, stdout], [1, '']);
  for (const name of FOR_TESTS) assert.ok(stderr.includes(name), name);
  assert.match(run(t, present(FOR_TESTS), ['--ci']).stderr, /valgrind/);
});

test('--without leaves out the files that start such a server, says so at the end and has an exit code of its own', t => {
  const { status, stdout } = run(t, present(['cc', 'readelf', 'openssl']), ['--without=redis', '--pass=native', 'stores/redis/script', 'tools/faults_ledger'], 'scripts/test.js');
  assert.equal(status, 3);
  assert.match(stdout, /\d+ passed, 0 failed\nNot run, for they need redis: 1 files\n {2}__test__\/stores\/redis\/script\.test\.js\n$/);
});

test('npm test refuses words that --without does not know, and options that it has not', t => {
  for (const [args, complaint] of [
    [['--without=mysql'], '--without knows redis, memcached, browser, and not mysql'],
    [['--without=redis', '--without=mysql'], '--without knows redis, memcached, browser, and not mysql'],
    [['--without', 'redis'], 'No such option: --without. There are: --pass=NAME, --without=NAMES'],
    [['--wihtout=redis'], 'No such option: --wihtout=redis. There are: --pass=NAME, --without=NAMES'],
  ]) {
    const { status, stdout, stderr } = run(t, {}, args, 'scripts/test.js');
    assert.deepEqual([status, stdout, stderr], [1, '', `\n${complaint}\n`]);
  }
});

test('what --without left out is told too where nothing is left to run', t => {
  const { status, stdout } = run(t, present(['cc', 'readelf', 'openssl']), ['--without=redis', '--pass=native', 'stores/redis/script'], 'scripts/test.js');
  assert.equal(status, 1);
  assert.match(stdout, /\nNot run, for they need redis: 1 files\n {2}__test__\/stores\/redis\/script\.test\.js\n$/);
});

test('each test file that starts a server is known to do so', () => {
  const files = findTestFiles();
  for (const [name, some] of Object.entries({
    redis: ['stores/redis/users', 'store_tests/redis', 'package/readme', 'store/overlapping', 'tools/faults_bad_stores'],
    browser: ['browser/demo', 'browser/attributes', 'browser/limits'],
    memcached: ['stores/memcached/keys', 'store_tests/memcached', 'store/late_writes', 'store/overlapping'],
  })) {
    for (const part of some) assert.ok(files.filter(file => file.includes(part)).every(file => toolsOf(file).includes(name)), part);
  }
  assert.ok(files.filter(file => toolsOf(file).length > 0).length < files.length / 4);
});

test('CONTRIBUTING.md lists the same programs', () => {
  const text = fs.readFileSync(path.join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8');
  const code = value => (value === undefined ? '–' : `\`${value}\``);
  for (const { command, purpose, debian, brew, name, isForCi } of TOOLS) {
    const row = [code(command), `${purpose}${isForCi ? ' (`.ci/run` only)' : ''}`, code(debian), code(brew), code(name)];
    assert.ok(text.includes(`| ${row.join(' | ')} |`), command);
  }
});
