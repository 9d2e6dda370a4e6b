'use strict';

/** App keys that are Buffers: their bytes as they are, in every format, and never those that the app writes there later. */

const test = require('node:test');
const assert = require('node:assert');
const vm = require('node:vm');
const { originals } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { utf8Like } = require('../generate/engine_inputs');

const NAME = 'EGG_SESS';
const TEXT = '{"user":"会"}';
const MODES = /** @type {const} */ (['encrypted', 'signed', 'signed-sha1', 'plain']);
/** No UTF-8, so that no string has these bytes. */
const BYTES = Buffer.from('00ff80fec0af', 'hex');

/** @param {any} keyring what it makes of one text in every format that does not draw lots */
const madeBy = keyring => [
  ...MODES.map(mode => keyring.seal(mode, NAME, TEXT)), keyring.sign('data'), keyring.signSha1('data'), keyring.encrypt('data'),
];

/** @param {any} writer @param {any} reader */
function assertOpensAll(writer, reader) {
  for (const mode of [...MODES, 'sealed']) {
    const { value, signature } = writer.seal(mode, NAME, TEXT);
    assert.deepStrictEqual(reader.open(mode, NAME, value, signature), { text: TEXT, keyIndex: 0 }, mode);
  }
}

for (const { name, load } of ENGINES) {
  const { Keyring } = load();

  for (const { Keygrip, writer } of originals) {
    test(`under Buffers Keygrip's words mean the same: ${name} engine, ${writer}`, () => {
      const prng = new Prng(seed + 42);
      for (let i = 0; i < 500; i++) {
        const keys = Array.from({ length: 1 + prng.below(4) }, () => prng.pick([prng.bytes(1 + prng.below(150)), 'a string', new Uint8Array(prng.bytes(32))]));
        const [ours, theirs] = [new Keyring(keys), new Keygrip(keys)];
        const signer = new Keygrip([prng.pick([...keys, prng.bytes(8)])]);
        const text = utf8Like(prng).toString();
        assert.strictEqual(ours.sign(text), theirs.sign(text));
        assert.strictEqual(ours.verify(text, signer.sign(text)), theirs.verify(text, signer.sign(text)));
        assert.deepStrictEqual(ours.encrypt(text), theirs.encrypt(text));
        assert.deepStrictEqual(ours.decrypt(signer.encrypt(text)), theirs.decrypt(signer.encrypt(text)));
      }
    });
  }

  test(`a string is the Buffer of its UTF-8, in every format: ${name} engine`, () => {
    for (const key of ['k', 'clé ü', '测试', 'x'.repeat(200), 'lone \ud83d']) {
      const [string, bytes] = [new Keyring([key]), new Keyring([Buffer.from(key, 'utf8')])];
      assert.deepStrictEqual(madeBy(string), madeBy(bytes));
      assertOpensAll(string, bytes);
      assertOpensAll(bytes, string);
    }
  });

  test(`bytes that are no text are not taken for other ones: ${name} engine`, () => {
    const keyring = new Keyring([BYTES]);
    const similar = [BYTES.toString('utf8'), BYTES.toString('latin1'), BYTES.toString('hex'), Buffer.from('00ff80fec0ae', 'hex'), BYTES.subarray(1), Buffer.concat([BYTES, Buffer.alloc(1)])];
    for (const key of similar) {
      const other = new Keyring([key]);
      assert.notDeepStrictEqual(other.encrypt('data'), keyring.encrypt('data'));
      assert.notStrictEqual(other.openSealed(NAME, other.sealSealed(NAME, TEXT).value), null);
      assert.strictEqual(other.openSealed(NAME, keyring.sealSealed(NAME, TEXT).value), null);
      // HMAC fills short keys with zeros: to it a key with a zero at its end is the same.
      if (!Buffer.from(key).equals(similar[5])) assert.strictEqual(other.verify('data', keyring.sign('data')), -1);
    }
  });

  test(`only the bytes that a view shows are the key, of any class and realm: ${name} engine`, () => {
    const expected = madeBy(new Keyring([BYTES]));
    const larger = Buffer.concat([Buffer.from('before'), BYTES, Buffer.from('behind')]);
    const shared = new Uint8Array(new SharedArrayBuffer(BYTES.length));
    shared.set(BYTES);
    const foreign = vm.runInNewContext(`new Uint8Array([${BYTES.join(',')}])`);
    assert.ok(!(foreign instanceof Uint8Array));
    class Named extends Uint8Array {}
    const views = [larger.subarray(6, 6 + BYTES.length), new Uint8Array(larger.buffer, larger.byteOffset + 6, BYTES.length), shared, foreign, new Named(BYTES)];
    for (const view of views) assert.deepStrictEqual(madeBy(new Keyring([view])), expected);
  });

  test(`what the app writes to its Buffer later reaches no key: ${name} engine`, () => {
    const [newest, old] = [Buffer.from(BYTES), new Uint8Array([1, 2, 3])];
    const keyring = new Keyring([newest, old]);
    const kept = new Keyring([Buffer.from(BYTES), 'unused']);
    const signedByOld = new Keyring([Uint8Array.from(old)]).signSha1('data');
    const sealed = keyring.sealSealed(NAME, TEXT).value;
    newest.fill(9);
    old.fill(9);
    assert.deepStrictEqual(madeBy(keyring), madeBy(kept));
    assertOpensAll(keyring, kept);
    assert.strictEqual(keyring.verifySha1('data', signedByOld), 1);
    assert.deepStrictEqual(keyring.openSealed(NAME, sealed), { text: TEXT, keyIndex: 0 });
  });

  test(`the app's Buffers stay as they are: ${name} engine`, () => {
    const [bytes, view] = [Buffer.from(BYTES), new Uint8Array(BYTES)];
    madeBy(new Keyring([bytes, view, 'a string']));
    assert.deepStrictEqual(bytes, BYTES);
    assert.deepStrictEqual(view, new Uint8Array(BYTES));
  });
}
