'use strict';

/**
 * The Chinese documents say what the English ones say. Words are not compared, but all that needs no translation is, heading by
 * heading: names, values, codes and messages in backticks, figures, links, rows of tables, and blocks of code.
 */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { CHINESE_PAGES, PAGES, blocksOf, linksOf, proseOf, read, resolveLink } = require('../support/documents');

const TRANSLATED = ['README', 'configuration', 'getting-started', 'migration', 'stores', 'troubleshooting'];
/** English first. @type {[string, string][]} */
const PAIRS = [['README.md', 'README.zh-CN.md'], ...TRANSLATED.map(name => /** @type {[string, string]} */ ([`docs/${name}.md`, `docs/zh-CN/${name}.md`]))];
const ENGLISH_OF = new Map(PAIRS.map(([english, chinese]) => [chinese, english]));
const IS_LANGUAGE_LINE = /^(?:English \| \[简体中文\]\(.*\)|\[English\]\(.*\) \| 简体中文)$/m;

/** @param {string} document @returns {string[]} its parts, each from a heading to the next */
function partsOf(document) {
  return proseOf(document).replace(IS_LANGUAGE_LINE, '').split(/^(?=#+ )/m);
}

/** @param {string} text @returns {string[]} what stands in backticks */
function spansOf(text) {
  return [...text.matchAll(/``(.+?)``|`([^`]+)`/g)].map(([, double, single]) => double ?? single);
}

/** The digits of a text, but those of its code and of its links. @param {string} text @returns {string[]} */
function figuresOf(text) {
  return text.replace(/``.+?``|`[^`]+`|\]\([^)]*\)/g, ' ').match(/\d+(?:\.\d+)*/g) ?? [];
}

/** Files by their English names; an anchor counts if it is of an English page. @param {string} document @param {string} text @returns {string[]} */
function targetsOf(document, text) {
  return linksOf(text).map(target => {
    const { file, anchor } = resolveLink(document, target);
    const english = ENGLISH_OF.get(file) ?? file;
    const isTranslated = PAIRS.some(pair => pair[0] === english);
    return anchor === undefined ? english : `${english}#${isTranslated ? '' : anchor}`;
  });
}

/** Each table's rows. @param {string} text @returns {string[][]} */
function tablesOf(text) {
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table.trim().split('\n'));
}

/** A row of an option, a code or a message. @param {string} row @returns {string[][]} what stands in backticks, cell by cell */
function cellsOf(row) {
  return row.split(/ \| /).map(cell => [...spansOf(cell), ...figuresOf(cell)].sort());
}

/** Comments are for people. @param {string} document */
function codeOf(document) {
  return blocksOf(document).map(({ language, source }) => ({ language, source: source.replace(/(^|\s)(?:\/\/|#) .*$/gm, '$1') }));
}

/** @param {string[]} items @returns {string[]} each once */
const set = items => [...new Set(items)].sort();

test('the pages that are in Chinese are those', () => {
  assert.deepEqual(set(CHINESE_PAGES), set(TRANSLATED.map(name => `docs/zh-CN/${name}.md`)));
});

test('both languages lead to each other below their titles', () => {
  for (const [english, chinese] of PAIRS) {
    const targets = [english, chinese].map(document => {
      const [, line] = read(document).split('\n\n');
      assert.match(line, IS_LANGUAGE_LINE, document);
      return resolveLink(document, linksOf(line)[0]).file;
    });
    assert.deepEqual(targets, [chinese, english]);
  }
});

for (const [english, chinese] of PAIRS) {
  test(`${chinese} has the headings, names, values, figures and links of ${english}`, () => {
    const [ours, theirs] = [chinese, english].map(document => partsOf(document).map(text => ({
      level: /^#*/.exec(text)?.[0], names: set(spansOf(text)), figures: set(figuresOf(text)), links: set(targetsOf(document, text)),
    })));
    ours.forEach((part, index) => assert.deepEqual(part, theirs[index], partsOf(chinese)[index].split('\n')[0]));
    assert.equal(ours.length, theirs.length);
  });

  test(`${chinese} has the tables of ${english}, row by row`, () => {
    const [ours, theirs] = [chinese, english].map(document => tablesOf(proseOf(document)));
    ours.forEach((table, index) => table.forEach((row, line) => assert.deepEqual(cellsOf(row), cellsOf(theirs[index][line]), row)));
    assert.deepEqual(ours.map(table => table.length), theirs.map(table => table.length));
  });

  test(`${chinese} has the code of ${english}`, () => {
    assert.deepEqual(codeOf(chinese), codeOf(english));
  });
}

test('a link of a Chinese page leads to a Chinese page; if there is none, its line says that the page is English', () => {
  for (const document of ENGLISH_OF.keys()) {
    for (const line of proseOf(document).replace(IS_LANGUAGE_LINE, '').split('\n')) {
      for (const target of linksOf(line)) {
        const { file } = resolveLink(document, target);
        assert.ok(!PAIRS.some(([english]) => english === file), `${document}: ${target} is there in Chinese`);
        if (PAGES.includes(file) || ['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].includes(file)) assert.match(line, /英文/, `${document}: ${target}`);
      }
    }
  }
});

test('Chinese text has full-width punctuation, and a space between Chinese and Latin', () => {
  for (const document of ENGLISH_OF.keys()) {
    const text = proseOf(document).replace(/``.+?``|`[^`]+`/g, 'code').replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\*\*|^[-|].*(?:---).*$/gm, '');
    assert.deepEqual(text.match(/.{0,8}\p{Script=Han}[,;:!?()].{0,8}|.{0,8}[,;:!?()]\p{Script=Han}.{0,8}/gu), null, document);
    assert.deepEqual(text.match(/.{0,8}(?:\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}).{0,8}/gu), null, document);
  }
});
