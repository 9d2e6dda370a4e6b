'use strict';

/** Hostile cookies where a store keeps the sessions: the store is asked for the keys that the original asks it for. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals } = require('../generate/originals');
const { HostileCookies } = require('../generate/hostile_cookies');
const { Comparison } = require('../generate/compare_sessions');
const { isPrintable } = require('../generate/expected_opening');
const { cookieHeader } = require('../generate/koa_context');
const { atFrozenClock } = require('../golden/record');
const createSession = require('../..');

const NAME = 'EGG_SESS';
const KEYRINGS = [['test-only key'], ['a new test-only key', 'test-only key']];
const REQUESTS = 500;

/**
 * A store that knows every key but those that contain a digit 7, and notes what it is asked.
 * @param {string[]} calls
 */
function storeOptions(calls) {
  let created = 0;
  return {
    genid: () => `made-${++created}`,
    store: {
      get: async (/** @type {string} */ key) => {
        calls.push(`get ${key}`);
        return /7/.test(key) ? undefined : { of: key };
      },
      set: async (/** @type {string} */ key, /** @type {object} */ json) => { calls.push(`set ${key} ${JSON.stringify(json)}`); },
      destroy: async (/** @type {string} */ key) => { calls.push(`destroy ${key}`); },
    },
  };
}

/** @param {string} text @returns {string} what Node's HTTP makes of any character: one byte, and not a semicolon here */
function asLatin1(text) {
  return Buffer.from(text, 'latin1').toString('latin1').replace(/;/g, ':');
}

for (const original of originals) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    test(`hostile ${mode} cookies make our store calls those of ${original.writer}`, () => atFrozenClock(async () => {
      let asked = 0;
      for (const keys of KEYRINGS) {
        const prng = new Prng(seed * 31 + keys.length);
        const hostile = new HostileCookies(prng, original, NAME, keys);
        /** @type {string[][]} */
        const calls = [];
        const options = () => storeOptions(calls[calls.push([]) - 1]);
        const comparison = new Comparison({ original, createSession, keys, name: NAME, mode, options, makesSense: isPrintable });
        // A signature over nothing, which the last of the keys has made.
        const overNothing = { kind: 'empty', value: '', signature: new original.Keygrip(keys.slice(-1)).sign(`${NAME}=`) };
        for (let i = 0; i < REQUESTS; i++) {
          const { kind, ...made } = i === 0 ? overNothing : hostile.make(mode, i % 2 === 0);
          const cookie = { value: asLatin1(made.value), signature: made.signature && asLatin1(made.signature) };
          const header = cookieHeader(NAME, cookie.value, cookie.signature);
          const where = () => `${kind}, request ${i} with ${keys.length} keys, TEST_SEED=${seed}: ${JSON.stringify(header).slice(0, 400)}`;
          await comparison.check({ header, ...cookie }, prng.chance(0.3), where);
          assert.deepStrictEqual(calls[0], calls[1], where());
          asked += calls[0].filter(call => call.startsWith('get ')).length;
          calls.forEach(list => list.splice(0));
        }
      }
      assert.ok(asked > REQUESTS / 4, `${asked} external keys were read`);
    }));
  }
}
