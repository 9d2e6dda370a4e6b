'use strict';

/**
 * The index of each user's sessions: a sorted set `PREFIXsessions-of:HASH`, where HASH is the SHA-256 of the user in base64url. Its
 * members are `BIRTH:KEY` of each session, where BIRTH is empty for a text that has none (store/revision.js), and their scores are the
 * sessions' ends in ms since 1970 by Redis' own clock. With the birth, a removal that arrives late leaves a later session under the
 * same key in the index.
 *
 * Every session in Redis is in the set of its user. The set may hold more keys: of sessions that ended unnoticed, or that belong to
 * another user by now. A reader of the set therefore checks each session. If Redis evicts a set, the index misses these sessions
 * until each is written again.
 *
 * `add` and `list` remove entries that have ended, and the set expires with the last of them, so nothing stays for good.
 */

const { createHash } = require('node:crypto');
const { RedisScript } = require('./client');

// Sets `now`, in ms since 1970, and removes the entries that have ended.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
`;

// ARGV: the member, its lifetime in ms. The later end stays, because the write with the earlier end may still fail.
const ADD = new RedisScript('add to a user', `${NOW}
local ends = now + ARGV[2]
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not known or tonumber(known) < ends then redis.call('ZADD', KEYS[1], string.format('%.0f', ends), ARGV[1]) end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last[2])))
return 1
`);

const LIST = new RedisScript('list a user', `${NOW}
return redis.call('ZREVRANGE', KEYS[1], 0, -1)
`);

const REMOVE = new RedisScript('remove from a user', `
return redis.call('ZREM', KEYS[1], ARGV[1])
`);

/** The index of the sessions of each user, in one Redis. */
class RedisUsers {
  #redis;
  #prefix;

  /**
   * @param {import('./client').RedisClient} redis
   * @param {string} prefix the store's
   */
  constructor(redis, prefix) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /**
   * @param {string} user
   * @param {string} key
   * @param {string | undefined} birth
   * @param {number} lifetimeMs
   */
  async add(user, key, birth, lifetimeMs) {
    await this.#redis.run(ADD, this.#keyOf(user), [memberOf(key, birth), String(lifetimeMs)]);
  }

  /**
   * @param {string} user
   * @returns {Promise<string[]>} keys of sessions that may be the user's, latest recorded end first
   */
  async list(user) {
    const members = await this.#redis.run(LIST, this.#keyOf(user), []);
    return [...new Set(members.map((/** @type {string} */ member) => member.slice(member.indexOf(':') + 1)))];
  }

  /**
   * @param {string} user
   * @param {string} key of a session that is destroyed
   * @param {string | undefined} birth
   */
  async remove(user, key, birth) {
    await this.#redis.run(REMOVE, this.#keyOf(user), [memberOf(key, birth)]);
  }

  /** @param {string} user hashed, because it may be long, or personal data such as an e-mail address */
  #keyOf(user) {
    return `${this.#prefix}sessions-of:${createHash('sha256').update(user).digest('base64url')}`;
  }
}

/** @param {string} key @param {string | undefined} birth has no colon */
function memberOf(key, birth = '') {
  return `${birth}:${key}`;
}

module.exports = { RedisUsers };
