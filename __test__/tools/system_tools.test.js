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

const FOR_TESTS = TOOLS.filter(({ isForCi }) => !isForCi).map(({ command }) => command);

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} programs shell scripts by name
 * @param {string[]} [args]
 * @param {string} [script]
 */
function run(t, programs, args = [], script = 'scripts/system_tools.js') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'system-tools-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  for (const [name, body] of Object.entries(programs)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const asked = path.join(folder, 'asked');
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(REPOSITORY, script), ...args], {
    env: { ...process.env, PATH: folder, FOLDER: folder, ASKED: asked }, encoding: 'utf8',
  });
  return { status, stdout, stderr, asked: fs.existsSync(asked) ? fs.readFileSync(asked, 'utf8') : '' };
}

const present = names => Object.fromEntries(names.map(name => [name, 'exit 0']));
// Writes down how it was called, and makes the last package's program.
const APT = 'echo "$@" >> "$ASKED"\nfor last; do :; done\nif [ "$1" = install ]; then echo "#!/bin/sh" > "$FOLDER/$last"; fi';

test('nothing happens where everything is there', t => {
  const { status, stdout, stderr, asked } = run(t, { ...present(FOR_TESTS), 'apt-get': APT });
  assert.deepEqual([status, stdout, stderr, asked], [0, '', '', '']);
});

test('what lacks is installed by apt, as root or by a sudo that asks nothing', t => {
  if (process.platform !== 'linux') return;
  const programs = { ...present(FOR_TESTS.filter(name => name !== 'memcached')), 'apt-get': APT, sudo: '[ "$2" = true ] || { shift; exec "$@"; }' };
  const { status, stderr, stdout, asked } = run(t, programs);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^setup: installing memcached \((?:sudo -n )?apt-get\)\n$/);
  assert.equal(asked, 'update -qq\ninstall -y -qq --no-install-recommends memcached\n');
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
  assert.equal(run(t, {}, ['--without=mysql'], 'scripts/test.js').status, 1);
});

test('each test file that starts a server is known to do so', () => {
  const files = findTestFiles();
  for (const [name, some] of Object.entries({
    redis: ['stores/redis/users', 'store_tests/redis', 'package/readme', 'store/lost_updates', 'tools/faults_bad_stores'],
    browser: ['browser/demo', 'browser/attributes', 'browser/limits'],
    memcached: ['stores/memcached/keys', 'store_tests/memcached', 'store/late_writes', 'request/logout_wins'],
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
