'use strict';

/** What the pages list is what the code has: options, defaults, codes, events, members. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { NAMES } = require('../../lib/options/names');
const { MemcachedStore, RedisStore } = require('../..');
const { ROOT, blockWith, declaredMembers, firstCells, read, section } = require('../support/documents');

test('the tables of docs/configuration.md list every option, and no other', () => {
  const listed = firstCells(read('docs/configuration.md'));
  assert.deepEqual(listed.sort(), [...NAMES].sort());
  assert.deepEqual(listed, declaredMembers('index.d.ts', 'SessionOptions', 'SessionCookieOptions', 'SessionConfig').sort());
});

test('the defaults shown for the plugin are the plugin\'s defaults', () => {
  const shown = { exports: /** @type {any} */ ({}) };
  vm.runInNewContext(blockWith('docs/configuration.md', 'exports.session'), shown);
  assert.deepEqual({ ...shown.exports.session }, require('../../config/config.default').session);
});

for (const [document, Store] of /** @type {const} */ ([['docs/redis.md', RedisStore], ['docs/memcached.md', MemcachedStore]])) {
  test(`${document} lists every option of the store`, () => {
    assert.throws(() => new Store(/** @type {any} */ ({ client: {}, none: 1 })), err => {
      assert.deepEqual(firstCells(section(document, 'Options')).sort(), (/knows only (.+)/.exec(/** @type {Error} */ (err).message) ?? [])[1].split(', ').sort());
      return true;
    });
  });
}

test('docs/own-store.md lists every option of the test suite', () => {
  const listed = firstCells(section('docs/own-store.md', 'Test it'));
  assert.deepEqual(listed.sort(), declaredMembers('store-tests.d.ts', 'StoreTestsOptions').sort());
});

test('docs/troubleshooting.md lists every code of an error, and no other', () => {
  const folders = ['lib', 'src'];
  const codes = new Set();
  for (const file of folders.flatMap(filesBelow)) {
    for (const [code] of read(file).matchAll(/\bERR_SESSION_[A-Z_]+[A-Z]\b/g)) codes.add(code);
  }
  assert.ok(codes.size > 15);
  assert.deepEqual(firstCells(section('docs/troubleshooting.md', 'Error codes')).sort(), [...codes].sort());
});

test('docs/operating.md lists every event with its members, and every code of a warning', () => {
  const members = name => declaredMembers('index.d.ts', name).filter(member => member !== 'ctx').sort();
  const types = { missed: '', expired: '', invalid: '', changed: 'Paths', conflict: 'Paths', gone: 'Gone', revoked: 'Revoked', store_error: 'StoreError', oversized: 'Oversized', unsaved: 'Unsaved' };
  const rows = [...section('docs/operating.md', 'Events').matchAll(/^\| `session:(\w+)` \|.*\|([^|]*)\|$/gm)];
  assert.deepEqual(rows.map(([, name]) => name), Object.keys(types));
  assert.deepEqual(declaredMembers('index.d.ts', 'SessionEvents').map(name => name.slice(1, -1)).sort(), rows.map(([, name]) => `session:${name}`).sort());
  for (const [, name, cell] of rows) {
    const listed = [...cell.matchAll(/`(\w+)`/g)].map(match => match[1]);
    assert.deepEqual(listed.sort(), members(`Session${types[name]}Event`), name);
  }
  const codes = new Set(filesBelow('lib').flatMap(file => [...read(file).matchAll(/'(SESSION_[A-Z_]+)'/g)].map(match => match[1])));
  assert.deepEqual(new Set([...read('docs/operating.md').matchAll(/`(SESSION_[A-Z_]+)`/g)].map(match => match[1])), codes);
});

test('docs/ctx-session.md lists the members of a session that are there beside its data', () => {
  const listed = [...read('docs/ctx-session.md').matchAll(/`\.(\w+)(?:\(\))?`/g)].map(match => match[1]);
  const internal = ['commit', 'toJSON'];
  assert.deepEqual([...new Set(listed)].sort(), declaredMembers('index.d.ts', 'SessionBase').filter(name => !internal.includes(name)).sort());
});

/** What other programs say. */
const FOREIGN = ['Please set config.keys first', 'CookieLimitExceedError', 'No loader is configured for ".node" files', 'ERR_MODULE_NOT_FOUND', 'TS2353', 'GLIBC_2',
  'Subsequent property declarations', '.keys required for signed cookies', 'Cannot send secure cookie', '@eggjs/session/types', 'must be function', '404 Not Found'];

test('the messages and log lines that the pages quote are those of the code', () => {
  const sources = [...filesBelow('lib'), 'app.js'].map(read).join('\n').replace(/\\(['`])/g, '$1').replace(/'\n\s*\+ '/g, '');
  // A template's values are what a page writes as "…".
  const code = sources.replace(/\$\{as \|\| 'session'\}|\$\{as\}/g, 'session').replace(/\$\{event\}/g, 'expired').replace(/\$\{LONGEST_COOKIE_DAYS\}/g, '400');
  let found = 0;
  for (const page of ['docs/troubleshooting.md', 'docs/operating.md']) {
    const cells = [...read(page).matchAll(/^\| ([^|]*) \|/gm)].map(match => match[1]);
    for (const [, double, single] of cells.join('\n').matchAll(/``(.+?)``|`([^`]+)`/g)) {
      const quoted = (double ?? single).replace(/^session option `[^`]*`:? ?/, '').trim();
      if (FOREIGN.some(text => quoted.includes(text))) continue;
      for (const part of quoted.split(/…|: |\. |:$/).map(text => text.trim()).filter(text => text.length > 11 && text.includes(' '))) {
        assert.ok(code.includes(part.replace('[invalid]', '[expired]')) || code.includes(part.replace(/\(.*$/, '(')), `${page}: ${part}`);
        found++;
      }
    }
  }
  assert.ok(found > 20, String(found));
});

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .flatMap(entry => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}
