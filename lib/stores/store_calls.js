'use strict';

/**
 * Calls to a server: each has a deadline, and fails with an error of our own. What the clients throw is not passed on,
 * since it holds the command with its key and session.
 */

const { sessionError } = require('../errors');

/** @typedef {{ status: 'done' } | { status: 'conflict', text: string } | { status: 'gone' }} CompareAndSetResult */

// Taken at once: an app's tests may replace the timers later.
const { setTimeout, clearTimeout } = globalThis;

/**
 * @template Answer
 * @param {string} operation for the message
 * @param {number} timeoutMs
 * @param {() => Promise<Answer>} start
 * @returns {Promise<Answer>}
 * @throws {Error} ERR_SESSION_STORE_TIMEOUT, or ERR_SESSION_STORE_FAILED with the server's or system's word as `reason`
 */
function callServer(operation, timeoutMs, start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(sessionError('ERR_SESSION_STORE_TIMEOUT', `the store's server did not answer \`${operation}\` within ${timeoutMs} ms`));
    }, timeoutMs);
    /** @param {unknown} error */
    const fail = error => {
      clearTimeout(timer);
      reject(failure(operation, error));
    };
    try {
      start().then(answer => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * @param {string} operation
 * @param {unknown} error the client's
 */
function failure(operation, error) {
  if (error instanceof Error && /^ERR_SESSION_/.test(/** @type {any} */ (error).code)) return error;
  const reason = reasonOf(error);
  const wrapped = sessionError('ERR_SESSION_STORE_FAILED', `the store failed to \`${operation}\`${reason ? `: ${reason}` : ''}`);
  return Object.assign(wrapped, { reason });
}

/**
 * A word that tells what is wrong and can hold neither key nor session.
 *
 * @param {any} error
 * @returns {string | undefined} `ECONNREFUSED`, `OOM`, `READONLY`, `MaxRetriesPerRequestError`, …
 */
function reasonOf(error) {
  if (!(error instanceof Error)) return undefined;
  const { code, name, message } = /** @type {Error & { code?: unknown }} */ (error);
  if (typeof code === 'string' && /^[A-Z][A-Z\d_]*$/.test(code)) return code;
  const word = /^(?:connect )?([A-Z]{2,})\b/.exec(message);
  if (word) return word[1];
  const className = name === 'Error' ? error.constructor.name : name;
  return className === 'Error' ? undefined : className;
}

/**
 * @param {string} text
 * @returns {any}
 */
function parseSession(text) {
  try {
    return JSON.parse(text);
  } catch {
    // Node's own message would quote the text.
    throw sessionError('ERR_SESSION_STORE_CORRUPT', 'A session in the store is no JSON');
  }
}

module.exports = { callServer, parseSession };
