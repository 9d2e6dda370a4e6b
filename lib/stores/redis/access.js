'use strict';

/**
 * Finds out at start whether Redis lets the app's user do what RedisStore needs. It tries each command on a key that is not in use,
 * in a form that changes nothing there. That works in each version, where the user may not ask for its own rights (`ACL DRYRUN`),
 * and where there are no users but renamed commands. It takes one round trip.
 *
 * This file has the only list of these commands.
 */

const { randomUUID } = require('node:crypto');
const { absence, forbidden, refusalIn } = require('./answers');
const { RedisScript } = require('./client');

// `$` stands for the key. SET and ZADD with XX write only over what is there already.
const SESSION_CALLS = ['GET $', 'SET $ 0 XX PX 1', 'DEL $'];
// `list` and `destroyAll` need these too.
const LISTED_SESSION_CALLS = [...SESSION_CALLS, 'PTTL $'];
// On the index of users.js. TIME is last, because Redis may refuse to write after it in one script.
const INDEX_CALLS = ['ZADD $ XX 0 0', 'ZREM $ 0', 'ZSCORE $ 0', 'ZREVRANGE $ 0 0', 'ZREMRANGEBYSCORE $ 0 0', 'PEXPIREAT $ 1', 'TIME'];
// How the scripts are called.
const SCRIPT_COMMANDS = ['eval', 'evalsha'];

// ARGV: the calls, in one text, since Redis takes only ten words before the login. Answers with the error of each, or an empty text.
const TRY = new RedisScript('check access', `
local errors = {}
for call in string.gmatch(ARGV[1], '[^;]+') do
  local words = {}
  for word in string.gmatch(call, '%S+') do words[#words + 1] = word == '$' and KEYS[1] or word end
  local answer = redis.pcall(unpack(words))
  errors[#errors + 1] = type(answer) == 'table' and answer.err or ''
end
return errors
`);

/**
 * @param {boolean} hasUsers whether the store has the option `userOf`
 * @returns {string[]} the commands that the store uses, in lower case
 */
function neededCommands(hasUsers) {
  const calls = hasUsers ? [...LISTED_SESSION_CALLS, ...INDEX_CALLS] : SESSION_CALLS;
  return [...calls.map(nameOf), ...SCRIPT_COMMANDS];
}

/**
 * @param {import('./client').RedisClient} redis
 * @param {object} store
 * @param {string} store.prefix
 * @param {boolean} store.hasUsers whether it has the option `userOf`
 * @param {string | null} keyPrefix what the sessions' keys begin with behind the store's prefix; null if nobody can tell, and then
 *   a refused key is no error
 * @returns {Promise<void>}
 * @throws {Error} ERR_SESSION_STORE_FORBIDDEN, which names all that is refused; ERR_SESSION_OPTION for a client that cannot work;
 *   any other error if Redis cannot be asked
 */
async function checkAccess(redis, { prefix, hasUsers }, keyPrefix) {
  const sessionKeys = `${prefix}${keyPrefix ?? ''}`;
  const indexKeys = `${prefix}sessions-of:`;
  const [ofSession, ofIndex] = await Promise.all([
    refusalsFor(redis, hasUsers ? LISTED_SESSION_CALLS : SESSION_CALLS, sessionKeys),
    hasUsers ? refusalsFor(redis, INDEX_CALLS, indexKeys) : [],
  ]);
  const refusals = [...ofSession, ...ofIndex];
  const needed = neededCommands(hasUsers);
  const refused = (/** @type {string} */ reason) => {
    const names = new Set(refusals.flatMap(error => (error.reason === reason ? error.commands : [])));
    return needed.filter(name => names.has(name));
  };

  const noLogin = refusals.find(({ reason }) => reason === 'NOAUTH' || reason === 'WRONGPASS');
  if (noLogin !== undefined) throw noLogin;
  const unknown = refused('UNKNOWN_COMMAND');
  if (unknown.length > 0) throw forbidden(absence(unknown), { reason: 'UNKNOWN_COMMAND', commands: unknown });
  const commands = refused('NOPERM');
  const patterns = [
    ...keyPrefix !== null && ofSession.some(({ ofKeys }) => ofKeys) ? [sessionKeys] : [],
    ...ofIndex.some(({ ofKeys }) => ofKeys) ? [indexKeys] : [],
  ].map(keys => `~${redis.keyPrefix}${keys}*`);
  if (commands.length === 0 && patterns.length === 0) return;
  const lacking = [...patterns, ...commands.map(name => `+${name}`)].join(' ');
  throw forbidden(`add ${lacking} to the ACL of this user, who needs ${needed.map(name => `+${name}`).join(' ')}`, { commands, ofKeys: patterns.length > 0 });
}

/**
 * @param {import('./client').RedisClient} redis
 * @param {string[]} calls
 * @param {string} keys what the key begins with
 * @returns {Promise<import('./answers').Forbidden[]>}
 */
async function refusalsFor(redis, calls, keys) {
  const { refusals, answer = [] } = await redis.tryOut(TRY, keys + randomUUID(), [calls.join(';')]);
  for (const [i, text] of answer.entries()) {
    const refusal = refusalIn(text);
    if (refusal === undefined) continue;
    if (!refusal.ofKeys) refusal.commands = [nameOf(calls[i])];
    refusals.push(refusal);
  }
  return refusals;
}

/** @param {string} call */
function nameOf(call) {
  return call.split(' ')[0].toLowerCase();
}

module.exports = { checkAccess, neededCommands };
