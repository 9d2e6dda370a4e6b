'use strict';

/** Hostile Cookie headers as bytes over real HTTP: a server with our session answers what one with the original answers. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals } = require('../generate/originals');
const { HostileCookies } = require('../generate/hostile_cookies');
const { makeHeader } = require('../generate/hostile_headers');
const { Comparison } = require('../generate/compare_sessions');
const { createApp, createContext } = require('../generate/koa_context');
const { listen, close, get, REFUSED } = require('../generate/raw_http');
const { atFrozenClock } = require('../golden/record');
const createSession = require('../..');

const NAME = 'EGG_SESS';
const KEYS = ['test-only key', 'an older test-only key'];
const REQUESTS = 250;

/** @param {string} header @returns {string} one byte a character, in one line, as an HTTP parser trims it */
function asBytes(header) {
  return Buffer.from(header, 'latin1').toString('latin1').replace(/[\r\n]/g, ' ').replace(/^[ \t]+|[ \t]+$/g, '');
}

for (const original of originals) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    test(`a server outlives hostile bytes in ${mode} cookies, and answers as with ${original.writer}`, async () => {
      /** @type {import('node:http').Server[]} */
      const servers = [];
      const refused = { count: 0 };
      const transport = (/** @type {any} */ callback) => {
        const starting = listen(callback);
        starting.then(server => servers.push(server));
        return async (/** @type {string} */ cookie) => get(await starting, cookie);
      };
      const prng = new Prng(seed);
      const hostile = new HostileCookies(prng, original, NAME, KEYS);
      const comparison = new Comparison({ original, createSession, keys: KEYS, name: NAME, mode, transport });
      const plainApp = createApp(original, KEYS);
      try {
        await atFrozenClock(async () => {
          for (let i = 0; i < REQUESTS; i++) {
            const header = asBytes(makeHeader(prng, NAME, () => hostile.make(mode, prng.chance(0.7))));
            const where = () => `request ${i}, TEST_SEED=${seed}: ${JSON.stringify(header).slice(0, 600)}`;
            if ((await comparison.ours.see(header)).status === REFUSED) {
              refused.count++;
              assert.strictEqual((await comparison.theirs.see(header)).status, REFUSED, where());
              continue;
            }
            const find = (/** @type {string} */ cookie) => createContext(plainApp, header).cookies.get(cookie, { signed: false });
            await comparison.check({ header, value: find(NAME), signature: find(`${NAME}.sig`) }, prng.chance(0.2), where);
          }
        });
        assert.ok(refused.count > 0 && refused.count < REQUESTS / 2, `${refused.count} headers were no HTTP`);
        const { status, json, isNew } = await comparison.ours.see('a=b');
        assert.deepStrictEqual({ status, json, isNew }, { status: 200, json: '{}', isNew: true });
      } finally {
        await Promise.all(servers.map(close));
      }
    });
  }
}
