'use strict';

/** The workflows by their text: what they may do, whose code they run, and that they build what package.json promises. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, platforms } = require('../../scripts/platforms');
const { findTestFiles } = require('../../scripts/test_files');

const FOLDER = path.join(ROOT, '.github/workflows');
const workflows = Object.fromEntries(fs.readdirSync(FOLDER).map(name => [name, fs.readFileSync(path.join(FOLDER, name), 'utf8')]));

test('every action is pinned by a whole commit hash, with its version beside it', () => {
  for (const [name, text] of Object.entries(workflows)) {
    const uses = [...text.matchAll(/^\s*- uses: (.*)$/gm)].map(match => match[1]);
    assert.ok(uses.length > 0, name);
    assert.strictEqual(uses.length, text.match(/\buses:/g).length, `${name}: a \`uses\` in another form`);
    for (const action of uses) assert.match(action, /^actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
  }
});

test('no action runs on Node 20, which GitHub took from its runners in September 2026', () => {
  const first = { checkout: 5, 'upload-artifact': 6, 'download-artifact': 7 };
  for (const [name, text] of Object.entries(workflows)) {
    for (const [, action, major] of text.matchAll(/uses: actions\/([\w-]+)@\w+ # v(\d+)\./g)) assert.ok(Number(major) >= first[action], `${name}: ${action}`);
  }
});

test('a workflow may read, and only the job that publishes may sign and has the token', () => {
  for (const [name, text] of Object.entries(workflows)) {
    assert.match(text, /^permissions:\n {2}contents: read\n\n/m, name);
    const [before, publish = ''] = text.split(/^ {2}publish:$/m);
    assert.doesNotMatch(before, /: write|secrets\./, name);
    assert.deepStrictEqual(publish.match(/[\w-]+: write/g) || [], name === 'release.yml' ? ['id-token: write'] : []);
    assert.strictEqual((text.match(/actions\/checkout@/g) || []).length, (text.match(/persist-credentials: false/g) || []).length, name);
    assert.doesNotMatch(text, /pull_request_target/);
  }
});

test('the release builds exactly the targets of package.json', () => {
  const built = [...workflows['release.yml'].split(/^ {2}try:$/m)[0].matchAll(/^ {10}- \{ target: ([\w-]+),/gm)].map(match => match[1]);
  assert.deepStrictEqual(built, platforms().map(({ target }) => target));
});

test('the tests and scripts that a workflow names are there', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const [name, text] of Object.entries(workflows)) {
    for (const [, script] of text.matchAll(/\bnpm run ([\w:]+)/g)) assert.ok(script in scripts, `${name}: npm run ${script}`);
    for (const [, file] of text.matchAll(/\bnode (scripts\/\w+\.js)/g)) assert.ok(fs.existsSync(path.join(ROOT, file)), `${name}: ${file}`);
    const words = [...text.matchAll(/\bnpm test -- (.+)$/gm)].flatMap(([, line]) => line.split(' ')).filter(word => !word.startsWith('--'));
    assert.ok(words.length > 0, name);
    for (const word of words) assert.ok(findTestFiles().some(file => file.includes(word)), `${name}: npm test -- ${word}`);
  }
});

test('what the release uploads is what was built and checked: a build with arguments is one that the tests would not take', () => {
  const [build] = workflows['release.yml'].split(/^ {2}try:$/m);
  assert.match(build, /^ {8}run: npm run build \$\{\{ !matrix\.runs && format\('-- --target \{0\}', matrix\.target\) \|\| '' \}\}$/m);
  const runs = [...build.matchAll(/target: ([\w-]+), runner: ([\w-]+), runs: true/g)].map(([, target, runner]) => [target, runner]);
  // Without --target, cargo builds for the system that it runs on.
  assert.deepStrictEqual(runs, [['aarch64-apple-darwin', 'macos-15'], ['x86_64-pc-windows-msvc', 'windows-2025']]);
});

test('where Windows runs steps, they run in bash: npm gets no `--` from PowerShell', () => {
  for (const [name, text] of Object.entries(workflows)) {
    for (const job of text.split(/^(?= {2}[\w-]+:$)/m).filter(each => each.includes('windows-'))) {
      assert.match(job, /^ {4}defaults:\n {6}run:\n(?: {8}#.*\n)? {8}shell: bash$/m, name);
    }
  }
});

test('no token, no npmrc that names one: npm then publishes as the workflow that it trusts', () => {
  assert.match(workflows['release.yml'], /NPM_CONFIG_USERCONFIG: \$\{\{ secrets\.NPM_TOKEN && format\('\{0\}\/\.github\/publish\.npmrc', github\.workspace\) \|\| '' \}\}/);
});

test('what was not run yet says so', () => {
  for (const [name, text] of Object.entries(workflows)) assert.match(text.split(/^name:/m)[0], /^# NOT YET RUN: /m, name);
});
