'use strict';

/** The Lua scripts of RedisStore: steps that Redis must do atomically. Each script has one key, as Redis Cluster demands. */

const { RedisScript } = require('./client');
const { MAX_LENGTH } = require('../../store/revision');
const { BEGINNING, TOMBSTONE_MS } = require('../../store/tombstone');

// The compare scripts answer with a list: a status and, after a conflict, the stored text. A client may give numbers as strings, so
// callers convert the status.
const GONE = 0;
const DONE = 1;
const CONFLICT = 2;
// The birth in a session's last member, as store/revision.js writes and reads it. Redis does nothing else while a script runs, and this
// pattern may look at each end of its text once more: so it gets the end of the text only.
const BIRTH_IN_LUA = `string.match(string.sub(found, -${MAX_LENGTH}), '^.*,"_rev":"([a-z%d]+%-[a-z%d]+)%.[a-z%d.]+"}$')`;
const OTHER = `if found then return { ${CONFLICT}, found } else return { ${GONE} } end`;

// A function `isTombstone(text)`, and `bury(text)`, which puts a tombstone in the session's place. A Redis that is full refuses SET
// but not DEL, and after the first write of a script it refuses none, because it cannot stop in the middle.
const TOMBSTONES = `
local function isTombstone(text)
  return string.sub(text, 1, ${BEGINNING.length}) == '${BEGINNING}'
end
local function bury(tombstone)
  if redis.pcall('SET', KEYS[1], tombstone, 'PX', ${TOMBSTONE_MS}).err then
    redis.call('DEL', KEYS[1])
    redis.pcall('SET', KEYS[1], tombstone, 'PX', ${TOMBSTONE_MS})
  end
end
`;

// ARGV: the new text, its lifetime in ms, the expected text. Without an expected text the script writes only if the key is unused.
// A tombstone counts as unused only for the caller who expects it.
const COMPARE_AND_SET = new RedisScript('compareAndSet', `${TOMBSTONES}
local found = redis.call('GET', KEYS[1])
if found ~= (ARGV[3] or false) then
  if found and ARGV[3] and isTombstone(found) then
    if found == ARGV[1] then return { ${DONE} } else return { ${GONE} } end
  end
  ${OTHER}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { ${DONE} }
`);

// ARGV: a tombstone, the expected text.
const COMPARE_AND_DESTROY = new RedisScript('compareAndDestroy', `${TOMBSTONES}
local found = redis.call('GET', KEYS[1])
if found ~= ARGV[2] then ${OTHER} end
bury(ARGV[1])
return { ${DONE} }
`);

// Puts a tombstone in the session's place and answers with its text, or nil. ARGV: the tombstone; then, for a caller that has loaded a
// session, its birth, or nothing if it had none. Such a caller leaves a tombstone even where the session is gone, and spares a
// session of another birth.
const DESTROY = new RedisScript('destroy', `${TOMBSTONES}
local found = redis.call('GET', KEYS[1])
if found and isTombstone(found) then return false end
if not found and not ARGV[2] then return false end
if found and ARGV[2] and ARGV[2] ~= '' then
  local birth = ${BIRTH_IN_LUA}
  if birth and birth ~= ARGV[2] then return false end
end
bury(ARGV[1])
return found
`);

// Answers with the session's text, or nil, and the rest of its lifetime in ms. PTTL gives -1 for a key without an end.
const LOOK = new RedisScript('look', `
return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
`);

// Answers with seconds and microseconds since 1970. The key tells which server of a cluster is asked.
const CLOCK = new RedisScript('tell the time', `
return redis.call('TIME')
`);

/**
 * For tools that compare clocks. Needs the right to call TIME, which a store without `userOf` needs for nothing else.
 *
 * @param {import('./client').RedisClient} redis
 * @param {string} key
 * @returns {Promise<number>} in ms since 1970
 */
async function tellTime(redis, key) {
  const [seconds, microseconds] = await redis.run(CLOCK, key, []);
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

module.exports = { tellTime, COMPARE_AND_SET, COMPARE_AND_DESTROY, DESTROY, LOOK, DONE, CONFLICT, BIRTH_IN_LUA };
