'use strict';

/**
 * What the recorder lets the originals write: test-only keys, and inputs that have gone wrong somewhere before.
 *
 * `session`: the JSON text of what the app puts into `ctx.session`. `externalKey`: the id that `genid` gives, with a
 * store. `encoded`: what a custom `encode` hands to `ctx.cookies`, set without koa-session. `openKeys`: the keys of the
 * app that reads, where they are not the writer's.
 *
 * @typedef {object} GoldenCase
 * @property {string} name
 * @property {'encrypted' | 'signed' | 'plain'} mode
 * @property {string} [cookie]
 * @property {string[]} [keys]
 * @property {string[]} [openKeys]
 * @property {object} [options]
 * @property {string} [session]
 * @property {string} [externalKey]
 * @property {string} [encoded]
 */

const MODES = /** @type {const} */ (['encrypted', 'signed', 'plain']);

/** JSON texts. Lone surrogates, U+2028 and NUL are written as escapes, so that this file stays readable. */
const SESSIONS = {
  'one visitor': '{"user":"alice","visits":1}',
  'UTF-8 beyond ASCII': '{"name":"Zoë Ångström","城市":"杭州","emoji":"👩‍👩‍👧 🦀","rtl":"שלום"}',
  'lone surrogates': '{"high":"\\ud83e!","low":"!\\udd80","\\udfff":"as a key","pair":"\\ud83e\\udd80"}',
  'number-like keys': '{"b":1,"10":"ten","9":"nine","01":"not an index","-1":0,"a":2}',
  'a long text': JSON.stringify({ text: 'All work and no play. '.repeat(120) }),
  'empty values': '{"":"","a":[],"o":{},"n":null,"f":false,"z":0}',
  'odd numbers': '{"big":1e+21,"tiny":1e-7,"float":0.1,"max":9007199254740991,"more":1.7976931348623157e+308,"neg":-0.5,"minusZero":-0}',
  'names of Object.prototype, nested': '{"a":{"__proto__":{"x":1},"length":3,"constructor":0,"maxAge":1,"toJSON":2}}',
  'control characters': '{"nul":"\\u0000","lines":"\\r\\n\\t","quote":"\\"\\\\","sep":"\\u2028\\u2029","del":"\\u007f","bom":"\\ufeff"}',
  'base64 of 62 and 63': '{"a":"~~~???>>>","b":"ÿÿÿ","c":"û·¿"}',
};

const EXTERNAL_KEYS = {
  'a UUID': '2c6f1d0a-9b7e-4c58-8f3d-0a1b2c3d4e5f',
  'a prefix': 'app:session:00000001',
  'one character': 'k',
  'Latin-1': 'schlüssel-£',
  // 15, 16 and 17 bytes: one short of an AES block, a block (so a whole block of padding follows), one more.
  '15 bytes': 'fifteen-bytes-k',
  '16 bytes': 'sixteen-bytes-ke',
  '17 bytes': 'seventeen-bytes-k',
};

/** Only encryption lets any string into a cookie. */
const RAW_VALUES = {
  'raw JSON, not base64': '{"uid":7,"name":"Zoë 🦀"}',
  'lone surrogates, raw': 'a\ud83eb\udd80c',
  'a line feed and a semicolon': 'a=b;\r\nc: d',
  'U+FFFD itself': 'x\ufffdy',
};

/** @type {GoldenCase[]} */
const cases = [];

for (const mode of MODES) {
  for (const [what, session] of Object.entries(SESSIONS)) cases.push({ name: `${mode}: ${what}`, mode, session });
  cases.push({ name: `${mode}: an empty session, saved`, mode, session: '{}' });
  cases.push({ name: `${mode}: maxAge 'session'`, mode, session: '{"n":1}', options: { maxAge: 'session' } });
  cases.push({ name: `${mode}: maxAge 0 means a day`, mode, session: '{"n":1}', options: { maxAge: 0 } });
  cases.push({ name: `${mode}: maxAge of 1.5 s`, mode, session: '{"n":1}', options: { maxAge: 1500 } });
  cases.push({ name: `${mode}: a cookie name full of punctuation`, mode, session: '{"n":1}', cookie: 'koa.sess$|*+' });
  cases.push({ name: `${mode}: external key, 'session' long`, mode, externalKey: 'k1', options: { maxAge: 'session' } });
  for (const [what, externalKey] of Object.entries(EXTERNAL_KEYS)) {
    cases.push({ name: `${mode}: external key, ${what}`, mode, externalKey });
  }
}

for (const mode of /** @type {const} */ (['encrypted', 'signed'])) {
  const session = '{"user":"alice","visits":2}';
  cases.push(
    { name: `${mode}: three keys, the first seals`, mode, session, keys: ['test key 1', 'test key 2', 'test key 3'] },
    { name: `${mode}: read after one rotation`, mode, session, keys: ['test key 1'], openKeys: ['test key 2', 'test key 1'] },
    {
      name: `${mode}: read after two rotations`, mode, session,
      keys: ['test key 1'], openKeys: ['test key 3', 'test key 2', 'test key 1'],
    },
    { name: `${mode}: external key after a rotation`, mode, externalKey: 'k1', keys: ['old'], openKeys: ['new', 'old'] },
    { name: `${mode}: an app key beyond ASCII`, mode, session, keys: ['ключ 鍵 🔑'] },
    { name: `${mode}: an app key of one character`, mode, session, keys: ['k'] },
    { name: `${mode}: an app key longer than a hash block`, mode, session, keys: ['0123456789abcdef'.repeat(9)] },
    { name: `${mode}: an app key of 64 bytes`, mode, session, keys: ['0123456789abcdef'.repeat(4)] },
  );
}

for (const [what, encoded] of Object.entries(RAW_VALUES)) cases.push({ name: `encrypted: ${what}`, mode: 'encrypted', encoded });
for (const mode of /** @type {const} */ (['signed', 'plain'])) {
  cases.push({ name: `${mode}: a custom codec's text`, mode, encoded: 'v=1&user=%E2%9C%93 "q" ü' });
}

module.exports = { cases };
