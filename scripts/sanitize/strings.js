'use strict';

// Strings of every width of character, of lengths around those at which the addon's buffers grow, through every function of
// the native engine, with the portable engine's answers as the measure. Run under a tool that watches memory.

const assert = require('node:assert');
const native = require('../../lib/engine/native');
const portable = require('../../lib/engine/portable');

const KEYS = ['a new test-only key', 'test-only key'];
const NAME = 'EGG_SESS';
/** The first try has room for 16 KiB, of which one character stays unused. See src/js_text.rs. */
const FIRST_TRY_BYTES = 16 * 1024;
const AROUND = 6;
/** One to four bytes of UTF-8, one and two bytes of a JS string, and half a character. */
const CHARACTERS = ['a', '\u00e9', '\u676d', '\u{1f980}', '\ud800'];

/** @returns {Generator<string>} */
function * texts() {
  for (const character of CHARACTERS) {
    for (const bytes of [0, 1, 2, 3, 4]) {
      const middle = bytes === 0 ? AROUND : Math.floor(FIRST_TRY_BYTES / bytes);
      for (let length = middle - AROUND; length <= middle + AROUND; length++) yield character.repeat(length);
    }
    yield character.repeat(10 * FIRST_TRY_BYTES);
  }
}

const ours = new native.Keyring(KEYS);
const theirs = new portable.Keyring(KEYS);
let answers = 0;

/** @param {(engine: any, keyring: any) => unknown} ask @returns {any} what both engines answer */
function both(ask) {
  const answer = ask(native, ours);
  assert.deepStrictEqual(answer, ask(portable, theirs));
  answers++;
  return answer;
}

for (const text of texts()) {
  const json = JSON.stringify({ text });
  const raw = `{"text":"${text}"}`;
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'signed-sha1', 'plain'])) {
    for (const content of [json, raw]) {
      const { value, signature } = both((_, keyring) => keyring.seal(mode, NAME, content));
      both((_, keyring) => keyring.open(mode, NAME, value, signature));
      if (mode !== 'plain') both((_, keyring) => keyring.openSession(mode, NAME, value, signature));
      both((_, keyring) => keyring.sealCookie(mode, NAME, content, 1790000000000, 1000, '; path=/'));
    }
    const { value, signature } = both((_, keyring) => keyring.sealValue(mode, NAME, text));
    both((_, keyring) => keyring.openValue(mode, NAME, value, signature));
    both((_, keyring) => keyring.open(mode, NAME, text, text));
  }
  for (const content of [json, raw]) {
    const meta = { createdAtMs: 1, expiresAtMs: 2 ** 48 - 1, id: 'an id' };
    const token = ours.sealSealed(NAME, content, meta).value;
    const opened = both((_, keyring) => keyring.openSealed(NAME, token));
    assert.deepStrictEqual(opened, { text: Buffer.from(content).toString(), keyIndex: 0, ...meta });
  }
  both((_, keyring) => keyring.sign(text));
  both((_, keyring) => keyring.verify(text, text));
  both((_, keyring) => keyring.signSha1(text));
  both((_, keyring) => keyring.verifySha1(text, text));
  const sealed = both((_, keyring) => keyring.encrypt(text));
  both((_, keyring) => keyring.decrypt(sealed));
  both(engine => engine.diff('{}', raw));
  both(engine => engine.merge('{}', raw, `{"other":"${text}"}`));
}
console.log(`${answers} answers of the native engine were right.`);
