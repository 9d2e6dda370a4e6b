'use strict';

/**
 * Scenarios that nobody thought of: random config, random operations, random pauses, from a seed. They stay clear of the listed
 * defects (a save is the last thing a request does, and then nothing commits on its own) and, on Egg 4, of the values where
 * koa-session 7 differs from 6.
 */

const { ALL_MODES, STORE_MODES } = require('./modes');

const KEYS = ['a', 'b', 'user', '10', '2', '_p', 'é', 'maxAgeX', 'toString', 'constructor', 'hasOwnProperty', 'valueOf'];
const LEAVES = [0, 1, -1, 1.5, 1e21, 123456789012345680000, '', 'x', 'é😀', 'a"\\\n', '\ud83d', '\u2028', null, true, false, { _x: 1, isNew: 1 }];
// No text: that it becomes a number is a listed difference.
const LIFETIMES = [1000, 1500, 60000, 3600000, 86400000, 1e13, 4e15, 1.5, 0, -1000, null, 'session'];
// not encrypt: ours reads the signed cookie that the next request then brings, which is a listed defect of the originals
const OPTIONS = ['maxAge', 'rolling', 'renew', 'domain', 'sameSite', 'path', 'httpOnly', 'signed', 'priority', 'overwrite', 'secure', 'expires', 'partitioned', 'key'];
const OPTION_VALUES = [true, false, null, 5000, 'session', 'lax', 'none', '/x', 'example.com', '', 'low'];
const COMMITS = ['save', 'manuallyCommit', 'regenerate', 'save(callback)', 'commit(callback)', 'regenerate(callback)'];
const PAUSES = [0, 0, 0, 1, 500, 1000, 30000, 60000, 43200000, 43200001, 86400000, 1e10];
const HTTPS = { 'x-forwarded-proto': 'https' };
const HEADERS = [{}, {}, HTTPS, { ...HTTPS, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/118.0.0.0 Safari/537.36' }];
const CONFIG = {
  maxAge: [1000, 3600000, 'session', 0],
  rolling: [true],
  renew: [true],
  sameSite: ['lax', 'none', 'strict'],
  domain: ['example.com', 'fn:domain'],
  overwrite: [false],
  httpOnly: [false],
  priority: ['low'],
  partitioned: [true],
  removeUnpartitioned: [true],
  valid: ['fn:valid'],
  beforeSave: ['fn:beforeSave', 'fn:beforeSave that mutates'],
  key: ['k-1'],
  path: ['/', '/x'],
  secure: [false],
};
const COOKIES = [{}, {}, {}, { sameSite: 'none' }, { autoChips: true, sameSite: 'none' }, { domain: 'a.example.com', path: '/' }, { secure: false }];

/** mulberry32: small, and even enough. */
function randomFrom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * @param {number} seed
 * @returns {{ mode: string, scenario: { variant: object, steps: object[] } }}
 */
function randomScenario(seed) {
  const random = randomFrom(seed);
  const pick = list => list[Math.floor(random() * list.length)];
  const chance = probability => random() < probability;

  const value = (depth = 0) => {
    if (depth < 3 && chance(0.15)) return [value(depth + 1), value(depth + 1)];
    if (depth < 3 && chance(0.2)) return { [pick(KEYS)]: value(depth + 1), [pick(KEYS)]: value(depth + 1) };
    return pick(LEAVES);
  };
  const content = () => pick([{}, { [pick(KEYS)]: value() }, [value()], { maxAge: pick(LIFETIMES) }]);
  const operation = () => pick([
    () => ['set', [pick(KEYS)], value()],
    () => ['set', [pick(KEYS)], value()],
    () => ['set', [pick(KEYS), pick(KEYS)], value()],
    () => ['delete', [pick(KEYS)]],
    () => ['replace', content()],
    () => [pick(['set undefined', 'set toJSON value']), [pick(KEYS)]],
    () => [pick(['read', 'touch', 'isNew', 'isNew itself', 'length', 'populated', 'own keys', 'keys of JSON', 'maxAge', 'inspect', 'no touch'])],
    () => [pick(['read', 'set maxAge']), pick(LIFETIMES)],
    () => [pick(['read', 'read', 'destroy', 'replace by itself'])],
    () => (chance(0.2) ? ['throw', 'app failed', pick([null, 400])] : ['read']),
    () => (chance(0.3) ? ['set option', pick(OPTIONS), pick(OPTION_VALUES)] : ['read']),
    () => ['set cookie', pick(['theme', 'EGG_SESS', 'EGG_SESS.sig']), 'v', { signed: false, overwrite: chance(0.5) }],
  ])();

  const session = {};
  for (const [name, values] of Object.entries(CONFIG)) {
    if (chance(0.2)) session[name] = pick(values);
  }
  if (chance(0.1)) Object.assign(session, { encode: 'fn:encode', decode: 'fn:decode' });
  const isManual = chance(0.4);
  if (isManual) session.autoCommit = false;

  const step = () => {
    const operations = Array.from({ length: 1 + Math.floor(random() * 4) }, operation)
      // most apps go on after an error, some do not
      .map(one => (one[0] === 'throw' || chance(0.2) ? one : ['caught', one]));
    if (isManual && chance(0.8)) operations.push(['caught', [pick(COMMITS)]]);
    return { do: operations, after: pick(PAUSES), jar: pick(['one', 'one', 'one', 'two']), headers: pick(HEADERS) };
  };

  const mode = pick(ALL_MODES);
  const store = STORE_MODES.includes(mode) ? { store: pick(['async', 'plain', 'by reference']) } : {};
  return {
    mode,
    scenario: { variant: { session, cookies: pick(COOKIES), proxy: true, ...store }, steps: Array.from({ length: 8 }, step) },
  };
}

module.exports = { randomScenario };
