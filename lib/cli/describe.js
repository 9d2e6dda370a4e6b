'use strict';

/** Calls of an app's code that may never end, and what is said of its errors. */

const { setTimeout: sleep } = require('node:timers/promises');

/** An error whose message is ours, so that it can be shown. */
class OwnError extends Error {}

/** @template T @param {number} ms @param {Promise<T>} promise @returns {Promise<T>} @throws {OwnError} */
async function within(ms, promise) {
  const late = new AbortController();
  try {
    return await Promise.race([promise, sleep(ms, undefined, { signal: late.signal }).then(() => {
      throw new OwnError(`no answer within ${ms} ms`);
    })]);
  } finally {
    late.abort();
  }
}

/**
 * The message of another package may quote a password, so only our own are shown.
 *
 * @param {unknown} error
 * @returns {string}
 */
function describe(error) {
  if (error instanceof OwnError) return error.message;
  const { name, code, message, stack } = Object(error);
  if (/^ERR_SESSION_/.test(String(code))) return `${code}: ${message}`;
  const frame = /\n\s+at .*?((?:file:|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?(?:\n|$)/.exec(String(stack));
  return `${[name, code].filter(Boolean).join(' ') || 'it threw what is no error'}${frame ? ` at ${frame[1]}` : ''}`;
}

module.exports = { OwnError, describe, within };
