'use strict';

/**
 * Three-way merge of a session's JSON texts. In: `base`, as this request loaded it; `mine`, as this request commits it; `theirs`,
 * as another request committed it meanwhile. Out: the merged text, and JSON Pointers (RFC 6901) to the conflicts.
 *
 * Objects merge key by key. Arrays and scalars are whole values. If both requests changed a value, mine, the later, wins. Values
 * are copied as written. docs/merge.md specifies this; src/merge.rs is the native twin.
 */

const { checkString } = require('../../../errors');
const { parseJson, OBJECT } = require('./text');
const { sameValue } = require('./equal');
const { child, Pointers, MAX_DEPTH } = require('./pointers');

/** @typedef {import('./text').JsonText} JsonText */
/**
 * @typedef {object} Merged
 * @property {string} text JSON, unless a given text is not
 * @property {string[]} conflicts JSON Pointers (RFC 6901) to the values that both changed differently; [''] is the whole session
 */

const ROOT = 0;
const ABSENT = -1;
/** The middleware's own keys at the top level. Each commit writes them anew, so a difference there is not the app's conflict. */
const BOOKKEEPING = new Set(['_expire', '_maxAge', '_session', '_createdAt']);
/** The session's lifetime: one value in three keys, so all three come from one side. */
const LIFETIME = new Set(['_expire', '_maxAge', '_session']);
/** The keys of the lifetime that change only if the app changes `maxAge`. Each commit changes `_expire`. */
const LENGTH = ['_maxAge', '_session'];

/** Walks three texts side by side. */
class Merge {
  /** @param {JsonText} base @param {JsonText} mine @param {JsonText} theirs */
  constructor(base, mine, theirs) {
    this.base = base;
    this.mine = mine;
    this.theirs = theirs;
    /** @type {Pointers<string>} */
    this.conflicts = new Pointers();
    this.isBookkeeping = false;
  }

  /** @returns {Merged} */
  run() {
    const text = this.values(ROOT, ROOT, ROOT, '', 0);
    return { text, conflicts: this.conflicts.isComplete ? this.conflicts.entries : [''] };
  }

  /** @param {string} pointer */
  addConflict(pointer) {
    if (!this.isBookkeeping) this.conflicts.add(pointer, pointer);
  }

  /**
   * Merges a value that both sides have.
   *
   * @param {number} base or ABSENT @param {number} mine @param {number} theirs
   * @param {string} pointer @param {number} depth number of objects around the values
   * @returns {string} JSON text
   */
  values(base, mine, theirs, pointer, depth) {
    const [mineText, theirsText] = [this.mine.slice(mine), this.theirs.slice(theirs)];
    const baseText = base === ABSENT ? '' : this.base.slice(base);
    if (theirsText === baseText) return mineText;
    if (mineText === baseText || mineText === theirsText) return theirsText;

    const areObjects = this.mine.kind(mine) === OBJECT && this.theirs.kind(theirs) === OBJECT;
    if (areObjects && depth < MAX_DEPTH) return this.objects(base, mine, theirs, pointer, depth);

    if (sameValue(this.mine, mine, this.theirs, theirs)) return theirsText;
    if (base !== ABSENT && sameValue(this.theirs, theirs, this.base, base)) return mineText;
    if (base !== ABSENT && sameValue(this.mine, mine, this.base, base)) return theirsText;
    this.addConflict(pointer);
    return mineText;
  }

