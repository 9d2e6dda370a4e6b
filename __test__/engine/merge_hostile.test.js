'use strict';

/** Texts made to hurt: never an exception, never out of proportion, the same answer from both engines. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { withoutStacks } = require('../generate/expected_opening');
const { makeBase, write } = require('../generate/session_edits');

const TEXTS = 30_000;
const LEVELS = 100_000;
const MAX_DEPTH = 128;
const SPLINTERS = [
  '{', '}', '[', ']', ',', ':', '"', '\\', '\\u', '\\ud800', '\\uZZZZ', '\\x', '/', 'null', 'true', 'nul', 'NaN', 'Infinity', '-', '+', '.', '0', '00',
  '1e', '1e+', '-0', '.5', '5.', '0x1', "'", '\0', '\x1f', '\x7f', '\u2028', '\ufeff', '\xa0', '\ud800', '\udc00', ' ', '\t', '\n', '\r', '\f', '\v', '//', '{}', '[]', '""',
];
const engines = ENGINES.map(({ load }) => load());

/** @param {string} text */
function isJson(text) {
  try {
    withoutStacks(() => JSON.parse(text));
    return true;
  } catch {
    return false;
  }
}

/** @param {Prng} prng @param {string} text @returns {string} cut, splintered, doubled or turned */
function spoil(prng, text) {
  for (let i = 1 + prng.below(2); i > 0; i--) {
    const [a, b] = [prng.below(text.length + 1), prng.below(text.length + 1)];
    const kind = prng.below(5);
    if (kind === 0) text = text.slice(0, a) + text.slice(a + 1);
    else if (kind === 1) text = text.slice(0, a) + prng.pick(SPLINTERS) + text.slice(a);
    else if (kind === 2) text = text.slice(0, a) + prng.pick(SPLINTERS) + text.slice(a + 1);
    else if (kind === 3) text = text.slice(0, Math.max(a, b));
    else text = text.slice(0, a) + text.slice(b);
  }
  return text;
}

test(`exactly what JSON.parse takes counts as JSON, in ${TEXTS} spoiled texts`, () => {
  const prng = new Prng(seed);
  let taken = 0;
  for (let i = 0; i < TEXTS; i++) {
    const text = spoil(prng, write(prng, makeBase(prng)));
    const expected = isJson(text);
    if (expected) taken++;
    for (const { name, diff } of engines) {
      assert.strictEqual(diff('another text', text) !== null, expected, `${name}, text ${i}, TEST_SEED=${seed}: ${JSON.stringify(text)}`);
    }
  }
  assert.ok(taken > TEXTS / 20 && taken < TEXTS * 0.95, `${taken} were JSON`);
});

test('every short text of what JSON is made of counts as JSON where JSON.parse takes it', () => {
  const alphabet = ['{', '}', '[', ']', ',', ':', '"', '\\', 'u', 'n', '0', '1', '-', '.', 'e', '+', ' ', '\x1f'];
  let count = 0;
  /** @param {string} text */
  const check = text => {
    const expected = isJson(text);
    if (expected) count++;
    for (const { name, diff } of engines) {
      if ((diff('another text', text) !== null) !== expected) assert.fail(`${name}: ${JSON.stringify(text)}`);
    }
    if (text.length < 4) for (const char of alphabet) check(text + char);
  };
  check('');
  assert.ok(count > 100, `${count} were JSON`);
});

test('every UTF-16 unit counts where JSON.parse takes it: in a string, after a backslash, in \\u, and as white space', () => {
  for (let unit = 0; unit < 0x10000; unit++) {
    const char = String.fromCharCode(unit);
    for (const text of [`"${char}"`, `"\\${char}"`, `"\\u00${char}0"`, `${char}[]`, `[1${char}]`]) {
      const expected = isJson(text);
      for (const { name, diff } of engines) {
        if ((diff('another text', text) !== null) !== expected) assert.fail(`${name}: ${JSON.stringify(text)}`);
      }
    }
  }
});

test('spoiled texts get the same answers from both engines', () => {
  const prng = new Prng(seed + 1);
  for (let i = 0; i < TEXTS; i++) {
    const base = makeBase(prng);
    const texts = [0, 1, 2].map(() => (prng.chance(0.4) ? spoil(prng, JSON.stringify(base)) : write(prng, base)));
    const [one, other] = engines.map(({ merge, diff, changedPaths }) => ({
      merged: merge(texts[0], texts[1], texts[2]), operations: diff(texts[0], texts[1]), paths: changedPaths(texts[0], texts[1]),
    }));
    if (JSON.stringify(one) !== JSON.stringify(other)) assert.deepStrictEqual(one, other, `triple ${i}, TEST_SEED=${seed}:\n${texts.join('\n')}`);
  }
});

/** @param {number} levels @param {string} value */
const nested = (levels, value) => `${'{"a":'.repeat(levels)}${value}${'}'.repeat(levels)}`;

