'use strict';

/** The reference that TypeDoc makes of index.d.ts and store-tests.d.ts: numbers have a unit, and what can fail says how. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const ts = require('typescript');
const { ROOT } = require('../../scripts/platforms');

const UNIT = /\b(?:milliseconds|bytes|[Hh]ow (?:many|often)|[Nn]umber of|[Ii]ndex|share of|default 1000)\b|\boctets\b/;
const FAILS = /@throws|\b[Tt]hrows?\b|\b[Rr]ejects?\b|\bno error\b/;
/** Of the app, not of this package. */
const FOREIGN = /^(?:AppLike|ContextOf|Application)\b/;

const sources = ['index.d.ts', 'store-tests.d.ts'].map(name => (
  ts.createSourceFile(name, fs.readFileSync(path.join(ROOT, name), 'utf8'), ts.ScriptTarget.Latest, true)));

/** @param {ts.Node} node @returns {string} its JSDoc, and that of what it is in up to the namespace */
function wordsOf(node) {
  const own = ts.getJSDocCommentsAndTags(node).map(each => each.getText()).join('\n');
  return node.parent === undefined || ts.isModuleBlock(node.parent) ? own : own + wordsOf(node.parent);
}

/** @param {ts.Node} node @returns {string} such as `SessionOptions.maxAge` */
function nameOf(node) {
  const own = node.name ? node.name.getText() : ts.isConstructorDeclaration(node) ? 'constructor' : '';
  const above = node.parent && !ts.isModuleBlock(node.parent) ? nameOf(node.parent) : '';
  return [above, own].filter(Boolean).join('.');
}

/** @param {(node: ts.Node) => boolean} matches @returns {ts.Node[]} */
function find(matches, nodes = sources) {
  return nodes.flatMap(node => [...(matches(node) ? [node] : []), ...find(matches, node.getChildren())]);
}

// `MaxAge` has its unit itself.
const isNumber = node => node.type !== undefined && /^number\b/.test(node.type.getText());
const isMember = node => ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node);
const isCallable = node => ts.isFunctionDeclaration(node) || ts.isMethodSignature(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node);

test('every number says what it counts: its unit, or how many of what', () => {
  const numbers = find(node => isMember(node) && isNumber(node));
  assert.ok(numbers.length > 30, `found ${numbers.length} only`);
  assert.deepEqual(numbers.filter(node => !UNIT.test(wordsOf(node))).map(nameOf), []);
});

test('every function and method says how it fails, or that it does not', () => {
  const callables = find(isCallable);
  assert.ok(callables.length > 40, `found ${callables.length} only`);
  // What one overload says counts for all.
  const told = new Set(callables.filter(node => FAILS.test(wordsOf(node))).map(nameOf));
  const untold = callables.map(nameOf).filter(name => !told.has(name) && !FOREIGN.test(name));
  assert.deepEqual(untold, []);
});
