'use strict';

/** Mode signed-sha1 of both engines against Koa's own `ctx.cookies`, of cookies 0.9.1, and its Keygrip 1.1.0. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const Keygrip = require('keygrip');
const Koa = require('koa');
const { Prng, seed } = require('../generate/prng');
const { ENGINES } = require('../generate/engines');
const { anyText, utf8Like } = require('../generate/engine_inputs');
const { createContext, cookieHeader } = require('../generate/koa_context');
const { mutations, signatureMutations } = require('../generate/mutations');

const NAME = 'koa.sess';
const MODE = 'signed-sha1';
const KEYS = ['the newest test-only key', Buffer.from('00ff80fe10', 'hex'), 'un clé de test', new Uint8Array(100).fill(7), '测试'];
const STRANGERS = ['a stranger', Buffer.from('00ff80fe11', 'hex'), '测试 '];
const HOSTILE_COUNT = 20_000;

test('the originals are the versions that this file names', () => {
  assert.strictEqual(require('keygrip/package.json').version, '1.1.0');
  assert.strictEqual(require('cookies/package.json').version, '0.9.1');
});

/** @param {(string | Uint8Array)[]} keys @returns {any} a plain Koa app: its `ctx.cookies` is of the package cookies */
function createApp(keys) {
  const app = new Koa();
  app.silent = true;
  app.keys = /** @type {any} */ (keys);
  return app;
}

/** @param {any} app @param {string} value @returns {string[]} the lines of Set-Cookie */
function setByKoa(app, value) {
  const ctx = createContext(app);
  ctx.cookies.set(NAME, value, { signed: true });
  return ctx.response.get('set-cookie');
}

/** @param {string[]} lines @returns {{ value: string, signature: string }} */
function pairOf([first, second]) {
  const valueOf = (/** @type {string} */ line, /** @type {string} */ name) => line.slice(name.length + 1, line.indexOf('; path='));
  return { value: valueOf(first, NAME), signature: valueOf(second, `${NAME}.sig`) };
}

/** @param {unknown} json */
const base64 = json => Buffer.from(JSON.stringify(json)).toString('base64');

