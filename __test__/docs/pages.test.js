'use strict';

/** Every page is short, is found from the index, and its links lead somewhere. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { CHINESE_PAGES, DOCUMENTS, PAGES, ROOT, anchorsOf, blocksOf, linksOf, proseOf, read, resolveLink } = require('../support/documents');

const MAX_PAGE_BYTES = 10_000;
const MAX_README_BYTES = 11_000;
/** A Chinese character is three bytes, and says more than a Latin letter. */
const MAX_CHINESE_PAGE_CHARACTERS = 8_000;
const MAX_CHINESE_README_CHARACTERS = 7_000;

/** @param {string} document @returns {number} */
const charactersOf = document => [...read(document)].length;

test('every page is below its limit', () => {
  for (const page of PAGES) assert.ok(Buffer.byteLength(read(page)) < MAX_PAGE_BYTES, `${page}: ${Buffer.byteLength(read(page))} bytes`);
  assert.ok(Buffer.byteLength(read('README.md')) < MAX_README_BYTES);
  for (const page of CHINESE_PAGES) assert.ok(charactersOf(page) < MAX_CHINESE_PAGE_CHARACTERS, `${page}: ${charactersOf(page)} characters`);
  assert.ok(charactersOf('README.zh-CN.md') <= MAX_CHINESE_README_CHARACTERS);
});

test('every page is in the index once, and begins with a heading', () => {
  const indexed = linksOf(proseOf('docs/README.md')).map(target => `docs/${target}`).filter(target => PAGES.includes(target));
  assert.deepEqual(indexed.sort(), PAGES.filter(page => page !== 'docs/README.md').sort());
  for (const page of [...PAGES, ...CHINESE_PAGES]) assert.match(read(page), /^# \S.*\n\n/, page);
});

test('the README answers in the order in which a reader asks', () => {
  const headings = [...read('README.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, [
    'Does it work with my app?', 'Install', 'See that it is on', 'Why', 'Where to keep sessions', 'Roll out, roll back', 'Documentation',
    'Try it in a clone', 'License',
  ]);
  assert.equal(blocksOf('README.md', 'js').length, 1, 'one line is all that an app changes');
});

test('every file that the documents link to is there, and every anchor', () => {
  for (const document of DOCUMENTS) {
    for (const target of linksOf(proseOf(document))) {
      const { file, anchor } = resolveLink(document, target);
      assert.ok(fs.existsSync(path.join(ROOT, file)), `${document}: ${target}`);
      if (anchor) assert.ok(anchorsOf(file).has(anchor), `${document}: ${target}`);
    }
  }
});

test('the pages that the code names are there', () => {
  const sources = ['lib', 'src', 'scripts', 'benchmark', '__test__', 'example', 'fuzz'].flatMap(filesBelow).filter(file => /\.(?:js|ts|mts|rs|py)$/.test(file));
  for (const file of [...sources, 'index.d.ts', 'store-tests.d.ts', 'app.js', 'index.js']) {
    for (const [named] of read(file).matchAll(/docs\/[\w/-]+\.md/g)) assert.ok(fs.existsSync(path.join(ROOT, named)), `${file}: ${named}`);
  }
});

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter(entry => !/^(?:node_modules|target|\..*)$/.test(entry.name))
    .flatMap(entry => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : entry.isFile() ? [`${folder}/${entry.name}`] : []));
}
