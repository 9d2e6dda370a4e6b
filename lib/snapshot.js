'use strict';

/**
 * A copy of a session's data as it was loaded, and a comparison with what the app made of it, both without writing
 * JSON. They speak only where `JSON.stringify` would surely agree, and leave the rest to it.
 */

// Deeper data is compared as text: a recursion must not reach the end of the stack.
const MAX_DEPTH = 64;

const SAME = 1;
const DIFFERENT = 2;
const UNSURE = 3;

/**
 * @param {any} value JSON data: plain objects, arrays and scalars
 * @param {number} [depth]
 * @returns {any} a deep copy; undefined for what is not JSON data, or too deep
 */
function snapshot(value, depth = 0) {
  if (isScalar(value)) return value;
  if (typeof value !== 'object' || depth > MAX_DEPTH || value.toJSON !== undefined) return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return snapshotItems(value.slice(), depth);
  if (prototype !== Object.prototype) return undefined;
  return snapshotValues({ ...value }, depth);
}

/**
 * @param {any} copy a shallow copy; its values are replaced by snapshots
 * @param {number} depth
 */
function snapshotValues(copy, depth) {
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    if (isScalar(value)) continue;
    const valueCopy = snapshot(value, depth + 1);
    if (valueCopy === undefined) return undefined;
    copy[key] = valueCopy;
  }
  return copy;
}

/**
 * @param {any[]} copy a shallow copy; its items are replaced by snapshots
 * @param {number} depth
 */
function snapshotItems(copy, depth) {
  for (let i = 0; i < copy.length; i++) {
    if (isScalar(copy[i])) continue;
    copy[i] = snapshot(copy[i], depth + 1);
    if (copy[i] === undefined) return undefined;
  }
  return copy;
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
 * @returns {1 | 2 | 3} SAME, DIFFERENT or UNSURE
 */
function compare(value, pristine) {
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
  if (value.toJSON !== undefined) return UNSURE;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return Array.isArray(pristine) ? compareArrays(value, pristine) : DIFFERENT;
  if (prototype !== Object.prototype) return UNSURE;
  if (pristine === null || typeof pristine !== 'object' || Array.isArray(pristine)) return DIFFERENT;
  return compareObjects(value, Object.keys(value), pristine, Object.keys(pristine));
}

/**
 * @param {any[]} array
 * @param {any[]} pristine
 */
function compareArrays(array, pristine) {
  if (array.length !== pristine.length) return DIFFERENT;
  for (let i = 0; i < array.length; i++) {
    const result = compare(array[i], pristine[i]);
    if (result !== SAME) return result;
  }
  return SAME;
}

/**
 * @param {any} object
 * @param {string[]} keys those of `object` that are written
 * @param {any} pristine
 * @param {string[]} pristineKeys
 */
function compareObjects(object, keys, pristine, pristineKeys) {
  const length = Math.max(keys.length, pristineKeys.length);
  for (let i = 0; i < length; i++) {
    const key = keys[i];
    if (key !== pristineKeys[i]) return compareKeys(object, key, pristine, pristineKeys[i]);
    const result = compare(object[key], pristine[key]);
    if (result !== SAME) return result;
  }
  return SAME;
}

/**
 * The keys stop agreeing. A key that JSON leaves out, or another order, is for the texts to decide.
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

module.exports = { snapshot, compare, compareObjects, SAME, DIFFERENT, UNSURE };
