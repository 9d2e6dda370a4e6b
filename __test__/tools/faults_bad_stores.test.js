'use strict';

/**
 * The fault runs in a short form: they find each store that is broken on purpose, and its breach by name. So a check that can no
 * longer fail fails here.
 */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { REPOSITORY } = require('../support/app_process');
const { withoutRevisions } = require('../faults/worker_stores');

/** @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
function runFaults(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(REPOSITORY, 'scripts/faults.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output += chunk; });
    child.once('error', reject);
    child.once('close', code => resolve({ code, output }));
  });
}

const cases = [
  ['a set in place of compare-and-set loses updates', 'sqlite', 'set', 'lost update', []],
  ['a store without tombstones revives sessions', 'redis', 'no-tombstone', 'revived', ['--faults', 'late delivery']],
  // Only with the browsers that can notice it. The others would compute for nothing.
  ['a store without revisions has writes undone', 'redis', 'no-revision', 'undone by a late write', ['--faults', 'late delivery', '--browsers', 'toggler,toggler,toggler,toggler']],
  ['revocations that forget a session let its copies in', 'sealed', 'forgets-ids', 'revived', []],
  ['revocations that forget a user let the sessions in that he had', 'sealed', 'forgets-users', 'revived', []],
];

for (const [what, store, bad, breach, args] of cases) {
  test(`${what}, and that is found`, { timeout: 240_000 }, async () => {
    const { code, output } = await runFaults(['--store', store, `--bad=${bad}`, '--until', breach, '--minutes', '3', '--seed', '7', ...args]);
    assert.match(output, new RegExp(`FINDINGS, seed 7: .*${breach}`));
    assert.doesNotMatch(output, /: harness /);
    assert.equal(code, 1, output);
  });
}

test('a store or a way to break it that does not exist is named', async () => {
  for (const [args, message] of [
    [['--store', 'nothing'], /No such store: nothing\. There are: sqlite, redis, /],
    [['--store', 'sqlite', '--bad=no-tombstone'], /--bad of sqlite may be set/],
    [['--store', 'sqlite', '--browsers', 'toggler,nobody'], /No such browser: nobody\. There are: lanes, toggler, /],
    [['--minutes', '0'], /--minutes wants a number over 0/],
  ]) {
    const { code, output } = await runFaults(args);
    assert.equal(code, 1);
    assert.match(output, message);
  }
});

test('the client without revisions takes them out of what is written and read, and leaves scripts alone', async () => {
  const calls = [];
  const client = Object.fromEntries(['get', 'set', 'del', 'eval', 'evalsha'].map(name => [name, async (...args) => {
    calls.push([name, ...args]);
    return name === 'get' ? '{"user":"ada","_rev":"r1","_session":true}' : [2, '{"_rev":"r2","user":"ada"}'];
  }]));
  const plain = withoutRevisions(client);
  assert.equal(await plain.get('key'), '{"user":"ada","_session":true}');
  assert.deepEqual(await plain.evalsha('sha', 1, 'key', '{"a":1,"_rev":"r3"}'), [2, '{"user":"ada"}']);
  await plain.eval('return "_rev":"kept"', 1, 'key');
  assert.deepEqual(calls.slice(1), [['evalsha', 'sha', 1, 'key', '{"a":1}'], ['eval', 'return "_rev":"kept"', 1, 'key']]);
});
