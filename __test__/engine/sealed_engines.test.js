'use strict';

/** Sealed tokens of the native and the portable engine are the same bytes, and each opens the other's. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { deriveSealedKey, sealWithNonce } = require('../../lib/engine/portable/sealed');
const { checkMeta } = require('../../lib/engine/arguments');
const native = require('../../lib/engine/native');
const portable = require('../../lib/engine/portable');

const ROUNDS = 20_000;
/** Of one to four bytes in UTF-8, with what is special in JSON, UTF-8 and cookies; surrogates that stand alone too. */
const CHARACTERS = ['a', 'Z', '0', '"', '\\', '{', '}', ',', ';', '=', ' ', '\0', '\n', '\x7f', '\x80', '\xff',
  '\u0100', '\u07ff', '\u0800', '\u2028', '\ufeff', '\ufffd', '\uffff', '\u{1f95a}', '\u{10ffff}', '\ud800', '\udfff'];

/** @param {Prng} prng @param {number} longest */
function anyText(prng, longest) {
  const characters = prng.chance(0.5) ? CHARACTERS.slice(0, 13) : CHARACTERS;
  return prng.text(prng.below(longest + 1), /** @type {any} */ (characters));
}

/** @param {Prng} prng */
function anyMeta(prng) {
  const time = () => prng.below(2 ** 16) * 2 ** 32 + prng.bits();
  return {
    ...(prng.chance(0.5) && { createdAtMs: time() }),
    ...(prng.chance(0.5) && { expiresAtMs: time() }),
    ...(prng.chance(0.5) && { id: prng.text(1 + prng.below(60), /** @type {any} */ (CHARACTERS.slice(0, -2))) }),
  };
}

/**
 * Keyrings are slow to make, so many cases share a few.
 * @param {Prng} prng
 */
function makeKeyrings(prng) {
  return Array.from({ length: 200 }, (_, i) => {
    const keys = Array.from({ length: 1 + prng.below(4) }, (_unused, j) => `${anyText(prng, 40)} ${i} ${j}`);
    return {
      keys,
      newest: deriveSealedKey(Buffer.from(keys[0])),
      /** By the index of the key that seals; the first has all keys. */
      native: keys.map((_key, keyIndex) => new native.Keyring(keys.slice(keyIndex))),
      portable: keys.map((_key, keyIndex) => new portable.Keyring(keys.slice(keyIndex))),
    };
  });
}

/** @param {Prng} prng */
function anyCase(prng) {
  return {
    name: anyText(prng, 20),
    text: anyText(prng, prng.chance(0.05) ? 5000 : 200),
    meta: anyMeta(prng),
  };
}

test('what the native engine seals is what the portable one seals under the same nonce', () => {
  const prng = new Prng(seed);
  const keyrings = makeKeyrings(prng);
  for (let i = 0; i < ROUNDS; i++) {
    const keyring = prng.pick(keyrings);
    const { name, text, meta } = anyCase(prng);
    const token = keyring.native[0].sealSealed(name, text, meta).value;
    const nonce = Buffer.from(token.slice('v1='.length), 'base64url').subarray(4, 28);
    assert.strictEqual(token, sealWithNonce(keyring.newest, name, text, checkMeta(meta), nonce), `case ${i}, TEST_SEED=${seed}`);
  }
});

test('each engine opens the tokens of the other, with the same answer', () => {
  const prng = new Prng(seed + 1);
  const keyrings = makeKeyrings(prng);
  let expired = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const keyring = prng.pick(keyrings);
    const keyIndex = prng.below(keyring.keys.length);
    const { name, text, meta } = anyCase(prng);
    const nowMs = prng.chance(0.9) ? prng.below(1000) : prng.below(2 ** 16) * 2 ** 32;
    const ends = 'expiresAtMs' in meta && nowMs >= Number(meta.expiresAtMs);
    if (ends) expired++;
    // Lone surrogates cannot be written in UTF-8.
    const expected = ends ? null : { text: Buffer.from(text).toString(), keyIndex, ...meta };
    const where = `case ${i}, TEST_SEED=${seed}`;
    const byNative = keyring.native[keyIndex].sealSealed(name, text, meta).value;
    const byPortable = keyring.portable[keyIndex].sealSealed(name, text, meta).value;
    assert.deepStrictEqual(keyring.portable[0].openSealed(name, byNative, nowMs), expected, where);
    assert.deepStrictEqual(keyring.native[0].openSealed(name, byPortable, nowMs), expected, where);
  }
  assert.ok(expired > 100, `${expired} had expired`);
});

test('the modes of the common interface answer alike', () => {
  const prng = new Prng(seed + 2);
  const keyrings = makeKeyrings(prng);
  for (let i = 0; i < 2000; i++) {
    const keyring = prng.pick(keyrings);
    const engines = [keyring.native[0], keyring.portable[0]];
    const { name, text } = anyCase(prng);
    const content = Buffer.from(text).toString();
    for (const [writer, reader] of [engines, [...engines].reverse()]) {
      for (const { value } of [writer.seal('sealed', name, text), writer.sealValue('sealed', name, text)]) {
        assert.deepStrictEqual(reader.open('sealed', name, value), { text: content, keyIndex: 0 });
        assert.deepStrictEqual(reader.openValue('sealed', name, value), { value: content, keyIndex: 0 });
      }
    }
  }
});

test('both engines refuse the same spoiled tokens', () => {
  const prng = new Prng(seed + 3);
  const keyrings = [native, portable].map(({ Keyring }) => new Keyring(['test-only key']));
  let opened = 0;
  for (let i = 0; i < ROUNDS; i++) {
    let value = prng.pick(keyrings).sealSealed('EGG_SESS', anyText(prng, 50)).value;
    for (let changes = prng.below(3); changes > 0; changes--) {
      const at = prng.below(value.length + 1);
      value = value.slice(0, at) + (prng.chance(0.7) ? anyText(prng, 2) : '') + value.slice(at + prng.below(3));
    }
    const [byNative, byPortable] = keyrings.map(keyring => keyring.openSealed('EGG_SESS', value, 0));
    assert.deepStrictEqual(byNative, byPortable, `case ${i}, TEST_SEED=${seed}: ${JSON.stringify(value)}`);
    if (byNative) opened++;
  }
  assert.ok(opened > ROUNDS / 4 && opened < ROUNDS, `${opened} opened`);
});

test('a long token opens in both engines, and long nonsense in none', () => {
  const text = `{"list":"${'\u738b\u{1f95a} '.repeat(200_000)}"}`;
  for (const [writer, reader] of [[native, portable], [portable, native]]) {
    const { value } = new writer.Keyring(['test-only key']).sealSealed('EGG_SESS', text);
    const keyring = new reader.Keyring(['test-only key']);
    assert.strictEqual(keyring.openSealed('EGG_SESS', value)?.text, text);
    assert.strictEqual(keyring.openSealed('EGG_SESS', value.slice(0, -4)), null);
    assert.strictEqual(keyring.openSealed('EGG_SESS', `v1=${'A'.repeat(4_000_000)}`), null);
  }
});
