'use strict';

// Koa's signatures are those of keygrip 1.1.0, and a signed cookie is what the package cookies 0.9.1 writes; keys may be Buffers.

const test = require('node:test');
const assert = require('node:assert/strict');
const { createHash, randomBytes } = require('node:crypto');
const util = require('node:util');
const EggKeygrip = require('egg-cookies/lib/keygrip');
const Keygrip = require('keygrip');
const { ENGINES } = require('../generate/engines');
const { Prng, seed } = require('../generate/prng');

const TEXTS = ['{}', '{"user":"ünïcode 🍪"}', `{"a":"${'x'.repeat(4000)}"}`, '{"\\ud800":1}'];
const engines = ENGINES.map(({ name, load }) => ({ name, Keyring: load().Keyring }));

/** @param {Prng} prng */
function randomKey(prng) {
  const bytes = Buffer.from(Array.from({ length: 1 + prng.below(100) }, () => prng.below(256)));
  return prng.chance(0.5) ? bytes : bytes.toString('latin1');
}

for (const { name, Keyring } of engines) {
  test(`${name}: signs and verifies as keygrip does, with strings and Buffers as keys`, () => {
    const prng = new Prng(seed);
    for (let i = 0; i < 500; i++) {
      const keys = Array.from({ length: 1 + prng.below(3) }, () => randomKey(prng));
      const data = i % 5 === 0 ? 'koa.sess=ünïcode' : `koa.sess=${randomBytes(prng.below(300)).toString('base64')}`;
      const keygrip = new Keygrip(keys);
      const keyring = new Keyring(keys);
      assert.equal(keyring.signSha1(data), keygrip.sign(data));
      for (const digest of [...keys.map(key => new Keygrip([key]).sign(data)), keyring.sign(data), '', 'short', `${keygrip.sign(data)}=`]) {
        assert.equal(keyring.verifySha1(data, digest), keygrip.index(data, digest), digest);
      }
      assert.equal(keyring.verifySha1(data, /** @type {any} */ (undefined)), -1);
    }
  });

  test(`${name}: Buffers as keys sign and encrypt as egg-cookies does with them`, () => {
    // One key in 256 would open a text that the old key encrypted: this one opens none.
    const keys = [createHash('sha256').update('new key').digest(), 'old key'];
    const egg = new EggKeygrip(keys);
    const keyring = new Keyring(keys);
    for (const text of TEXTS) {
      assert.equal(keyring.sign(text), egg.sign(text));
      assert.ok(keyring.encrypt(text).equals(egg.encrypt(text)));
      assert.equal(keyring.decrypt(egg.encrypt(text, keys[1])).index, 1);
      assert.equal(keyring.openSealed('n', new Keyring([keys[0]]).sealSealed('n', text).value).text, text.toWellFormed ? text.toWellFormed() : text);
    }
  });

  test(`${name}: a Buffer that changes later, or its array, does not reach the keyring`, () => {
    const key = Buffer.from('the key of the app');
    const keys = [key];
    const keyring = new Keyring(keys);
    const before = [keyring.signSha1('a'), keyring.sign('a'), keyring.sealValue('encrypted', 'n', 'v').value];
    key.fill(0);
    keys[0] = Buffer.from('another');
    assert.deepEqual([keyring.signSha1('a'), keyring.sign('a'), keyring.sealValue('encrypted', 'n', 'v').value], before);
    assert.equal(before[0], new Keygrip(['the key of the app']).sign('a'));
  });

  test(`${name}: no inspection of a keyring shows a Buffer that was a key`, () => {
    const keyring = new Keyring([Buffer.from('KEYMARKER')]);
    assert.doesNotMatch(util.inspect(keyring, { depth: 9, showHidden: true }), /KEYMARKER|4b 45 59/);
  });

  test(`${name}: a cookie signed in Koa's way opens with each key, and with no other signature`, () => {
    const [keyring, old, foreign] = [['new', 'old'], ['old'], ['foreign']].map(keys => new Keyring(keys));
    for (const text of TEXTS) {
      const { value, signature } = old.seal('signed-sha1', 'koa.sess', text);
      assert.equal(value, Buffer.from(text).toString('base64'));
      assert.equal(signature, new Keygrip(['old']).sign(`koa.sess=${value}`));
      const expected = { text: Buffer.from(text).toString(), keyIndex: 1 };
      assert.deepEqual(keyring.open('signed-sha1', 'koa.sess', value, signature), expected);
      assert.deepEqual(keyring.openSession('signed-sha1', 'koa.sess', value, signature), expected);
      assert.deepEqual(keyring.openValue('signed-sha1', 'koa.sess', value, signature), { value, keyIndex: 1 });
      for (const wrong of [foreign.seal('signed-sha1', 'koa.sess', text).signature, old.seal('signed', 'koa.sess', text).signature, signature.slice(1), undefined]) {
        assert.equal(keyring.open('signed-sha1', 'koa.sess', value, wrong), null);
      }
      assert.equal(keyring.open('signed-sha1', 'another', value, signature), null);
      assert.equal(keyring.open('signed', 'koa.sess', value, signature), null);
    }
    assert.equal(keyring.open('signed-sha1', 'koa.sess', '', keyring.signSha1('koa.sess=')), null);
  });

  test(`${name}: writes both lines of a cookie`, () => {
    const keyring = new Keyring(['key']);
    const value = Buffer.from('{"a":1,"_expire":5,"_maxAge":4}').toString('base64');
    const signature = new Keygrip(['key']).sign(`s=${value}`);
    assert.deepEqual(keyring.sealCookie('signed-sha1', 's', '{"a":1}', 5, 4, '; path=/'), [`s=${value}; path=/`, `s.sig=${signature}; path=/`]);
    assert.deepEqual(keyring.sealValue('signed-sha1', 's', value), { value, signature });
  });
}
