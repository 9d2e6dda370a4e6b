'use strict';

/**
 * Chooses the engine at load: the native engine if its binary loads, else the portable one. Both give the same bytes. The
 * environment variable EGG_SESSION_ENGINE (`native` or `portable`) chooses instead; if that engine does not load, this module
 * throws ERR_SESSION_ENGINE. An engine does the cookie formats (docs/format.md), diff and merge. It knows no request and no store.
 */

const { misuse } = require('../errors');

/**
 * @typedef {Pick<import('./portable').Keyring, keyof import('./portable').Keyring>} KeyringMethods documented in ./portable
 *
 * @typedef {object} Engine
 * @property {'native' | 'portable'} name
 * @property {new (keys: (string | Uint8Array)[]) => KeyringMethods} Keyring
 * @property {typeof import('./portable/json/diff').diff} diff
 * @property {typeof import('./portable/json/diff').changedPaths} changedPaths
 * @property {typeof import('./portable/json/merge').merge} merge
 * @property {string} [reason] why the native engine did not load; absent if it did, and if EGG_SESSION_ENGINE chose the engine
 */

/**
 * @param {string | undefined} wanted value of EGG_SESSION_ENGINE; undefined or '' lets this function choose
 * @returns {Engine}
 * @throws {Error} ERR_SESSION_ENGINE for an unknown value, and if the wanted native engine does not load
 */
function chooseEngine(wanted) {
  if (wanted === 'portable') return /** @type {Engine} */ (require('./portable'));
  if (wanted === 'native') return /** @type {Engine} */ (require('./native'));
  if (wanted) {
    throw misuse('ERR_SESSION_ENGINE', `Expected 'native' or 'portable' for EGG_SESSION_ENGINE but received '${wanted}'`);
  }
  try {
    return /** @type {Engine} */ (require('./native'));
  } catch (err) {
    const { message } = /** @type {Error} */ (err);
    return /** @type {Engine} */ ({ ...require('./portable'), reason: message });
  }
}

module.exports = chooseEngine(process.env.EGG_SESSION_ENGINE);
