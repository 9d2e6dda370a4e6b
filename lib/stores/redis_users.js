'use strict';

/**
 * Which sessions a user has: a sorted set for each user, of session keys by the time when they end, in Redis' own clock.
 *
 * The index promises that every session that is in Redis is in the set of its user. It may hold more: a session that belongs to
 * someone else by now, or whose end it was not told of. Who reads it looks at the session itself. Each write drops what
 * has ended, and the set ends with the last of its sessions, so that nothing is left for good.
 */

const { createHash } = require('node:crypto');
const { RedisScript } = require('./redis_client');

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
`;

// A shorter lifetime does not count until it is known that it was written.
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

class RedisUsers {
  #redis;
  #prefix;

  /**
   * @param {import('./redis_client').RedisClient} redis
   * @param {string} prefix of the store
   */
  constructor(redis, prefix) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /**
   * @param {string} user
   * @param {string} key
   * @param {number} lifetimeMs
   */
  async add(user, key, lifetimeMs) {
    await this.#redis.run(ADD, this.#keyOf(user), [key, String(lifetimeMs)]);
  }

  /**
   * @param {string} user
   * @returns {Promise<string[]>} keys of sessions that may be the user's, those that end last first
   */
  list(user) {
    return this.#redis.run(LIST, this.#keyOf(user), []);
  }

  /**
   * @param {string} user
   * @param {string} key of a session that is destroyed: no other will ever have it
   */
  async remove(user, key) {
    await this.#redis.run(REMOVE, this.#keyOf(user), [key]);
  }

  /** @param {string} user hashed: it may be long, or an address that has no place in the names of keys */
  #keyOf(user) {
    return `${this.#prefix}sessions-of:${createHash('sha256').update(user).digest('base64url')}`;
  }
}

module.exports = { RedisUsers };
