'use strict';

/** Values are decoded by the rules of the Node.js that runs, which is the oracle here. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { base64Like, utf8Like } = require('../generate/engine_inputs');

const STRINGS = 120_000;
const BYTE_STRINGS = 60_000;

for (const { name, load } of ENGINES) {
  const { Keyring } = load();
  const keyring = new Keyring(['test-only key']);

  test(`the ${name} engine reads base64 as Buffer.from does: ${STRINGS} strings`, () => {
    const prng = new Prng(seed);
    for (let i = 0; i < STRINGS; i++) {
      const value = base64Like(prng);
      const opened = keyring.open('plain', 'n', value);
      const expected = value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8');
      if (opened?.text !== expected) assert.strictEqual(opened?.text, expected, `TEST_SEED=${seed}: ${JSON.stringify(value)}`);
    }
  });

  test(`the ${name} engine reads UTF-8 as Buffer#toString does: ${BYTE_STRINGS} byte strings`, () => {
    const prng = new Prng(seed + 1);
    for (let i = 0; i < BYTE_STRINGS; i++) {
      const bytes = utf8Like(prng);
      const opened = keyring.open('plain', 'n', `${bytes.toString('base64')}=`);
      if (opened?.text !== bytes.toString('utf8')) {
        assert.strictEqual(opened?.text, bytes.toString('utf8'), `TEST_SEED=${seed}: ${bytes.toString('hex')}`);
      }
    }
  });

  test(`the ${name} engine writes UTF-8 as Buffer.from does, lone surrogates and all`, () => {
    for (const text of ['\ud83d', 'a\udfffb', '\ude00\ud83d', '😀', 'é', '\0', '\ufeff{}', '会话'.repeat(20_000), 'x'.repeat(100_000)]) {
      assert.strictEqual(keyring.seal('plain', 'n', text).value, Buffer.from(text).toString('base64'));
    }
  });
}
