'use strict';

/**
 * On Linux 5.9 and 5.10 a read that must not wait may answer 0 bytes for what is on the disk only, which elsewhere means the
 * end of the file. support/short_reads.c makes this kernel answer so.
 */

const test = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { LONG_MS, databaseFor, storeFor, tellsWhatIsInMemory } = require('../../support/sqlite_files');

const SUPPORT = path.join(__dirname, '../../support');
const USERS = Array.from({ length: 30 }, (_, i) => `user ${i}`);
/** Longer than a page: the end of the row, with the time at which the session ends, lies on a page of its own. */
const textOf = user => JSON.stringify({ user, padding: 'x'.repeat(5000) });
/** A short session, on the page on which the user's row begins. */
const neighbourOf = user => `neighbour of ${user}`;

/** @param {string} folder @returns {string} the library for LD_PRELOAD */
function compileShim(folder) {
  const library = path.join(folder, 'short_reads.so');
  const { status, error, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, path.join(SUPPORT, 'short_reads.c'), '-ldl'], { encoding: 'utf8' });
  assert.strictEqual(status, 0, `a C compiler named \`cc\` is needed (apt-get install gcc): ${error?.message ?? stderr}`);
  return library;
}

test('a user whose session is on the disk only stays logged in on a kernel that answers 0 for it', async t => {
  if (process.platform !== 'linux') return;
  const file = databaseFor(t);
  const store = storeFor(t, { path: file });
  for (const user of USERS) {
    await store.setText(user, textOf(user), LONG_MS, {});
    await store.setText(neighbourOf(user), '{}', LONG_MS, {});
  }
  await store.close();

  const count = `${file}.changed`;
  const details = JSON.stringify({ path: file, warm: USERS.map(neighbourOf), cold: USERS });
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(SUPPORT, 'sqlite_worker.js'), 'readCold', details], {
    env: { ...process.env, LD_PRELOAD: compileShim(path.dirname(file)), SHORT_READS_COUNT: count },
    encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 24,
  });
  assert.strictEqual(status, 0, stderr);
  const texts = JSON.parse(stdout);
  assert.deepStrictEqual(USERS.filter((user, i) => texts[i] !== textOf(user)), [], 'users without their session');
  if (!tellsWhatIsInMemory(file)) return;
  const changed = Number(fs.readFileSync(count, 'utf8'));
  assert.ok(changed >= USERS.length, `only ${changed} answers of the kernel were changed`);
});
