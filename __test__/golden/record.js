'use strict';

/**
 * Records cookies from the originals into cookies.json: `node __test__/golden/record.js`.
 * The clock stands still, so that another run writes the same bytes.
 */

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { originals } = require('../generate/originals');
const { cases } = require('./cases');
const { write, read, cookieName } = require('./koa_app');

const FILE = path.join(__dirname, 'cookies.json');
const CLOCK_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DEFAULT_KEYS = ['test-only key, never used by an app'];

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function atFrozenClock(work) {
  const realNow = Date.now;
  // The originals ask only Date.now() for the time.
  Date.now = () => CLOCK_MS;
  try {
    return await work();
  } finally {
    Date.now = realNow;
  }
}

/** @param {string[]} setCookie The Set-Cookie headers of one response. */
function sealedPart(setCookie, /** @type {string} */ name) {
  const find = (/** @type {string} */ cookie) => {
    const header = setCookie.find(line => line.startsWith(`${cookie}=`));
    return header && header.slice(cookie.length + 1).split('; path=')[0];
  };
  return { value: /** @type {string} */ (find(name)), signature: find(`${name}.sig`) };
}

/** @param {string} value @param {string} [signature] */
function cookieHeader(/** @type {string} */ name, value, signature) {
  return signature === undefined ? `${name}=${value}` : `${name}=${value}; ${name}.sig=${signature}`;
}

/**
 * @param {import('../generate/originals').Original} original
 * @param {import('./cases').GoldenCase} golden
 */
async function recordOne(original, golden) {
  const keys = golden.keys || DEFAULT_KEYS;
  const openKeys = golden.openKeys || keys;
  const stored = new Map();
  const { createSession } = original;
  const sent = await write({ original, createSession, golden, keys, stored });
  assert.strictEqual(sent.status, 200, `${golden.name}: ${sent.body}`);
  const name = cookieName(golden);
  const { value, signature } = sealedPart(sent.setCookie, name);
  const header = cookieHeader(name, value, signature);
  const seen = await read({ original, createSession, golden, keys: openKeys, stored }, header, { withOpened: true });
  assert.strictEqual(seen.status, 200, `${golden.name}: ${seen.body}`);
  const { opened, session } = seen.body;
  assert.strictEqual(typeof opened, 'string', `${golden.name}: the original does not open its own cookie`);
  return {
    ...golden,
    cookie: name,
    keys,
    openKeys,
    keyIndex: openKeys.indexOf(keys[0]),
    value,
    signature,
    opened,
    // The default codec's layer is the only one that is taken off: an external key or a custom codec's text has none.
    text: golden.session === undefined ? undefined : Buffer.from(opened, 'base64').toString(),
    sessionRead: session,
    setCookie: sent.setCookie,
    // A signed cookie of an older key makes the reader send the signature again.
    resent: seen.setCookie.length ? seen.setCookie : undefined,
  };
}

/** @returns {Promise<string>} The text of cookies.json. */
async function record() {
  const cookies = await atFrozenClock(async () => {
    /** @type {object[]} */
    const recorded = [];
    for (const golden of cases) {
      const [first, second] = [await recordOne(originals[0], golden), await recordOne(originals[1], golden)];
      // Where both write the same bytes, one entry says so.
      const same = JSON.stringify(first) === JSON.stringify(second);
      if (same) recorded.push({ writers: originals.map(original => original.writer), ...first });
      else [first, second].forEach((one, i) => recorded.push({ writers: [originals[i].writer], ...one }));
    }
    return recorded;
  });
  const document = {
    recorder: 'node __test__/golden/record.js',
    writers: originals.map(original => original.writer),
    clockMs: CLOCK_MS,
    cookies,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

module.exports = { record, atFrozenClock, cookieHeader, FILE };

if (require.main === module) {
  record().then(text => fs.writeFileSync(FILE, text));
}
