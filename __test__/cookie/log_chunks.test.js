'use strict';

/** What the log of an Egg app says of a session that is too large, with `chunks` and without: whether it was sent, and what to do. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { AppProcess } = require('../support/app_process');
const { send } = require('../support/client');
const { START_MS } = require('../support/run_script');

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`the log of an Egg ${major} app`, () => {
    const process = new AppProcess({ major, implementation: 'ours' });
    after(() => process.stop());

    /**
     * @param {any} session options
     * @param {number} length of a text in the session
     * @returns {Promise<{ setCookie: string[], lines: string[], events: string[] }>}
     */
    async function write(session, length) {
      const { port } = await process.app({ session });
      await process.collect();
      const operations = [['set', 'text', 'x'.repeat(length)]];
      const { setCookie } = await send({ port, agent: false, body: operations, headers: { 'x-clock': String(START_MS) } });
      const records = await process.collect();
      return {
        setCookie,
        lines: records.filter(({ log }) => log).map(({ log, line }) => `${log} ${line}`),
        events: records.filter(({ event }) => event).map(({ event }) => event),
      };
    }

    test('larger than all its chunks: nothing was sent, and neither `chunks` nor sealing is advised', async () => {
      const { setCookie, lines: [line, ...others] } = await write({ encrypt: 'sealed', chunks: 3 }, 12000);
      assert.deepEqual(setCookie, []);
      assert.match(line, /^WARN \[session\]\[oversized\] name and value of cookie EGG_SESS: \d+ octets, \d+ over the limit of 1\d{4}, so that nothing was sent and the browser keeps the session before\. Put less into the session, or use a store or more `chunks`, up to 8\.$/);
      assert.deepEqual(others, []);
    });

    test('no larger than its chunks: nothing is said', async () => {
      const { setCookie, lines } = await write({ encrypt: 'sealed', chunks: 3 }, 6000);
      assert.equal(setCookie.length, 3);
      assert.deepEqual(lines, []);
    });

    test('larger than one cookie, without chunks: it was sent, and a browser ignores it', async () => {
      const { setCookie, lines: [line] } = await write({ encrypt: 'sealed' }, 6000);
      assert.equal(setCookie.length, 1);
      assert.match(line, / over the limit of 4096, so that a browser ignores it\. .*`encrypt: 'sealed'` or `chunks`\.$/);
    });

    test('what Egg logs by itself, with the cookie\'s value, is not asked of it with chunks', async () => {
      assert.deepEqual((await write({ encrypt: false }, 6000)).events, ['cookieLimitExceed']);
      for (const length of [6000, 12000]) assert.deepEqual((await write({ encrypt: 'sealed', chunks: 3 }, length)).events, []);
    });
  });
}
