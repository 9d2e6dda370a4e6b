'use strict';

// An app asks for the same cookie in every request.
let value = { name: '', assignment: '=' };
let signature = { name: '', assignment: '.sig=' };

/**
 * The value of the first cookie of that name: `(?:^|;) *NAME=([^;]*)`.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined}
 */
function findCookie(header, name) {
  if (name !== value.name) value = { name, assignment: `${name}=` };
  return find(header, value.assignment);
}

/**
 * The value of the first cookie `NAME.sig`.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined}
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
  for (let at = header.indexOf(assignment); at !== -1; at = header.indexOf(assignment, at + 1)) {
    let before = at - 1;
    while (before >= 0 && header.charCodeAt(before) === 0x20) before--;
    if (before < 0 || header.charCodeAt(before) === 0x3b /* ; */) {
      const start = at + assignment.length;
      const end = header.indexOf(';', start);
      return end === -1 ? header.slice(start) : header.slice(start, end);
    }
  }
  return undefined;
}

module.exports = { findCookie, findSignature };
