'use strict';

/** What `open` says of a cookie, against cookies that the originals wrote and the vectors of the sealed format. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { openCookie } = require('../../lib/cli/cookie');
const { toHeader } = require('../../lib/cli/pasted');
const { Keyring } = require('../../lib/engine');
const { HostileCookies } = require('../generate/hostile_cookies');
const { makeHeader } = require('../generate/hostile_headers');
const { egg3 } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const golden = require('../golden/cookies.json');
const vectors = require('../vectors/sealed_v1.json');

const NAME = 'EGG_SESS';
const ring = new Keyring(['new key', 'old key']);
const old = new Keyring(['old key']);
const header = cookies => Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
const said = (cookies, name = NAME, others = []) => openCookie(ring, header(cookies), name, others);

describe('cookies of the originals', () => {
  // An external key that nothing protects may be any text, so only one in the form of the default ids is known as such.
  const isTold = ({ mode, externalKey }) => mode !== 'plain' || externalKey === undefined || /^[\da-f-]{36}$/.test(externalKey);
  const live = golden.cookies.filter(({ value, openKeys, sessionRead }) => value && openKeys && sessionRead && sessionRead !== 'null').filter(isTold);
  test('there are dozens, of each format', () => {
    assert.ok(live.length > 40, `${live.length}`);
    assert.deepEqual([...new Set(live.map(({ mode }) => mode))].sort(), ['encrypted', 'plain', 'signed']);
  });
  for (const cookie of live) {
    test(cookie.name, () => {
      const { mode, cookie: name, value, signature, openKeys, keyIndex, text, externalKey = text } = cookie;
      const verdict = openCookie(new Keyring(openKeys), header({ [name]: value, ...(signature && { [`${name}.sig`]: signature }) }), name);
      assert.equal(verdict.format, mode === 'plain' ? 'unsigned' : mode);
      assert.equal(verdict.keyIndex, mode === 'plain' ? undefined : keyIndex);
      assert.equal(verdict.text, externalKey);
    });
  }
});

describe('sealed cookies', () => {
  for (const vector of vectors.opened) {
    test(`opens: ${vector.name}`, () => {
      const { reason, text, keyIndex, format } = openCookie(new Keyring(vector.appKeys), header({ [vector.cookie]: vector.token }), vector.cookie);
      assert.ok(reason === null || reason === 'expired', String(reason));
      assert.deepEqual({ text, keyIndex, format }, { text: vector.text, keyIndex: vector.keyIndex, format: 'sealed-v1' });
    });
  }
  for (const vector of vectors.refused) {
    test(`does not open: ${vector.name}`, () => {
      assert.notEqual(openCookie(new Keyring(vector.appKeys), header({ [vector.cookie]: vector.token }), vector.cookie).reason, null);
    });
  }
  for (const vector of vectors.pieces) {
    test(`opens in pieces: ${vector.name}`, () => {
      const { text, keyIndex, pieces } = openCookie(new Keyring(vector.appKeys), header(vector.cookies), vector.cookie);
      assert.deepEqual({ text, keyIndex, pieces }, { text: vector.text, keyIndex: vector.keyIndex, pieces: Object.keys(vector.cookies).length });
    });
  }
  for (const vector of vectors.refusedPieces) {
    test(`does not open in pieces: ${vector.name}`, () => {
      assert.notEqual(openCookie(new Keyring(vector.appKeys), header(vector.cookies), vector.cookie).reason, null);
    });
  }
});

describe('why a cookie does not open', () => {
  const session = '{"user":"alice"}';
  const sealed = ring.sealSealed(NAME, session).value;
  const signed = ring.seal('signed', NAME, session);
  const ended = ring.sealSealed(NAME, session, { createdAtMs: 1000, expiresAtMs: 2000 }).value;
  const pieces = name => vectors.pieces.find(vector => vector.name === name).cookies;

  for (const [claim, cookies, reason, format = null] of [
    ['no cookie of the name', { other: 'x' }, 'absent'],
    ['an empty value', { [NAME]: '' }, 'malformed'],
    ['a later format', { [NAME]: 'v2.abcdef' }, 'unknown-format'],
    ['text of no format', { [NAME]: 'hello world' }, 'unknown-format'],
    ['a sealed cookie that was cut', { [NAME]: sealed.slice(0, 30) }, 'malformed', 'sealed-v1'],
    ['a sealed cookie with a foreign character', { [NAME]: `${sealed.slice(0, -1)}!` }, 'malformed', 'sealed-v1'],
    ['base64 of a session that was cut', { [NAME]: Buffer.from(session.slice(0, -3)).toString('base64') }, 'malformed', 'unsigned'],
    ['a sealed cookie under a foreign key', { [NAME]: new Keyring(['foreign']).sealSealed(NAME, session).value }, 'refused', 'sealed-v1'],
    ['a sealed cookie that was altered', { [NAME]: sealed.replace(/.{8}$/, 'AAAAAAAA') }, 'refused', 'sealed-v1'],
    ['a sealed cookie of an unknown name', { [NAME]: ring.sealSealed('OTHER', session).value }, 'refused', 'sealed-v1'],
    ['an encrypted cookie under a foreign key', { [NAME]: new Keyring(['foreign']).seal('encrypted', NAME, session).value }, 'refused', 'encrypted'],
    ['a signature by a foreign key', { [NAME]: signed.value, [`${NAME}.sig`]: 'A'.repeat(43) }, 'refused', 'signed'],
    ['a token that has ended', { [NAME]: ended }, 'expired', 'sealed-v1'],
    ['a session that has ended', { [NAME]: old.seal('encrypted', NAME, '{"a":1,"_expire":1000,"_maxAge":1}').value }, 'expired', 'encrypted'],
  ]) {
    test(`${claim}: ${reason}`, () => {
      const verdict = said(cookies);
      assert.deepEqual([verdict.reason, verdict.format], [reason, format]);
    });
  }

  test('a missing piece is named', () => {
    const cookies = pieces('a session in two pieces');
    const [first] = Object.entries(cookies);
    const { reason, names } = openCookie(new Keyring(['test-only key, never used by an app']), header(Object.fromEntries([first])), NAME);
    assert.deepEqual([reason, names], ['piece-missing', [`${NAME}.1`]]);
  });

  test('pieces under another given name are known as such', () => {
    const cookies = Object.fromEntries(Object.entries(pieces('a session in two pieces')).map(([name, value]) => [name.replace(NAME, 'NEW'), value]));
    const keyring = new Keyring(['test-only key, never used by an app']);
    const { reason, names } = openCookie(keyring, header(cookies), 'NEW', [NAME]);
    assert.deepEqual([reason, names], ['other-name', [NAME]]);
  });

  test('another given name, in the options or in the input, is named', () => {
    const foreign = ring.sealSealed('OTHER', session).value;
    for (const [verdict, format] of [
      [said({ [NAME]: foreign }, NAME, ['OTHER']), 'sealed-v1'],
      [said({ [NAME]: foreign, OTHER: 'x' }), 'sealed-v1'],
      [said({ OTHER: foreign }), 'sealed-v1'],
      [said({ NEW: signed.value, 'NEW.sig': signed.signature }, 'NEW', [NAME]), 'signed'],
    ]) {
      assert.deepEqual([verdict.reason, verdict.format], ['other-name', format]);
      assert.equal(verdict.names.length, 1);
    }
  });

  test('the first cookie of the name that opens counts', () => {
    assert.equal(openCookie(ring, `${NAME}=planted; ${NAME}=${sealed}`, NAME).text, session);
  });

  test('an unsigned cookie of any name is no hint at another name', () => {
    assert.equal(said({ other: Buffer.from(session).toString('base64') }).reason, 'absent');
  });
});

describe('external keys', () => {
  const id = '0e7b5f1a-4b5c-4d6e-8f70-123456789abc';
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'signed-sha1', 'plain'])) {
    test(mode, () => {
      const { value, signature } = old.sealValue(mode, NAME, id);
      const verdict = said({ [NAME]: value, ...(signature && { [`${NAME}.sig`]: signature }) });
      assert.deepEqual([verdict.reason, verdict.format, verdict.text, verdict.session], [null, mode === 'plain' ? 'unsigned' : mode, id, undefined]);
      assert.equal(verdict.keyIndex, mode === 'plain' ? undefined : 1);
    });
  }
});

describe('what people paste', () => {
  const { value, signature } = ring.seal('signed', NAME, '{"a":1}');
  const sealed = ring.sealSealed(NAME, '{"a":1}').value;
  for (const [claim, text] of [
    ['a Cookie header', `Cookie: x=1; ${NAME}=${sealed}; y=2`],
    ['the header\'s value', `x=1; ${NAME}=${sealed}`],
    ['a Set-Cookie line', `Set-Cookie: ${NAME}=${sealed}; path=/; httponly`],
    ['a Set-Cookie line in lower case, with CRLF', `set-cookie: ${NAME}=${sealed}; path=/\r\n`],
    ['two Set-Cookie lines', `Set-Cookie: ${NAME}=${value}; path=/\nSet-Cookie: ${NAME}.sig=${signature}; path=/`],
    ['an assignment', `${NAME}=${sealed}\n`],
    ['the value', `${sealed}\n`],
    ['the value in quotes', `"${sealed}"`],
    ['the value, percent-encoded', sealed.replace('=', '%3D')],
    ['an encrypted value with padding', ring.seal('encrypted', NAME, '{"a":1}').value],
  ]) {
    test(claim, () => assert.deepEqual(openCookie(ring, toHeader(text, NAME), NAME).session, { a: 1 }));
  }
});

describe('hostile input', () => {
  const prng = new Prng(seed);
  const sealKeys = ['test key a', 'test key b'];
  const cookies = new HostileCookies(prng, egg3, NAME, sealKeys);
  const make = () => cookies.make(prng.pick(['encrypted', 'signed', 'plain']));
  const header = () => makeHeader(prng, NAME, make);

  test(`never throws, seed ${seed}`, () => {
    const keyring = new Keyring(sealKeys);
    const reasons = new Set();
    for (let i = 0; i < 5000; i++) reasons.add(openCookie(keyring, toHeader(header(), NAME), NAME, ['OTHER']).reason);
    for (const reason of [null, 'malformed', 'refused', 'unknown-format', 'absent']) assert.ok(reasons.has(reason), String(reason));
  });

  test(`opens under foreign keys only as unsigned, seed ${seed}`, () => {
    for (let i = 0; i < 5000; i++) {
      const { reason, format } = openCookie(ring, toHeader(header(), NAME), NAME);
      assert.ok(reason !== null || format === 'unsigned', String(format));
    }
  });

  test('of any length and depth', () => {
    const deep = Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).toString('base64');
    for (const value of [deep, 'v1='.repeat(80_000), `v1=8.${'A'.repeat(200_000)}`, '='.repeat(200_000), `${NAME}=`.repeat(30_000), '\0\uD800', '%'.repeat(99_999)]) {
      openCookie(ring, toHeader(value, NAME), NAME);
    }
  });
});
