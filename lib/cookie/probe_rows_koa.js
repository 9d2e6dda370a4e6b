'use strict';

/** The probe's table for the package `cookies`. */

const { ONE_DAY_MS } = require('../engine/lifetime');

const HTTPS = { secure: true };
const ENDED = '; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly';
const VALUE = 'dmFsdWVz';

/** Attributes of a write, several in a row so that the table stays short. @type {Array<[string, any, import('./probe').Situation?]>} */
const WRITES = [
  ['no attribute', {}],
  ['all attributes', { maxAge: ONE_DAY_MS, path: '/a', domain: '.a.example', sameSite: 'lax', secure: true, httpOnly: false }, HTTPS],
  ['other attributes', { maxAge: 1501, path: '', sameSite: true }],
  ['attributes of no effect', { maxAge: 0, path: undefined, secure: false, sameSite: 'STRICT' }, HTTPS],
  ['secure of the request, sameSite none', { maxAge: null, sameSite: 'none' }, HTTPS],
  ['sameSite none over HTTP', { sameSite: 'None' }],
  ['a Set-Cookie line before', {}, { given: 'probe=old' }],
  ['overwrite', { overwrite: true }, { given: ['probe=old; path=/', 'other=1', 'probe.sig=old', 'probes=1'] }],
];

/**
 * Errors, and what a class does without the engine: title, value, options, outcome, name, situation.
 *
 * @type {Array<[string, string | null, any, any, string?, import('./probe').Situation?]>}
 */
const OWN_WORK = [
  ['an empty value', '', { signed: false, maxAge: ONE_DAY_MS }, { lines: [`probe=${ENDED}`] }],
  ['null', null, { signed: false, overwrite: true }, { lines: [`probe=${ENDED}`] }, undefined, { given: ['probe=old'] }],
  ['secure over HTTP', 'x', { secure: true }, { error: 'Cannot send secure cookie over unencrypted connection' }],
  ['a name with a line break', 'x', {}, { error: 'argument name is invalid' }, 'a\nb'],
  ['a value with a line break', 'a\nb', {}, { error: 'argument value is invalid' }],
  ['a path with a line break', 'x', { path: '\n' }, { error: 'option path is invalid' }],
  ['a domain with a line break', 'x', { domain: '\n' }, { error: 'option domain is invalid' }],
  ['a sameSite of no meaning', 'x', { sameSite: 'x' }, { error: 'option sameSite is invalid' }],
  ['a date', 'x', { signed: false, expires: new Date(1e12) }, { lines: ['probe=x; path=/; expires=Sun, 09 Sep 2001 01:46:40 GMT; httponly'] }],
];

/**
 * @param {any} keyring of the keys, by the engine
 * @param {string[]} keys
 * @returns {import('./probe').Row[]}
 */
function koaRows(keyring, keys) {
  const old = new keyring.constructor([keys[1]]);
  const foreign = new keyring.constructor(['egg-session-native probe, foreign key']);
  /** @type {import('./probe').Row[]} */
  const rows = [
    { title: 'its request, response and secure', holds: (cookies) => Boolean(cookies.request && cookies.response) && cookies.secure === false },
    { title: 'its Keygrip', holds: ({ keys: keygrip }) => isKeygrip(keygrip, keyring, old, foreign) },
  ];
  for (const signed of [true, false]) {
    const mode = signed ? 'signed' : 'plain';
    for (const [title, attributes, situation] of WRITES) {
      rows.push({ title: `set, ${mode}, ${title}`, write: { signed, ...attributes }, value: VALUE, situation });
    }
    rows.push({ title: `set, ${mode}, large`, write: { signed }, value: 'x'.repeat(5000) });
  }
  for (const [title, cookie] of readings(keyring, old, foreign)) rows.push({ title: `get, ${title}`, read: { signed: true }, situation: { cookie } });
  const dotted = `axb$=1; a.b$=${VALUE}; a.b$.sig=${keyring.signSha1(`a.b$=${VALUE}`)}`;
  rows.push({ title: 'get, a name with signs of regular expressions', name: 'a.b$', read: { signed: true }, situation: { cookie: dotted } });
  for (const [title, value, write, expected, name, situation] of OWN_WORK) {
    rows.push({ title: `set, ${title}`, value: /** @type {any} */ (value), write, expected: { ...expected, events: [] }, name, situation });
  }
  rows.push({ title: 'get, plain', read: { signed: false }, situation: { cookie: `probe=${VALUE}` }, expected: { value: VALUE, events: [] } });
  return rows;
}

/**
 * Cookie headers for a read.
 *
 * @param {any} keyring
 * @param {any} old
 * @param {any} foreign
 * @returns {Array<[string, string | undefined]>}
 */
function readings(keyring, old, foreign) {
  const header = (/** @type {any} */ ring) => `probe=${VALUE}; probe.sig=${ring.signSha1(`probe=${VALUE}`)}`;
  const own = header(keyring);
  return [
    ['no header', undefined],
    ['no such cookie', 'probes=1; xprobe=2; Probe=3'],
    ['a cookie', own],
    ['behind others', `a=1;   ${own}; b=2`],
    ['twice', `${own}; probe=other`],
    ['by the old key', header(old)],
    ['by a foreign key', header(foreign)],
    ['without its signature', `probe=${VALUE}`],
    ['with a short signature', `probe=${VALUE}; probe.sig=abc`],
  ];
}

/**
 * @param {any} keygrip
 * @param {any} keyring
 * @param {any} old
 * @param {any} foreign
 */
function isKeygrip(keygrip, keyring, old, foreign) {
  const data = `probe=${VALUE}`;
  return keygrip.sign(data) === keyring.signSha1(data)
    && keygrip.index(data, keyring.signSha1(data)) === 0
    && keygrip.index(data, old.signSha1(data)) === 1
    && keygrip.index(data, foreign.signSha1(data)) === -1
    && keygrip.index(data, 'short') === -1;
}

module.exports = koaRows;
