'use strict';

/** The addon in threads, in forked processes and twice in one process. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const { run } = require('../../support/packed');
const { ROOT } = require('../../../scripts/platforms');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-loader-'));
test.after(() => fs.rmSync(scratch, { recursive: true, force: true }));

const BUSY = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Keyring } = require(workerData + '/lib/engine/native');
  const keyring = new Keyring(['key']);
  const text = JSON.stringify({ pad: 'x'.repeat(2000) });
  for (let i = 0; ; i++) {
    const { value } = keyring.seal('encrypted', 'n', text);
    if (keyring.open('encrypted', 'n', value).text !== text) throw new Error('wrong');
    if (i === 50) parentPort.postMessage('busy');
  }
`;

/** @param {string} folder */
function copyPackage(folder) {
  fs.mkdirSync(folder);
  for (const name of ['package.json', 'index.js', 'lib', ...fs.readdirSync(ROOT).filter(file => file.endsWith('.node'))]) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

test('threads that are ended in the middle of their work leave the process whole, though it never loaded the addon itself', () => {
  const main = `
    const { once } = require('node:events');
    const { Worker } = require('node:worker_threads');
    (async () => {
      for (let round = 0; round < 3; round++) {
        const workers = Array.from({ length: 3 }, () => new Worker(${JSON.stringify(BUSY)}, { eval: true, workerData: ${JSON.stringify(ROOT)} }));
        await Promise.all(workers.map(worker => once(worker, 'message')));
        await Promise.all(workers.map(worker => worker.terminate()));
      }
      if (Object.keys(require.cache).some(file => file.endsWith('.node'))) throw new Error('loaded');
      console.log('whole');
    })();
  `;
  assert.strictEqual(run(process.execPath, ['-e', main], scratch), 'whole\n');
});

test('a thread is ended while others, and the main thread, go on', async () => {
  const { Keyring } = require('../../../lib/engine/native');
  const keyring = new Keyring(['key']);
  const workers = Array.from({ length: 2 }, () => new Worker(BUSY, { eval: true, workerData: ROOT }));
  await Promise.all(workers.map(worker => once(worker, 'message')));
  await workers[0].terminate();
  const { value } = keyring.seal('signed', 'n', '{"a":1}');
  assert.deepStrictEqual(keyring.open('signed', 'n', value, keyring.seal('signed', 'n', '{"a":1}').signature), { text: '{"a":1}', keyIndex: 0 });
  await workers[1].terminate();
});

test('two copies of the package work in one process, each with its own binary', () => {
  const [first, second] = ['first', 'second'].map(name => copyPackage(path.join(scratch, name)));
  const main = `
    const [a, b] = ${JSON.stringify([first, second])}.map(folder => require(folder));
    const text = JSON.stringify({ user: 'Ada' });
    const rings = [new a.Keyring(['k']), new b.Keyring(['k']), new a.Keyring(['other'])];
    const { value } = rings[0].seal('encrypted', 'n', text);
    console.log(JSON.stringify({
      engines: [a.engine.name, b.engine.name],
      distinct: a.Keyring !== b.Keyring,
      opened: rings.map(ring => ring.open('encrypted', 'n', value)),
      binaries: Object.keys(require.cache).filter(file => file.endsWith('.node')).length,
    }));
  `;
  const text = '{"user":"Ada"}';
  assert.deepStrictEqual(JSON.parse(run(process.execPath, ['-e', main], scratch)), {
    engines: ['native', 'native'],
    distinct: true,
    opened: [{ text, keyIndex: 0 }, { text, keyIndex: 0 }, null],
    binaries: 2,
  });
});

test('the files that `node --test` runs, each in a process of its own, have the addon', () => {
  for (const name of ['a', 'b', 'c']) {
    fs.writeFileSync(path.join(scratch, `${name}.test.js`), `
      require('node:test')('loads', () => {
        require('node:assert').strictEqual(require(${JSON.stringify(ROOT)}).engine.name, 'native');
      });
    `);
  }
  const output = run(process.execPath, ['--test', '--test-reporter=tap', ...['a', 'b', 'c'].map(name => path.join(scratch, `${name}.test.js`))], scratch);
  assert.match(output, /^# pass 3$/m);
  assert.match(output, /^# fail 0$/m);
});

test('forked processes of a cluster have the addon', () => {
  fs.writeFileSync(path.join(scratch, 'cluster.js'), `
    const cluster = require('node:cluster');
    const { Keyring, engine } = require(${JSON.stringify(ROOT)});
    const keyring = new Keyring(['key']);
    if (cluster.isPrimary) {
      const { value } = keyring.seal('encrypted', 'n', '{"from":"primary"}');
      let left = 3;
      cluster.on('message', (worker, message) => {
        console.log(message);
        worker.disconnect();
        if (--left === 0) process.exitCode = 0;
      });
      for (let i = 0; i < 3; i++) cluster.fork({ SEALED: value });
    } else {
      process.send(engine.name + ' ' + keyring.open('encrypted', 'n', process.env.SEALED).text);
    }
  `);
  assert.strictEqual(run(process.execPath, ['cluster.js'], scratch), 'native {"from":"primary"}\n'.repeat(3));
});
