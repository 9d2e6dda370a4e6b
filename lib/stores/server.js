'use strict';

/**
 * Calls to the server of a store. Each call has a deadline and rejects with an error of this package. The client's own error is
 * not passed on, because it holds the command with its key and session. A call that exceeds its deadline is not cancelled: the
 * client may still carry it out later, and holds its arguments until then. They count as pending for as long.
 */

const { sessionError } = require('../errors');
const { startDeadline } = require('../store/deadline');
const { dropRevisions, withoutRevisions } = require('../store/revision');

/** @typedef {{ status: 'done' } | { status: 'conflict', text: string } | { status: 'gone' }} CompareAndSetResult */

/**
 * @template Answer
 * @param {string} operation for the message, without key and session
 * @param {number} timeoutMs
 * @param {() => Promise<Answer>} start calls the client
 * @param {import('./pending').PendingBytes} pending
 * @param {unknown[]} args what the client gets, to be counted
 * @returns {Promise<Answer>}
 * @throws {Error} ERR_SESSION_STORE_TIMEOUT after the deadline; ERR_SESSION_STORE_FAILED with a word such as `ECONNREFUSED` as
 *   `reason`; ERR_SESSION_STORE_BUSY if too much is pending
 */
function callServer(operation, timeoutMs, start, pending, args) {
  return new Promise((resolve, reject) => {
    const held = pending.hold(args);
    /** @type {Promise<Answer> | undefined} */
    let answer;
    const cancel = startDeadline(timeoutMs, () => {
      if (answer) pending.releaseWith(held, answer);
      reject(sessionError('ERR_SESSION_STORE_TIMEOUT', `the store's server did not answer \`${operation}\` within ${timeoutMs} ms`));
    });
    const end = () => {
      cancel();
      held.release();
    };
    /** @param {unknown} error */
    const fail = error => {
      end();
      reject(failure(operation, error));
    };
    try {
      answer = start();
      answer.then(value => {
        end();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/**
 * @param {string} operation
 * @param {unknown} error the client's, or one of this package
 * @returns {Error} ERR_SESSION_STORE_FAILED; an error of this package stays as it is
 */
function failure(operation, error) {
  if (error instanceof Error && /^ERR_SESSION_/.test(/** @type {any} */ (error).code)) return error;
  const reason = reasonOf(error);
  const wrapped = sessionError('ERR_SESSION_STORE_FAILED', `the store failed to \`${operation}\`${reason ? `: ${reason}` : ''}`);
  return Object.assign(wrapped, { reason });
}

/**
 * One word of the client's error that names the failure. It is an error code or a class name, so it holds no key and no session.
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
 * @param {string} text as the store holds it
 * @returns {any} the session, without its revisions
 * @throws {Error} ERR_SESSION_STORE_CORRUPT if it is not JSON
 */
function parseSession(text) {
  try {
    return dropRevisions(JSON.parse(withoutRevisions(text)));
  } catch {
    // Node's own message would quote the text.
    throw sessionError('ERR_SESSION_STORE_CORRUPT', 'A session in the store is no JSON');
  }
}

module.exports = { callServer, parseSession };
