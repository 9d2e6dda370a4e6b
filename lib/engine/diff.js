'use strict';

/**
 * What changed between two JSON texts: RFC 6902 operations, or their RFC 6901 pointers alone.
 * Objects are compared key by key, arrays and scalars as whole values. A text that is not JSON is a whole value too.
 * Same answers as src/diff.rs; see docs/merge.md.
 */

const { checkString } = require('./misuse');
const { parseJson, OBJECT } = require('./json');
const { sameValue } = require('./json_equal');
const { child, Pointers, MAX_DEPTH } = require('./pointers');

/** @typedef {import('./json').JsonText} JsonText */
/**
 * @typedef {object} Operation RFC 6902
 * @property {'add' | 'remove' | 'replace'} op
 * @property {string} path RFC 6901 pointer; '' is the whole session
 * @property {any} [value] absent in 'remove'
 */
/** @typedef {{ op: Operation['op'], path: string, value: number }} Change `value` of the text after; -1 in 'remove' */

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

  /** @returns {Change[]} removals and replacements in the order of `before`, then additions in that of `after`, object by object */
  run() {
    this.values(ROOT, ROOT, '', 0);
    return this.changes.isComplete ? this.changes.entries : [{ op: 'replace', path: '', value: ROOT }];
  }

  /** @param {Operation['op']} op @param {string} path @param {number} value */
  add(op, path, value) {
    this.changes.add(path, { op, path, value });
  }

  /** @param {number} before @param {number} after @param {string} path @param {number} depth objects around the values */
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
 * @returns {Operation[] | null} applied to `before` they give `after`, but for the order of keys that were there before;
 *   null when `after` is another text than `before` and not JSON, so that no operation could carry it
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
 * @returns {string[]} RFC 6901 pointers of what `diff` would tell, without values; [''] where a text is not JSON
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
