'use strict';

/** Merging, rule by rule, in both engines. The rules are those of docs/merge.md. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');

/**
 * @param {string} claim
 * @param {{ base: string, mine: string, theirs: string, text: string, conflicts?: string[] }[]} cases
 */
function claims(claim, cases) {
  for (const { name, load } of ENGINES) {
    test(`${claim} (${name})`, () => {
      const { merge } = load();
      for (const { base, mine, theirs, text, conflicts = [] } of cases) {
        assert.deepStrictEqual(merge(base, mine, theirs), { text, conflicts }, `${base} | ${mine} | ${theirs}`);
      }
    });
  }
}

claims('keys of two requests are both kept, at any depth', [
  { base: '{}', mine: '{"a":1}', theirs: '{"b":2}', text: '{"b":2,"a":1}' },
  { base: '{"u":{"x":1,"y":1}}', mine: '{"u":{"x":2,"y":1}}', theirs: '{"u":{"x":1,"y":2}}', text: '{"u":{"x":2,"y":2}}' },
  { base: '{"a":{"b":{"c":{}}}}', mine: '{"a":{"b":{"c":{"m":1}}}}', theirs: '{"a":{"b":{"c":{"t":1}}}}', text: '{"a":{"b":{"c":{"t":1,"m":1}}}}' },
]);

claims('a key that one deletes is gone while the other changes another', [
  { base: '{"a":1,"b":1}', mine: '{"b":1}', theirs: '{"a":1,"b":2}', text: '{"b":2}' },
  { base: '{"a":1,"b":1}', mine: '{"a":1,"b":2}', theirs: '{"b":1}', text: '{"b":2}' },
  { base: '{"a":1,"b":1}', mine: '{"b":1}', theirs: '{"a":1}', text: '{}' },
  { base: '{"a":{"b":1},"c":1}', mine: '{"a":{},"c":1}', theirs: '{"a":{"b":1},"c":2}', text: '{"a":{},"c":2}' },
]);

claims('arrays and scalars are whole values, and mine wins where both changed one', [
  { base: '{"a":1}', mine: '{"a":2}', theirs: '{"a":3}', text: '{"a":2}', conflicts: ['/a'] },
  { base: '{"a":[1]}', mine: '{"a":[1,2]}', theirs: '{"a":[1,3]}', text: '{"a":[1,2]}', conflicts: ['/a'] },
  { base: '{"a":[{"b":1,"c":1}]}', mine: '{"a":[{"b":2,"c":1}]}', theirs: '{"a":[{"b":1,"c":2}]}', text: '{"a":[{"b":2,"c":1}]}', conflicts: ['/a'] },
  { base: '{"a":{"b":1}}', mine: '{"a":[]}', theirs: '{"a":{"b":2}}', text: '{"a":[]}', conflicts: ['/a'] },
  { base: '{}', mine: '{"a":1}', theirs: '{"a":"1"}', text: '{"a":1}', conflicts: ['/a'] },
  { base: '{"a":{"b":1},"c":0}', mine: '{"a":{"b":2},"c":1}', theirs: '{"a":{"b":3},"c":2}', text: '{"a":{"b":2},"c":1}', conflicts: ['/a/b', '/c'] },
]);

claims('deleting what the other changes is a conflict, and mine wins', [
  { base: '{"a":1}', mine: '{}', theirs: '{"a":2}', text: '{}', conflicts: ['/a'] },
  { base: '{"a":1}', mine: '{"a":2}', theirs: '{}', text: '{"a":2}', conflicts: ['/a'] },
  { base: '{"a":{"b":1}}', mine: '{"x":1}', theirs: '{"a":{"b":1,"c":1}}', text: '{"x":1}', conflicts: ['/a'] },
  { base: '{"a":{"b":1}}', mine: '{"a":{"b":1,"c":1}}', theirs: '{"x":1}', text: '{"x":1,"a":{"b":1,"c":1}}', conflicts: ['/a'] },
]);

claims('the same change by both is no conflict', [
  { base: '{"a":1,"b":1}', mine: '{"a":2,"b":1,"c":1}', theirs: '{"a":2,"b":1,"d":1}', text: '{"a":2,"b":1,"d":1,"c":1}' },
  { base: '{"a":1,"b":1}', mine: '{"b":2}', theirs: '{"b":1,"c":1}', text: '{"b":2,"c":1}' },
  { base: '{"a":1}', mine: '{"a":[{"x":1,"y":2}],"b":1}', theirs: '{"a":[{"y":2,"x":1}]}', text: '{"a":[{"y":2,"x":1}],"b":1}' },
]);

claims('objects that both have put in one place are merged', [
  { base: '{}', mine: '{"cart":{"a":1,"n":1}}', theirs: '{"cart":{"b":2,"n":1}}', text: '{"cart":{"b":2,"n":1,"a":1}}' },
  { base: '{"cart":null}', mine: '{"cart":{"a":1}}', theirs: '{"cart":{"b":2}}', text: '{"cart":{"b":2,"a":1}}' },
  { base: '{"cart":[]}', mine: '{"cart":{"a":1}}', theirs: '{"cart":{"a":2}}', text: '{"cart":{"a":1}}', conflicts: ['/cart/a'] },
]);