test('docs/format-older.md has a cookie that cookies wrote', () => {
  const section = fs.readFileSync(path.join(__dirname, '../../docs/format-older.md'), 'utf8').split('\n## ').find(text => text.startsWith('Signed in Koa\n'));
  const [, key] = /app key `([^`]+)`/.exec(section ?? '') ?? [];
  const [, value] = /^ {4}koa\.sess {2,}(\S+)$/m.exec(section ?? '') ?? [];
  const [, signature] = /^ {4}koa\.sess\.sig {2,}(\S+)$/m.exec(section ?? '') ?? [];
  assert.deepStrictEqual({ value, signature }, pairOf(setByKoa(createApp([key]), value)));
});

for (const { name, load } of ENGINES) {
  const { Keyring } = load();
  const ours = new Keyring(KEYS);
  const app = createApp(KEYS);

  test(`signSha1 and verifySha1 are Keygrip's sign and index: ${name} engine`, () => {
    const theirs = new Keygrip(/** @type {any} */ (KEYS));
    const prng = new Prng(seed + 40);
    const found = new Map();
    for (let i = 0; i < 4_000; i++) {
      const data = prng.pick([anyText(prng), utf8Like(prng), '', utf8Like(prng).toString()]);
      const signer = new Keygrip(/** @type {any} */ ([prng.pick([...KEYS, ...STRANGERS])]));
      const right = signer.sign(/** @type {any} */ (data));
      const digest = prng.pick([right, right, right, `${right}=`, right.slice(1), right.toLowerCase(), `${right.slice(1)}é`, 'é'.repeat(13) + 'x', '', ours.sign(data), anyText(prng)]);
      const index = theirs.index(/** @type {any} */ (data), digest);
      found.set(index, (found.get(index) ?? 0) + 1);
      assert.strictEqual(ours.signSha1(data), theirs.sign(/** @type {any} */ (data)));
      assert.strictEqual(ours.verifySha1(data, digest), index, `TEST_SEED=${seed}, round ${i}`);
    }
    for (let index = -1; index < KEYS.length; index++) assert.ok(found.get(index) > 50, `${index}: ${found.get(index)}`);
  });

  test(`cookies.set writes what seal gives, cookies.get reads it, and the other way round: ${name} engine`, () => {
    const sessions = [{ a: 1 }, { 名: 'é😀\u2028' }, { lone: '\ud83d' }, { pad: 'x'.repeat(3000) }, {}, { n: [null, 1e21, -0.5] }];
    for (const session of sessions) {
      const text = JSON.stringify(session);
      const theirs = pairOf(setByKoa(app, base64(session)));
      const { value, signature } = ours.seal(MODE, NAME, text);
      assert.deepStrictEqual({ value, signature }, theirs);
      assert.deepStrictEqual(ours.open(MODE, NAME, value, signature), { text, keyIndex: 0 });
      assert.deepStrictEqual(ours.openSession(MODE, NAME, value, signature), { text, keyIndex: 0 });
      assert.strictEqual(createContext(app, cookieHeader(NAME, value, signature)).cookies.get(NAME, { signed: true }), value);
    }
    for (const id of ['id-1', 'sess:0f8fad5b-d9cb-469f-a165-70867728950e', 'x', 'na\u00efve']) {
      const theirs = pairOf(setByKoa(app, id));
      const { value, signature } = ours.sealValue(MODE, NAME, id);
      assert.deepStrictEqual({ value, signature }, theirs);
      assert.deepStrictEqual(ours.openValue(MODE, NAME, value, signature), { value: id, keyIndex: 0 });
      assert.strictEqual(createContext(app, cookieHeader(NAME, value, signature)).cookies.get(NAME, { signed: true }), id);
    }
  });

  test(`cookies.set writes the lines that sealCookie gives: ${name} engine`, () => {
    const attributes = '; path=/; httponly';
    for (const session of [{}, { a: 1 }, { 名: 'é😀', list: [1, null] }]) {
      const text = JSON.stringify(session);
      assert.deepStrictEqual(ours.sealCookie(MODE, NAME, text, NaN, NaN, attributes), setByKoa(app, base64(session)));
      const whole = { ...session, _expire: 1792972800123, _maxAge: 86400000 };
      assert.deepStrictEqual(ours.sealCookie(MODE, NAME, text, 1792972800123, 86400000, attributes), setByKoa(app, base64(whole)));
    }
  });

  test(`a session signed by each key opens with that key's index, by a stranger not at all: ${name} engine`, () => {
    KEYS.forEach((key, keyIndex) => {
      const { value, signature } = pairOf(setByKoa(createApp([key]), base64({ key: keyIndex })));
      const text = `{"key":${keyIndex}}`;
      for (const method of /** @type {const} */ (['open', 'openSession'])) {
        assert.deepStrictEqual(ours[method](MODE, NAME, value, signature), { text, keyIndex });
        assert.strictEqual(ours[method](MODE, 'another.name', value, signature), null);
        assert.strictEqual(ours[method](MODE, NAME, value), null);
      }
      assert.deepStrictEqual(ours.openValue(MODE, NAME, value, signature), { value, keyIndex });
    });
    for (const stranger of STRANGERS) {
      const { value, signature } = pairOf(setByKoa(createApp([stranger]), base64({ admin: true })));
      assert.strictEqual(ours.open(MODE, NAME, value, signature), null);
      assert.strictEqual(ours.openSession(MODE, NAME, value, signature), null);
      assert.strictEqual(ours.openValue(MODE, NAME, value, signature), null);
    }
  });

  test(`a signature with SHA-1 is none in Egg's modes, and the other way round: ${name} engine`, () => {
    const value = base64({ a: 1 });
    const [sha1, sha256] = [ours.signSha1(`${NAME}=${value}`), ours.sign(`${NAME}=${value}`)];
    for (const method of /** @type {const} */ (['open', 'openSession', 'openValue'])) {
      assert.strictEqual(ours[method]('signed', NAME, value, sha1), null);
      assert.strictEqual(ours[method]('encrypted', NAME, value, sha1), null);
      assert.strictEqual(ours[method](MODE, NAME, value, sha256), null);
    }
    assert.strictEqual(ours.verify(`${NAME}=${value}`, sha1), -1);
    assert.strictEqual(ours.verifySha1(`${NAME}=${value}`, sha256), -1);
  });

  test(`an empty value is no session's, whatever its signature: ${name} engine`, () => {
    // cookies signs it, and deletes both; signSha1 gives that signature.
    const { value, signature } = pairOf(setByKoa(app, ''));
    assert.deepStrictEqual({ value, signature }, { value: '', signature: ours.signSha1(`${NAME}=`) });
    assert.strictEqual(ours.verifySha1(`${NAME}=`, signature), 0);
    for (const method of /** @type {const} */ (['open', 'openSession', 'openValue'])) {
      assert.strictEqual(ours[method](MODE, NAME, '', signature), null);
    }
    assert.deepStrictEqual(ours.sealValue(MODE, NAME, ''), { value: '', signature: '' });
    assert.deepStrictEqual(ours.seal(MODE, NAME, ''), { value: '', signature: '' });
  });

  test(`${HOSTILE_COUNT} hostile cookies open exactly where cookies.get reads them: ${name} engine`, () => {
    const prng = new Prng(seed + 41);
    const other = base64({ b: 2 });
    const signers = [...KEYS, ...STRANGERS].map(key => new Keyring([key]));
    const [byOther, byOld, byStranger] = [ours.signSha1(`${NAME}=${other}`), signers[1].signSha1(`${NAME}=${other}`), signers[KEYS.length].signSha1(`${NAME}=${other}`)];
    const seen = { opened: 0, refused: 0 };
    for (let i = 0; i < HOSTILE_COUNT; i++) {
      let sent = prng.pick([base64({ i }), `sess-${i}`, base64({ 名: '会'.repeat(i % 20) })]);
      if (prng.chance(0.5)) sent = mutations[prng.pick(Object.keys(mutations))](prng, sent, other);
      const right = prng.pick(signers).signSha1(`${NAME}=${sent}`);
      const way = prng.chance(0.5) ? 'right' : prng.pick(Object.keys(signatureMutations));
      const ctx = createContext(app, cookieHeader(NAME, sent, signatureMutations[way](prng, right, { byOther, byOld, byStranger })));
      // what Koa finds in the header, without quotes around it
      const value = ctx.cookies.get(NAME, { signed: false });
      const signature = ctx.cookies.get(`${NAME}.sig`, { signed: false });
      const where = () => `TEST_SEED=${seed}, round ${i}: ${JSON.stringify({ value, signature, way })}`;

      const read = ctx.cookies.get(NAME, { signed: true }) || null;
      const opened = ours.openValue(MODE, NAME, value, signature);
      seen[opened ? 'opened' : 'refused']++;
      assert.strictEqual(opened && opened.value, read, where());
      const text = read && Buffer.from(read, 'base64').toString();
      for (const method of /** @type {const} */ (['open', 'openSession'])) {
        const session = ours[method](MODE, NAME, value, signature);
        assert.strictEqual(session && session.text, text, where());
      }
      if (opened) {
        // Koa signs anew what an older key signed.
        const renewed = ctx.response.get('set-cookie');
        assert.strictEqual(opened.keyIndex > 0, Array.isArray(renewed) && renewed[0].startsWith(`${NAME}.sig=${ours.signSha1(`${NAME}=${value}`)};`), where());
      }
    }
    assert.ok(seen.opened > HOSTILE_COUNT / 10 && seen.refused > HOSTILE_COUNT / 10, JSON.stringify(seen));
  });
}
