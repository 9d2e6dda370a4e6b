'use strict';

/**
 * JSON Pointers (RFC 6901), and the limits that keep a hostile session from making many long ones.
 * Same limits as src/json/pointers.rs.
 */

/** An object inside this many others is a whole value: it is not looked into. */
const MAX_DEPTH = 128;
/** UTF-16 units of all pointers of one answer; where more would be needed, '' (the whole session) stands for all. */
const MAX_POINTERS_LENGTH = 1024 * 1024;

/** @param {string} pointer @param {string} key @returns {string} pointer to the member `key` of what `pointer` points to */
function child(pointer, key) {
  return `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/** What is reported about places in a text, within the limit. @template T */
class Pointers {
  constructor() {
    /** @type {T[]} */
    this.entries = [];
    this.length = 0;
  }

  /** @param {string} pointer @param {T} entry */
  add(pointer, entry) {
    this.length += pointer.length;
    if (this.isComplete) this.entries.push(entry);
  }

  get isComplete() {
    return this.length <= MAX_POINTERS_LENGTH;
  }
}

module.exports = { child, Pointers, MAX_DEPTH, MAX_POINTERS_LENGTH };
