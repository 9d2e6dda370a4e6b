'use strict';

const { sessionError } = require('./errors');
const { hashKey } = require('./store_key');

/**
 * Calls to the external store, and to `revocation`. With `storeTimeout` each has a deadline; when one fails, the app's
 * `session:store_error` says which, without the session's content. What the caller does about it is the caller's.
 *
 * @typedef {import('./context_session')} ContextSession
 */

/**
 * @param {ContextSession} contextSession
 * @param {'get' | 'getText' | 'set' | 'setText' | 'compareAndSet' | 'destroy'} method looked up at each call: tests
 *   and apps replace methods later
 * @param {any[]} args
 * @returns {Promise<any>}
 * @throws what the store throws; ERR_SESSION_STORE_TIMEOUT when it did not answer in time
 */
function callStore(contextSession, method, ...args) {
  const { store, opts } = contextSession;
  const key = args[0];
  if (opts.hashKeys) args[0] = hashKey(key, opts.prefix);
  return call(contextSession, store, method, args, key);
}

/**
 * @param {ContextSession} contextSession
 * @param {'isRevoked' | 'revoke' | 'notBefore'} method
 * @param {any[]} args
 * @returns {Promise<any>}
 * @throws as `callStore` does
 */
function callRevocation(contextSession, method, ...args) {
  return call(contextSession, contextSession.opts.revocation, method, args);
}

/**
 * @param {ContextSession} contextSession
 * @param {any} target
 * @param {string} method
 * @param {any[]} args
 * @param {string} [key] for the event
 * @returns {Promise<any>}
 */
async function call(contextSession, target, method, args, key) {
  const { opts } = contextSession;
  try {
    const answer = target[method](...args);
    return await (opts.storeTimeout ? withDeadline(answer, method, opts.storeTimeout) : answer);
  } catch (error) {
    contextSession.emit('store_error', { operation: method, error, key, ctx: contextSession.ctx });
    throw error;
  }
}

/**
 * @param {any} answer
 * @param {string} method
 * @param {number} timeoutMs
 * @returns {Promise<any>}
 */
function withDeadline(answer, method, timeoutMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(sessionError('ERR_SESSION_STORE_TIMEOUT', `the session store did not answer \`${method}\` within ${timeoutMs} ms`));
    }, timeoutMs);
    Promise.resolve(answer).then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Whether a store gives and takes a session's JSON text, which saves parsing and writing it a second time.
 *
 * @param {any} store
 */
function takesText(store) {
  return typeof store.getText === 'function' && typeof store.setText === 'function';
}

/**
 * Whether a store can replace a text only if nobody else did since.
 *
 * @param {any} store
 */
function comparesAndSets(store) {
  return takesText(store) && typeof store.compareAndSet === 'function';
}

module.exports = { callStore, callRevocation, takesText, comparesAndSets };
