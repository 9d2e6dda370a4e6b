'use strict';

/** The probe's table for egg-cookies and @eggjs/cookies. */

const { ONE_DAY_MS } = require('../engine/lifetime');

const MODES = { encrypted: { encrypt: true, signed: true }, signed: { signed: true }, plain: { signed: false } };
const OLD_CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.1.2 Safari/537.36';
const NEW_CHROME = OLD_CHROME.replace('79', '120');
const IOS_12 = 'Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148';
const HTTPS = { secure: true };
const ENDED = '; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly';

/** Attributes of a write, several in a row so that the table stays short. @type {Array<[string, any, import('./probe').Situation?]>} */
const WRITES = [
  ['no attribute', {}],
  ['all attributes', { maxAge: ONE_DAY_MS, path: '/a', domain: '.a.example', priority: 'High', sameSite: 'lax', secure: true, httpOnly: false }, HTTPS],
  ['other attributes', { maxAge: 1501, path: '', priority: 'low', sameSite: true }],
  ['attributes of no effect', { maxAge: 0, path: null, secure: false, sameSite: 'STRICT' }, HTTPS],
  ['secure of the request, sameSite none', { sameSite: 'none' }, HTTPS],
  ['sameSite none over HTTP', { sameSite: 'none' }],
  ['sameSite none without secure', { sameSite: 'none', secure: false }, HTTPS],
  ['sameSite none for an old Chrome', { sameSite: 'None' }, { ...HTTPS, userAgent: OLD_CHROME }],
  ['sameSite none for a new Chrome', { sameSite: 'None' }, { ...HTTPS, userAgent: NEW_CHROME }],
  ['sameSite none for iOS 12', { sameSite: 'none' }, { ...HTTPS, userAgent: IOS_12 }],
  ['defaults', { maxAge: ONE_DAY_MS }, { defaults: { path: '/d', domain: 'd.example', httpOnly: false, sameSite: 'lax', priority: 'medium' } }],
  ['options before defaults', { path: '/o', httpOnly: true }, { defaults: { path: '/d', httpOnly: false, overwrite: true }, given: ['probe=old'] }],
  ['a Set-Cookie line before', {}, { given: 'probe=old' }],
  ['overwrite', { overwrite: true }, { given: ['probe=old; path=/', 'other=1', 'probe.sig=old', 'probes=1'] }],
];

/**
 * Errors, and what a class does without the engine: title, value, options, outcome, name, situation.
 *
 * @type {Array<[string, string | null, any, any, string?, import('./probe').Situation?]>}
 */
const OWN_WORK = [
  ['an empty value', '', { signed: true, maxAge: ONE_DAY_MS }, { lines: [`probe=${ENDED}`, `probe.sig=${ENDED}`] }],
  ['null', null, { signed: false, overwrite: true }, { lines: [`probe=${ENDED}`] }, undefined, { given: ['probe=old'] }],
  ['secure over HTTP', 'x', { secure: true }, { error: 'Cannot send secure cookie over unencrypted connection' }],
  ['a value with a line break', 'a\nb', {}, { error: 'argument value is invalid' }],
  ['a path with a line break', 'x', { path: '\n' }, { error: 'argument option path is invalid' }],
  ['a domain with a line break', 'x', { domain: '\n' }, { error: 'argument option domain is invalid' }],
  ['a date', 'x', { signed: false, expires: new Date(1e12) }, { lines: ['probe=x; path=/; expires=Sun, 09 Sep 2001 01:46:40 GMT; httponly'] }],
  ['a domain function', 'x', { signed: false, domain: () => 'f.example' }, { lines: ['probe=x; path=/; domain=f.example; httponly'] }],
];

/**
 * @param {any} keyring of the keys, by the engine
 * @param {string[]} keys
 * @returns {import('./probe').Row[]}
 */
