'use strict';

/**
 * Edits of our own code, each of which must turn a test red: `npm run mutants` applies them one at a time to a copy.
 *
 * @typedef {object} Mutant
 * @property {string} id
 * @property {string} claim what no longer holds under the edit
 * @property {string} file
 * @property {string} search exact text that occurs once in the file
 * @property {string} replacement
 * @property {string[]} tests names of the test files that should notice, the quickest first
 * @property {Record<string, string>} [env]
 */

/** @type {Mutant[]} */
const mutants = [
  ...require('./listed'),
  ...require('./fast_path'),
  ...require('./probe'),
  ...require('./reading'),
  ...require('./saving'),
  ...require('./races'),
  ...require('./late_writes'),
  ...require('./endings'),
  ...require('./options'),
  ...require('./starting'),
  ...require('./carrier_and_headers'),
  ...require('./guards'),
  ...require('./cookies'),
  ...require('./keys'),
  ...require('./stores'),
  ...require('./several'),
  ...require('./several_cookies'),
  ...require('./former_cookies'),
  ...require('./every_class'),
  ...require('./cli'),
  ...require('./registry'),
  ...require('./diagnostics'),
];

/**
 * @param {string} text
 * @param {Mutant} mutant
 * @returns {number} how often the mutant's text occurs
 */
function occurrences(text, { search }) {
  return text.split(search).length - 1;
}

/**
 * @param {string} text
 * @param {Mutant} mutant
 * @returns {string}
 */
function applyTo(text, { search, replacement }) {
  // a function, so that a $ in the replacement stays a $
  return text.replace(search, () => replacement);
}

module.exports = { mutants, occurrences, applyTo };