  /**
   * @param {number} base if it is not an object, both sides have put an object there, and every key counts as new
   * @param {number} mine an object @param {number} theirs an object @param {string} pointer @param {number} depth
   * @returns {string} JSON text: the keys of `theirs` in their order, then the keys that only `mine` has
   */
  objects(base, mine, theirs, pointer, depth) {
    const hasBase = base !== ABSENT && this.base.kind(base) === OBJECT;
    const baseMembers = hasBase ? this.base.members(base) : new Map();
    const mineMembers = this.mine.members(mine);
    const theirsMembers = this.theirs.members(theirs);
    const merged = [];
    const lifetime = depth === 0 ? this.lifetime(baseMembers, mineMembers, theirsMembers) : undefined;
    const isLifetime = (/** @type {string} */ key) => lifetime !== undefined && LIFETIME.has(key);

    for (const [key, theirsValue] of theirsMembers) {
      const baseValue = baseMembers.get(key);
      const mineValue = mineMembers.get(key);
      if (depth === 0) this.isBookkeeping = BOOKKEEPING.has(key);
      if (isLifetime(key)) {
        const value = lifetime.members.get(key);
        if (value !== undefined) merged.push(`${this.theirs.slice(theirsValue - 1)}:${lifetime.json.slice(value)}`);
      } else if (mineValue !== undefined) {
        const value = this.values(baseValue ?? ABSENT, mineValue, theirsValue, child(pointer, key), depth + 1);
        merged.push(`${this.theirs.slice(theirsValue - 1)}:${value}`);
      } else if (baseValue === undefined) {
        merged.push(`${this.theirs.slice(theirsValue - 1)}:${this.theirs.slice(theirsValue)}`);
      } else if (!sameValue(this.theirs, theirsValue, this.base, baseValue)) {
        this.addConflict(child(pointer, key));
      }
    }

    for (const [key, mineValue] of mineMembers) {
      if (theirsMembers.has(key) || (isLifetime(key) && lifetime.json === this.theirs)) continue;
      const baseValue = baseMembers.get(key);
      if (depth === 0) this.isBookkeeping = BOOKKEEPING.has(key);
      if (baseValue !== undefined && !isLifetime(key)) {
        if (sameValue(this.mine, mineValue, this.base, baseValue)) continue;
        this.addConflict(child(pointer, key));
      }
      merged.push(`${this.mine.slice(mineValue - 1)}:${this.mine.slice(mineValue)}`);
    }
    return `{${merged.join(',')}}`;
  }

  /**
   * Chooses the side whose lifetime is taken: the side that changed `_maxAge` or `_session`, mine before theirs.
   *
   * @param {Map<string, number>} base the members of the session, key → value
   * @param {Map<string, number>} mine
   * @param {Map<string, number>} theirs
   * @returns {any} `{ json, members }` of that side; undefined if neither side changed it
   */
  lifetime(base, mine, theirs) {
    const isChanged = (/** @type {JsonText} */ json, /** @type {Map<string, number>} */ members) => LENGTH.some(key => {
      const [before, after] = [base.get(key), members.get(key)];
      if (before === undefined || after === undefined) return before !== after;
      return !sameValue(json, after, this.base, before);
    });
    if (isChanged(this.mine, mine)) return { json: this.mine, members: mine };
    return isChanged(this.theirs, theirs) ? { json: this.theirs, members: theirs } : undefined;
  }
}

/**
 * @param {string} base JSON text of the session as this request loaded it
 * @param {string} mine JSON text that this request commits
 * @param {string} theirs JSON text that another request committed meanwhile
 * @returns {Merged} a text that is not a JSON object is one whole value: if both sides changed it, mine wins with the conflict ''
 * @throws {TypeError} ERR_SESSION_ARGUMENT unless all are strings
 */
function merge(base, mine, theirs) {
  checkString('base', base);
  checkString('mine', mine);
  checkString('theirs', theirs);
  if (theirs === base) return { text: mine, conflicts: [] };
  if (mine === base || mine === theirs) return { text: theirs, conflicts: [] };
  const [parsedBase, parsedMine, parsedTheirs] = [parseJson(base), parseJson(mine), parseJson(theirs)];
  if (!isSession(parsedBase) || !isSession(parsedMine) || !isSession(parsedTheirs)) return { text: mine, conflicts: [''] };
  return new Merge(parsedBase, parsedMine, parsedTheirs).run();
}

/** @param {JsonText | null} json @returns {json is JsonText} */
function isSession(json) {
  return json !== null && json.kind(ROOT) === OBJECT;
}

module.exports = { merge };
