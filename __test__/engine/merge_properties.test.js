'use strict';

/** Merging, on generated sessions that two requests changed: both engines against the rules, and against each other. */

const test = require('node:test');
const assert = require('node:assert');
const { isDeepStrictEqual } = require('node:util');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { makeBase, makeValue, edit, write, isObject, setOwn, clone } = require('../generate/session_edits');
const { naiveMerge } = require('../generate/naive_merge');

const TRIPLES = 25_000;
/** One value: changes of two of them are not disjoint. */
const LIFETIME = new Set(['_expire', '_maxAge', '_session']);
const engines = ENGINES.map(({ name, load }) => ({ name, merge: load().merge }));

/** @param {Prng} random @returns {string[]} base, mine and theirs as texts */
function makeTriple(random) {
  const base = makeBase(random);
  const [mine, theirs] = [clone(base), clone(base)];
  // Some changes are made by both.
  if (random.chance(0.3)) {
    const same = random.bits();
    for (const session of [mine, theirs]) edit(new Prng(same), session, 1);
  }
  edit(random, mine, random.below(5));
  edit(random, theirs, random.below(5));
  return [base, mine, theirs].map(session => write(random, session));
}

const prng = new Prng(seed);
const triples = Array.from({ length: TRIPLES }, () => makeTriple(prng));

/** @param {(triple: string[], where: string) => void} check */
function forEachTriple(check) {
  triples.forEach((triple, i) => check(triple, `triple ${i}, TEST_SEED=${seed}:\n${triple.join('\n')}`));
}

for (const { name, merge } of engines) {
  test(`the ${name} engine merges as the rules tell, on ${TRIPLES} generated sessions`, () => {
    let withConflicts = 0;
    let withoutConflicts = 0;
    forEachTriple(([base, mine, theirs], where) => {
      const expected = naiveMerge(JSON.parse(base), JSON.parse(mine), JSON.parse(theirs));
      const { text, conflicts } = merge(base, mine, theirs);
      const session = JSON.parse(text);
      if (!isDeepStrictEqual(session, expected.session)) assert.deepStrictEqual(session, expected.session, where);
      // Not only sorted: no place is told twice.
      if (String([...conflicts].sort()) !== String(expected.conflicts)) assert.deepStrictEqual([...conflicts].sort(), expected.conflicts, where);
      if (conflicts.length > 0) withConflicts++;
      else if (text !== mine && text !== theirs) withoutConflicts++;
    });
    assert.ok(withConflicts > TRIPLES / 20, `${withConflicts} conflicts`);
    assert.ok(withoutConflicts > TRIPLES / 20, `${withoutConflicts} true merges without a conflict`);
  });

  test(`the ${name} engine gives the other's bytes where one side changed nothing`, () => {
    forEachTriple(([base, mine, theirs], where) => {
      assert.deepStrictEqual(merge(base, base, theirs), { text: theirs, conflicts: [] }, where);
      assert.deepStrictEqual(merge(base, mine, base), { text: mine, conflicts: [] }, where);
      assert.deepStrictEqual(merge(base, mine, mine), { text: mine, conflicts: [] }, where);
    });
  });

  test(`the ${name} engine keeps their order of keys and puts mine behind`, () => {
    forEachTriple(([base, mine, theirs], where) => {
      if (base === theirs || base === mine) return;
      const { text } = merge(base, mine, theirs);
      const session = JSON.parse(text);
      // An object, so that integer-like keys go where V8 puts them.
      const inOrder = {};
      for (const key of [...Object.keys(JSON.parse(theirs)), ...Object.keys(JSON.parse(mine))]) {
        if (Object.hasOwn(session, key)) setOwn(inOrder, key, 0);
      }
      if (String(Object.keys(session)) !== String(Object.keys(inOrder))) assert.deepStrictEqual(Object.keys(session), Object.keys(inOrder), where);
    });
  });

  test(`the ${name} engine loses neither of two disjoint changes`, () => {
    const disjoint = new Prng(seed + 1);
    for (let i = 0; i < TRIPLES; i++) {
      const { base, mine, theirs, both } = makeDisjoint(disjoint);
      const texts = [base, mine, theirs].map(session => write(disjoint, session));
      const { text, conflicts } = merge(texts[0], texts[1], texts[2]);
      const where = `triple ${i}, TEST_SEED=${seed}:\n${texts.join('\n')}`;
      if (!isDeepStrictEqual(JSON.parse(text), both)) assert.deepStrictEqual(JSON.parse(text), both, where);
      assert.strictEqual(conflicts.length, 0, where);
    }
  });
}

test('both engines give the same bytes and the same order of conflicts', () => {
  forEachTriple(([base, mine, theirs], where) => {
    const [one, other] = engines.map(({ merge }) => merge(base, mine, theirs));
    assert.strictEqual(one.text, other.text, where);
    if (String(one.conflicts) !== String(other.conflicts)) assert.deepStrictEqual(one.conflicts, other.conflicts, where);
  });
});

/**
 * Changes of mine and of theirs at different places, none inside another.
 * @param {Prng} random
 */
function makeDisjoint(random) {
  const base = makeBase(random);
  const [mine, theirs, both] = [clone(base), clone(base), clone(base)];
  const ofLifetime = random.below(2);

  /** @param {any} object at the same place in base @param {any[]} copies of mine, theirs and both, at that place @param {number} depth */
  const walk = (object, copies, depth) => {
    const isLifetime = key => depth === 0 && LIFETIME.has(key);
    const added = random.chance(0.3) ? [`new${random.below(9)}`] : [];
    for (const key of [...Object.keys(object), ...added]) {
      if (random.chance(0.3) || added.includes(key)) {
        const side = isLifetime(key) ? ofLifetime : random.below(2);
        const value = random.chance(0.3) ? undefined : makeValue(random, 2);
        for (const copy of [copies[side], copies[2]]) {
          if (value === undefined) delete copy[key];
          else setOwn(copy, key, clone(value));
        }
      } else if (isObject(object[key]) && depth < 6 && !isLifetime(key)) {
        walk(object[key], copies.map(copy => copy[key]), depth + 1);
      }
    }
  };
  walk(base, [mine, theirs, both], 0);
  return { base, mine, theirs, both };
}
