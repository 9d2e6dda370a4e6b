'use strict';

/** Workers die in the middle of writing: what was acknowledged is there, whole. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { LONG_MS, databaseFor, storeFor, startWorker, nextMessage } = require('../../support/sqlite_files');

const KILLS = 24;

/** @param {string} ledger @returns {Map<string, string>} the last thing that was acknowledged for each key */
function readLedger(ledger) {
  const lines = fs.existsSync(ledger) ? fs.readFileSync(ledger, 'utf8').split('\n').slice(0, -1) : [];
  return new Map(lines.map(line => {
    const [verb, key] = line.split(' ');
    return [key, verb];
  }));
}

/** @returns {Promise<number>} how many acknowledged things were checked */
async function checkLedger(store, ledger) {
  const acknowledged = readLedger(ledger);
  const wrong = [];
  await Promise.all([...acknowledged].map(async ([key, verb]) => {
    const session = await store.get(key, LONG_MS, {});
    // The next step for this key may have been done without its acknowledgement having been noted.
    const fine = verb === 'destroyed' ? session === undefined
      : verb === 'replaced' ? session?.key === key && session.replaced === true
        : verb === 'set' ? session?.key === key || (session === undefined && Number(key.split('-').at(-1)) % 4 === 3)
          : false;
    if (!fine) wrong.push(`${verb} ${key}: ${session && Object.keys(session)}`);
  }));
  assert.deepStrictEqual(wrong, []);
  return acknowledged.size;
}

for (const synchronous of ['normal', 'full']) {
  test(`kill -9 of a writer loses nothing acknowledged, ${KILLS / 2} times, with synchronous ${synchronous}`, async t => {
    const path = databaseFor(t);
    let checked = 0;
    for (let kill = 0; kill < KILLS / 2; kill++) {
      const ledger = `${path}.ledger-${kill}`;
      const { child, ended } = startWorker(t, 'writeUntilKilled', { path, ledger, name: `w${kill}`, synchronous });
      await nextMessage(child);
      await sleep(5 + (kill * 13) % 60);
      child.kill('SIGKILL');
      assert.strictEqual((await ended).signal, 'SIGKILL');
      const store = storeFor(t, { path });
      checked += await checkLedger(store, ledger);
      await store.close();
    }
    assert.ok(checked > 100, `${checked} acknowledged writes were checked`);
    const store = storeFor(t, { path });
    for (let kill = 0; kill < KILLS / 2; kill++) await checkLedger(store, `${path}.ledger-${kill}`);
  });
}

test('the worker that survives goes on while another is killed', async t => {
  const path = databaseFor(t);
  const store = storeFor(t, { path });
  for (let kill = 0; kill < 4; kill++) {
    const ledger = `${path}.ledger-${kill}`;
    const { child, ended } = startWorker(t, 'writeUntilKilled', { path, ledger, name: `w${kill}`, synchronous: 'normal' });
    await nextMessage(child);
    let killing;
    for (let i = 0; child.signalCode === null && child.exitCode === null; i++) {
      // On a busy machine it has nothing acknowledged for a while.
      if (killing === undefined && readLedger(ledger).size > 0) killing = setTimeout(() => child.kill('SIGKILL'), 30);
      await store.set(`mine-${i % 100}`, { kill, i }, LONG_MS, {});
      assert.deepStrictEqual(await store.get(`mine-${i % 100}`, LONG_MS, {}), { kill, i });
    }
    await ended;
    assert.ok(await checkLedger(store, ledger) > 0);
  }
});
