'use strict';

/** The addon in several worker threads at once: own keys, own buffers, loaded and left again and again. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { once } = require('node:events');

const THREADS = 4;
const ROUNDS = 3_000;

const SCRIPT = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { engineFile, thread, rounds } = workerData;
  const { name, Keyring } = require(engineFile);
  const keys = ['key of thread ' + thread, 'shared key'];
  const keyring = new Keyring(keys);
  const old = new Keyring(keys.slice(1));
  const modes = ['encrypted', 'signed', 'signed-sha1', 'plain'];
  let wrong = 0;
  for (let i = 0; i < rounds; i++) {
    const text = JSON.stringify({ thread, i, pad: '会x'.repeat(i % 50 * thread) });
    const mode = modes[i % 4];
    const keyIndex = mode !== 'plain' && (i >> 2) % 2;
    const { value, signature } = (keyIndex ? old : keyring).seal(mode, 'n', text);
    const opened = keyring.open(mode, 'n', value, signature);
    if (opened === null || opened.text !== text || opened.keyIndex !== Number(keyIndex)) wrong++;
    if (i % 500 === 0) parentPort.postMessage('running');
  }
  parentPort.postMessage({ name, wrong, foreign: keyring.open('encrypted', 'n', workerData.foreign) });
`;

/** @param {object} data */
function start(data) {
  return new Worker(SCRIPT, { eval: true, workerData: { engineFile: path.join(__dirname, '../../../lib/engine/native'), rounds: ROUNDS, ...data } });
}

/** @param {Worker} worker @returns {Promise<any>} its last message */
function result(worker) {
  return new Promise((resolve, reject) => {
    /** @type {unknown} */
    let last;
    worker.on('message', message => { last = message; });
    worker.once('error', reject);
    worker.once('exit', code => (code === 0 ? resolve(last) : reject(new Error(`exit ${code}`))));
  });
}

test('threads open and seal side by side, each with its own keys', async () => {
  const { Keyring } = require('../../../lib/engine/native');
  const foreign = new Keyring(['the key of no thread']).seal('encrypted', 'n', '{"a":1}').value;
  const results = await Promise.all(Array.from({ length: THREADS }, (_, i) => result(start({ thread: i + 1, foreign }))));
  assert.deepStrictEqual(results, results.map(() => ({ name: 'native', wrong: 0, foreign: null })));
});

test('a thread that is ended at work takes nobody with it', async () => {
  const { Keyring } = require('../../../lib/engine/native');
  const keyring = new Keyring(['key']);
  const { value } = keyring.seal('encrypted', 'n', '{"a":1}');
  for (let i = 0; i < 6; i++) {
    const worker = start({ thread: 1, foreign: 'x', rounds: 1e9 });
    await once(worker, 'message');
    await worker.terminate();
    assert.deepStrictEqual(keyring.open('encrypted', 'n', value), { text: '{"a":1}', keyIndex: 0 });
  }
});
