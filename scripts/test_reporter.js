'use strict';

// Reporter for `node:test`: the results of one test file as one JSON document, for test_files.js to judge.
// It is written at the end only, so a file that exits in the middle leaves nothing. With SESSION_TEST_STOP, which names the
// document's file, the first failure ends the process and what it started.

const fs = require('node:fs');

/** @typedef {{ name: string, ok: boolean, skipped: boolean, todo: boolean }} TestResult */

/** @param {AsyncIterable<{ type: string, data: any }>} events */
module.exports = async function* report(events) {
  const stopWith = process.env.SESSION_TEST_STOP;
  /** @type {TestResult[]} */
  const results = [];
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isSuite = data.details?.type === 'suite';
    // A suite counts only by what is wrong with it: its tests are reported one by one.
    if (isSuite && type === 'test:pass' && data.skip === undefined && data.todo === undefined) continue;
    results.push({
      name: data.name,
      ok: type === 'test:pass',
      skipped: data.skip !== undefined && data.skip !== false,
      todo: data.todo !== undefined && data.todo !== false,
    });
    if (stopWith === undefined || type !== 'test:fail') continue;
    fs.writeFileSync(stopWith, JSON.stringify(results));
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  }
  yield JSON.stringify(results);
};
