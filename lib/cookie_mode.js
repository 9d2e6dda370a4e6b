'use strict';

const { isFieldContent } = require('./field_content');

/** How a session's cookie is protected, by the options. */

/** @param {any} options */
function isSealing(options) {
  return options.encrypt === 'sealed';
}

/** @param {any} options */
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
 * What egg-cookies makes of the options: encryption turns signing off.
 *
 * @param {any} options
 * @returns {'encrypted' | 'signed' | 'plain'}
 */
function legacyModeOf(options) {
  if (options.encrypt) return 'encrypted';
  return options.signed === false ? 'plain' : 'signed';
}

/**
 * Whether a value that did not come out of the engine's base64 can be a cookie's; egg-cookies throws where it can't.
 *
 * @param {any} mode
 * @param {any} value
 */
function canCarry(mode, value) {
  return typeof value === 'string' && value !== '' && (mode === 'encrypted' || mode === 'sealed' || isFieldContent(value));
}

module.exports = { canCarry, isSealing, legacyModeOf, modeOf, refusesLegacy };
