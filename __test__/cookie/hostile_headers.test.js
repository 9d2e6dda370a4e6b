'use strict';

/**
 * Whole Cookie headers through the middleware: what becomes of the cookie that counts is the original's answer. The first of
 * its name counts, as with the original; but where it is no live session, the first that is.
 */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals } = require('../generate/originals');
const { HostileCookies } = require('../generate/hostile_cookies');
const { makeHeader, NAMES } = require('../generate/hostile_headers');
const { Comparison } = require('../generate/compare_sessions');
const { createApp, createContext } = require('../generate/koa_context');
const { atFrozenClock } = require('../golden/record');
const createSession = require('../..');

const KEYS = ['test-only key', 'an older test-only key'];
const HEADERS_A_NAME = 60;

for (const original of originals) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    test(`hostile Cookie headers, ${mode}, are read as ${original.writer} reads them`, () => atFrozenClock(async () => {
      // The original itself says which part of the header is the cookie and which its signature.
      const plainApp = createApp(original, KEYS);
      const prng = new Prng(seed);
      const hostile = new HostileCookies(prng, original, NAMES[0], KEYS);
      let several = 0;
      for (const name of NAMES) {
        hostile.name = name;
        const comparison = new Comparison({ original, createSession, keys: KEYS, name, mode });
        for (let i = 0; i < HEADERS_A_NAME; i++) {
          const header = makeHeader(prng, name, () => hostile.make(mode, prng.chance(0.7)));
          const find = (/** @type {string} */ cookie) => createContext(plainApp, header).cookies.get(cookie, { signed: false });
          const cookie = { header, value: find(name), signature: find(`${name}.sig`) };
          await comparison.check(cookie, prng.chance(0.2), () =>
            `header ${i} of ${JSON.stringify(name)}, TEST_SEED=${seed}: ${JSON.stringify(header).slice(0, 600)}`);
        }
        several += comparison.defects.several;
      }
      // A cookie that is neither signed nor encrypted opens always.
      assert.ok(mode === 'plain' ? several === 0 : several >= 20, `${several} times another than the first counted`);
    }));
  }
}
