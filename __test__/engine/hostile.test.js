'use strict';

/** Hostile cookie values against both engines: never an exception, and the original's answer. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { ENGINES } = require('../generate/engines');
const { HostileCookies } = require('../generate/hostile_cookies');
const { withoutStacks, openings, preferredOpening, isSessionText, isPrintable } = require('../generate/expected_opening');
const { createApp, createContext, cookieHeader } = require('../generate/koa_context');

const NAME = 'EGG_SESS';
const KEYRINGS = [
  ['test-only key'],
  ['a new test-only key', 'test-only key'],
  ['the newest test-only key', 'a new test-only key', 'test-only key'],
];
/** Values a mode, an original and a keyring: 102,000 in all, each to both engines. */
const COUNTS = { encrypted: 9_000, signed: 5_000, plain: 3_000 };

/** @param {() => unknown} parse @returns {string} what koa-session makes of a text: a session, or none */
function sessionOf(parse) {
  try {
    return JSON.stringify(withoutStacks(parse));
  } catch (err) {
    // What nests 5,000 deep can be parsed, but not written again.
    if (err instanceof RangeError) return 'too deep';
    assert.ok(err instanceof SyntaxError, String(err));
    return 'no session';
  }
}

/** Which listed defects were met, so that the exceptions below are known to be tested. */
const defectsSeen = { 'wrong key': 0, 'no .sig': 0 };
let valuesSeen = 0;

for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
  for (const original of originals) {
    test(`hostile ${mode} values open as ${original.writer} opens them`, () => {
      const { Keygrip, codec } = original;
      const engines = ENGINES.map(({ name, load }) => ({ name, Keyring: load().Keyring }));
      for (const keys of KEYRINGS) {
        const prng = new Prng(seed * 31 + keys.length);
        const hostile = new HostileCookies(prng, original, NAME, keys);
        const keyrings = engines.map(({ name, Keyring }) => ({ name, keyring: new Keyring(keys) }));
        const app = createApp(original, keys);

        for (let i = 0; i < COUNTS[mode]; i++) {
          const { kind, value, signature, theirs, text, raw } = withoutStacks(() => {
            const made = hostile.make(mode);
            const ctx = createContext(app, cookieHeader(NAME, made.value, made.signature));
            const found = mode === 'encrypted' ? openings({ Keygrip, keys, name: NAME, ...made }) : [];
            return {
              ...made,
              theirs: ctx.cookies.get(NAME, MODE_OPTIONS[mode]),
              text: preferredOpening(found, isSessionText),
              raw: preferredOpening(found, isPrintable),
            };
          });
          const expectedCookie = text ? text.cookie : theirs;
          const expectedSession = expectedCookie ? sessionOf(() => codec.decode(expectedCookie)) : 'no session';
          // egg-cookies gives undefined or '' where there is nothing to read: koa-session does not tell them apart.
          const expectedValue = (raw ? raw.cookie : theirs) || null;
          if (text && text.cookie !== theirs) defectsSeen[text.by === 'key' ? 'wrong key' : 'no .sig']++;
          valuesSeen++;

          for (const { name, keyring } of keyrings) {
            const where = () => `${name} engine, ${kind}, value ${i} of ${keys.length} keys, TEST_SEED=${seed}: ${JSON.stringify(value).slice(0, 300)}`;
            const opened = keyring.open(mode, NAME, value, signature);
            const session = opened && opened.text ? sessionOf(() => JSON.parse(opened.text)) : 'no session';
            if (session !== expectedSession) assert.strictEqual(session, expectedSession, where());
            if (opened && text) assert.strictEqual(opened.keyIndex, text.keyIndex, where());
            const openedValue = keyring.openValue(mode, NAME, value, signature);
            const valueRead = (openedValue && openedValue.value) || null;
            if (valueRead !== expectedValue) assert.strictEqual(valueRead, expectedValue, where());
          }
        }
      }
    });
  }
}

test('100,000 values were tried, and the listed defects were among them', () => {
  assert.ok(valuesSeen >= 100_000, `${valuesSeen} values`);
  for (const [defect, count] of Object.entries(defectsSeen)) assert.ok(count >= 20, `${defect}: ${count}`);
});
