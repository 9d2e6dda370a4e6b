'use strict';

/** What RedisStore has Redis do in one step. Each is about one key, so that it runs on a Redis Cluster too. */

const { RedisScript } = require('./redis_client');

// What the scripts answer, in a list, since a client may give numbers as strings: a status, and the text that is there.
const GONE = 0;
const DONE = 1;
const CONFLICT = 2;
const OTHER = `if found then return { ${CONFLICT}, found } else return { ${GONE} } end`;

// Without an expected text: only if there is nothing yet.
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

const COMPARE_AND_DESTROY = new RedisScript('compareAndDestroy', `
local found = redis.call('GET', KEYS[1])
if found ~= ARGV[1] then ${OTHER} end
redis.call('DEL', KEYS[1])
return { ${DONE} }
`);

const TAKE = new RedisScript('destroy', `
local found = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return found
`);

const LOOK = new RedisScript('look', `
return { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
`);

module.exports = { COMPARE_AND_SET, COMPARE_AND_DESTROY, TAKE, LOOK, DONE, CONFLICT };
