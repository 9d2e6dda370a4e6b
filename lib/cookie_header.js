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
  const start = findStart(header, assignment, 0);
  return start === -1 ? undefined : valueAt(header, start);
}

/**
 * The values of all cookies of that name, in their order: a browser sends one for each path and domain that has one.
 *
 * @param {string} header
 * @param {string} name
 * @param {number} max how many to look for
 * @returns {string[]}
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

module.exports = { findCookie, findCookies, findSignature };
