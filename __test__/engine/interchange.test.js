'use strict';

/** One engine's answer is the other's, byte for byte: for what either sealed, and for what nobody would seal. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { mutations } = require('../generate/mutations');
const { base64Like, utf8Like, anyText } = require('../generate/engine_inputs');

const MODES = /** @type {const} */ (['encrypted', 'signed', 'signed-sha1', 'plain']);
const KEYS = ['the newest key', 'clé ü 会', Buffer.from('00ff80fe', 'hex'), 'an old key'];
const ROUNDS = 24_000;

const [portable, native] = ENGINES.map(({ load }) => load().Keyring).map(Keyring => ({
  all: new Keyring(KEYS),
  each: KEYS.map(key => new Keyring([key])),
}));

/** @param {Prng} prng */
const cookieName = prng => prng.pick(['EGG_SESS', 'EGG_SESS', 'n', '', 'é', '名', '\ud800', 'a=b']);
const WAYS = Object.values(mutations);

test('the two engines are two', () => {
  assert.notStrictEqual(portable.all.constructor, native.all.constructor);
});

test(`both engines seal alike, in all modes: ${ROUNDS} texts`, () => {
  const prng = new Prng(seed + 2);
  for (let i = 0; i < ROUNDS; i++) {
    const mode = prng.pick(MODES);
    const name = cookieName(prng);
    const text = prng.chance(0.5) ? anyText(prng) : base64Like(prng);
    const method = prng.pick(/** @type {const} */ (['seal', 'sealValue']));
    assert.deepStrictEqual(native.all[method](mode, name, text), portable.all[method](mode, name, text), `TEST_SEED=${seed}, round ${i}`);
  }
});

test(`both engines open alike what either sealed, whole and spoiled, in all modes: ${ROUNDS} values`, () => {
  const prng = new Prng(seed + 3);
  const seen = { opened: 0, refused: 0 };
  for (let i = 0; i < ROUNDS; i++) {
    const name = cookieName(prng);
    const sealer = prng.pick([native, portable]);
    const sealWith = prng.pick([...sealer.each, sealer.all]);
    const sealed = sealWith[prng.pick(/** @type {const} */ (['seal', 'sealValue']))](prng.pick(MODES), name, anyText(prng));
    let value = sealed.value;
    if (prng.chance(0.5)) value = prng.pick(WAYS)(prng, value, portable.all.seal('encrypted', name, '{"b":2}').value);
    const sign = prng.pick(/** @type {const} */ (['sign', 'signSha1']));
    let signature = prng.pick([sealed.signature, sealWith[sign](`${name}=${value}`), undefined, anyText(prng)]);
    if (signature !== undefined && prng.chance(0.2)) signature = prng.pick(WAYS)(prng, signature, sealWith[sign]('other'));

    const mode = prng.pick(MODES);
    for (const method of /** @type {const} */ (['open', 'openValue'])) {
      const answer = native.all[method](mode, name, value, signature);
      seen[answer ? 'opened' : 'refused']++;
      assert.deepStrictEqual(answer, portable.all[method](mode, name, value, signature), `TEST_SEED=${seed}, round ${i}: ${method} ${mode}`);
    }
  }
  assert.ok(seen.opened > ROUNDS / 4 && seen.refused > ROUNDS / 4, JSON.stringify(seen));
});

test(`both engines answer alike to what nobody sealed: ${ROUNDS} values`, () => {
  const prng = new Prng(seed + 4);
  for (let i = 0; i < ROUNDS; i++) {
    const value = prng.pick([
      () => base64Like(prng),
      () => anyText(prng),
      // any bytes under a right key: plaintexts that no encoder wrote
      () => prng.pick(portable.each).encrypt(prng.chance(0.5) ? utf8Like(prng) : Buffer.from(base64Like(prng))).toString('base64'),
      () => prng.bytes(16 * prng.below(4)).toString('base64'),
    ])();
    const signature = prng.chance(0.5) ? undefined : prng.pick(portable.each)[prng.pick(/** @type {const} */ (['sign', 'signSha1']))](`n=${value}`);
    const mode = prng.pick(MODES);
    for (const method of /** @type {const} */ (['open', 'openValue'])) {
      assert.deepStrictEqual(native.all[method](mode, 'n', value, signature), portable.all[method](mode, 'n', value, signature),
        `TEST_SEED=${seed}, round ${i}: ${method} ${mode} ${JSON.stringify(value)}`);
    }
  }
});

test('both engines sign, verify, encrypt and decrypt alike: strings, buffers and views', () => {
  const prng = new Prng(seed + 5);
  for (let i = 0; i < 5_000; i++) {
    const bytes = utf8Like(prng);
    const data = prng.pick([bytes, anyText(prng), new Uint8Array(bytes), new DataView(new Uint8Array(bytes).buffer), bytes.subarray(1)]);
    const signer = prng.pick(portable.each);
    const digest = prng.pick([signer.sign(data), signer.signSha1(data), anyText(prng), '']);
    const sealed = prng.pick([prng.pick(native.each).encrypt(data), bytes, bytes.toString('latin1')]);
    assert.strictEqual(native.all.sign(data), portable.all.sign(data));
    assert.strictEqual(native.all.signSha1(data), portable.all.signSha1(data));
    assert.strictEqual(native.all.verify(data, digest), portable.all.verify(data, digest));
    assert.strictEqual(native.all.verifySha1(data, digest), portable.all.verifySha1(data, digest));
    assert.deepStrictEqual(native.all.encrypt(data), portable.all.encrypt(data));
    assert.deepStrictEqual(native.all.decrypt(sealed), portable.all.decrypt(sealed));
  }
});

test('both engines seal a whole cookie alike, and as JSON.stringify would complete its text', () => {
  const attributes = '; path=/; domain=\u00e9.example';
  const expires = [1, 1792972800123, Number.MAX_SAFE_INTEGER, NaN];
  for (const session of [{}, { a: 1 }, { name: '\u540d\u{1f980}"\\', list: [1, { b: null }] }]) {
    const text = JSON.stringify(session);
    for (const mode of MODES) {
      for (const expire of expires) {
        const whole = Number.isNaN(expire) ? text : JSON.stringify({ ...session, _expire: expire, _maxAge: 86400000 });
        const { value, signature } = portable.all.seal(mode, 'n', whole);
        const lines = signature ? [`n=${value}${attributes}`, `n.sig=${signature}${attributes}`] : [`n=${value}${attributes}`];
        for (const { all } of [native, portable]) {
          assert.deepStrictEqual(all.sealCookie(mode, 'n', text, expire, 86400000, attributes), lines);
        }
      }
    }
  }
});

test('both engines read a value of a megabyte', () => {
  const text = JSON.stringify({ pad: 'x'.repeat(1_000_000) });
  for (const mode of MODES) {
    const { value, signature } = portable.all.seal(mode, 'n', text);
    assert.deepStrictEqual(native.all.seal(mode, 'n', text), portable.all.seal(mode, 'n', text));
    assert.deepStrictEqual(native.all.open(mode, 'n', value, signature), { text, keyIndex: 0 });
    assert.deepStrictEqual(portable.all.open(mode, 'n', value, signature), { text, keyIndex: 0 });
  }
});
