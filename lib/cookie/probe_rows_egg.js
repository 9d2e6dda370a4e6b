'use strict';

/**
 * The probe's table for egg-cookies and @eggjs/cookies: what the engine answers, recorded. A test holds each row against the engine.
 */

const { ONE_DAY_MS } = require('../engine/lifetime');

const ENCRYPTED = { encrypt: true, signed: true };
const SIGNED = { signed: true };
const PLAIN = { signed: false };
const VALUE = 'dmFsdWU=';
// HMAC-SHA256 of `probe=dmFsdWU=` under each key.
const BY_NEW_KEY = 'hKAYgi5wWjnun0lZimgteqbRWt_ZX8qxYnXypgUfiL0';
const BY_OLD_KEY = 'TuDjLt7lZkR8atIYduqikRn6jDrp_aQzJDi0nqytGyo';
const BY_OLDEST_KEY = 'ZCXDyfjfBjSC2bUIDVlgS9aQRKgT3koHELKf5tgE4eA';
const BY_FOREIGN_KEY = 'lrO_3bXgynybEwKEpEPkxCHWYUdiK5Ehdp2tKYwtFJ4';

const LARGE = 'x'.repeat(9000);
// Each part may be sent, though a stricter class would refuse it.
const ODD = { name: '__Host-a b/[@]', value: 'v; "w" 100%', path: '/p;q r', domain: 'd,e f' };

const OTHER_NAMES = 'probes=1; xprobe=2; Probe=3';
const OLD_CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.1.2 Safari/537.36';
const NEW_CHROME = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.1.2 Safari/537.36';
const IOS_12 = 'Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148';

// Several attributes in a row, so that the table stays short.
const ALL = { maxAge: ONE_DAY_MS, path: '/a', domain: '.a.example', priority: 'High', sameSite: 'lax', secure: true, httpOnly: false };
const ALL_SENT = '; path=/a; max-age=86400; expires=DATE; domain=.a.example; priority=high; samesite=lax; secure';
const ENDED = '; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly';
const USUAL = '; path=/; httponly';

/** @param {string} attributes of a signed cookie @returns {string[]} its lines */
const signed = (attributes) => [`probe=${VALUE}${attributes}`, `probe.sig=${BY_NEW_KEY}${attributes}`];

