'use strict';

/** What the log of an Egg app says of a session that is too large, with `chunks` and without: whether it was sent, and what to do. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { AppProcess } = require('./support/app_process');
const { send } = require('./support/client');
const { START_MS } = require('./support/run_script');

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`the log of an Egg ${major} app`, () => {
    const process = new AppProcess({ major, implementation: 'ours' });
    after(() => process.stop());

    /**
     * @param {any} session options
     * @param {number} length of a text in the session
     * @returns {Promise<{ setCookie: string[], lines: string[] }>}
     */
    async function write(session, length) {
      const { port } = await process.app({ session });
      await process.collect();
      const operations = [['set', 'text', 'x'.repeat(length)]];
      const { setCookie } = await send({ port, agent: false, body: operations, headers: { 'x-clock': String(START_MS) } });
      return { setCookie, lines: (await process.collect()).filter(({ log }) => log).map(({ log, line }) => `${log} ${line}`) };
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

    test('Egg\'s own line about a cookie that is too large is gone with chunks', async () => {
      const lines = async (/** @type {object} */ session) => (await write(session, 6000)).lines.filter(line => !line.includes('[oversized]'));
      assert.deepEqual((await lines({ encrypt: false })).map(line => /CookieLimitExceedError|exceed the limit\(4093\)/.test(line)), [true]);
      assert.deepEqual(await lines({ encrypt: 'sealed', chunks: 3 }), []);
    });
  });
}
