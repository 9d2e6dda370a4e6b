'use strict';

/**
 * The engine behind the session: the native one where its binary loads, the portable one elsewhere.
 * EGG_SESSION_ENGINE=native|portable decides instead, and fails loudly when it cannot be had.
 */

const { misuse } = require('./misuse');

/**
 * @typedef {Pick<import('./portable').Keyring, keyof import('./portable').Keyring>} KeyringMethods
 * @typedef {object} Engine
 * @property {'native' | 'portable'} name
 * @property {new (keys: string[]) => KeyringMethods} Keyring
 * @property {typeof import('./diff').diff} diff
 * @property {typeof import('./diff').changedPaths} changedPaths
 * @property {typeof import('./merge').merge} merge
 * @property {string} [reason] why the portable engine stands in; absent when it was chosen or not needed
 */

/** @param {string | undefined} wanted value of EGG_SESSION_ENGINE @returns {Engine} */
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
