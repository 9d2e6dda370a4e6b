'use strict';

/** Hostile cookies through the whole middleware: the session, the answer and the events are the original's. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals } = require('../generate/originals');
const { HostileCookies } = require('../generate/hostile_cookies');
const { Comparison } = require('../generate/compare_sessions');
const { cookieHeader } = require('../generate/koa_context');
const { atFrozenClock } = require('../golden/record');
const createSession = require('../..');

const NAME = 'EGG_SESS';
const KEYRINGS = [['test-only key'], ['a new test-only key', 'test-only key'], ['3rd test-only key', '2nd', 'test-only key']];
const REQUESTS = 500;

const defects = { opening: 0, keys: 0 };

for (const original of originals) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    for (const foreign of [false, true]) {
      const where = foreign ? 'any ctx.cookies' : 'Egg\'s ctx.cookies';
      test(`hostile ${mode} cookies give with ${where} what ${original.writer} makes of them`, () => atFrozenClock(async () => {
        for (const keys of KEYRINGS) {
          const prng = new Prng(seed * 31 + keys.length);
          const hostile = new HostileCookies(prng, original, NAME, keys);
          const comparison = new Comparison({ original, createSession, keys, name: NAME, mode, foreign });
          for (let i = 0; i < REQUESTS; i++) {
            const cookie = hostile.make(mode, i % 2 === 0);
            const header = cookieHeader(NAME, cookie.value, cookie.signature);
            await comparison.check({ header, ...cookie }, prng.chance(0.3), () =>
              `${cookie.kind}, request ${i} with ${keys.length} keys, TEST_SEED=${seed}: ${JSON.stringify(header).slice(0, 400)}`);
          }
          defects.opening += comparison.defects.opening;
          defects.keys += comparison.defects.keys;
        }
      }));
    }
  }
}

test('the listed defects were among the hostile cookies', () => {
  for (const [defect, count] of Object.entries(defects)) assert.ok(count >= 20, `${defect}: ${count}`);
});

test('no hostile cookie has reached Object.prototype', () => {
  assert.strictEqual(/** @type {any} */ ({}).admin, undefined);
  assert.deepStrictEqual(Object.keys(Object.prototype), []);
});
