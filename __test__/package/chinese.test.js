'use strict';

/**
 * The Chinese documents say what the English ones say. Words are not compared. All that needs no translation is, paragraph by
 * paragraph and cell by cell: names, values, codes and messages in backticks, figures, links, and blocks of code.
 */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { CHINESE_PAGES, PAGES, anchorsOf, blocksOf, linksOf, proseOf, read, resolveLink } = require('../support/documents');

const TRANSLATED = ['README', 'configuration', 'getting-started', 'migration', 'stores', 'troubleshooting'];
/** English first. @type {[string, string][]} */
const PAIRS = [['README.md', 'README.zh-CN.md'], ...TRANSLATED.map(name => /** @type {[string, string]} */ ([`docs/${name}.md`, `docs/zh-CN/${name}.md`]))];
const ENGLISH_OF = new Map(PAIRS.map(([english, chinese]) => [chinese, english]));
const LANGUAGE_LINE = /^(?:English \| \[简体中文\]\(.*\)|\[English\]\(.*\) \| 简体中文)$/m;

/** @param {string} document @returns {string[]} its headings, paragraphs, entries of lists and rows of tables, in order */
function unitsOf(document) {
  return proseOf(document).replace(LANGUAGE_LINE, '').split(/\n\n+|\n(?=\||- |\d+\. )/).map(unit => unit.trim()).filter(Boolean);
}

/** @param {string} text @returns {string[]} what stands in backticks */
function spansOf(text) {
  return [...text.matchAll(/``(.+?)``|`([^`]+)`/g)].map(([, double, single]) => double ?? single);
}

/** The digits of a text, but those of its code and of its links. @param {string} text @returns {string[]} */
function figuresOf(text) {
  return text.replace(/``.+?``|`[^`]+`|\]\([^)]*\)/g, ' ').match(/\d+(?:\.\d+)*/g) ?? [];
}

/** Files by their English names, headings by their number. @param {string} document @param {string} text @returns {string[]} */
function targetsOf(document, text) {
  return linksOf(text).map(target => {
    const { file, anchor } = resolveLink(document, target);
    const name = ENGLISH_OF.get(file) ?? file;
    return anchor === undefined ? name : `${name}, heading ${[...anchorsOf(file)].indexOf(anchor)}`;
  });
}

/** @param {string} document @param {string} unit @returns {{ kind: string | undefined, cells: string[][] }} what needs no translation, cell by cell */
function contentOf(document, unit) {
  const cells = unit.split(' | ').map(cell => [...new Set([...spansOf(cell), ...figuresOf(cell), ...targetsOf(document, cell)])].sort());
  return { kind: /^(?:#+ |- |\d+\. |\|)?/.exec(unit)?.[0], cells };
}

/** Comments are for people. @param {string} document */
function codeOf(document) {
  return blocksOf(document).map(({ language, source }) => ({ language, source: source.replace(/(^|\s)(?:\/\/|#) .*$/gm, '$1') }));
}

test('the pages that are in Chinese are those', () => {
  assert.deepEqual([...CHINESE_PAGES].sort(), TRANSLATED.map(name => `docs/zh-CN/${name}.md`));
});

test('both languages lead to each other below their titles', () => {
  for (const [english, chinese] of PAIRS) {
    const targets = [english, chinese].map(document => {
      const [, line] = read(document).split('\n\n');
      assert.match(line, LANGUAGE_LINE, document);
      return resolveLink(document, linksOf(line)[0]).file;
    });
    assert.deepEqual(targets, [chinese, english]);
  }
});

for (const [english, chinese] of PAIRS) {
  test(`${chinese} has the headings, paragraphs, lists and tables of ${english}, and their names, values, figures and links`, () => {
    const [ours, theirs] = [chinese, english].map(unitsOf);
    theirs.forEach((unit, index) => {
      const mine = ours[index] ?? '';
      assert.deepEqual(contentOf(chinese, mine), contentOf(english, unit), `${mine}\n\n${unit}\n`);
    });
    assert.equal(ours.length, theirs.length);
  });

  test(`${chinese} has the code of ${english}`, () => {
    assert.deepEqual(codeOf(chinese), codeOf(english));
  });
}

test('a link of a Chinese page leads to a Chinese page; if there is none, its line says that the page is English', () => {
  for (const document of ENGLISH_OF.keys()) {
    for (const line of proseOf(document).replace(LANGUAGE_LINE, '').split('\n')) {
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
