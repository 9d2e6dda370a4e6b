'use strict';

/**
 * Calls to the external store, and to `revocation`. With `storeTimeout` each call has a deadline. A call that fails emits
 * `session:store_error` without the session's content; the caller decides what follows.
 */

const { createHash } = require('node:crypto');
const { isTraced, trace } = require('../diagnostics');
const { sessionError } = require('../errors');
const { startDeadline } = require('./deadline');

/**
 * @typedef {object} Caller a request's ContextSession
 * @property {any} ctx
 * @property {any} opts the request's options
 * @property {any} store
 * @property {string | undefined} externalKey
 * @property {(event: string, data: Record<string, any>) => void} emit
 * @property {{ next(replaced: string | undefined): string }} [recorder] only with a `registry`
 */

/**
 * @param {Caller} caller
 * @param {'get' | 'getText' | 'set' | 'setText' | 'compareAndSet' | 'destroy'} method looked up at each call, because tests and
 *   apps replace methods later
 * @param {any[]} args
 * @returns {Promise<any>}
 * @throws what the store throws; ERR_SESSION_STORE_TIMEOUT if it does not answer in time
 */
function callStore(caller, method, ...args) {
  const { store, opts } = caller;
  const key = args[0];
  if (opts.hashKeys) args[0] = hashKey(key, opts.prefix);
  return call(caller, store, method, args, key);
}

/**
 * @param {Caller} caller
 * @param {'isRevoked' | 'revoke' | 'notBefore'} method
 * @param {any[]} args
 * @returns {Promise<any>}
 * @throws as `callStore` does
 */
function callRevocation(caller, method, ...args) {
  return call(caller, caller.opts.revocation, method, args);
}

/**
 * @param {Caller} caller
 * @param {any} backend of the `registry`
 * @param {'record' | 'forget'} method
 * @param {any[]} args
 * @returns {Promise<any>}
 * @throws as `callStore` does
 */
function callRegistry(caller, backend, method, ...args) {
  return call(caller, backend, method, args);
}

/**
 * @param {Caller} caller
 * @param {any} target
 * @param {string} method
 * @param {any[]} args
 * @param {string} [key] for the event
 * @returns {Promise<any>}
 */
async function call(caller, target, method, args, key) {
  const { opts } = caller;
  try {
    return await (isTraced() ? trace(caller, target, method, () => ask(opts, target, method, args)) : ask(opts, target, method, args));
  } catch (error) {
    caller.emit('store_error', { operation: method, error, key, ctx: caller.ctx });
    throw error;
  }
}

/**
 * @param {any} opts
 * @param {any} target
 * @param {string} method
 * @param {any[]} args
 */
function ask({ storeTimeout }, target, method, args) {
  const answer = target[method](...args);
  return storeTimeout ? withDeadline(answer, method, storeTimeout) : answer;
}

/**
 * @param {any} answer
 * @param {string} method
 * @param {number} timeoutMs
 * @returns {Promise<any>}
 */
function withDeadline(answer, method, timeoutMs) {
  return new Promise((resolve, reject) => {
    const cancel = startDeadline(timeoutMs, () => {
      reject(sessionError('ERR_SESSION_STORE_TIMEOUT', `the session store did not answer \`${method}\` within ${timeoutMs} ms`));
    });
    Promise.resolve(answer).then(resolve, reject).finally(cancel);
  });
}

/**
 * The name of a session in the store under `hashKeys`. A reader of the store, or of a copy of it, learns no external key that
 * opens a session. External keys are random, so that trying keys against the hashes is hopeless.
 *
 * @param {string} key the external key, as it is in the cookie
 * @param {string | null | undefined} prefix stays readable in front, if the key has it
 * @returns {string}
 */
function hashKey(key, prefix) {
  const hash = hashOf(key);
  return prefix && String(key).startsWith(prefix) ? prefix + hash : hash;
}

/** @param {string} key the external key @returns {string} the end of its name in the store under `hashKeys` */
function hashOf(key) {
  return createHash('sha256').update(String(key)).digest('base64url');
}

/**
 * @param {any} store
 * @returns {boolean} whether it gives and takes a session's JSON text, which saves one more parse and stringify
 */
function takesText(store) {
  return typeof store.getText === 'function' && typeof store.setText === 'function';
}

/**
 * @param {any} store
 * @returns {boolean} whether it can replace a text only if no other request has replaced it since
 */
function comparesAndSets(store) {
  return takesText(store) && typeof store.compareAndSet === 'function';
}

/**
 * @param {any} caller a request
 * @returns {string | undefined} the session's name in the store
 */
function storeNameOf({ externalKey, opts }) {
  return externalKey && opts.hashKeys ? hashKey(externalKey, opts.prefix) : externalKey;
}

module.exports = { callStore, callRegistry, callRevocation, comparesAndSets, hashOf, storeNameOf, takesText };
