'use strict';

/** Operations on generated sessions: applied they give the text after, and there are no more of them than needed. */

const test = require('node:test');
const assert = require('node:assert');
const { isDeepStrictEqual } = require('node:util');
const jsonPatch = require('fast-json-patch');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { makeBase, edit, write, isObject, setOwn, clone } = require('../generate/session_edits');

const PAIRS = 25_000;
const engines = ENGINES.map(({ load }) => load());

const prng = new Prng(seed);
const pairs = Array.from({ length: PAIRS }, () => {
  const session = makeBase(prng);
  const before = write(prng, session);
  edit(prng, session, prng.below(6));
  return { before, after: write(prng, prng.chance(0.03) ? makeBase(prng) : session) };
});

/** @param {(before: string, after: string, where: string) => void} check */
function forEachPair(check) {
  pairs.forEach(({ before, after }, i) => check(before, after, `pair ${i}, TEST_SEED=${seed}:\n${before}\n${after}`));
}

/** @param {string} path @returns {string[]} */
const keysOf = path => path.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** @param {any} document @param {string[]} keys @returns {any} undefined where there is none: no JSON value is */
const find = (document, keys) => keys.reduce((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), document);

/**
 * RFC 6902 for objects, where `__proto__` is a key like any other.
 * @param {any} document @param {any[]} operations
 */
function applyPlain(document, operations) {
  for (const { op, path, value } of operations) {
    const keys = keysOf(path);
    const last = /** @type {string} */ (keys.pop());
    if (last === undefined) document = value;
    else if (op === 'remove') delete find(document, keys)[last];
    else setOwn(find(document, keys), last, value);
  }
  return document;
}

for (const { name, diff, changedPaths } of engines) {
  test(`operations applied to the text before give the text after, on ${PAIRS} pairs (${name})`, () => {
    let changed = 0;
    forEachPair((before, after, where) => {
      const operations = /** @type {any[]} */ (diff(before, after));
      const expected = JSON.parse(after);
      if (operations.length > 0) changed++;
      const plain = applyPlain(JSON.parse(before), clone(operations));
      if (!isDeepStrictEqual(plain, expected)) assert.deepStrictEqual(plain, expected, where);
      // fast-json-patch takes `__proto__` for the prototype.
      if (operations.some(({ path }) => keysOf(path).includes('__proto__'))) return;
      const patched = jsonPatch.applyPatch(JSON.parse(before), operations, true, true, false).newDocument;
      if (!isDeepStrictEqual(patched, expected)) assert.deepStrictEqual(patched, expected, where);
    });
    assert.ok(changed > PAIRS / 2, `${changed} pairs differ`);
  });

  test(`every operation is needed, and none replaces more than it must (${name})`, () => {
    forEachPair((before, after, where) => {
      const [was, is] = [JSON.parse(before), JSON.parse(after)];
      for (const { op, path, value } of /** @type {any[]} */ (diff(before, after))) {
        const [old, now] = [find(was, keysOf(path)), find(is, keysOf(path))];
        assert.strictEqual(op, old === undefined ? 'add' : now === undefined ? 'remove' : 'replace', where);
        assert.ok(isDeepStrictEqual(value, now), where);
        assert.ok(!isDeepStrictEqual(old, now), where);
        assert.ok(!isObject(old) || !isObject(now), where);
      }
    });
  });

  test(`the changed paths are the paths of the operations (${name})`, () => {
    forEachPair((before, after, where) => {
      const paths = /** @type {any[]} */ (diff(before, after)).map(({ path }) => path);
      if (String(changedPaths(before, after)) !== String(paths)) assert.deepStrictEqual(changedPaths(before, after), paths, where);
    });
  });
}

test('both engines give the same operations in the same order', () => {
  forEachPair((before, after, where) => {
    const [one, other] = engines.map(({ diff }) => JSON.stringify(diff(before, after)));
    assert.strictEqual(one, other, where);
  });
});
