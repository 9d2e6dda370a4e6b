'use strict';

/**
 * JSON Pointers (RFC 6901) for the answers of diff and merge, and their limits. A hostile session with deep nesting would have
 * many long pointers; the limits bound them. src/json/pointers.rs has the same limits.
 */

/** An object inside this many others is compared as a whole value. */
const MAX_DEPTH = 128;
/** Length of all pointers of one answer together, in UTF-16 units. If it would be more, '' (the whole session) stands for all. */
const MAX_POINTERS_LENGTH = 1024 * 1024;

/** @param {string} pointer @param {string} key @returns {string} pointer to the member `key` of the object at `pointer` */
function child(pointer, key) {
  return `${pointer}/${key.replace(/~/g, '~0').replace(/\//g, '~1')}`;
}

/** Collects one entry for each pointer, up to the limit. @template T */
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

  /** False once the limit is exceeded: then `entries` lacks some, and the caller answers with the pointer ''. */
  get isComplete() {
    return this.length <= MAX_POINTERS_LENGTH;
  }
}

module.exports = { child, Pointers, MAX_DEPTH };
