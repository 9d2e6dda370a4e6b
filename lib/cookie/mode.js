'use strict';

/**
 * How a session's cookie is protected, as the options say: sealed (ours), or encrypted, signed or plain (egg-session's).
 */

const { isFieldContent } = require('./limits');

/** @param {any} options */
function isSealing(options) {
  return options.encrypt === 'sealed';
}

/**
 * @param {any} options
 * @returns {boolean} true if only sealed cookies are read
 */
function refusesLegacy(options) {
  return options.encrypt === 'sealed' && options.acceptLegacy === false;
}

/**
 * @param {any} options
 * @returns {'sealed' | 'encrypted' | 'signed' | 'plain'}
 */
function modeOf(options) {
  return isSealing(options) ? 'sealed' : legacyModeOf(options);
}

/**
 * The format that egg-cookies makes of the options: encryption turns signing off.
 *
 * @param {any} options
 * @returns {'encrypted' | 'signed' | 'plain'}
 */
function legacyModeOf(options) {
  if (options.encrypt) return 'encrypted';
  return options.signed === false ? 'plain' : 'signed';
}

/**
 * Whether a cookie can hold a value that the engine's base64 did not make. egg-cookies throws for any other value.
 *
 * @param {any} mode
 * @param {any} value
 */
function canCarry(mode, value) {
  return typeof value === 'string' && value !== '' && (mode === 'encrypted' || mode === 'sealed' || isFieldContent(value));
}

module.exports = { canCarry, isSealing, legacyModeOf, modeOf, refusesLegacy };
