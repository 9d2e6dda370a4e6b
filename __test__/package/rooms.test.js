'use strict';

/** The lint of the borders between the rooms of lib/: it passes on the tree, and notices each kind of import that it forbids. */

const { test, describe, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '../..');
const DEPCRUISE = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CHECKED = ['lib', 'app.js', 'app', 'config', 'index.js'];

/** @type {string} */
let copy;

before(() => {
  copy = fs.mkdtempSync(path.join(os.tmpdir(), 'session-rooms-'));
  for (const entry of [...CHECKED, '.dependency-cruiser.js', 'package.json']) fs.cpSync(path.join(ROOT, entry), path.join(copy, entry), { recursive: true });
});
after(() => fs.rmSync(copy, { recursive: true, force: true }));

/** @typedef {{ rule: { name: string, severity: string }, from: string, to: string }} Violation */

/** @returns {Violation[]} as data, since the lines for people may be coloured */
function lint() {
  const { stdout, stderr } = spawnSync(process.execPath, [DEPCRUISE, '--config', '.dependency-cruiser.js', '--output-type', 'json', ...CHECKED],
    { cwd: copy, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout).summary.violations;
}

test('the rooms import each other as CONTRIBUTING.md says', () => {
  assert.deepEqual(lint(), []);
});

const FORBIDDEN = [
  ['lib/errors.js', "require('./engine');", 'errors-imports-another-room'],
  ['lib/session/data.js', "require('../cookie/mode');", 'session-imports-another-room'],
  ['lib/cookie/mode.js', "require('../store/calls');", 'cookie-imports-another-room'],
  ['lib/cookie/mode.js', "require('../session/session');", 'cookie-imports-another-room'],
  ['lib/store/calls.js', "require('../cookie/mode');", 'store-imports-another-room'],
  ['lib/stores/users.js', "require('../request/save');", 'stores-imports-another-room'],
  ['lib/engine/lifetime.js', "require('../session/data');", 'engine-imports-another-room'],
  ['lib/options/cookie.js', "require('../request/load');", 'options-imports-another-room'],
  ['lib/request/load.js', "require('../options');", 'request-imports-another-room'],
  ['lib/middleware.js', "require('./cookie/mode');", 'middleware-imports-another-room'],
  ['lib/cookie/by_engine.js', "require('./by_ctx_cookies');", 'one-way-does-not-know-the-other'],
  ['lib/newcomer.js', "require('./errors');", 'a-file-without-a-room'],
  ['app.js', "require('./lib/errors');", 'plugin-knows-index-only'],
];

/** pieces.js requires it already. */
const CIRCLE = ['lib/cookie/mode.js', "require('./pieces');"];

describe('with a forbidden import in each of them', () => {
  /** @type {Violation[]} */
  let violations;

  before(() => {
    for (const [file, line] of [...FORBIDDEN, CIRCLE]) fs.appendFileSync(path.join(copy, file), `\n${line}\n`);
    violations = lint();
  });

  for (const [file, source, rule] of FORBIDDEN) {
    const imported = path.posix.join(path.dirname(file), /require\('([^']+)'\)/.exec(source)[1]);
    test(`the lint notices ${rule} in ${file}, which imports ${imported}`, () => {
      const found = violations.filter(({ from, to }) => from === file && to.startsWith(imported));
      assert.ok(found.some(violation => violation.rule.name === rule && violation.rule.severity === 'error'), JSON.stringify(found));
    });
  }

  test('the lint notices a circle within a room', () => {
    const circles = violations.filter(({ rule, from, to }) => rule.name === 'no-circle' && [from, to].sort().join() === 'lib/cookie/mode.js,lib/cookie/pieces.js');
    assert.ok(circles.length > 0 && circles.every(({ rule }) => rule.severity === 'error'), JSON.stringify(violations));
  });
});

test('lib/ has at most four files at its root', () => {
  const files = fs.readdirSync(path.join(ROOT, 'lib'), { withFileTypes: true }).filter(entry => entry.isFile());
  assert.ok(files.length <= 4, files.map(({ name }) => name).join(', '));
});
