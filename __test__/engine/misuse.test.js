'use strict';

/** Mistakes of the app throw with a code; what a browser sends never does. No message and no print shows a key or a value. */

const test = require('node:test');
const assert = require('node:assert');
const util = require('node:util');
const { ENGINES } = require('../generate/engines');

const SECRET = 'a secret that must not be shown';

for (const { name, load } of ENGINES) {
  const { Keyring } = load();
  const keyring = new Keyring([SECRET]);
  const any = /** @type {any} */ (keyring);

  /** @param {() => unknown} call @param {string} code */
  const throwsCode = (call, code) => assert.throws(call, err => {
    assert.ok(err instanceof Error);
    assert.strictEqual(/** @type {any} */ (err).code, code);
    assert.match(err.message, /^Expected .* but received /);
    assert.ok(!util.inspect(err).includes('secret'), 'the message shows a secret');
    return true;
  });

  test(`the ${name} engine refuses keys that are none`, () => {
    const bytes = Buffer.from(SECRET);
    const detached = new Uint8Array(4);
    structuredClone(detached, { transfer: [detached.buffer] });
    const bad = [
      undefined, null, [], '', SECRET, {}, 1, [''], [SECRET, ''], [SECRET, undefined], [null], [1], [[SECRET]], new Array(2), new Set([SECRET]),
      bytes, [Buffer.alloc(0)], [SECRET, new Uint8Array(0)], [detached], [new Uint16Array(4)], [new DataView(bytes.buffer)], [bytes.buffer],
      [bytes.toJSON()], [Object.create(bytes)], [new String(SECRET)],
    ];
    for (const keys of bad) throwsCode(() => new Keyring(/** @type {any} */ (keys)), 'ERR_SESSION_KEYS');
    assert.throws(() => new Keyring([SECRET, Buffer.alloc(0)]), { message: 'Expected a non-empty string or Buffer for keys[1] but received an empty Buffer' });
    assert.throws(() => new Keyring(['']), { message: 'Expected a non-empty string or Buffer for keys[0] but received an empty string' });
    assert.throws(() => new Keyring([]), { message: 'Expected a non-empty array of strings or Buffers for keys but received an empty array' });
  });

  test(`the ${name} engine refuses unknown modes`, () => {
    for (const mode of [undefined, null, '', SECRET, 'Encrypted', 'signed-SHA1', 'signed-sha256', 0, 1, 3, 'toString', '__proto__', {}]) {
      for (const method of ['open', 'openValue', 'seal', 'sealValue']) throwsCode(() => any[method](mode, 'n', 'dmFsdWU='), 'ERR_SESSION_MODE');
    }
  });

  test(`the ${name} engine refuses names, texts and data that are no strings`, () => {
    for (const wrong of [undefined, null, 1, {}, [SECRET], Symbol('s')]) {
      for (const mode of ['encrypted', 'signed', 'signed-sha1', 'plain']) {
        throwsCode(() => any.open(mode, wrong, 'v'), 'ERR_SESSION_ARGUMENT');
        throwsCode(() => any.openValue(mode, wrong, 'v'), 'ERR_SESSION_ARGUMENT');
        throwsCode(() => any.seal(mode, 'n', wrong), 'ERR_SESSION_ARGUMENT');
        throwsCode(() => any.sealValue(mode, 'n', wrong), 'ERR_SESSION_ARGUMENT');
        throwsCode(() => any.seal(mode, wrong, 'v'), 'ERR_SESSION_ARGUMENT');
        throwsCode(() => any.sealValue(mode, wrong, 'v'), 'ERR_SESSION_ARGUMENT');
      }
      for (const method of ['sign', 'signSha1', 'verify', 'verifySha1', 'encrypt']) throwsCode(() => any[method](wrong, 'digest'), 'ERR_SESSION_ARGUMENT');
    }
  });

  test(`the ${name} engine opens nothing of what is no string, and does not throw`, () => {
    for (const hostile of [undefined, null, 1, {}, [], Symbol('s'), Buffer.from('v'), () => 'v', 1n, new String('dmFsdWU=')]) {
      for (const mode of ['encrypted', 'signed', 'signed-sha1', 'plain']) {
        assert.strictEqual(any.open(mode, 'n', hostile), null);
        assert.strictEqual(any.openValue(mode, 'n', hostile), null);
        if (mode.startsWith('signed')) assert.strictEqual(any.open(mode, 'n', 'dmFsdWU=', hostile), null);
      }
      assert.strictEqual(any.verify('data', hostile), -1);
      assert.strictEqual(any.verifySha1('data', hostile), -1);
    }
    for (const hostile of [undefined, null, 1, {}, [], Symbol('s'), 'no bytes', '', new ArrayBuffer(16)]) {
      assert.strictEqual(any.decrypt(hostile), false);
    }
  });

  test(`the ${name} engine keeps its keys when the app changes its array`, () => {
    const keys = ['first', 'second'];
    const own = new Keyring(keys);
    const before = own.sign('data');
    keys.splice(0, 2, 'other');
    assert.strictEqual(own.sign('data'), before);
    assert.strictEqual(own.verify('data', new Keyring(['second']).sign('data')), 1);
  });

  test(`the ${name} engine's keyring shows nothing of its keys, strings or Buffers`, () => {
    const bytes = Buffer.from(SECRET);
    for (const own of [keyring, new Keyring([bytes]), new Keyring([new Uint8Array(bytes)])]) {
      for (const mode of /** @type {const} */ (['signed', 'signed-sha1'])) {
        const { value, signature } = own.seal(mode, 'n', '{"a":1}');
        own.open(mode, 'n', value, signature);
      }
      const shown = [
        util.inspect(own, { showHidden: true, depth: Infinity, getters: true }),
        JSON.stringify(own),
        String(own),
        JSON.stringify(Object.getOwnPropertyDescriptors(own)),
        ...Reflect.ownKeys(own).map(String),
      ].join('\n');
      for (const form of ['secret', bytes.toString('hex'), bytes.toString('base64'), bytes.subarray(0, 4).join(',')]) assert.ok(!shown.includes(form));
      assert.deepStrictEqual(Reflect.ownKeys(own), []);
    }
  });

  test(`the ${name} engine's methods refuse another this`, () => {
    for (const method of ['open', 'openValue', 'seal', 'sealValue', 'sign', 'signSha1', 'verify', 'verifySha1', 'encrypt', 'decrypt']) {
      assert.throws(() => any[method].call({}, 'signed', 'n', 'v', 's'), TypeError);
    }
  });
}
