'use strict';

/** A port that somebody else takes while Egg starts does not fail a test; what the app itself does wrong does. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { REPOSITORY } = require('../support/app_process');
const { startCluster } = require('../support/cluster_process');
const { startEgg } = require('../support/ports');

for (const major of [3, 4]) {
  test(`a cluster of Egg ${major} whose agent finds its port taken is started again`, async t => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-taken-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const holder = net.createServer();
    await new Promise(resolve => holder.listen(0, '127.0.0.1', resolve));
    t.after(() => new Promise(resolve => holder.close(resolve)));
    const flag = path.join(folder, 'flag');
    const env = { NODE_OPTIONS: `--require ${require.resolve('../support/taken_port')}`, TAKEN_PORT: String(holder.address().port), TAKEN_FLAG: flag };
    const cluster = await startCluster({ major, plugin: REPOSITORY, env });
    assert.ok(fs.existsSync(flag), 'the taken port was tried');
    assert.deepEqual(await cluster.stop([]), []);
  });
}

test('an app that fails is not started again, and a port that is taken each time fails in the end', async () => {
  let starts = 0;
  const failing = message => () => {
    starts++;
    return Promise.reject(new Error(message));
  };
  await assert.rejects(startEgg(failing('the app is broken')), /the app is broken/);
  assert.equal(starts, 1);
  starts = 0;
  await assert.rejects(startEgg(failing('create "Watcher" leader failed, the port:39601 is occupied by other')), /39601/);
  assert.equal(starts, 3);
});
