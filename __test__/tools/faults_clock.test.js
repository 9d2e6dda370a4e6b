'use strict';

/** The clock of the fault runs: a process that runs already follows each step, on time of day alone. */

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { SteppedClock } = require('../faults/clock');

const TOLERANCE_MS = 5000;
const TELLS_TIME = "process.on('message', () => process.send({ date: Date.now(), monotonic: Number(process.hrtime.bigint() / 1_000_000n) }))";

test('processes of a stepped clock are ahead or behind at once, and their monotonic clock is not', async t => {
  if (process.platform !== 'linux') return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-clock-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const clock = new SteppedClock(folder);
  assert.equal(clock.canStep, true, 'a C compiler named cc is needed (apt-get install gcc)');
  const program = path.join(folder, 'tells_time.js');
  fs.writeFileSync(program, TELLS_TIME);
  const child = fork(program, [], { env: { ...process.env, ...clock.env } });
  t.after(() => child.kill('SIGKILL'));

  const isNear = (a, b) => Math.abs(a - b) < TOLERANCE_MS;
  for (const [steps, aheadMs] of [0, 300_000, -299_999, 0].entries()) {
    clock.step(aheadMs);
    child.send('now');
    const [{ date, monotonic }] = await once(child, 'message');
    assert.ok(isNear(date - Date.now(), aheadMs), `${date - Date.now()} ms ahead, and not ${aheadMs}`);
    assert.ok(isNear(monotonic, Number(process.hrtime.bigint() / 1_000_000n)));
    assert.equal(clock.epoch, steps);
  }
});
