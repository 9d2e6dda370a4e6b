'use strict';

/** The record in a stored text: written, found and taken out again, whatever the session holds. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { publicIdOf, recordMember } = require('../../../lib/store/record');
const { dropRevisions, newRevision, recordIn, recordMemberIn, withRevision, withoutRevisions } = require('../../../lib/store/revision');
const { Prng } = require('../../generate/prng');

const RECORD = { id: publicIdOf('a key'), beganAtMs: 1795870000000, seenAtMs: 1795870000001, label: 'Firefox, Linux', address: '203.0.113.0/24' };
const TEXTS = [
  '{"a":1}', '{"a":"~"}', '{"a":"~\\""}', '{"_record":"x~"}', '{"a":{"b":1,"_record":"x~"}}', '{"a":",\\"_record\\":\\"x~"}', '{"ü😀":"\\u0000"}',
  `{"a":${recordMember(RECORD).slice(',"_record":'.length)}}`, `{"a":1${recordMember(RECORD)}}`,
];

test('a record is found in the text that it was put in, and the text comes out as it was', () => {
  for (const record of [RECORD, { ...RECORD, label: undefined, address: undefined, beganAtMs: 0 }, { ...RECORD, label: 'ü😀'.repeat(33), address: '~"'.repeat(32) }]) {
    for (const text of TEXTS) {
      const stored = withRevision(text, newRevision(), undefined, recordMember(record));
      assert.deepEqual(recordIn(stored), record);
      assert.equal(withoutRevisions(stored), text);
      assert.equal(recordMemberIn(stored), recordMember(record));
      assert.ok(JSON.parse(stored)._record.endsWith('~'));
    }
  }
});

test('a text without a record has none, and is as long as before', () => {
  for (const text of TEXTS.slice(0, -1)) {
    const stored = withRevision(text, newRevision());
    assert.equal(recordIn(stored), undefined);
    assert.equal(withoutRevisions(stored), text);
    assert.equal(recordIn(text), undefined);
  }
  assert.equal(recordIn(`{"a":1${recordMember(RECORD)}}`), undefined, 'a record stands before _rev, and nowhere else');
});

test('a record goes along with each later write of a session, and not into another one', () => {
  let stored = withRevision('{"a":1}', newRevision(), undefined, recordMember(RECORD));
  for (let i = 0; i < 20; i++) {
    stored = withRevision(`{"a":${i}}`, newRevision(), stored);
    assert.deepEqual(recordIn(stored), RECORD);
  }
  assert.equal(recordIn(withRevision('{"a":1}', newRevision(), undefined)), undefined);
  assert.equal(recordIn(withRevision('{"a":1}', newRevision(), stored, '')), undefined);
});

test('what another program has made of a record is taken out or left alone, and never throws', () => {
  const prng = new Prng(20261128);
  const stored = withRevision('{"user":"ada","n":[1,2,"~\\""]}', newRevision(), undefined, recordMember(RECORD));
  for (let i = 0; i < 5000; i++) {
    const at = prng.below(stored.length);
    const part = ['', '"', '~', '.', ',"_record":"', '\\', 'A'][prng.below(7)];
    const broken = stored.slice(0, at) + part + stored.slice(at + prng.below(4));
    const record = recordIn(broken);
    if (record !== undefined) {
      assert.match(record.id, /^[\w-]{22}$/);
      for (const time of [record.beganAtMs, record.seenAtMs]) assert.ok(Number.isSafeInteger(time) && time >= 0);
    }
    const text = withoutRevisions(broken);
    let parsed;
    try {
      parsed = JSON.parse(broken);
    } catch {
      continue;
    }
    assert.deepEqual(dropRevisions(JSON.parse(text)), dropRevisions(parsed), broken);
    assert.ok(!('_record' in parsed) && !('_rev' in parsed));
  }
});

test('a public id is the same for the same name, of 22 characters, and another for another', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => publicIdOf(`name ${i}`));
  assert.equal(new Set(ids).size, 1000);
  for (const [i, id] of ids.entries()) assert.equal(publicIdOf(`name ${i}`), id);
  assert.ok(ids.every(id => /^[\w-]{22}$/.test(id)));
});
