'use strict';

/** Both engines against the originals' own classes: Keygrip's words, and real cookies.get and cookies.set. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { createApp, createContext, cookieHeader, sealedBy } = require('../generate/koa_context');
const { utf8Like } = require('../generate/engine_inputs');

const NAME = 'EGG_SESS';
const KEYS = ['the newest test-only key', 'un clé de test', '测试'];
const MODES = /** @type {const} */ (['encrypted', 'signed', 'plain']);

for (const { name, load } of ENGINES) {
  const { Keyring } = load();
  for (const original of originals) {
    const { Keygrip, codec, writer } = original;
    const pair = `${name} engine, ${writer}`;

    test(`Keygrip's words mean the same: ${pair}`, () => {
      const prng = new Prng(seed + 6);
      const [ours, theirs] = [new Keyring(KEYS), new Keygrip(KEYS)];
      for (let i = 0; i < 2_000; i++) {
        const bytes = utf8Like(prng);
        const text = bytes.toString();
        const signer = new Keygrip([prng.pick([...KEYS, 'a stranger'])]);
        const digest = prng.pick([signer.sign(text), `${signer.sign(text)}=`, signer.sign(text).slice(1), 'é'.repeat(21) + 'x', text]);
        assert.strictEqual(ours.sign(text), theirs.sign(text));
        assert.strictEqual(ours.verify(text, digest), theirs.verify(text, digest));
        assert.deepStrictEqual(ours.encrypt(text), theirs.encrypt(text));
        const sealed = prng.pick([signer.encrypt(text), bytes, Buffer.alloc(0)]);
        assert.deepStrictEqual(ours.decrypt(sealed), theirs.decrypt(sealed));
      }
    });

    test(`decrypt takes the first key whose padding fits: ${pair}`, () => {
      const [ours, theirs] = [new Keyring(KEYS), new Keygrip(KEYS)];
      const prng = new Prng(seed + 7);
      const found = [0, 0, 0, 0];
      for (let i = 0; i < 4_000; i++) {
        const sealed = prng.bytes(32);
        const answer = theirs.decrypt(sealed);
        found[answer ? answer.index : KEYS.length]++;
        assert.deepStrictEqual(ours.decrypt(sealed), answer);
      }
      assert.ok(found.every(count => count > 0), `${found}`);
    });

    for (const mode of MODES) {
      test(`cookies.set writes what seal gives, cookies.get reads it, and the other way round: ${mode}, ${pair}`, () => {
        const ours = new Keyring(KEYS);
        const app = createApp(original, KEYS);
        const options = MODE_OPTIONS[mode];
        const sessions = [{ a: 1 }, { 名: 'é😀\u2028' }, { lone: '\ud83d' }, { pad: 'x'.repeat(3000) }, {}, { n: [null, 1e21, -0.5] }];
        for (const session of sessions) {
          const text = JSON.stringify(session);
          const theirs = createContext(app);
          theirs.cookies.set(NAME, codec.encode(session), options);
          const { value, signature } = ours.seal(mode, NAME, text);
          assert.deepStrictEqual({ value, signature }, sealedBy(theirs, NAME));
          assert.deepStrictEqual(ours.open(mode, NAME, value, signature), { text, keyIndex: 0 });
          assert.deepStrictEqual(codec.decode(createContext(app, cookieHeader(NAME, value, signature)).cookies.get(NAME, options)), session);
        }
        for (const id of ['id-1', 'sess:0f8fad5b-d9cb-469f-a165-70867728950e', 'x']) {
          const theirs = createContext(app);
          theirs.cookies.set(NAME, id, options);
          const { value, signature } = ours.sealValue(mode, NAME, id);
          assert.deepStrictEqual({ value, signature }, sealedBy(theirs, NAME));
          assert.deepStrictEqual(ours.openValue(mode, NAME, value, signature), { value: id, keyIndex: 0 });
          assert.strictEqual(createContext(app, cookieHeader(NAME, value, signature)).cookies.get(NAME, options), id);
        }
      });

      test(`an empty value is set as nothing and read as nothing: ${mode}, ${pair}`, () => {
        const ours = new Keyring(KEYS);
        const app = createApp(original, KEYS);
        const theirs = createContext(app);
        theirs.cookies.set(NAME, '', MODE_OPTIONS[mode]);
        const expected = sealedBy(theirs, NAME);
        const { value, signature } = ours.sealValue(mode, NAME, '');
        assert.deepStrictEqual({ value, signature }, expected);
        assert.strictEqual(value, '');
        const signed = new Keygrip(KEYS).sign(`${NAME}=`);
        assert.ok(!createContext(app, cookieHeader(NAME, '', signed)).cookies.get(NAME, MODE_OPTIONS[mode]));
        assert.strictEqual(ours.open(mode, NAME, '', signed), null);
        assert.strictEqual(ours.openValue(mode, NAME, '', signed), null);
      });
    }

    test(`a session sealed under each key opens with that key's index: ${pair}`, () => {
      const ours = new Keyring(KEYS);
      KEYS.forEach((key, keyIndex) => {
        const theirs = createContext(createApp(original, [key]));
        theirs.cookies.set(NAME, codec.encode({ key: keyIndex }), MODE_OPTIONS.encrypted);
        assert.deepStrictEqual(ours.open('encrypted', NAME, sealedBy(theirs, NAME).value), { text: `{"key":${keyIndex}}`, keyIndex });
        const signing = createContext(createApp(original, [key]));
        signing.cookies.set(NAME, codec.encode({ key: keyIndex }), MODE_OPTIONS.signed);
        const { value, signature } = sealedBy(signing, NAME);
        assert.deepStrictEqual(ours.open('signed', NAME, value, signature), { text: `{"key":${keyIndex}}`, keyIndex });
      });
    });
  }
}
