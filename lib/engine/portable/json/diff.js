'use strict';

/**
 * Lists what changed between two JSON texts. In: two texts. Out: JSON Patch operations (RFC 6902), or their JSON Pointers
 * (RFC 6901) alone.
 *
 * Objects are compared key by key. Arrays and scalars are whole values, and so is a text that is not JSON. Time and memory grow
 * with the length of the texts (pointers.js has the limits). docs/merge.md specifies this; src/diff.rs is the native twin.
 */

const { checkString } = require('../../../errors');
const { parseJson, OBJECT } = require('./text');
const { sameValue } = require('./equal');
const { child, Pointers, MAX_DEPTH } = require('./pointers');

/** @typedef {import('./text').JsonText} JsonText */
/**
 * @typedef {object} Operation of a JSON Patch (RFC 6902)
 * @property {'add' | 'remove' | 'replace'} op
 * @property {string} path JSON Pointer (RFC 6901); '' is the whole session
 * @property {any} [value] the new value, parsed; absent in 'remove'
 */
/** @typedef {{ op: Operation['op'], path: string, value: number }} Change `value` is an index in the text `after`; -1 in 'remove' */

const ROOT = 0;

/** Walks two texts side by side. */
class Diff {
  /** @param {JsonText} before @param {JsonText} after */
  constructor(before, after) {
    this.before = before;
    this.after = after;
    /** @type {Pointers<Change>} */
    this.changes = new Pointers();
  }

  /** @returns {Change[]} for each object: removals and replacements in the order of `before`, then additions in that of `after` */
  run() {
    this.values(ROOT, ROOT, '', 0);
    return this.changes.isComplete ? this.changes.entries : [{ op: 'replace', path: '', value: ROOT }];
  }

  /** @param {Operation['op']} op @param {string} path @param {number} value */
  add(op, path, value) {
    this.changes.add(path, { op, path, value });
  }

  /** @param {number} before @param {number} after @param {string} path @param {number} depth number of objects around the values */
  values(before, after, path, depth) {
    const areObjects = this.before.kind(before) === OBJECT && this.after.kind(after) === OBJECT;
    if (areObjects && depth < MAX_DEPTH) {
      if (this.before.slice(before) !== this.after.slice(after)) this.objects(before, after, path, depth);
    } else if (!sameValue(this.before, before, this.after, after)) {
      this.add('replace', path, after);
    }
  }

  /** @param {number} before @param {number} after @param {string} path @param {number} depth */
  objects(before, after, path, depth) {
    const was = this.before.members(before);
    const is = this.after.members(after);
    for (const [key, value] of was) {
      const now = is.get(key);
      if (now === undefined) this.add('remove', child(path, key), -1);
      else this.values(value, now, child(path, key), depth + 1);
    }
    for (const [key, value] of is) {
      if (!was.has(key)) this.add('add', child(path, key), value);
    }
  }
}

/**
 * @param {string} before JSON text
 * @param {string} after JSON text
 * @returns {Operation[] | null} applied to `before` they give `after`, except that a key of `before` keeps its place; null if
 *   `after` is not JSON and differs from `before`, because no operation can carry it
 * @throws {TypeError} ERR_SESSION_ARGUMENT unless both are strings
 */
function diff(before, after) {
  checkString('before', before);
  checkString('after', after);
  if (before === after) return [];
  const parsedAfter = parseJson(after);
  if (parsedAfter === null) return null;
  const parsedBefore = parseJson(before);
  if (parsedBefore === null) return [{ op: 'replace', path: '', value: JSON.parse(after) }];
  return new Diff(parsedBefore, parsedAfter).run().map(({ op, path, value }) => (
    value === -1 ? { op, path } : { op, path, value: JSON.parse(parsedAfter.slice(value)) }
  ));
}

/**
 * @param {string} before JSON text
 * @param {string} after JSON text
 * @returns {string[]} the JSON Pointers of the operations of `diff`; [''] if the texts differ and one is not JSON
 * @throws {TypeError} ERR_SESSION_ARGUMENT unless both are strings
 */
function changedPaths(before, after) {
  checkString('before', before);
  checkString('after', after);
  if (before === after) return [];
  const [parsedBefore, parsedAfter] = [parseJson(before), parseJson(after)];
  if (parsedBefore === null || parsedAfter === null) return [''];
  return new Diff(parsedBefore, parsedAfter).run().map(change => change.path);
}

module.exports = { diff, changedPaths };
