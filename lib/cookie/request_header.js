'use strict';

/**
 * Finds cookies in the Cookie header of a request, by the rule of egg-cookies: `(?:^|;) *NAME=([^;]*)`.
 *
 * A browser sends several cookies of one name: one for each path and domain that has one. A sibling subdomain can plant such a
 * cookie. The first that is a live session counts: request/candidates.js.
 */

// The work stays in proportion to the header's length, however many cookies of the name there are.
const MAX_CANDIDATES = 8;

// An app asks for the same cookie in every request.
let value = { name: '', assignment: '=' };
let signature = { name: '', assignment: '.sig=' };

/**
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined} the value of the first cookie of this name
 */
function findCookie(header, name) {
  if (name !== value.name) value = { name, assignment: `${name}=` };
  return find(header, value.assignment);
}

/**
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined} the value of the first cookie `NAME.sig`
 */
function findSignature(header, name) {
  if (name !== signature.name) signature = { name, assignment: `${name}.sig=` };
  return find(header, signature.assignment);
}

/**
 * @param {string} header
 * @param {string} assignment
 * @returns {string | undefined}
 */
function find(header, assignment) {
  const start = findStart(header, assignment, 0);
  return start === -1 ? undefined : valueAt(header, start);
}

/**
 * @param {string} header
 * @param {string} name
 * @param {number} max how many to look for
 * @returns {string[]} the values of all cookies of this name, in the header's order
 */
function findCookies(header, name, max) {
  const assignment = `${name}=`;
  /** @type {string[]} */
  const values = [];
  for (let start = findStart(header, assignment, 0); start !== -1 && values.length < max; start = findStart(header, assignment, start)) {
    values.push(valueAt(header, start));
  }
  return values;
}

/**
 * @param {string} header
 * @param {string} assignment
 * @param {number} from
 * @returns {number} where the next value begins, or -1
 */
function findStart(header, assignment, from) {
  for (let at = header.indexOf(assignment, from); at !== -1; at = header.indexOf(assignment, at + 1)) {
    let before = at - 1;
    while (before >= 0 && header.charCodeAt(before) === 0x20) before--;
    if (before < 0 || header.charCodeAt(before) === 0x3b /* ; */) return at + assignment.length;
  }
  return -1;
}

/**
 * @param {string} header
 * @param {number} start
 */
function valueAt(header, start) {
  const end = header.indexOf(';', start);
  return end === -1 ? header.slice(start) : header.slice(start, end);
}

/**
 * Undoes what a proxy or a client does to a value: one pair of quotes around it, and `=`, `+` and `/` percent-encoded.
 *
 * @param {string} text a value as received
 * @returns {string | undefined} undefined if there is nothing to undo
 */
function unwrap(text) {
  const isQuoted = text.length >= 2 && text.charCodeAt(0) === 0x22 /* " */ && text.charCodeAt(text.length - 1) === 0x22;
  if (!isQuoted && !text.includes('%')) return undefined;
  const inner = (isQuoted ? text.slice(1, -1) : text).replace(/%(?:3D|2B|2F)/gi, decodeURIComponent);
  return inner === text ? undefined : inner;
}

/**
 * Opens the cookies of this name one by one, each with the first signature that fits.
 *
 * @template Opened
 * @param {string} header
 * @param {string} name
 * @param {(value: string, signature: string | undefined, index: number) => Opened | null} open `index`: of the cookie
 * @param {boolean} isFirstTried true if the first cookie with the first signature is not to be tried again
 * @returns {Generator<Opened, undefined>} those that open, in the header's order
 */
function* openEach(header, name, open, isFirstTried) {
  const values = findCookies(header, name, MAX_CANDIDATES);
  /** @type {Array<string | undefined>} */
  const signatures = findCookies(header, `${name}.sig`, MAX_CANDIDATES);
  if (signatures.length === 0) signatures.push(undefined);
  for (const [valueIndex, value] of values.entries()) {
    if (values.indexOf(value) < valueIndex) continue;
    for (const [signatureIndex, signature] of signatures.entries()) {
      if (isFirstTried && valueIndex === 0 && signatureIndex === 0) continue;
      const opened = open(value, signature, valueIndex);
      if (opened === null) continue;
      yield opened;
      break;
    }
  }
}

/**
 * Tries the other cookies of this name, after the first cookie with the first signature did not open.
 *
 * @template Opened
 * @param {string} header
 * @param {string} name
 * @param {(value: string, signature: string | undefined, index: number) => Opened | null} open
 * @returns {Opened | null} the first that opens
 */
function openAnother(header, name, open) {
  return openEach(header, name, open, true).next().value ?? null;
}

/**
 * @param {string} header
 * @param {string} name
 * @returns {boolean} whether several cookies have this name
 */
function hasSeveral(header, name) {
  return findCookies(header, name, 2).length > 1;
}

module.exports = { findCookie, findCookies, findSignature, hasSeveral, openAnother, openEach, unwrap, MAX_CANDIDATES };
