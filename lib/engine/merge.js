'use strict';

/**
 * Three-way merge of session texts. `base` was loaded, `mine` is to be committed, `theirs` was committed meanwhile.
 * Objects merge key by key, arrays and scalars are whole values; where both changed a value, mine (the later) wins.
 * Values are copied as written. Same answers as src/merge.rs; see docs/merge.md.
 */

const { checkString } = require('./misuse');
const { parseJson, OBJECT } = require('./json');
const { sameValue } = require('./json_equal');
const { child, Pointers, MAX_DEPTH } = require('./pointers');

/** @typedef {import('./json').JsonText} JsonText */
/**
 * @typedef {object} Merged
 * @property {string} text
 * @property {string[]} conflicts RFC 6901 pointers of the values that both changed differently
 */

const ROOT = 0;
const ABSENT = -1;
/** The middleware's own: each commit writes them anew, so that a difference is no conflict of the app. */
const BOOKKEEPING = new Set(['_expire', '_maxAge', '_session', '_createdAt']);
/** How long a session lives: one value, in three keys. */
const LIFETIME = new Set(['_expire', '_maxAge', '_session']);
/** Those of them that a commit changes only if the app did. */
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
   * Merges what both have.
   * @param {number} base or ABSENT @param {number} mine @param {number} theirs
   * @param {string} pointer @param {number} depth objects around the values
   * @returns {string}
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
   * @param {number} base an object; where it is none, both have put an object there, and all keys are new
   * @param {number} mine @param {number} theirs @param {string} pointer @param {number} depth
   * @returns {string} their keys in their order, then those that only mine has
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
   * @param {Map<string, number>} base the members of each session
   * @param {Map<string, number>} mine
   * @param {Map<string, number>} theirs
   * @returns {any} `{ json, members }`: whose lifetime is taken as a whole, since its length was changed; undefined if none was
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
 * @param {string} base JSON text of the session as it was loaded
 * @param {string} mine JSON text to be committed
 * @param {string} theirs JSON text committed by another request meanwhile
 * @returns {Merged} a text that is no JSON object is one whole value: then mine wins, and conflicts is ['']
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
