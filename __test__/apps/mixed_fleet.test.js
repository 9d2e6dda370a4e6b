'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { AppProcess } = require('../support/app_process');
const { CookieJar, send } = require('../support/client');
const { START_MS } = require('../support/run_script');

/** While a fleet is rolled out, one browser's requests go to instances with the original and to instances with ours. */

const VARIANTS = {
  'encrypted': { session: { encrypt: true } },
  'signed': { session: { encrypt: false } },
  'unsigned': { session: { encrypt: false, signed: false } },
  // For the original, one id in 256 that the old key encrypted "opens" under the new key: these ids count up.
  'store with encrypted key': { session: { encrypt: true, genid: 'fn:genid' }, store: 'shared' },
  'store with signed key': { session: { encrypt: false }, store: 'shared' },
  'store with plain key': { session: { encrypt: false, signed: false }, store: 'shared' },
};
const FLEETS = [[3, 3], [4, 4], [3, 4]];

const USER = { name: 'Jörg 😀', roles: ['a'], since: 1.25, __index: { 10: 'ten', 2: 'two' } };
const OLD = 'the old key';
const BOTH = 'the new key,the old key';

/** Each line is a request: its operations, and the results that any instance must give. */
const SCRIPT = [
  { do: [['set', 'user', USER]], results: ['(undefined)'], keys: OLD },
  { do: [['get', 'user'], ['isNew']], results: [USER, false], keys: OLD },
  { do: [['set', 'user.name', 'Ann'], ['set', 'cart', [1]]], results: ['(undefined)', '(undefined)'], keys: OLD },
  { do: [['get', 'user.name'], ['get', 'cart']], results: ['Ann', [1]] },
  { do: [['delete', 'user'], ['read']], results: ['(undefined)', '{"cart":[1]}'] },
  { do: [['read']], results: ['{"cart":[1]}'] },
  { do: [['set maxAge', 3600000], ['maxAge']], results: ['(undefined)', 3600000] },
  { do: [['read'], ['maxAge']], results: ['{"cart":[1]}', 3600000], afterMs: 3599000 },
  { do: [['save']], results: ['(undefined)'] },
  { do: [['read']], results: ['{"cart":[1]}'], afterMs: 3599000 },
  { do: [['set maxAge', 'session']], results: ['(undefined)'] },
  { do: [['read'], ['maxAge']], results: ['{"cart":[1]}', 'session'], afterMs: 1e10 },
  { do: [['regenerate']], results: ['(undefined)'] },
  { do: [['read'], ['maxAge']], results: ['{"cart":[1]}', 'session'] },
  { do: [['replace', { other: 1 }]], results: ['(undefined)'] },
  { do: [['read']], results: ['{"other":1}'] },
  { do: [['destroy']], results: ['(undefined)'] },
  { do: [['read'], ['isNew']], results: ['{}', true] },
];

for (const [originalMajor, ourMajor] of FLEETS) {
  describe(`a fleet of the original on egg ${originalMajor} and ours on egg ${ourMajor}`, () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'session-store-'));
    let fleet;
    before(() => {
      const env = { FIXTURE_SHARED_STORE: directory };
      fleet = [
        new AppProcess({ major: originalMajor, implementation: 'original', env }),
        new AppProcess({ major: ourMajor, implementation: 'ours', env }),
      ];
    });
    after(async () => {
      await Promise.all(fleet.map(process => process.stop()));
      fs.rmSync(directory, { recursive: true, force: true });
    });

    for (const [mode, variant] of Object.entries(VARIANTS)) {
      // who is first matters: each side must both write what the other reads and read what the other writes
      for (const first of [0, 1]) {
        test(`keeps a session that goes to and fro, ${first ? 'ours' : 'the original'} first: ${mode}`, async () => {
          const jar = new CookieJar();
          let nowMs = START_MS;
          for (const [index, step] of SCRIPT.entries()) {
            nowMs += step.afterMs || 0;
            const instance = fleet[(index + first) % 2];
            const { port } = await instance.app({ ...variant, keys: step.keys || BOTH });
            const answer = await send({
              port,
              agent: false,
              body: step.do,
              headers: { 'x-clock': String(nowMs), cookie: jar.header(nowMs, '/') },
            });
            const where = `step ${index + 1} at ${instance.name}: ${JSON.stringify(step.do)}`;
            assert.equal(answer.status, 200, where);
            assert.deepEqual(answer.body.results, step.results, where);
            jar.store(answer.setCookie, nowMs);
          }
        });
      }
    }
  });
}

describe('taking over from @eggjs/session 4, which signs by default', () => {
  test('ours reads its sessions, and from then on they are encrypted', async () => {
    const original = new AppProcess({ major: 4, implementation: 'original' });
    const ours = new AppProcess({ major: 4, implementation: 'ours' });
    try {
      const jar = new CookieJar();
      const request = async (process, body) => {
        const { port } = await process.app({ session: { encrypt: 'default' } });
        const answer = await send({ port, agent: false, body, headers: { 'x-clock': String(START_MS), cookie: jar.header(START_MS, '/') } });
        jar.store(answer.setCookie, START_MS);
        return { results: answer.body.results, cookies: answer.setCookie.map(line => line.split('=')[0]) };
      };
      assert.deepEqual(await request(original, [['set', 'a', 1]]), { results: ['(undefined)'], cookies: ['EGG_SESS', 'EGG_SESS.sig'] });
      assert.deepEqual(await request(ours, [['read']]), { results: ['{"a":1}'], cookies: [] });
      assert.deepEqual(await request(ours, [['set', 'b', 2]]), { results: ['(undefined)'], cookies: ['EGG_SESS'] });
      assert.deepEqual(await request(ours, [['read']]), { results: ['{"a":1,"b":2}'], cookies: [] });
    } finally {
      await Promise.all([original.stop(), ours.stop()]);
    }
  });
});
