'use strict';

/** An Egg app has in its log what of its sessions does not reach the browser, and nothing of their content. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { AppProcess } = require('../support/app_process');
const { send } = require('../support/client');
const { START_MS } = require('../support/run_script');

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`the log of an Egg ${major} app`, () => {
    const process = new AppProcess({ major, implementation: 'ours' });
    after(() => process.stop());

    /** @param {any} session options @param {any[]} operations @returns {Promise<string[]>} the lines of a request */
    async function linesOf(session, operations) {
      const { port } = await process.app({ session });
      await process.collect();
      await send({ port, agent: false, body: operations, headers: { 'x-clock': String(START_MS) } });
      return (await process.collect()).filter(({ log }) => log).map(({ log, line }) => `${log} ${line}`);
    }

    test('a cookie that is too large, by how much, and what to do', async () => {
      const [line, ...others] = await linesOf({ encrypt: true }, [['set', 'text', 'secret'.repeat(500)]]);
      const [, octets, over] = /^WARN \[session\]\[oversized\] name and value of cookie EGG_SESS: (\d+) octets, (\d+) over the limit of 4096, /.exec(line);
      assert.equal(Number(octets) - 4096, Number(over));
      assert.match(line, /a store, `encrypt: 'sealed'` or `chunks`/);
      assert.doesNotMatch(line, /secret|c2VjcmV0/);
      assert.deepEqual(others, []);
    });

    test('a session that is too large for all its pieces', async () => {
      const [line] = await linesOf({ encrypt: 'sealed', chunks: 2 }, [['set', 'text', 'x'.repeat(6000)]]);
      assert.match(line, /, \d+ over the limit of 7659, /, 'two pieces of 3,840 with the name twice, the number and the mark');
    });

    test('a session that was saved behind the headers', async () => {
      const lines = await linesOf({ encrypt: true }, [['flush headers'], ['set', 'n', 1]]);
      assert.equal(lines.length, 1);
      assert.match(lines[0], /^WARN \[session\]\[unsaved\] operation\(save\): the headers were sent before /);
    });

    test('none of it where all is well', async () => {
      assert.deepEqual(await linesOf({ encrypt: true }, [['set', 'n', 1]]), []);
    });
  });
}
