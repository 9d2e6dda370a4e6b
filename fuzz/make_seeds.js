'use strict';

// Writes seeds/, what the fuzzers start from: golden cookies, published vectors, and sessions that differ in few places.
// Run it when an input's form changes (the first lines of a target tell it).

const fs = require('node:fs');
const path = require('node:path');

const TESTS = path.join(__dirname, '../__test__');
const SEEDS = path.join(__dirname, 'seeds');
const SEPARATOR = Buffer.from([0xff]);

/** @type {any} */
const golden = JSON.parse(fs.readFileSync(path.join(TESTS, 'golden/cookies.json'), 'utf8'));
/** @type {any} */
const sealed = JSON.parse(fs.readFileSync(path.join(TESTS, 'vectors/sealed_v1.json'), 'utf8'));

/** @param {(string | Buffer)[]} parts @returns {Buffer} */
const bytes = (...parts) => Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : part)));

/** @param {(string | Buffer)[]} texts @returns {Buffer} */
const texts = (...texts) => bytes(...texts.flatMap((text, index) => (index === 0 ? [text] : [SEPARATOR, text])));

/** One of each mode and kind of content, as far as it is short. */
function goldenCookies() {
  return golden.cookies.filter((/** @type {any} */ { value }) => value.length < 400).slice(0, 60)
    .filter((/** @type {any} */ _, /** @type {number} */ index) => index % 5 === 0);
}

const SESSIONS = [
  '{}',
  '{"a":1}',
  '{"user":{"id":1,"name":"\\u5c0f\\ud83e\\udd80"},"cart":[1,2.50,-0,1e3],"_expire":1767409445678,"_maxAge":86400000}',
  '{"user":{"id":2,"name":"小🦀"},"cart":[1,2.5,0,1000],"a/b":null,"m~n":true,"_expire":1767409445679,"_maxAge":86400000}',
  '{ "user" : { "id" : 1e0 } , "flag" : false , "text" : "\\"\\\\\\/\\b\\f\\n\\r\\t\\ud800" }',
  `{${Array.from({ length: 14 }, (_, index) => `"k${index}":${index}`).join(',')}}`,
  `{"deep":${'{"d":'.repeat(12)}[]${'}'.repeat(12)}}`,
  '{"a":1,"a":2,"__proto__":{"a":3},"":"\u0141"}',
];

/** One session in two spellings, and next to it another one. */
const SPELLINGS = [
  '{"n":[1,2.50,100,-0.0,1e-2],"s":"\\u0061","o":{"x":1,"y":{"z":10}}}',
  '{"s":"a","o":{"y":{"z":1e1},"x":1.0},"n":[1.0,2.5,1e2,-0,0.01]}',
  '{"s":"a","o":{"y":{"z":1},"x":10},"n":[1.0,2.5,1e2,0,0.01]}',
];

/** @type {Record<string, Buffer[]>} */
const seeds = {
  open: [
    // 'a': mode + 4 * layer + 8 * how the value is wrapped
    ...goldenCookies().flatMap((/** @type {any} */ { mode, value, signature }) => {
      const number = ['encrypted', 'signed', 'plain'].indexOf(mode);
      return number < 0 ? [] : [bytes(String.fromCharCode(0x61 + number), value, ...(signature ? [SEPARATOR, signature] : []))];
    }),
    ...[...'efimnquvwrstx'].map((choice, index) => bytes(choice, Buffer.from(SESSIONS[index % SESSIONS.length]).toString('base64'))),
    bytes('m', 'an-external-key-\u0141'),
    bytes('i', 'eyJhIjoxf Q='),
  ],
  open_session: [...'abc'].flatMap(mode => [
    bytes(mode, texts(...SESSIONS.map((text, index) => `${'abcd'[index % 4]}${Buffer.from(text).toString('base64')}`))),
    bytes(mode, texts(...[0, 1, 0, 2, 1, 3, 0, 4, 1, 0].map(index => `a${Buffer.from(SESSIONS[index]).toString('base64')}`))),
  ]),
  open_sealed: [
    ...sealed.refused.slice(0, 6).map((/** @type {any} */ { token }) => bytes('a', token)),
    bytes('b', Buffer.alloc(60, 1)),
    ...sealed.opened.slice(0, 8).map((/** @type {any} */ { plaintext }) => bytes('c', Buffer.from(plaintext, 'hex').subarray(0, 400))),
    bytes('c', Buffer.from('07019b7ba4ab2e019b7ba4ab2f026964', 'hex'), '{}'),
    ...SESSIONS.map((text, index) => bytes('d', Buffer.from('0000019b7ba4ab2e0000029b7ba4ab2f', 'hex'),
      Buffer.from([index, 7 * index, 0, 10 + index]), texts(text, 'id'.repeat(index)))),
  ],
  base64: ['', 'Zg==', 'Zm9v', 'Zm9vYg', 'Z-_v', 'Z+/v', 'Zm 9\nv=', 'Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy', 'Zm9\u0176', 'Zh=='].map(text => bytes(text)),
  diff: [
    ...SESSIONS.flatMap((text, index) => [texts(text, SESSIONS[(index + 1) % SESSIONS.length]), texts(text, text)]),
    texts(SPELLINGS[0], SPELLINGS[1]),
    texts(SPELLINGS[1], SPELLINGS[2]),
  ],
  merge: [
    ...SESSIONS.map((text, index) => texts(text, SESSIONS[(index + 1) % SESSIONS.length], SESSIONS[(index + 3) % SESSIONS.length])),
    texts(SPELLINGS[0], SPELLINGS[1], SPELLINGS[2]),
    texts(SPELLINGS[0], SPELLINGS[2], SPELLINGS[1]),
    texts('{"a":{"b":{"c":1,"d":2}}}', '{"a":{"b":{"c":1}}}', '{"a":{"b":{"c":3,"d":2,"e":4}}}'),
  ],
};

for (const [target, inputs] of Object.entries(seeds)) {
  const folder = path.join(SEEDS, target);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  inputs.forEach((input, index) => fs.writeFileSync(path.join(folder, String(index).padStart(2, '0')), input));
}
