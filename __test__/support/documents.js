'use strict';

/** The documents of the package, and what stands in them: sections, tables, blocks of code. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');
const { ROOT } = require('../../scripts/platforms');

/** @param {string} name from the root @returns {string} */
const read = name => fs.readFileSync(path.join(ROOT, name), 'utf8');

/** Every page of docs/, by its path from the root. */
const PAGES = fs.readdirSync(path.join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`);

/** What is read and not only kept: the pages, and the documents of the root. */
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES];

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

module.exports = { ROOT, PAGES, DOCUMENTS, read, blocksOf, blockWith, section, firstCells, declaredMembers };
