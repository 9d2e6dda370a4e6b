'use strict';

/**
 * Which session a stored text belongs to, its birth, is read in three languages: by this package in JavaScript, by RedisStore in Lua,
 * and by SqliteStore in Rust. The three must agree on every text, or a logout spares the session that it is to end, or ends the next one.
 */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { MemcachedStore, RedisStore } = require('../..');
const { birthOf, MAX_LENGTH, newRevision, recordIn, withoutRevisions, withRevision } = require('../../lib/store/revision');
const { publicIdOf, recordMember } = require('../../lib/store/record');
const { Prng, seed } = require('../generate/prng');
const { makeSession } = require('../generate/sessions');
const { memcachedFor } = require('../support/memcached_clients');
const { redisFor } = require('../support/redis_clients');
const { storeFor } = require('../support/sqlite_files');

const HOUR_MS = 60 * 60 * 1000;
const ROUNDS = 400;
const WORDS = 'abcxyz019';
const LIFETIMES = ['"_session":true', '"_expire":1764347000000,"_maxAge":86400000'];

/** @param {Prng} prng @returns {string} a value as documents in a session may have it, such as those of CouchDB */
function anyValue(prng) {
  return prng.pick([
    '1-967a00dff5e02add41819138abb3284d', '_WFGPaEK--_', 'b-1.r', 'b-1.r.', 'b-1..r', 'b-1.', 'b-1', 'b.r', '-1.r', 'b-.r', 'b-1-2.r', 'B-1.r', 'b-1.R', 'b-1.ü', '',
    ',"_rev":"b-2.r"}', '杭州', '👩', `b-1.${prng.text(prng.below(120), `${WORDS}.`)}`,
    // Around the longest member: its mark, `b-1.` and its end are 15 characters.
    `b-1.${prng.text(MAX_LENGTH - 15 + prng.below(3), WORDS)}`,
  ]);
}

/** @param {Prng} prng @returns {string} the JSON of a session, without revisions of ours */
function anySession(prng) {
  const data = makeSession(prng);
  const revisions = () => ({ _id: 1, _rev: anyValue(prng) });
  if (prng.chance(0.3)) data.docs = Array.from({ length: 1 + prng.below(4) }, revisions);
  if (prng.chance(0.1)) data.note = prng.pick(['x', 'ü', '杭', '"_rev":"b-1.r"', ',"_rev":"b-1.r"}']).repeat(prng.below(20_000));
  if (prng.chance(0.4)) data.doc = revisions();
  const text = JSON.stringify(data);
  return prng.chance(0.8) ? `${text.slice(0, -1)}${text === '{}' ? '' : ','}${prng.pick(LIFETIMES)}}` : text;
}

/** @param {Prng} prng @returns {string} as a store may hold it, whoever wrote it */
function anyText(prng) {
  const session = anySession(prng);
  if (prng.chance(0.2)) return session;
  if (prng.chance(0.2) && session !== '{}') return `${session.slice(0, -1)},"_rev":${JSON.stringify(anyValue(prng))}}`;
  const record = prng.chance(0.3) ? recordMember({ id: publicIdOf('name'), beganAtMs: 1, seenAtMs: 2, label: 'Firefox' }) : '';
  let text = withRevision(session, newRevision(), undefined, record);
  for (let n = prng.below(9); n > 0; n--) text = withRevision(session, newRevision(), text);
  return text;
}

/**
 * @param {any} store
 * @param {string} key
 * @param {string} text
 * @param {string} birth of the session that a request has loaded
 * @returns {Promise<boolean>} whether its logout spares the text that is there by now
 */
async function isSpared(store, key, text, birth) {
  await store.setText(key, text, HOUR_MS);
  await store.destroy(key, { text: `{"a":1,"_rev":"${birth}.r"}` });
  return (await store.getText(key)) !== undefined;
}

test('the readers in JavaScript, Lua and Rust find the same birth in any text', async t => {
  const stores = {
    RedisStore: new RedisStore({ client: (await redisFor(t)).client }),
    SqliteStore: storeFor(t),
    MemcachedStore: new MemcachedStore({ client: (await memcachedFor(t)).client }),
  };
  const prng = new Prng(seed);
  let withBirth = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = anyText(prng);
    const birth = birthOf(text);
    if (birth !== undefined) withBirth++;
    for (const [name, store] of Object.entries(stores)) {
      const what = `${name}, TEST_SEED=${seed}, round ${round}, birth ${birth}: …${text.slice(-200)}`;
      assert.equal(await isSpared(store, `${round}`, text, 'other-birth'), birth !== undefined, what);
      assert.equal(await isSpared(store, `${round} own`, text, birth ?? 'other-birth'), false, what);
    }
  }
  assert.ok(withBirth > ROUNDS / 3 && withBirth < ROUNDS * 0.9, `${withBirth}`);
});

test('what is added to any session is found and taken out again, whatever the session has of the same name', () => {
  const prng = new Prng(seed);
  const record = { id: publicIdOf('name'), beganAtMs: 1, seenAtMs: 2, label: 'Firefox', address: undefined };
  for (let round = 0; round < ROUNDS; round++) {
    const session = anySession(prng);
    if (session === '{}') continue;
    const what = `TEST_SEED=${seed}, round ${round}: …${session.slice(-200)}`;
    let text = withRevision(session, newRevision(), undefined, recordMember(record));
    const birth = birthOf(text);
    assert.match(birth ?? '', /^[a-z\d]+-[a-z\d]+$/, what);
    for (let writes = 0; writes < 9; writes++) {
      assert.equal(birthOf(text), birth, what);
      assert.equal(withoutRevisions(text), session, what);
      assert.deepEqual(recordIn(text), record, what);
      text = withRevision(session, newRevision(), text);
    }
  }
});
