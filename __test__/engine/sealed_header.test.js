'use strict';

/** What a sealed token carries beside its text: when it was made, when it ends, and the session's id. */

const test = require('node:test');
const assert = require('node:assert');
const { ENGINES } = require('../generate/engines');

const NAME = 'EGG_SESS';
const SESSION = '{"user":"alice"}';
const NOW_MS = 1767323045678;
const MAX_TIME_MS = 2 ** 48 - 1;

for (const { name: engine, load } of ENGINES) {
  const keyring = new (load().Keyring)(['test-only key']);
  /** @param {any} [meta] */
  const seal = meta => keyring.sealSealed(NAME, SESSION, meta).value;

  test(`${engine}: fields come back as they were given, and absent ones are absent`, () => {
    const values = { createdAtMs: [0, NOW_MS, MAX_TIME_MS], expiresAtMs: [NOW_MS + 1, MAX_TIME_MS], id: ['x', 'i'.repeat(255), '\u738b\u{1f95a}', '\0'] };
    for (const createdAtMs of [undefined, ...values.createdAtMs]) {
      for (const expiresAtMs of [undefined, ...values.expiresAtMs]) {
        for (const id of [undefined, ...values.id]) {
          const meta = JSON.parse(JSON.stringify({ createdAtMs, expiresAtMs, id }));
          assert.deepStrictEqual(keyring.openSealed(NAME, seal(meta), NOW_MS), { text: SESSION, keyIndex: 0, ...meta });
        }
      }
    }
    for (const nothing of [undefined, null, {}, { createdAtMs: null, expiresAtMs: undefined, id: null }]) {
      assert.deepStrictEqual(keyring.openSealed(NAME, seal(nothing), NOW_MS), { text: SESSION, keyIndex: 0 });
    }
  });

  test(`${engine}: fields that are absent take no space`, () => {
    const bytes = (/** @type {any} */ meta) => Buffer.from(seal(meta).slice(3), 'base64url').length;
    const least = 4 + 24 + 1 + SESSION.length + 16;
    assert.strictEqual(bytes({}), least);
    assert.strictEqual(bytes({ createdAtMs: 0 }), least + 6);
    assert.strictEqual(bytes({ createdAtMs: NOW_MS, expiresAtMs: MAX_TIME_MS }), least + 12);
    assert.strictEqual(bytes({ id: '\u738b' }), least + 1 + 3);
  });

  test(`${engine}: a token opens until the millisecond in which it expires`, () => {
    const token = seal({ expiresAtMs: NOW_MS });
    assert.strictEqual(keyring.openSealed(NAME, token, 0)?.text, SESSION);
    assert.strictEqual(keyring.openSealed(NAME, token, NOW_MS - 1)?.text, SESSION);
    assert.strictEqual(keyring.openSealed(NAME, token, NOW_MS - 0.25)?.text, SESSION);
    for (const nowMs of [NOW_MS, NOW_MS + 0.25, NOW_MS + 1, MAX_TIME_MS, MAX_TIME_MS + 1, Number.MAX_VALUE]) {
      assert.strictEqual(keyring.openSealed(NAME, token, nowMs), null, String(nowMs));
    }
    assert.strictEqual(keyring.openSealed(NAME, seal({ expiresAtMs: 0 }), 0), null);
    assert.strictEqual(keyring.openSealed(NAME, seal({ expiresAtMs: MAX_TIME_MS }), MAX_TIME_MS - 1)?.text, SESSION);
  });

  test(`${engine}: without a given time the clock counts, in every way to open`, t => {
    const token = seal({ expiresAtMs: NOW_MS });
    const now = t.mock.method(Date, 'now', () => NOW_MS - 1);
    assert.strictEqual(keyring.openSealed(NAME, token)?.text, SESSION);
    assert.strictEqual(keyring.open('sealed', NAME, token)?.text, SESSION);
    assert.strictEqual(keyring.openValue('sealed', NAME, token)?.value, SESSION);
    now.mock.mockImplementation(() => NOW_MS);
    assert.strictEqual(keyring.openSealed(NAME, token), null);
    assert.strictEqual(keyring.open('sealed', NAME, token), null);
    assert.strictEqual(keyring.openValue('sealed', NAME, token), null);
  });

  test(`${engine}: a field that cannot be written is the app's mistake, and its value stays out of the message`, () => {
    const times = [-1, 0.5, NaN, Infinity, MAX_TIME_MS + 1, '1767323045678', new Date(), 10n, true];
    const ids = ['', 'a'.repeat(256), '\u738b'.repeat(86), 'secret\ud800', 5, {}, Buffer.from('secret')];
    const wrong = [
      ...times.flatMap(time => [{ createdAtMs: time }, { expiresAtMs: time }]),
      ...ids.map(id => ({ id })),
      'meta', 5, true,
    ];
    for (const meta of wrong) {
      assert.throws(() => seal(meta), err => {
        assert.strictEqual(/** @type {any} */ (err).code, 'ERR_SESSION_ARGUMENT');
        assert.doesNotMatch(/** @type {Error} */ (err).message, /secret|aaa|\u738b|17673/);
        return true;
      });
    }
  });

  test(`${engine}: a clock that would never let a token expire is the app's mistake`, () => {
    const token = seal();
    for (const nowMs of [NaN, -1, Infinity, null, '5', new Date(), 5n]) {
      assert.throws(() => keyring.openSealed(NAME, token, /** @type {any} */ (nowMs)), { code: 'ERR_SESSION_ARGUMENT' });
    }
  });

  test(`${engine}: a name or text that is no string is the app's mistake`, () => {
    for (const wrong of [undefined, null, 5, {}]) {
      assert.throws(() => keyring.sealSealed(/** @type {any} */ (wrong), SESSION), { code: 'ERR_SESSION_ARGUMENT' });
      assert.throws(() => keyring.sealSealed(NAME, /** @type {any} */ (wrong)), { code: 'ERR_SESSION_ARGUMENT' });
      assert.throws(() => keyring.openSealed(/** @type {any} */ (wrong), seal()), { code: 'ERR_SESSION_ARGUMENT' });
    }
  });
}
