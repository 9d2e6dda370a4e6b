'use strict';

/** Operations and pointers, case by case, in both engines. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');

/**
 * RFC 6902, appendix A: document, result, and the appendix's patch where it is ours too (no array elements, no moves).
 * @type {[string, object, object, object[]?][]}
 */
const RFC_6902_APPENDIX_A = [
  ['A.1', { foo: 'bar' }, { baz: 'qux', foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }]],
  ['A.2', { foo: ['bar', 'baz'] }, { foo: ['bar', 'qux', 'baz'] }],
  ['A.3', { baz: 'qux', foo: 'bar' }, { foo: 'bar' }, [{ op: 'remove', path: '/baz' }]],
  ['A.4', { foo: ['bar', 'qux', 'baz'] }, { foo: ['bar', 'baz'] }],
  ['A.5', { baz: 'qux', foo: 'bar' }, { baz: 'boo', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }]],
  [
    'A.6', { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  ['A.7', { foo: ['all', 'grass', 'cows', 'eat'] }, { foo: ['all', 'cows', 'eat', 'grass'] }],
  ['A.10', { foo: 'bar' }, { foo: 'bar', child: { grandchild: {} } }, [{ op: 'add', path: '/child', value: { grandchild: {} } }]],
  ['A.11', { foo: 'bar' }, { foo: 'bar', baz: 'qux' }, [{ op: 'add', path: '/baz', value: 'qux' }]],
  ['A.16', { foo: ['bar'] }, { foo: ['bar', ['abc', 'def']] }],
];

/** RFC 6901, section 5: keys of its document and the pointers to them. */
const RFC_6901_SECTION_5 = [
  ['foo', '/foo'], ['', '/'], ['a/b', '/a~1b'], ['c%d', '/c%d'], ['e^f', '/e^f'], ['g|h', '/g|h'], ['i\\j', '/i\\j'], ['k"l', '/k"l'], [' ', '/ '], ['m~n', '/m~0n'],
];

for (const { name, load } of ENGINES) {
  const { diff, changedPaths } = load();

  for (const [section, document, result, patch] of RFC_6902_APPENDIX_A) {
    test(`RFC 6902 ${section}: ${patch ? 'its patch' : 'whole arrays replaced, moves as remove and add'} (${name})`, () => {
      const operations = diff(JSON.stringify(document), JSON.stringify(result));
      if (patch) assert.deepStrictEqual(operations, patch);
      else if (section !== 'A.6') assert.deepStrictEqual(operations, [{ op: 'replace', path: '/foo', value: /** @type {any} */ (result).foo }]);
      else assert.deepStrictEqual(operations, [{ op: 'remove', path: '/foo/waldo' }, { op: 'add', path: '/qux/thud', value: 'fred' }]);
    });
  }

  test(`pointers are those of RFC 6901, section 5 (${name})`, () => {
    for (const [key, pointer] of RFC_6901_SECTION_5) {
      assert.deepStrictEqual(changedPaths(JSON.stringify({ [key]: 1 }), JSON.stringify({ [key]: 2 })), [pointer]);
      assert.deepStrictEqual(changedPaths(JSON.stringify({ [key]: { [key]: 1 } }), JSON.stringify({ [key]: {} })), [pointer + pointer]);
    }
    assert.deepStrictEqual(changedPaths('{}', '{"~~//~1":1}'), ['/~0~0~1~1~01']);
    // RFC 6902 A.14: '~01' is '~1', and neither '/' nor '~'.
    assert.deepStrictEqual(changedPaths('{"/":9,"~1":10}', '{"/":9,"~1":11}'), ['/~01']);
  });

  test(`keys and values come back as they were, control characters and lone surrogates included (${name})`, () => {
    for (const key of ['\0', '\x1f', '\n', '"', '\\', '\x7f', '\u2028', 'é', '杭', '🦀', '\ud800', '\udc00x', '__proto__']) {
      const after = `{${JSON.stringify(key)}:${JSON.stringify(key)}}`;
      assert.deepStrictEqual(diff('{}', after), [{ op: 'add', path: `/${key}`, value: key }]);
      assert.deepStrictEqual(diff('{}', `{"${'\ud800'}":1}`), [{ op: 'add', path: '/\ud800', value: 1 }]);
      assert.deepStrictEqual(diff(after, '{}'), [{ op: 'remove', path: `/${key}` }]);
      assert.deepStrictEqual(changedPaths('{}', after), [`/${key}`]);
    }
    const [{ value }] = /** @type {any} */ (diff('{}', '{"a":{"__proto__":{"b":1}}}'));
    assert.deepStrictEqual(Object.keys(value), ['__proto__']);
    assert.strictEqual(value.b, undefined);
    assert.ok(Object.is(/** @type {any} */ (diff('{"a":0}', '{"a":-0}'))[0].value, -0));
  });

  test(`removals and replacements come in the order before, additions in the order after (${name})`, () => {
    assert.deepStrictEqual(
      changedPaths('{"c":1,"o":{"x":1,"y":1},"a":1,"b":1}', '{"new2":1,"b":2,"o":{"z":1,"y":2},"new1":1,"c":2}'),
      ['/c', '/o/x', '/o/y', '/o/z', '/a', '/b', '/new2', '/new1'],
    );
  });

  test(`nothing has changed where only order, white space or spelling has (${name})`, () => {
    for (const [before, after] of [
      ['{"a":1,"b":2}', '{"b":2,"a":1}'], ['{}', ' { } '], ['{"a":[1,"é"]}', '{"a" : [ 1.0, "\\u00e9" ]}'], ['{"a":[{"b":1,"c":2}]}', '{"a":[{"c":2,"b":1}]}'],
      ['{"a":1}', '{"a":2,"a":1}'], ['x', 'x'], ['', ''], ['[1]', '[ 1 ]'], ['1', '1.0'],
    ]) {
      assert.deepStrictEqual(diff(before, after), []);
      assert.deepStrictEqual(changedPaths(before, after), []);
    }
  });

  test(`exponents are calculated with up to 15 digits, and compared as written beyond (${name})`, () => {
    assert.deepStrictEqual(changedPaths('{"a":1e999999999999999}', '{"a":10e999999999999998}'), []);
    assert.deepStrictEqual(changedPaths('{"a":1e-00000999999999999999}', '{"a":0.1e-999999999999998}'), []);
    assert.deepStrictEqual(changedPaths('{"a":1e9999999999999999}', '{"a":10e9999999999999998}'), ['/a']);
    assert.deepStrictEqual(changedPaths('{"a":0e9999999999999999}', '{"a":0}'), []);
  });

  test(`what is no object is one whole value (${name})`, () => {
    assert.deepStrictEqual(diff('[1]', '{"a":1}'), [{ op: 'replace', path: '', value: { a: 1 } }]);
    assert.deepStrictEqual(diff('{"a":1}', 'null'), [{ op: 'replace', path: '', value: null }]);
    assert.deepStrictEqual(diff('{"a":{"b":1}}', '{"a":[{"b":1}]}'), [{ op: 'replace', path: '/a', value: [{ b: 1 }] }]);
  });

  test(`what is no JSON can be replaced but no operation can make it (${name})`, () => {
    for (const text of ['', 'x', '{', "{'a':1}", '\ufeff{}']) {
      assert.deepStrictEqual(diff(text, '{"a":1}'), [{ op: 'replace', path: '', value: { a: 1 } }]);
      assert.strictEqual(diff('{}', text), null);
      assert.deepStrictEqual(changedPaths('{}', text), ['']);
      assert.deepStrictEqual(changedPaths(text, '{}'), ['']);
    }
  });

  test(`comparing anything but strings is the app's mistake and throws with a code (${name})`, () => {
    for (const compare of /** @type {any[]} */ ([diff, changedPaths])) {
      for (const args of [[], [{}, '{}'], ['{}', undefined], ['{}', Buffer.from('{}')]]) {
        assert.throws(() => compare(...args), { code: 'ERR_SESSION_ARGUMENT' });
      }
    }
  });
}