for (const { name, merge, diff, changedPaths } of engines) {
  test(`objects merge by key ${MAX_DEPTH} levels deep, and are whole values below (${name})`, () => {
    for (const [levels, text, conflicts] of /** @type {[number, (levels: number) => string, number[]][]} */ ([
      [MAX_DEPTH, levels => nested(levels, '1,"t":1,"m":1'), []],
      [MAX_DEPTH + 1, levels => nested(levels, '1,"m":1'), [MAX_DEPTH]],
    ])) {
      const merged = merge(nested(levels, '1'), nested(levels, '1,"m":1'), nested(levels, '1,"t":1'));
      assert.strictEqual(merged.text, text(levels));
      assert.deepStrictEqual(merged.conflicts, conflicts.map(depth => '/a'.repeat(depth)));
      assert.deepStrictEqual(changedPaths(nested(levels, '1'), nested(levels, '2')), ['/a'.repeat(MAX_DEPTH)]);
    }
  });

  test(`${LEVELS} levels overflow no stack (${name})`, () => {
    const deep = nested(LEVELS, '1');
    const other = nested(LEVELS, '2');
    assert.deepStrictEqual(merge('{}', deep, other), { text: deep, conflicts: ['/a'.repeat(MAX_DEPTH)] });
    assert.deepStrictEqual(merge(deep, `${deep} `, ` ${deep}`).conflicts, []);
    assert.deepStrictEqual(changedPaths(deep, other), ['/a'.repeat(MAX_DEPTH)]);
    assert.strictEqual(/** @type {any} */ (diff(deep, other))[0].path, '/a'.repeat(MAX_DEPTH));

    const arrays = `{"x":${'['.repeat(LEVELS)}${']'.repeat(LEVELS)}}`;
    const spaced = `{"x":${'[ '.repeat(LEVELS)}${']'.repeat(LEVELS)}}`;
    assert.deepStrictEqual(changedPaths(arrays, spaced), []);
    assert.deepStrictEqual(merge(arrays, `${spaced.slice(0, -1)},"m":1}`, '{}').conflicts, []);
    for (const open of ['['.repeat(LEVELS), '{"a":'.repeat(LEVELS), ']'.repeat(LEVELS)]) assert.deepStrictEqual(changedPaths('{}', open), ['']);
  });

  test(`many long pointers are told as one, that of the whole session (${name})`, () => {
    const key = 'k'.repeat(30_000);
    const wide = (/** @type {number} */ value) => `{"${key}":{${Array.from({ length: 5_000 }, (_, i) => `"${i}":${value}`)}}}`;
    assert.deepStrictEqual(changedPaths(wide(1), wide(2)), ['']);
    assert.deepStrictEqual(diff(wide(1), wide(2)), [{ op: 'replace', path: '', value: JSON.parse(wide(2)) }]);
    assert.deepStrictEqual(merge(wide(1), wide(2), wide(3)), { text: wide(2), conflicts: [''] });
    // Bookkeeping makes no pointers.
    const expire = (/** @type {number} */ value) => wide(value).replace(key, '_expire');
    assert.deepStrictEqual(merge(expire(1), expire(2), expire(3)).conflicts, []);
  });

  test(`pointers of 1,048,576 UTF-16 units together are told one by one, and one unit more are not (${name})`, () => {
    const session = (/** @type {number} */ length, /** @type {number} */ value) => `{"${'a'.repeat(length - 3)}":${value},"b":${value}}`;
    const limit = 1024 * 1024;
    assert.strictEqual(changedPaths(session(limit, 1), session(limit, 2)).length, 2);
    assert.deepStrictEqual(changedPaths(session(limit + 1, 1), session(limit + 1, 2)), ['']);
    assert.strictEqual(merge('{}', session(limit, 1), session(limit, 2)).conflicts.length, 2);
    assert.deepStrictEqual(merge('{}', session(limit + 1, 1), session(limit + 1, 2)).conflicts, ['']);
  });

  test(`time grows with the text and not with its square (${name})`, () => {
    /** @type {((size: number) => (value: number) => string)[]} */
    const shapes = [
      size => value => `{${Array.from({ length: size }, (_, i) => `"k${i}":${value}`)}}`,
      size => value => `{${Array.from({ length: size }, () => `"k":${value}`)}}`,
      size => value => `{"a":[${Array.from({ length: size }, (_, i) => `{"k${i}": ${value}}`)}]}`,
      size => value => nested(size, String(value)),
      size => value => `{"a":${'9'.repeat(size * 6)}${value}}`,
      size => value => `{"a":"${'\\u0061'.repeat(size)}${value}"}`,
    ];
    for (const [index, shape] of shapes.entries()) {
      const cost = (/** @type {number} */ size) => {
        const texts = [1, 2, 3].map(shape(size));
        let best = Infinity;
        for (let run = 0; run < 3; run++) {
          const start = process.cpuUsage();
          merge(texts[0], texts[1], texts[2]);
          changedPaths(texts[0], texts[1]);
          const { user, system } = process.cpuUsage(start);
          best = Math.min(best, user + system);
        }
        return best;
      };
      const [small, large] = [cost(2_000), cost(32_000)];
      // 16 times the text; its square would be 256 times. The caches of the processor have their say too.
      assert.ok(large < 80 * Math.max(small, 1_000), `shape ${index}: ${small} µs, then ${large} µs`);
    }
  });
}
