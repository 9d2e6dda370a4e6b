'use strict';

/** The examples in docs/format-vectors.md and docs/format-older.md are true: each stands in the recorded vectors. */

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const vectors = require('../vectors/sealed_v1.json');
const { cookies } = require('../golden/cookies.json');

const lines = ['format-vectors', 'format-older']
  .flatMap(page => fs.readFileSync(path.join(__dirname, `../../docs/${page}.md`), 'utf8').split('\n'));

/** Indented lines `label   value`, by label. @param {string} label @returns {string[]} */
function examples(label) {
  return lines.filter(line => line.startsWith(`    ${label}  `)).map(line => line.slice(4 + label.length).trim())
    .filter(value => !/[‖(] /.test(value));
}

test('the sealed examples are those of the independent implementation', () => {
  const bare = vectors.opened.find(({ name }) => name === 'a session');
  const full = vectors.opened.find(({ name }) => name === 'every field');
  assert.ok(bare && full);
  for (const label of /** @type {const} */ (['nonce', 'plaintext', 'token'])) {
    assert.deepStrictEqual(examples(label), [bare[label], full[label]]);
  }
  assert.deepStrictEqual(examples('message key'), [bare.messageKey, full.messageKey]);
  assert.deepStrictEqual(examples('associated data'), [bare.associatedData]);
  assert.deepStrictEqual(examples('text'), [bare.text]);
  const [{ appKey, encryptionKey, keyId }] = vectors.keys;
  assert.deepStrictEqual([examples('encryption key'), examples('key id')], [[encryptionKey], [keyId]]);
  assert.ok(lines.some(line => line.includes(`App key \`${appKey}\`, cookie \`${bare.cookie}\``)));
  assert.ok(lines.some(line => line.includes(`created at ${full.createdAtMs}, expires at ${full.expiresAtMs}, id \`${full.id}\``)));
});

test('the pieces are those of the independent implementation', () => {
  const [{ name, nonce, associatedData, cookies: pieces }] = vectors.pieces;
  assert.strictEqual(name, 'a session in two pieces');
  assert.deepStrictEqual([examples('nonce in pieces'), examples('data in pieces')], [[nonce], [associatedData]]);
  assert.deepStrictEqual(
    [...examples('first piece'), ...examples('second piece')],
    Object.entries(pieces).map(([cookie, value]) => `${cookie}=${value}`),
  );
});

test('the other examples are those of the originals', () => {
  const find = (/** @type {string} */ name) => {
    const found = cookies.find(cookie => cookie.name === name);
    assert.ok(found);
    return /** @type {any} */ (found);
  };
  const encrypted = find('encrypted: one visitor');
  assert.deepStrictEqual([examples('JSON'), examples('inner'), examples('value')], [[encrypted.text], [encrypted.opened], [encrypted.value]]);
  assert.deepStrictEqual(encrypted.keys, [vectors.keys[0].appKey]);
  const signed = find('signed: one visitor');
  assert.deepStrictEqual([examples('EGG_SESS'), examples('EGG_SESS.sig')], [[signed.value], [signed.signature]]);
  assert.deepStrictEqual(signed.keys, encrypted.keys);
});
