'use strict';

/** The documents of the package, and what stands in them: sections, tables, blocks of code. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');
const { ROOT } = require('../../scripts/platforms');

/** @param {string} name from the root @returns {string} */
const read = name => fs.readFileSync(path.join(ROOT, name), 'utf8');

/** @param {string} folder @returns {string[]} its pages, by their paths from the root */
const pagesIn = folder => fs.readdirSync(path.join(ROOT, folder)).filter(name => name.endsWith('.md')).map(name => `${folder}/${name}`);

/** Every page of docs/ in English. */
const PAGES = pagesIn('docs');

/** Those in Chinese. */
const CHINESE_PAGES = pagesIn('docs/zh-CN');

/** What is read and not only kept: the pages, and the documents of the root. */
const DOCUMENTS = ['README.md', 'README.zh-CN.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES, ...CHINESE_PAGES];

/**
 * @param {string} document
 * @param {string} [language] of the blocks; all by default
 * @returns {{ language: string, source: string }[]}
 */
function blocksOf(document, language) {
  return [...read(document).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .map(([, found, source]) => ({ language: found, source }))
    .filter(block => language === undefined || block.language === language);
}

/** @param {string} document @returns {string} its text without blocks of code */
function proseOf(document) {
  return read(document).replace(/^```[\s\S]*?^```$/gm, '');
}

/** As GitHub makes them. @param {string} document @returns {Set<string>} */
function anchorsOf(document) {
  const headings = [...proseOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  return new Set(headings.map(heading => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-')));
}

/** @param {string} text @returns {string[]} the targets of its links, but those to other sites */
function linksOf(text) {
  return [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target).filter(target => !target.startsWith('https://'));
}

/**
 * As GitHub has it: a link is relative to the document, and one without a file is to the document itself.
 * @param {string} document
 * @param {string} target
 * @returns {{ file: string, anchor: string | undefined }} the file by its path from the root
 */
function resolveLink(document, target) {
  const [linked, anchor] = target.split('#');
  return { file: linked ? path.posix.join(path.posix.dirname(document), linked) : document, anchor };
}

/** @param {string} document @param {string} part @returns {string} the one block with this text */
function blockWith(document, part) {
  const found = blocksOf(document).filter(({ source }) => source.includes(part));
  assert.equal(found.length, 1, `${document}: ${part}`);
  return found[0].source;
}

/** @param {string} document @param {string} heading @returns {string} the text below it, up to the next of its level or above */
function section(document, heading) {
  const text = read(document);
  const start = new RegExp(`^(#+) ${heading.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm').exec(text);
  assert.ok(start, `${document} has no heading ${heading}`);
  const rest = text.slice(start.index + start[0].length);
  const end = rest.search(new RegExp(`^#{1,${start[1].length}} `, 'm'));
  return end === -1 ? rest : rest.slice(0, end);
}

/** The first cells of the tables in a text: names in backticks. @param {string} text @returns {string[]} */
function firstCells(text) {
  return [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1]));
}

/**
 * @param {string} file
 * @param {...string} interfaces
 * @returns {string[]} their members, without those that they inherit
 */
function declaredMembers(file, ...interfaces) {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  /** @type {string[]} */
  const members = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isInterfaceDeclaration(node) && interfaces.includes(node.name.text)) {
      members.push(...node.members.map(member => /** @type {ts.PropertyName} */ (member.name).getText(source)));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...new Set(members)];
}

module.exports = {
  ROOT, PAGES, CHINESE_PAGES, DOCUMENTS, read, blocksOf, proseOf, anchorsOf, linksOf, resolveLink, blockWith, section, firstCells, declaredMembers,
};
