'use strict';

/**
 * What comes back from the app's Redis client: a promise of text, numbers and lists, or a client that cannot work. Redis' refusals
 * become ERR_SESSION_STORE_FORBIDDEN. Their texts quote names of users, arguments and keys, so only the command's name is kept.
 */

const { kindOf, optionError, sessionError } = require('../../errors');

/**
 * @typedef {Error & { code: string, reason: string, commands: string[], ofKeys: boolean }} Forbidden
 *   `reason`: `NOPERM`, `NOAUTH`, `WRONGPASS` or `UNKNOWN_COMMAND`; `commands`: those refused, if Redis named any; `ofKeys`: the
 *   user may run the command, but not on this key
 */

// Redis 7 before 7.2 and Redis 6 say it in a script without NOPERM and without the command's name.
const KEY_REFUSED = /permissions to access (?:a key|one of the keys)|^[^`]*user executing the script can't access at least one of the keys/;
const COMMAND_REFUSED = /^NOPERM\b|^[^`]*(?:ACL failure in script|user executing the script can't run this command)/;
const COMMAND_UNKNOWN = /^ERR unknown command|^[^`]*Unknown (?:Redis )?command called from/;
const COMMAND_NAME = /permissions to run the '([\w-]+)|^ERR unknown command [`']?([\w-]+)/;

/**
 * @param {any} answer what a method of the client returned
 * @returns {Promise<any>}
 * @throws {TypeError} ERR_SESSION_OPTION for a client that takes callbacks
 */
function promised(answer) {
  if (answer != null && typeof answer.then === 'function') return answer;
  throw optionError('client', 'its methods return no promises, as those of redis 3 and of `client.legacy()`: pass a client of ioredis, or of redis 4 or newer');
}

/**
 * @param {any} answer what a method of the client returned
 * @returns {Promise<any>} text, a number, null, or a list of these
 * @throws {Error} ERR_SESSION_STORE_FORBIDDEN; ERR_SESSION_OPTION for a client that answers otherwise than Redis
 */
async function answered(answer) {
  let value;
  try {
    value = await promised(answer);
  } catch (error) {
    throw (error instanceof Error && refusalIn(error.message)) || error;
  }
  const strange = strangeIn(value);
  if (strange === undefined) return value;
  throw optionError('client', `it answers with ${strange}s where Redis has text, numbers, lists or nil; ioredis-mock does so in scripts`);
}

/** @param {unknown} value @returns {string | undefined} the kind of what is no answer of Redis in it */
function strangeIn(value) {
  if (Array.isArray(value)) return value.map(strangeIn).find(kind => kind !== undefined);
  return value == null || ['string', 'number', 'bigint'].includes(typeof value) ? undefined : kindOf(value);
}

/**
 * @param {string} text an error of Redis
 * @returns {Forbidden | undefined} undefined if it is another kind of error
 */
function refusalIn(text) {
  const login = /^(NOAUTH|WRONGPASS)\b/.exec(text);
  if (login) return forbidden('the client is not logged in: give it a user and a password', { reason: login[1] });
  if (KEY_REFUSED.test(text)) return forbidden('this user may not use the session\'s key: add a pattern such as `~sess:*` to its ACL', { ofKeys: true });
  const [, ...names] = COMMAND_NAME.exec(text) || [];
  const commands = names.filter(Boolean).map(name => name.toLowerCase());
  if (COMMAND_UNKNOWN.test(text)) return forbidden(absence(commands), { reason: 'UNKNOWN_COMMAND', commands });
  if (!COMMAND_REFUSED.test(text)) return undefined;
  return forbidden(commands.length > 0 ? `add +${commands.join()} to the ACL of this user` : 'the ACL of this user lacks a command that a script calls', { commands });
}

/** @param {string[]} commands @returns {string} */
function absence(commands) {
  return `it has no command ${commands.join(', ') || 'that a script calls'}, or not by this name`;
}

/**
 * @param {string} what is refused, and what to do; without keys
 * @param {{ reason?: string, commands?: string[], ofKeys?: boolean }} details
 * @returns {Forbidden}
 */
function forbidden(what, { reason = 'NOPERM', commands = [], ofKeys = false }) {
  const error = sessionError('ERR_SESSION_STORE_FORBIDDEN', `Redis refuses what RedisStore needs (${reason}): ${what}. See docs/redis.md, "Permissions"`);
  return Object.assign(error, { reason, commands, ofKeys });
}

module.exports = { promised, answered, refusalIn, forbidden, absence };