/** @type {import('./probe').Row[]} */
const rows = [
  { title: 'its keys and defaults', holds: tellsOptions },
  { title: 'its Keygrip', holds: ({ keys }) => isKeygrip(keys) },

  { title: 'set, encrypted', write: ENCRYPTED, value: '会话 🍪', lines: ['probe=DSU0rNKF5q4XRMcPSSkU_A==; path=/; httponly'] },
  { title: 'set, encrypted, two blocks', write: ENCRYPTED, value: 'x'.repeat(32), lines: ['probe=ZTm6NChnY7UShv1Dd6PS_bRJLcb8wDC3s0a00L-pNpDcDh7iaRx1B115KexeimtA; path=/; httponly'] },
  { title: 'set, encrypted, all attributes', write: { ...ENCRYPTED, ...ALL }, value: VALUE, secure: true, lines: [`probe=5zO98Ar2ocawyFzQpeYhMQ==${ALL_SENT}`] },
  { title: 'get, encrypted, no such cookie', read: ENCRYPTED, cookie: OTHER_NAMES },
  { title: 'get, encrypted, a cookie', read: ENCRYPTED, cookie: 'a=1;   probe=5zO98Ar2ocawyFzQpeYhMQ==; probe=other', returned: VALUE },
  { title: 'get, encrypted, by an old key, the third', read: ENCRYPTED, cookie: 'probe=BbgBqk2G2rfjPFj-Q-cDrQ==', returned: VALUE },
  { title: 'get, encrypted, text of other alphabets', read: ENCRYPTED, cookie: 'probe=DSU0rNKF5q4XRMcPSSkU_A==', returned: '会话 🍪' },
  { title: 'get, encrypted, no value', read: ENCRYPTED, cookie: 'probe=' },
  { title: 'get, encrypted, of no whole block', read: ENCRYPTED, cookie: 'probe=AAAA' },
  { title: 'get, encrypted, of another key', read: ENCRYPTED, cookie: 'probe=AAAAAAAAAAAAAAAAAAAAAA==' },
  { title: 'get, encrypted, a name with signs of regular expressions', name: 'a.b$', read: ENCRYPTED, cookie: 'axb$=1; a.b$=5zO98Ar2ocawyFzQpeYhMQ==', returned: VALUE },

  { title: 'set, signed', write: SIGNED, value: VALUE, lines: signed(USUAL) },
  { title: 'set, signed by default', write: {}, value: VALUE, lines: signed(USUAL) },
  { title: 'get, signed, no header', read: SIGNED },
  { title: 'get, signed, no such cookie', read: SIGNED, cookie: OTHER_NAMES },
  { title: 'get, signed, a cookie', read: SIGNED, cookie: `a=1;   probe=${VALUE}; probe.sig=${BY_NEW_KEY}; probe=other`, returned: VALUE },
  { title: 'get, signed, by an old key, the third', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=${BY_OLDEST_KEY}`, returned: VALUE, lines: [`probe.sig=${BY_NEW_KEY}${USUAL}`] },
  { title: 'get, signed, a value in quotes', read: SIGNED, cookie: 'probe="a%41"; probe.sig=BxGdyLFxAa-HXi2qsjzt-8OLEbkBHB01Ay0vEv1fh3Y', returned: '"a%41"' },
  { title: 'get, signed, a signature in the alphabet of base64', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=${BY_NEW_KEY.replace('_', '/')}`, lines: [`probe.sig=${ENDED}`] },
  { title: 'get, signed, by a foreign key', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=${BY_FOREIGN_KEY}`, lines: [`probe.sig=${ENDED}`] },
  { title: 'get, signed, no value', read: SIGNED, cookie: 'probe=' },
  { title: 'get, signed, without its signature', read: SIGNED, cookie: `probe=${VALUE}` },
  { title: 'get, signed, with a short signature', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=abc`, lines: [`probe.sig=${ENDED}`] },
  { title: 'get, signed, a name with signs of regular expressions', name: 'a.b$', read: SIGNED, cookie: `axb$=1; a.b$=${VALUE}; a.b$.sig=n-BHKzx1aM0mXvu2nnnNa_V7UmUSqQ8clXVMO-vTL_Y`, returned: VALUE },

  { title: 'set, plain', write: PLAIN, value: VALUE, lines: [`probe=${VALUE}${USUAL}`] },
  { title: 'set, plain, all attributes', write: { ...PLAIN, ...ALL }, value: VALUE, secure: true, lines: [`probe=${VALUE}${ALL_SENT}`] },
  { title: 'set, plain, 4093 octets', write: PLAIN, value: 'x'.repeat(4093), lines: [`probe=${'x'.repeat(4093)}${USUAL}`] },
  { title: 'set, plain, 4094 octets', write: PLAIN, value: 'x'.repeat(4094), lines: [`probe=${'x'.repeat(4094)}${USUAL}`], events: ['cookieLimitExceed'] },
  { title: 'set, plain, 9000 octets', write: PLAIN, value: LARGE, lines: [`probe=${LARGE}${USUAL}`], events: ['cookieLimitExceed'] },
  { title: 'set, plain, odd characters', name: ODD.name, write: { ...PLAIN, path: ODD.path, domain: ODD.domain }, value: ODD.value, lines: [`${ODD.name}=${ODD.value}; path=${ODD.path}; domain=${ODD.domain}; httponly`] },
  { title: 'get, plain, no such cookie', read: PLAIN, cookie: OTHER_NAMES },
  { title: 'get, plain, a cookie', read: PLAIN, cookie: `a=1;   probe=${VALUE}; probe=other`, returned: VALUE },
  { title: 'get, plain, a value in quotes', read: PLAIN, cookie: 'probe="a%41"', returned: '"a%41"' },
  { title: 'get, plain, a value with an escape and a space', read: PLAIN, cookie: 'probe=a%41 ', returned: 'a%41 ' },
  { title: 'get, plain, 9000 octets', read: PLAIN, cookie: `probe=${LARGE}`, returned: LARGE },
  { title: 'get, plain, a name with signs of regular expressions', name: 'a.b$', read: PLAIN, cookie: `axb$=1; a.b$=${VALUE}`, returned: VALUE },

  { title: 'set, all attributes', write: { ...SIGNED, ...ALL }, value: VALUE, secure: true, lines: signed(ALL_SENT) },
  { title: 'set, other attributes', write: { ...SIGNED, maxAge: 1501, path: '', priority: 'low', sameSite: true }, value: VALUE, lines: signed('; max-age=2; expires=DATE; priority=low; samesite=strict; httponly') },
  { title: 'set, maxAge over 400 days', write: { ...SIGNED, maxAge: 401 * ONE_DAY_MS }, value: VALUE, lines: signed('; path=/; max-age=34646400; expires=DATE; httponly') },
  { title: 'set, attributes of no effect', write: { ...SIGNED, maxAge: 0, path: null, secure: false, sameSite: 'STRICT' }, value: VALUE, secure: true, lines: signed('; samesite=strict; httponly') },
  { title: 'set, secure of the request, sameSite none', write: { ...SIGNED, sameSite: 'none' }, value: VALUE, secure: true, lines: signed('; path=/; samesite=none; secure; httponly') },
  { title: 'set, sameSite none over HTTP', write: { ...SIGNED, sameSite: 'none' }, value: VALUE, lines: signed(USUAL) },
  { title: 'set, sameSite none without secure', write: { ...SIGNED, sameSite: 'none', secure: false }, value: VALUE, secure: true, lines: signed(USUAL) },
  { title: 'set, sameSite none for an old Chrome', write: { ...SIGNED, sameSite: 'None' }, value: VALUE, secure: true, userAgent: OLD_CHROME, lines: signed('; path=/; secure; httponly') },
  { title: 'set, sameSite none for a new Chrome', write: { ...SIGNED, sameSite: 'None' }, value: VALUE, secure: true, userAgent: NEW_CHROME, lines: signed('; path=/; samesite=none; secure; httponly') },
  { title: 'set, sameSite none for iOS 12', write: { ...SIGNED, sameSite: 'none' }, value: VALUE, secure: true, userAgent: IOS_12, lines: signed('; path=/; secure; httponly') },
  { title: 'set, defaults', write: { ...SIGNED, maxAge: ONE_DAY_MS }, value: VALUE, defaults: { path: '/d', domain: 'd.example', httpOnly: false, sameSite: 'lax', priority: 'medium' }, lines: signed('; path=/d; max-age=86400; expires=DATE; domain=d.example; priority=medium; samesite=lax') },
  { title: 'set, options before defaults', write: { ...SIGNED, path: '/o', httpOnly: true }, value: VALUE, defaults: { path: '/d', httpOnly: false, overwrite: true }, given: ['probe=old'], lines: signed('; path=/o; httponly') },
  { title: 'set, a Set-Cookie line before', write: SIGNED, value: VALUE, given: 'probe=old', lines: ['probe=old', ...signed(USUAL)] },
  { title: 'set, overwrite', write: { ...SIGNED, overwrite: true }, value: VALUE, given: ['probe=old; path=/', 'other=1', 'probe.sig=old', 'probes=1'], lines: ['other=1', 'probes=1', ...signed(USUAL)] },

  { title: 'set, an empty value', own: true, write: { ...SIGNED, maxAge: ONE_DAY_MS }, value: '', lines: [`probe=${ENDED}`, `probe.sig=${ENDED}`] },
  { title: 'set, null', own: true, write: { ...PLAIN, overwrite: true }, value: null, given: ['probe=old'], lines: [`probe=${ENDED}`] },
  { title: 'set, a date', own: true, write: { ...PLAIN, expires: new Date(1e12) }, value: 'x', lines: ['probe=x; path=/; expires=Sun, 09 Sep 2001 01:46:40 GMT; httponly'] },
  { title: 'set, a domain function', own: true, write: { ...PLAIN, domain: () => 'f.example' }, value: 'x', lines: ['probe=x; path=/; domain=f.example; httponly'] },
  { title: 'set, secure over HTTP', own: true, write: { secure: true }, value: 'x', error: 'Cannot send secure cookie over unencrypted connection' },
  { title: 'set, a value with a line break', own: true, write: {}, value: 'a\nb', error: 'argument value is invalid' },
  { title: 'set, a path with a line break', own: true, write: { path: '\n' }, value: 'x', error: 'argument option path is invalid' },
  { title: 'set, a domain with a line break', own: true, write: { domain: '\n' }, value: 'x', error: 'argument option domain is invalid' },
];

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
 * All else that a Keygrip does shows in what the class reads and writes.
 *
 * @param {any} keygrip
 */
function isKeygrip(keygrip) {
  const data = `probe=${VALUE}`;
  return keygrip.sign(data) === BY_NEW_KEY && keygrip.verify(data, BY_OLD_KEY) === 1 && keygrip.verify(data, BY_OLDEST_KEY) === 2;
}

module.exports = rows;
