'use strict';

/**
 * The record of a session for its user's list (SessionRegistry): a member of the stored text that no app sees.
 *
 * Form: `"_record":"ID.BEGAN.SEEN.LABEL.ADDRESS~"`, directly before `_rev` (revision.js), which therefore has to be there. ID is the
 * public id; BEGAN and SEEN are ms since 1970 in base 36; LABEL and ADDRESS are base64url of UTF-8, each empty if there is none. The
 * value has no escapes, so the member is found without parsing. egg-session drops it when it writes, as every key that starts with `_`.
 */

const { createHash } = require('node:crypto');

/** A registry's part for the middleware, which apps do not see: `Backend` of request/record.js. */
const BACKEND = Symbol('the backend of a SessionRegistry');

const MARK = ',"_record":"';
const END = '~"';
const TIME_BASE = 36;
const ID_BYTES = 16;
/** Longest label and address, in characters. */
const MOST_CHARACTERS = { label: 100, address: 64 };
// A character of UTF-16 has up to three bytes in UTF-8, and three bytes are four characters of base64url.
const MAX_LENGTH = MARK.length + 44 + 4 * (MOST_CHARACTERS.label + MOST_CHARACTERS.address) + 4 + END.length;
const FIELDS = /^([\w-]{22})\.([a-z\d]{1,9})\.([a-z\d]{1,9})\.([\w-]*)\.([\w-]*)$/;
const ID = /^[\w-]{22}$/;

/**
 * @typedef {object} SessionRecord
 * @property {string} id the public id
 * @property {number} beganAtMs since when the session is its user's; ms since 1970
 * @property {number} seenAtMs
 * @property {string} [label]
 * @property {string} [address]
 */

/**
 * @param {string} text a stored text
 * @param {number} end where the next member begins, with its comma
 * @returns {number} where the record begins, with its comma; -1 if there is none before `end`
 */
function recordPlace(text, end) {
  // The usual text has no record: one comparison tells.
  if (text.charCodeAt(end - 1) !== 0x22 /* " */ || text.charCodeAt(end - 2) !== 0x7e /* ~ */) return -1;
  const from = Math.max(0, end - MAX_LENGTH);
  const at = text.slice(from, end).lastIndexOf(MARK);
  return at !== -1 && FIELDS.test(text.slice(from + at + MARK.length, end - END.length)) ? from + at : -1;
}

/**
 * @param {string} member as `recordPlace` finds it
 * @returns {SessionRecord | undefined}
 */
function parseRecord(member) {
  const fields = FIELDS.exec(member.slice(MARK.length, -END.length));
  if (fields === null) return undefined;
  const [, id, began, seen, label, address] = fields;
  return {
    id,
    beganAtMs: parseInt(began, TIME_BASE),
    seenAtMs: parseInt(seen, TIME_BASE),
    label: fromBase64(label),
    address: fromBase64(address),
  };
}

/**
 * @param {SessionRecord} record
 * @returns {string} the member, with its comma
 */
function recordMember({ id, beganAtMs, seenAtMs, label, address }) {
  const fields = [id, beganAtMs.toString(TIME_BASE), seenAtMs.toString(TIME_BASE), toBase64(label), toBase64(address)];
  return `${MARK}${fields.join('.')}${END}`;
}

/** @param {string} [value] */
function toBase64(value) {
  return value === undefined ? '' : Buffer.from(value).toString('base64url');
}

/** @param {string} text */
function fromBase64(text) {
  return text === '' ? undefined : Buffer.from(text, 'base64url').toString();
}

/**
 * The public id of a session whose record begins now, or that has none. It is the same each time, so a session keeps its id if an older
 * instance drops the record. It opens nothing: a key that opens a session is random, so that nobody finds it by its hash.
 *
 * @param {string} name of the session in the store, or its id under `revocation`
 * @returns {string}
 */
function publicIdOf(name) {
  return createHash('sha256').update(`public id of a session\0${name}`).digest().toString('base64url', 0, ID_BYTES);
}

/**
 * @param {unknown} value
 * @returns {value is string} whether it has the form of a public id
 */
function isPublicId(value) {
  return typeof value === 'string' && ID.test(value);
}

module.exports = { BACKEND, MOST_CHARACTERS, isPublicId, parseRecord, publicIdOf, recordMember, recordPlace };
