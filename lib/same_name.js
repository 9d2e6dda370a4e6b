'use strict';

const { findCookies } = require('./cookie_header');

/**
 * Several cookies of one name in a header: a browser keeps one for each path and domain, and whoever holds another host
 * of the domain can add some. The first that opens is the session, so that no other can put it out of the way.
 */

// However many there are, a header takes time in proportion to its length.
const MAX_CANDIDATES = 8;

/**
 * Tries what is left when the first cookie with the first signature did not open.
 *
 * @template Found
 * @param {string} header
 * @param {string} name
 * @param {(value: string, signature?: string) => Found | null} open
 * @returns {Found | null}
 */
function openAnother(header, name, open) {
  const values = findCookies(header, name, MAX_CANDIDATES);
  /** @type {Array<string | undefined>} */
  const signatures = findCookies(header, `${name}.sig`, MAX_CANDIDATES);
  if (signatures.length === 0) signatures.push(undefined);
  for (const [valueIndex, value] of values.entries()) {
    for (const [signatureIndex, signature] of signatures.entries()) {
      if (valueIndex === 0 && signatureIndex === 0) continue;
      const found = open(value, signature);
      if (found) return found;
    }
  }
  return null;
}

module.exports = { openAnother, MAX_CANDIDATES };
