'use strict';

/**
 * The revisions in a stored text, so that no text ever comes back and a write that arrives late or twice changes nothing.
 *
 * Form: the last member of the session's JSON is `"_rev":"BIRTH.R1.R2…"`. BIRTH names the entry since it was created, and begins with
 * the time of that in base 36 (ms since 1970). R1, R2, … are the latest writes, the newest last. Only stores that compare and set
 * get it. egg-session drops it as it drops every key that starts with `_`, and a text without one is accepted.
 */

const { randomInt } = require('node:crypto');
const { parseRecord, recordPlace } = require('./record');

const MARK = ',"_rev":"';
const END = '"}';
const TIME_BASE = 36;
// Clocks that are set by a time server differ by less.
const CLOCK_TOLERANCE_MS = 1000;
/** How many writes of others a writer may miss and still find its own among them. */
const MOST_REVISIONS = 7;
/**
 * A longer member is no list of revisions: a birth has up to 20 characters, a revision up to 10. Each reader looks at so much of a
 * text's end only, so that its work does not grow with the session: this file, stores/redis/scripts.js, src/store/command.rs.
 */
const MAX_LENGTH = MARK.length + 24 + MOST_REVISIONS * 11 + END.length;
const REVISIONS = /^[a-z\d]+-[a-z\d]+\.[a-z\d.]+$/;

/** @returns {string} a name for one write, which never comes back */
function newRevision() {
  return randomInt(2 ** 48 - 1).toString(TIME_BASE);
}

/**
 * @param {string} text
 * @returns {number} where the member begins, with its comma; -1 if the text has none
 */
function placeIn(text) {
  const from = Math.max(0, text.length - MAX_LENGTH);
  const end = text.slice(from);
  // The last one: a member of the session's own data may have the same name.
  const at = end.lastIndexOf(MARK);
  return at !== -1 && end.endsWith(END) && REVISIONS.test(end.slice(at + MARK.length, -END.length)) ? from + at : -1;
}

/**
 * @param {string} text
 * @returns {string[]} the birth, then the revisions; empty if the text has none
 */
function revisionsIn(text) {
  const at = placeIn(text);
  return at === -1 ? [] : text.slice(at + MARK.length, -END.length).split('.');
}

/**
 * @param {string} text as a store holds it
 * @returns {string} the session's own JSON, without record
 */
function withoutRevisions(text) {
  const at = placeIn(text);
  if (at === -1) return text;
  const record = recordPlace(text, at);
  return `${text.slice(0, record === -1 ? at : record)}}`;
}

/**
 * @param {string} text as a store holds it
 * @returns {string} the record's member; '' if the text has none
 */
function recordMemberIn(text) {
  const at = placeIn(text);
  const record = at === -1 ? -1 : recordPlace(text, at);
  return record === -1 ? '' : text.slice(record, at);
}

/**
 * @param {string} text as a store holds it
 * @returns {import('./record').SessionRecord | undefined}
 */
function recordIn(text) {
  const member = recordMemberIn(text);
  return member === '' ? undefined : parseRecord(member);
}

/**
 * @param {string} text the session's own JSON, with its lifetime
 * @param {string} revision of this write
 * @param {string} [replaced] the stored text of the same entry that it replaces; undefined for a new entry
 * @param {string} [record] the record's member. Default: that of `replaced`
 * @returns {string} the text to store; JSON of anything but an object with members stays as it is
 */
function withRevision(text, revision, replaced, record = replaced === undefined ? '' : recordMemberIn(replaced)) {
  if (text.charCodeAt(0) !== 0x7b /* { */ || text.length <= 2) return text;
  const [birth = `${Date.now().toString(TIME_BASE)}-${newRevision()}`, ...earlier] = replaced === undefined ? [] : revisionsIn(replaced);
  return `${text.slice(0, -1)}${record}${MARK}${[birth, ...earlier.slice(1 - MOST_REVISIONS), revision].join('.')}${END}`;
}

/**
 * @param {string} text as a store holds it
 * @param {string} revision
 * @returns {boolean} whether the write with this revision is in it
 */
function hasRevision(text, revision) {
  return revisionsIn(text).includes(revision, 1);
}

/**
 * @param {string} text as a store holds it
 * @returns {string | undefined} the name of the entry; undefined if the text was written without
 */
function birthOf(text) {
  return revisionsIn(text)[0];
}

/**
 * @param {string} text as a store holds it
 * @param {number} timeMs since 1970
 * @returns {boolean} whether its entry was created then or later, by the clock of the machine that did
 */
function isBornSince(text, timeMs) {
  // parseInt stops at the hyphen.
  const bornAtMs = parseInt(birthOf(text) ?? '', TIME_BASE);
  // Born in the future: a clock was set back, and the entry may be of any age.
  return bornAtMs >= timeMs && bornAtMs <= Date.now() + CLOCK_TOLERANCE_MS;
}

/**
 * Takes revisions and record out of a session that was parsed already, wherever another program has put them.
 *
 * @param {any} session
 * @returns {any} the same
 */
function dropRevisions(session) {
  if (typeof session !== 'object' || session === null) return session;
  if (session._rev !== undefined) delete session._rev;
  if (session._record !== undefined) delete session._record;
  return session;
}

module.exports = {
  MAX_LENGTH, birthOf, dropRevisions, hasRevision, isBornSince, newRevision, recordIn, recordMemberIn, withRevision, withoutRevisions,
};