claims('what the middleware writes at every commit is never a conflict', [
  {
    base: '{"_expire":1,"_maxAge":5}', mine: '{"a":1,"_expire":3,"_maxAge":5}', theirs: '{"b":1,"_expire":2,"_maxAge":6}',
    text: '{"b":1,"_expire":2,"_maxAge":6,"a":1}',
  },
  { base: '{"_expire":1}', mine: '{"_session":true}', theirs: '{"_expire":2}', text: '{"_session":true}' },
  { base: '{"_session":true}', mine: '{"_session":false}', theirs: '{"a":1}', text: '{"a":1,"_session":false}' },
  { base: '{"_expire":{"a":1}}', mine: '{"_expire":{"a":2}}', theirs: '{"_expire":{"a":3}}', text: '{"_expire":{"a":2}}' },
  { base: '{"a":{"_expire":1},"_expire":1}', mine: '{"a":{"_expire":2},"_expire":2}', theirs: '{"a":{"_expire":3},"_expire":3}', text: '{"a":{"_expire":2},"_expire":2}', conflicts: ['/a/_expire'] },
]);

claims('how long a session lives is one value: of who changed its length, mine before theirs', [
  {
    base: '{"_expire":10,"_maxAge":5}', mine: '{"a":1,"_expire":90,"_maxAge":80}', theirs: '{"b":1,"_expire":11,"_maxAge":5}',
    text: '{"b":1,"_expire":90,"_maxAge":80,"a":1}',
  },
  {
    base: '{"_expire":10,"_maxAge":5}', mine: '{"a":1,"_expire":12,"_maxAge":5}', theirs: '{"b":1,"_session":true}',
    text: '{"b":1,"_session":true,"a":1}',
  },
  {
    base: '{"_expire":10,"_maxAge":5}', mine: '{"a":1,"_session":true}', theirs: '{"b":1,"_expire":11,"_maxAge":5}',
    text: '{"b":1,"a":1,"_session":true}',
  },
  {
    base: '{"_session":true}', mine: '{"a":1,"_session":true}', theirs: '{"b":1,"_expire":11,"_maxAge":5}',
    text: '{"b":1,"_expire":11,"_maxAge":5,"a":1}',
  },
  {
    base: '{"_expire":10,"_maxAge":5}', mine: '{"a":1,"_expire":90,"_maxAge":80}', theirs: '{"_expire":70,"_maxAge":60}',
    text: '{"_expire":90,"_maxAge":80,"a":1}',
  },
  {
    base: '{"_expire":10,"_maxAge":5}', mine: '{"a":1,"_expire":12,"_maxAge":5.0}', theirs: '{"b":1,"_expire":11,"_maxAge":5}',
    text: '{"b":1,"_expire":12,"_maxAge":5.0,"a":1}',
  },
]);

claims('numbers, strings and white space inside a value stay as written', [
  { base: '{"a":0}', mine: '{"a":1e21}', theirs: '{"a":0,"b":-0}', text: '{"a":1e21,"b":-0}' },
  { base: '{"n":9007199254740993}', mine: '{"n":9007199254740993,"m":1.0}', theirs: '{"n":9007199254740995}', text: '{"n":9007199254740995,"m":1.0}' },
  { base: '{}', mine: '{"\\ud800":"\\ud800"}', theirs: '{"\\u0061":"\\/é杭"}', text: '{"\\u0061":"\\/é杭","\\ud800":"\\ud800"}' },
  { base: '{}', mine: '{"\ud800":"\udc00"}', theirs: '{ "t" : [ 1 , 2 ] }', text: '{"t":[ 1 , 2 ],"\ud800":"\udc00"}' },
]);

claims('what is only written differently has not changed', [
  { base: '{"a":1,"b":1}', mine: '{"a":1.0,"b":2}', theirs: '{"a":5,"b":1}', text: '{"a":5,"b":2}' },
  { base: '{"a":100,"b":1}', mine: '{"a":6,"b":1}', theirs: '{"a":1E+2,"b":2}', text: '{"a":6,"b":2}' },
  { base: '{"a":0.001,"b":1}', mine: '{"a":10e-4,"b":2}', theirs: '{"a":5,"b":1}', text: '{"a":5,"b":2}' },
  { base: '{"a":"é/","b":1}', mine: '{"\\u0061":"\\u00e9\\/","b":2}', theirs: '{"a":5,"b":1}', text: '{"a":5,"b":2}' },
  { base: '{"a":"\ud83e\udd80","b":1}', mine: '{"a":"\\uD83E\\udd80","b":2}', theirs: '{"b":1}', text: '{"b":2}' },
  { base: '{"a":["x",{"p":1,"q":[]}],"b":1}', mine: '{"a":["\\u0078", {"q":[ ], "p":1.00}],"b":2}', theirs: '{"b":1}', text: '{"b":2}' },
]);

