'use strict';

/** Changes a session as requests do, and writes it as other JSON writers do. */

const { makeSession, makeString } = require('./sessions');

/** @typedef {import('./prng').Prng} Prng */
/** @typedef {Record<string, any>} Json */

/** Few, so that two requests often touch the same key. */
const KEYS = ['user', 'cart', 'n', 'a/b', 'm~n', '', '0', '10', '__proto__', 'constructor', '_expire', '_maxAge', '_session', 'é', '杭', '\ud800'];
/** Few, so that two requests often write the same value, and values are often equal to those before. */
const VALUES = [0, 1, 1.5, -1, 1e21, 1e-7, 'a', 'ab', '', 'é"\\\n', '\udc00', true, false, null, [], [1], [1, { a: 1 }], [1, { a: 2 }]];

/** @param {unknown} value @returns {value is Json} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

/** As JSON.parse does it: `object['__proto__'] = …` would set the prototype. @param {Json} object @param {string} key @param {unknown} value */
function setOwn(object, key, value) {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** @template T @param {T} value @returns {T} */
const clone = value => JSON.parse(JSON.stringify(value));

/** @param {Prng} prng @param {number} depth @returns {any} */
function makeValue(prng, depth) {
  const kind = prng.below(10);
  if (kind === 0) return makeString(prng);
  return kind < 5 && depth < 4 ? makeObject(prng, depth + 1) : clone(prng.pick(VALUES));
}

/** @param {Prng} prng @param {number} [depth] @returns {Json} */
function makeObject(prng, depth = 0) {
  const object = {};
  for (let i = prng.below(6); i > 0; i--) setOwn(object, prng.pick(KEYS), makeValue(prng, depth));
  return object;
}

/** @param {Prng} prng @returns {Json} one in ten as apps may fill it, the others made to be changed by two */
function makeBase(prng) {
  return prng.chance(0.1) ? clone(makeSession(prng)) : makeObject(prng);
}

/** @param {Json} object @returns {Json[]} the object and all objects that are found in it by keys alone */
function objectsIn(object) {
  const found = [object];
  // Grows while it is walked: no nesting is too deep.
  for (const each of found) found.push(...Object.values(each).filter(isObject));
  return found;
}

/** @param {Prng} prng @param {Json} session changed in place @param {number} changes */
function edit(prng, session, changes) {
  for (; changes > 0; changes--) {
    const object = prng.pick(objectsIn(session));
    const keys = Object.keys(object);
    const key = keys.length > 0 && prng.chance(0.7) ? prng.pick(keys) : prng.pick(KEYS);
    if (prng.chance(0.3)) delete object[key];
    else setOwn(object, key, makeValue(prng, 3));
  }
}

/** @param {Prng} prng */
const space = prng => (prng.chance(0.2) ? prng.pick([' ', '\n', '\t', '\r\n', '   ']) : '');

/** @param {Prng} prng @param {string} string */
function spellString(prng, string) {
  return JSON.stringify(string).replace(/\\u[0-9a-f]{4}|\\.|[^\\"]/gs, char => {
    if (!prng.chance(0.1)) return char;
    if (char === '/') return '\\/';
    if (char.length > 1) return char;
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${prng.chance(0.5) ? code.toUpperCase() : code}`;
  });
}

/** The same decimal. @param {Prng} prng @param {number} number */
function spellNumber(prng, number) {
  const written = String(number);
  const exponent = /e([+-]?)(\d+)$/.exec(written);
  if (exponent) return prng.pick([written, written.replace('e', 'E'), written.replace(/e([+-]?)/, (e, sign) => `e${sign || '+'}00`)]);
  if (written.includes('.')) return prng.pick([written, `${written}0`, `${written}00e0`, `${written}E+0`]);
  return prng.pick([written, `${written}.0`, `${written}e0`, `${written}.00E-0`, ...(number === 0 ? [] : [`${written}0e-1`])]);
}

/**
 * @param {Prng} prng
 * @param {unknown} value
 * @returns {string} JSON text of the value as another writer than V8 may write it
 */
function spell(prng, value) {
  if (typeof value === 'string') return spellString(prng, value);
  if (typeof value === 'number') return spellNumber(prng, value);
  if (Array.isArray(value)) return `[${space(prng)}${value.map(item => spell(prng, item) + space(prng)).join(`,${space(prng)}`)}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).map(key => {
    const name = spellString(prng, key);
    const member = `${space(prng)}${name}${space(prng)}:${space(prng)}${spell(prng, value[key])}${space(prng)}`;
    // What comes first under a key does not count.
    return prng.chance(0.05) ? `${spellString(prng, key)}:{"a":1},${member}` : member;
  });
  return `{${members.join(',') || space(prng)}}`;
}

/** @param {Prng} prng @param {Json} session @returns {string} mostly as V8 writes it */
function write(prng, session) {
  if (prng.chance(0.7) || objectsIn(session).length > 100) return JSON.stringify(session);
  return `${space(prng)}${spell(prng, session)}${space(prng)}`;
}

module.exports = { makeBase, makeObject, makeValue, edit, write, isObject, setOwn, clone };
