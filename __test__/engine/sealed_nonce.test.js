'use strict';

/** Nonces are random: no two tokens share one, however and wherever they are made. */

const test = require('node:test');
const assert = require('node:assert');
const { Worker } = require('node:worker_threads');
const { ENGINES } = require('../generate/engines');

const KEY = 'test-only key';
const NONCE_BYTES = 24;
const TOKENS = 20_000;

/** @param {string} token */
const nonceOf = token => Buffer.from(token.slice('v1='.length), 'base64url').subarray(4, 4 + NONCE_BYTES);

/** Seals in a thread of its own. @param {string} engine @param {number} count @returns {Promise<string[]>} */
function sealInWorker(engine, count) {
  const worker = new Worker(`
    const { parentPort } = require('node:worker_threads');
    const { Keyring } = require(${JSON.stringify(require.resolve(`../../lib/engine/${engine}`))});
    const keyring = new Keyring([${JSON.stringify(KEY)}]);
    parentPort.postMessage(Array.from({ length: ${count} }, () => keyring.sealSealed('EGG_SESS', '{}').value));
  `, { eval: true });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

for (const { name: engine, load } of ENGINES) {
  test(`${engine}: equal sessions give tokens without a common nonce, in one keyring, in many and in other threads`, async () => {
    const { Keyring } = load();
    const keyring = new Keyring([KEY]);
    const tokens = [
      ...Array.from({ length: TOKENS }, () => keyring.sealSealed('EGG_SESS', '{}').value),
      ...Array.from({ length: 500 }, () => new Keyring([KEY]).sealSealed('EGG_SESS', '{}').value),
      ...(await Promise.all([sealInWorker(engine, 500), sealInWorker(engine, 500)])).flat(),
    ];
    assert.strictEqual(new Set(tokens).size, TOKENS + 1500);
    assert.strictEqual(new Set(tokens.map(token => nonceOf(token).toString('hex'))).size, TOKENS + 1500);
    for (const token of tokens.slice(-10)) assert.strictEqual(keyring.openSealed('EGG_SESS', token)?.text, '{}');
  });

  test(`${engine}: every bit of a nonce is as often set as not`, () => {
    const keyring = new (load().Keyring)([KEY]);
    const counts = new Array(NONCE_BYTES * 8).fill(0);
    for (let i = 0; i < TOKENS; i++) {
      const nonce = nonceOf(keyring.sealSealed('EGG_SESS', '{}').value);
      for (let bit = 0; bit < counts.length; bit++) counts[bit] += (nonce[bit >> 3] >> (bit & 7)) & 1;
    }
    // Eight standard deviations: chance alone fails this once in 10¹² runs.
    const leeway = 8 * Math.sqrt(TOKENS / 4);
    counts.forEach((count, bit) => assert.ok(Math.abs(count - TOKENS / 2) < leeway, `bit ${bit} was set ${count} times`));
  });
}
