'use strict';

/**
 * Copies a session's data as it was loaded, and compares it with the session as it is now, both without writing JSON. The
 * verdict is the one that `JSON.stringify` would give; where that is not certain, the verdict is UNSURE.
 */

// Deeper data is compared as text, so that the recursion cannot overflow the stack.
const MAX_DEPTH = 64;

// In a loop over an object's keys V8 optimises this call away; `Object.hasOwn` costs as much as the loop.
const { hasOwnProperty } = Object.prototype;

const SAME = 1;
const DIFFERENT = 2;
const UNSURE = 3;

/**
 * @param {any} value JSON data: plain objects, arrays and scalars
 * @param {number} [depth]
 * @returns {any} a deep copy; undefined if the value is not JSON data or too deep
 */
function snapshot(value, depth = 0) {
  if (isScalar(value)) return value;
  if (typeof value !== 'object' || depth > MAX_DEPTH || value.toJSON !== undefined) return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return snapshotItems(value, depth);
  if (prototype !== Object.prototype) return undefined;
  return snapshotValues({ ...value }, depth);
}

/**
 * @param {any} copy a shallow copy; its values are replaced by snapshots
 * @param {number} depth
 */
function snapshotValues(copy, depth) {
  for (const key in copy) {
    const value = copy[key];
    if (isScalar(value) || !hasOwnProperty.call(copy, key)) continue;
    const valueCopy = snapshot(value, depth + 1);
    if (valueCopy === undefined) return undefined;
    copy[key] = valueCopy;
  }
  return copy;
}

/**
 * @param {any[]} items may have a `constructor` property that makes `slice` fail
 * @param {number} depth
 */
function snapshotItems(items, depth) {
  const copy = [];
  for (let i = 0; i < items.length; i++) {
    const itemCopy = isScalar(items[i]) ? items[i] : snapshot(items[i], depth + 1);
    if (itemCopy === undefined) return undefined;
    copy.push(itemCopy);
  }
  return copy;
}

/**
 * Copies what `JSON.parse` gave: it is known to be JSON data, and may be of any depth.
 *
 * @param {any} value an object or an array
 * @returns {any} a deep copy
 */
function copyOfJSON(value) {
  const root = shallowCopy(value);
  const pending = [root];
  while (pending.length > 0) {
    const copy = pending.pop();
    if (Array.isArray(copy)) {
      for (let i = 0; i < copy.length; i++) {
        if (isNested(copy[i])) pending.push((copy[i] = shallowCopy(copy[i])));
      }
    } else {
      for (const key in copy) {
        if (isNested(copy[key]) && hasOwnProperty.call(copy, key)) pending.push((copy[key] = shallowCopy(copy[key])));
      }
    }
  }
  return root;
}

/** @param {any} value an object or an array */
function shallowCopy(value) {
  return Array.isArray(value) ? value.slice() : { ...value };
}

/** @param {any} value */
function isNested(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {any} value */
function isScalar(value) {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * Whether `JSON.stringify` gives the same text for both.
 *
 * @param {any} value anything
 * @param {any} pristine a snapshot
 * @param {number} depth
 * @returns {1 | 2 | 3} SAME, DIFFERENT or UNSURE
 */
function compare(value, pristine, depth) {
  if (value === pristine) return SAME;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return DIFFERENT;
    case 'number':
      // NaN and the infinities are written as null.
      return Number.isFinite(value) ? DIFFERENT : UNSURE;
    case 'object':
      break;
    default:
      return UNSURE;
  }
  if (value === null) return typeof pristine === 'number' ? UNSURE : DIFFERENT;
  if (value.toJSON !== undefined || depth > MAX_DEPTH) return UNSURE;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return Array.isArray(pristine) ? compareArrays(value, pristine, depth) : DIFFERENT;
  if (prototype !== Object.prototype) return UNSURE;
  if (pristine === null || typeof pristine !== 'object' || Array.isArray(pristine)) return DIFFERENT;
  return compareObjects(value, pristine, Object.keys(pristine), depth);
}

/**
 * @param {any[]} array
 * @param {any[]} pristine
 * @param {number} depth
 */
function compareArrays(array, pristine, depth) {
  if (array.length !== pristine.length) return DIFFERENT;
  for (let i = 0; i < array.length; i++) {
    const result = compare(array[i], pristine[i], depth + 1);
    if (result !== SAME) return result;
  }
  return SAME;
}

/**
 * Nested values are compared last: most changes are found without them.
 *
 * @param {any} object in whose prototypes no key is enumerable
 * @param {any} pristine
 * @param {string[]} pristineKeys the keys that count, in their order
 * @param {number} [depth]
 * @param {(key: string) => boolean} [isCompared] which keys of the object count. Default: all
 * @returns {1 | 2 | 3} SAME, DIFFERENT or UNSURE
 */
function compareObjects(object, pristine, pristineKeys, depth = 0, isCompared) {
  let at = 0;
  /** @type {any[] | undefined} */
  let nested;
  for (const key in object) {
    if (isCompared !== undefined && !isCompared(key)) continue;
    if (key !== pristineKeys[at]) return compareKeys(object, key, pristine, pristineKeys[at]);
    const value = object[key];
    const pristineValue = pristine[key];
    if (value !== pristineValue) {
      // Never SAME.
      if (typeof value !== 'object') return compare(value, pristineValue, depth + 1);
      if (nested === undefined) nested = [value, pristineValue];
      else nested.push(value, pristineValue);
    }
    at++;
  }
  if (at < pristineKeys.length) return compareKeys(object, undefined, pristine, pristineKeys[at]);
  if (nested !== undefined) {
    for (let i = 0; i < nested.length; i += 2) {
      const result = compare(nested[i], nested[i + 1], depth + 1);
      if (result !== SAME) return result;
    }
  }
  return SAME;
}

/**
 * The verdict where the keys stop agreeing. The texts decide about a key that JSON leaves out, and about another order.
 *
 * @param {any} object
 * @param {string | undefined} key
 * @param {any} pristine
 * @param {string | undefined} pristineKey
 */
function compareKeys(object, key, pristine, pristineKey) {
  if (pristineKey !== undefined && !Object.hasOwn(object, pristineKey)) return DIFFERENT;
  if (key === undefined || Object.hasOwn(pristine, key)) return UNSURE;
  return isScalar(object[key]) ? DIFFERENT : UNSURE;
}

module.exports = { snapshot, copyOfJSON, compareObjects, SAME, DIFFERENT, UNSURE };
