'use strict';

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { Prng, seed } = require('../generate/prng');
const { egg3 } = require('../generate/originals');
const { HostileCookies } = require('../generate/hostile_cookies');
const { cookieHeader } = require('../generate/koa_context');

const PROGRAM = path.join(__dirname, '../generate/secret_traffic.js');
const NAME = 'EGG_SESS';
const KEY_MARKER = 'KEYMARKER';
const KEYS = [`${KEY_MARKER}-new-app-key`, `${KEY_MARKER}-old-app-key`];
const CONTENT_MARKER = 'CONTENTMARKER';
const COOKIES_A_MODE = 600;

/** Hostile cookies, half of which hold contents that are easy to find in an output. */
function makeTraffic() {
  const prng = new Prng(seed);
  const hostile = new HostileCookies(prng, egg3, NAME, KEYS);
  hostile.contents = hostile.contents.map((content, i) => {
    // One in three of ours is JSON that breaks off.
    const text = `{"${CONTENT_MARKER}":"${CONTENT_MARKER}${CONTENT_MARKER}","i":${i}${i % 6 ? '}' : ''}`;
    return i % 2 ? content : Buffer.from(text).toString('base64');
  });
  const make = (/** @type {'encrypted' | 'signed' | 'plain'} */ mode) => Array.from({ length: COOKIES_A_MODE }, () => hostile.make(mode));
  const cookies = { encrypted: make('encrypted'), signed: make('signed'), plain: make('plain') };
  const headersOf = (/** @type {typeof cookies.plain} */ list) => list.map(({ value, signature }) => cookieHeader(NAME, value, signature));
  return {
    values: Object.values(cookies).flat().flatMap(({ value, signature = '' }) => [value, signature]),
    traffic: {
      keys: KEYS,
      name: NAME,
      headers: { encrypted: headersOf(cookies.encrypted), signed: headersOf(cookies.signed), plain: headersOf(cookies.plain) },
    },
  };
}

/** @param {object} traffic @returns {Promise<string>} stdout and stderr of a process that got it, with every debug log on */
function outputOf(traffic) {
  const env = { ...process.env, NODE_DEBUG: 'egg*,@eggjs*,koa*,session*', DEBUG: '*' };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [PROGRAM], { env, maxBuffer: 64 << 20 }, (err, stdout, stderr) => {
      if (err) reject(err);
      else resolve(stdout + stderr);
    });
    /** @type {import('node:stream').Writable} */ (child.stdin).end(JSON.stringify(traffic));
  });
}

test('no key, cookie or session value reaches stdout, stderr or an error, with every debug log on', async () => {
  const { traffic, values } = makeTraffic();
  const output = await outputOf(traffic);
  assert.match(output, /all sent/);
  assert.match(output, /ERR_SESSION_KEYS/, 'errors of misuse were among the output');
  const lines = output.split('\n');
  const leakOf = (/** @type {string} */ secret) => lines.find(line => line.includes(secret));
  // A text in base64 looks different at each of three offsets.
  const inBase64 = ['', 'x', 'xx'].map(offset => Buffer.from(offset + CONTENT_MARKER + CONTENT_MARKER).toString('base64').slice(4, 16));
  for (const secret of [KEY_MARKER, CONTENT_MARKER, ...inBase64]) assert.strictEqual(leakOf(secret), undefined, secret);
  for (const value of values) {
    if (value.length >= 16) assert.strictEqual(leakOf(value.slice(0, 16)), undefined, value);
  }
});
