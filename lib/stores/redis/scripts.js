'use strict';

/** The Lua scripts of RedisStore: steps that Redis must do atomically. Each script has one key, as Redis Cluster demands. */

const { RedisScript } = require('./client');

// The compare scripts answer with a list: a status and, after a conflict, the stored text. A client may give numbers as strings, so
// callers convert the status.
const GONE = 0;
const DONE = 1;
const CONFLICT = 2;
const OTHER = `if found then return { ${CONFLICT}, found } else return { ${GONE} } end`;

// ARGV: the new text, its lifetime in ms (0 or less deletes the session), the expected text. Without an expected text the script
// writes only if the key is unused.
const COMPARE_AND_SET = new RedisScript('compareAndSet', `
local found = redis.call('GET', KEYS[1])
if found ~= (ARGV[3] or false) then ${OTHER} end
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
  redis.call('DEL', KEYS[1])
end
return { ${DONE} }
`);

// ARGV: the expected text.
const COMPARE_AND_DESTROY = new RedisScript('compareAndDestroy', `
local found = redis.call('GET', KEYS[1])
if found ~= ARGV[1] then ${OTHER} end
redis.call('DEL', KEYS[1])
return { ${DONE} }
`);

// Deletes the session and answers with its text, or nil.
const TAKE = new RedisScript('destroy', `
local found = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return found
`);

// Answers with the session's text, or nil, and the rest of its lifetime in ms. PTTL gives -1 for a key without an end.
const LOOK = new RedisScript('look', `
return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
`);

module.exports = { COMPARE_AND_SET, COMPARE_AND_DESTROY, TAKE, LOOK, DONE, CONFLICT };
