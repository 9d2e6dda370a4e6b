'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { runFiles } = require('../../scripts/test_files');

const HEAD = 'const { test, describe } = require(\'node:test\');\n';

/**
 * @param {Record<string, string>} sources
 * @param {{ deadlineMs?: number }} [options]
 * @returns {Promise<Record<string, import('../../scripts/test_files').FileResult>>} results by file
 */
async function run(sources, options = {}) {
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'runner-'));
  try {
    for (const [file, source] of Object.entries(sources)) fs.writeFileSync(path.join(cwd, file), HEAD + source);
    const results = await runFiles(Object.keys(sources), { cwd, concurrency: 2, onResult() {}, ...options });
    return Object.fromEntries(results.map(result => [result.file, result]));
  } finally {
    fs.rmSync(cwd, { recursive: true, force: true });
  }
}

test('a file whose tests all pass has no problems, and its tests are counted without its suites', async () => {
  const { 'good.js': good } = await run({
    'good.js': 'test(\'one\', () => {}); describe(\'suite\', () => { test(\'two\', () => {}); });',
  });
  assert.deepEqual([good.tests, good.problems], [2, []]);
});

test('a failing test is named, and the file\'s output is kept to show it', async () => {
  const { 'bad.js': bad } = await run({
    'bad.js': 'test(\'fine\', () => {}); test(\'breaks\', () => { throw new Error(\'the reason\'); });',
  });
  assert.deepEqual(bad.problems, ['failed: breaks']);
  assert.match(bad.output, /the reason/);
});

test('programs that a file starts do not colour what they print, even in a CI that asks for it', async t => {
  const before = process.env.FORCE_COLOR;
  t.after(() => {
    if (before === undefined) delete process.env.FORCE_COLOR;
    else process.env.FORCE_COLOR = before;
  });
  process.env.FORCE_COLOR = '1';
  const { 'colour.js': colour } = await run({
    'colour.js': `test('none', () => {
      const { execFileSync } = require('node:child_process');
      const printed = execFileSync(process.execPath, ['-p', '[process.env.FORCE_COLOR, process.env.NO_COLOR]'], { encoding: 'utf8' });
      require('node:assert').equal(printed.trim(), "[ undefined, '1' ]");
    });`,
  });
  assert.deepEqual(colour.problems, [], colour.output);
});

test('skipped and todo tests and suites are problems', async () => {
  // Texts of files that the runner must find fault with; nothing of this file is skipped.
  const results = await run({
    'skip.js': 'test(\'later\', { skip: true }, () => {});',
    'todo.js': 'test(\'someday\', { todo: true }, () => {});',
    'suite.js': 'test(\'one\', () => {}); describe.skip(\'all of these\', () => { test(\'two\', () => {}); });',
  });
  assert.deepEqual(results['skip.js'].problems, ['skipped: later']);
  assert.deepEqual(results['todo.js'].problems, ['todo: someday']);
  assert.ok(results['suite.js'].problems.includes('skipped: all of these'), String(results['suite.js'].problems));
});

test('a file without tests, one that exits in the middle and one that cannot be loaded are problems', async () => {
  const results = await run({
    'empty.js': '',
    'exits.js': 'test(\'one\', () => {}); test(\'two\', () => process.exit(0)); test(\'three\', () => {});',
    'broken.js': 'require(\'./no_such_file\');',
    'after.js': 'test(\'one\', () => {}); process.on(\'exit\', () => { process.exitCode = 3; });',
  });
  for (const file of ['empty.js', 'exits.js', 'broken.js', 'after.js']) {
    assert.equal(results[file].problems.length, 1, `${file}: ${results[file].problems}`);
  }
});

test('a file that hangs is ended at the deadline', async () => {
  const { 'hangs.js': hangs } = await run({
    'hangs.js': 'test(\'one\', () => {}); setInterval(() => {}, 1000);',
  }, { deadlineMs: 1500 });
  assert.ok(hangs.problems.includes('did not end within 1.5 s'), String(hangs.problems));
});

test('a process that a file leaves behind is ended and is a problem', async () => {
  const { 'leaves.js': leaves } = await run({
    'leaves.js': `test('one', () => {
      const child = require('node:child_process').spawn(process.execPath, [ '-e', 'setInterval(() => {}, 1000)' ], { stdio: 'ignore' });
      child.unref();
      console.log('left behind: ' + child.pid);
    });`,
  });
  assert.deepEqual(leaves.problems, ['left a process running']);
  const pid = Number(/left behind: (\d+)/.exec(leaves.output)?.[1]);
  await new Promise(resolve => setTimeout(resolve, 100));
  assert.ok(!isRunning(pid));
});

/** @param {number} pid */
function isRunning(pid) {
  try {
    // A killed orphan may stay as a zombie where nobody reaps it.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