function eggRows(keyring, keys) {
  const old = new keyring.constructor([keys[1]]);
  const foreign = new keyring.constructor(['egg-session-native probe, foreign key']);
  /** @type {import('./probe').Row[]} */
  const rows = [
    { title: 'its keys and defaults', holds: (cookies) => tellsOptions(cookies, keys) },
    { title: 'its Keygrip', holds: (cookies) => isKeygrip(cookies.keys, keyring, old, foreign) },
  ];
  for (const [mode, options] of Object.entries(MODES)) {
    const values = mode === 'encrypted' ? ['会话 🍪', 'x'.repeat(32)] : ['dmFsdWU='];
    for (const value of values) rows.push({ title: `set, ${mode}`, write: options, value });
    for (const [title, cookie] of readings(mode, keyring, old, foreign)) {
      rows.push({ title: `get, ${mode}, ${title}`, read: options, situation: { cookie } });
    }
    const dotted = keyring.sealValue(mode, 'a.b$', 'dmFsdWU=');
    const others = `axb$=1; a.b$=${dotted.value}; a.b$.sig=${dotted.signature}`;
    rows.push({ title: `get, ${mode}, a name with signs of regular expressions`, name: 'a.b$', read: options, situation: { cookie: others } });
  }
  for (const length of [4093, 4094]) rows.push({ title: `set, plain, ${length} octets`, write: MODES.plain, value: 'x'.repeat(length) });
  for (const [title, attributes, situation] of WRITES) {
    rows.push({ title: `set, signed, ${title}`, write: { signed: true, ...attributes }, value: 'dmFsdWU=', situation });
  }
  for (const mode of [MODES.encrypted, MODES.plain]) {
    const [title, attributes, situation] = /** @type {[string, any, any]} */ (WRITES.find(([name]) => name === 'all attributes'));
    rows.push({ title: `set, not signed, ${title}`, write: { ...mode, ...attributes }, value: 'dmFsdWU=', situation });
  }
  for (const [title, value, write, expected, name, situation] of OWN_WORK) {
    rows.push({ title: `set, ${title}`, value: /** @type {any} */ (value), write, expected: { ...expected, events: [] }, name, situation });
  }
  rows.push({ title: 'set, signed by default', value: 'dmFsdWU=', write: {} });
  return rows;
}

/**
 * Cookie headers for a read.
 *
 * @param {string} mode
 * @param {any} keyring
 * @param {any} old
 * @param {any} foreign
 * @returns {Array<[string, string | undefined]>}
 */
function readings(mode, keyring, old, foreign) {
  const header = (/** @type {any} */ ring, /** @type {string} */ name) => {
    const { value, signature } = ring.sealValue(mode, name, 'dmFsdWU=');
    return `${name}=${value}${signature === undefined ? '' : `; ${name}.sig=${signature}`}`;
  };
  const own = header(keyring, 'probe');
  /** @type {Array<[string, string | undefined]>} */
  const headers = [['no such cookie', 'probes=1; xprobe=2; Probe=3'], ['a cookie', `a=1;   ${own}; probe=other`]];
  if (mode !== 'plain') headers.push(['by the old key', header(old, 'probe')], ['no value', 'probe=']);
  if (mode === 'encrypted') headers.push(['of no whole block', 'probe=AAAA'], ['of another key', 'probe=AAAAAAAAAAAAAAAAAAAAAA==']);
  if (mode === 'signed') {
    headers.push(['no header', undefined], ['by a foreign key', header(foreign, 'probe')], ['without its signature', 'probe=dmFsdWU='], ['with a short signature', 'probe=dmFsdWU=; probe.sig=abc']);
  }
  return headers;
}

/**
 * @param {any} cookies
 * @param {string[]} keys
 * @returns {boolean} whether the object tells its keys in one of the two known ways
 */
function tellsOptions(cookies, keys) {
  if (Object.hasOwn(cookies, '_keys')) return cookies._keys === keys && Object.hasOwn(cookies, '_defaultCookieOptions');
  return cookies.keys === new cookies.constructor(cookies.ctx, keys).keys;
}

/**
 * @param {any} keygrip
 * @param {any} keyring
 * @param {any} old
 * @param {any} foreign
 */
function isKeygrip(keygrip, keyring, old, foreign) {
  const data = 'probe=dmFsdWU=';
  const sealed = keyring.encrypt(data);
  return keygrip.sign(data) === keyring.sign(data)
    && keygrip.verify(data, keyring.sign(data)) === 0
    && keygrip.verify(data, old.sign(data)) === 1
    && keygrip.verify(data, foreign.sign(data)) === -1
    && keygrip.verify(data, 'short') === -1
    && sealed.equals(keygrip.encrypt(data))
    && String(keygrip.decrypt(sealed).value) === data
    && keygrip.decrypt(old.encrypt(data)).index === 1
    && keygrip.decrypt(Buffer.from('AAAA')) === false;
}

module.exports = eggRows;