claims('numbers are not rounded, and -0 is not 0', [
  { base: '{"a":9007199254740992}', mine: '{"a":9007199254740993}', theirs: '{"b":1,"a":9007199254740992}', text: '{"b":1,"a":9007199254740993}' },
  { base: '{"a":0,"b":1}', mine: '{"a":-0,"b":1}', theirs: '{"a":0,"b":2}', text: '{"a":-0,"b":2}' },
  { base: '{"a":-0,"b":1}', mine: '{"a":-0.0,"b":2}', theirs: '{"a":0,"b":1}', text: '{"a":0,"b":2}' },
  { base: '{"a":1e400,"b":1}', mine: '{"a":1e401,"b":1}', theirs: '{"a":1e400,"b":2}', text: '{"a":1e401,"b":2}' },
  { base: '{"a":1e999999999999999999,"b":1}', mine: '{"a":1e999999999999999998,"b":1}', theirs: '{"a":1e999999999999999999,"b":2}', text: '{"a":1e999999999999999998,"b":2}' },
]);

claims('any key is a key, and of a key that comes twice the last value counts', [
  { base: '{}', mine: '{"__proto__":{"a":1}}', theirs: '{"__proto__":{"b":1},"constructor":1}', text: '{"__proto__":{"b":1,"a":1},"constructor":1}' },
  { base: '{"":1}', mine: '{"":2}', theirs: '{"":3}', text: '{"":2}', conflicts: ['/'] },
  { base: '{"a":1}', mine: '{"a":9,"a":1,"m":1}', theirs: '{"a":1,"a":2}', text: '{"a":2,"m":1}' },
  { base: '{"a":1,"b":1}', mine: '{"a":0,"b":2,"\\u0061":1}', theirs: '{"b":1,"a":1,"b":1,"t":1}', text: '{"b":2,"a":1,"t":1}' },
]);

claims('an object that one side left as it was is the other side\'s byte for byte', [
  { base: '{"o":{"a":1,"b":1},"x":1}', mine: '{"o":{"b":1,"a":1},"x":1}', theirs: '{"o":{"a":1,"b":1},"x":2}', text: '{"o":{"b":1,"a":1},"x":2}' },
  { base: '{"o":{"a":1,"b":1},"x":1}', mine: '{"o":{"a":1,"b":1},"x":2}', theirs: '{"o":{ "b":1.0, "a":1},"x":1}', text: '{"o":{ "b":1.0, "a":1},"x":2}' },
  { base: '{"o":1,"x":1}', mine: '{"o":1.0,"x":2}', theirs: '{"o":1,"x":3,"y":1}', text: '{"o":1.0,"x":2,"y":1}', conflicts: ['/x'] },
  { base: '{"o":1,"x":1}', mine: '{"o":1,"x":2}', theirs: '{"o":1.0,"x":1}', text: '{"o":1.0,"x":2}' },
]);

claims('conflicts are told as RFC 6901 pointers', [
  { base: '{}', mine: '{"a/b":1,"m~n":1,"~1":1,"\\u002f":1}', theirs: '{"a/b":2,"m~n":2,"~1":2,"\\u002f":2}', text: '{"a/b":1,"m~n":1,"~1":1,"\\u002f":1}', conflicts: ['/a~1b', '/m~0n', '/~01', '/~1'] },
]);

claims('keys come in their order, mine behind; JSON.parse puts integer-like keys first whatever the text', [
  { base: '{}', mine: '{"2":1,"z":1,"1":1}', theirs: '{"b":1,"a":1}', text: '{"b":1,"a":1,"2":1,"z":1,"1":1}' },
]);

claims('a text that is no JSON object is one whole value', [
  ...['', 'x', '{', '[]', '1', 'null', '"a"', '{"a":1}x', '\ufeff{}', '{"a":01}'].flatMap(other => [
    { base: '{"a":1}', mine: other, theirs: '{"a":2}', text: other, conflicts: [''] },
    { base: '{"a":1}', mine: '{"a":2}', theirs: other, text: '{"a":2}', conflicts: [''] },
    { base: other, mine: '{"a":1}', theirs: '{"a":2}', text: '{"a":1}', conflicts: [''] },
    { base: other, mine: other, theirs: '{"a":2}', text: '{"a":2}' },
    { base: '{"a":1}', mine: other, theirs: other, text: other },
    { base: other, mine: '{"a":1}', theirs: other, text: '{"a":1}' },
  ]),
]);

for (const { name, load } of ENGINES) {
  test(`merging anything but strings is the app's mistake and throws with a code (${name})`, () => {
    const { merge } = load();
    const loose = /** @type {any} */ (merge);
    for (const args of [[], [{}, '{}', '{}'], ['{}', null, '{}'], ['{}', '{}', 1], ['{}', '{}', Buffer.from('{}')]]) {
      assert.throws(() => loose(...args), { code: 'ERR_SESSION_ARGUMENT' });
    }
  });
}
