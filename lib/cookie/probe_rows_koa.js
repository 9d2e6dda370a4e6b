'use strict';

/** The probe's table for the package `cookies`: what the engine answers, recorded. A test holds each row against the engine. */

const { ONE_DAY_MS } = require('../engine/lifetime');

const SIGNED = { signed: true };
const PLAIN = { signed: false };
const VALUE = 'dmFsdWVz';
// HMAC-SHA1 of `probe=dmFsdWVz` under each key.
const BY_NEW_KEY = 'G3zIeHe6w8uTUrH9Ju-B8m7-ct0';
const BY_OLD_KEY = '6_kzyLDw2IamGZqzy0QA0AA1mzQ';
const BY_OLDEST_KEY = 'zEOW_fG8MAZH_bVh3_XCj3GPsX8';
const BY_FOREIGN_KEY = 'GtxnaZ_t40MJTX-Uz4-4VpTDP_0';
const OWN = `probe=${VALUE}; probe.sig=${BY_NEW_KEY}`;

// Several attributes in a row, so that the table stays short.
const ALL = { maxAge: ONE_DAY_MS, path: '/a', domain: '.a.example', sameSite: 'lax', secure: true, httpOnly: false };
const ALL_SENT = '; path=/a; expires=DATE; domain=.a.example; samesite=lax; secure';
const OTHERS = { maxAge: 1501, path: '', sameSite: true };
const OTHERS_SENT = '; expires=DATE; samesite=strict; httponly';
const WITHOUT_EFFECT = { maxAge: 0, path: undefined, secure: false, sameSite: 'STRICT' };
const ENDED = '; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly';
const USUAL = '; path=/; httponly';
const LARGE = 'x'.repeat(9000);
// Each part may be sent, though a stricter class would refuse it.
const ODD = { name: '__Host-a b/[@]', value: 'v "w" 100%', path: '/p q' };
const SENT_BEFORE = ['probe=old; path=/', 'other=1', 'probe.sig=old', 'probes=1'];

/** @param {string} attributes of a signed cookie @returns {string[]} its lines */
const signed = (attributes) => [`probe=${VALUE}${attributes}`, `probe.sig=${BY_NEW_KEY}${attributes}`];

/** @type {import('./probe').Row[]} */
const rows = [
  { title: 'its request, response and secure', holds: (cookies) => Boolean(cookies.request && cookies.response) && cookies.secure === false },
  { title: 'its Keygrip', holds: ({ keys }) => isKeygrip(keys) },

  { title: 'set, signed, no attribute', write: SIGNED, value: VALUE, lines: signed(USUAL) },
  { title: 'set, signed, all attributes', write: { ...SIGNED, ...ALL }, value: VALUE, secure: true, lines: signed(ALL_SENT) },
  { title: 'set, signed, other attributes', write: { ...SIGNED, ...OTHERS }, value: VALUE, lines: signed(OTHERS_SENT) },
  { title: 'set, signed, attributes of no effect', write: { ...SIGNED, ...WITHOUT_EFFECT }, value: VALUE, secure: true, lines: signed('; samesite=strict; httponly') },
  { title: 'set, signed, secure of the request, sameSite none', write: { ...SIGNED, maxAge: null, sameSite: 'none' }, value: VALUE, secure: true, lines: signed('; path=/; samesite=none; secure; httponly') },
  { title: 'set, signed, sameSite none over HTTP', write: { ...SIGNED, sameSite: 'None' }, value: VALUE, lines: signed('; path=/; samesite=none; httponly') },
  { title: 'set, signed, a Set-Cookie line before', write: SIGNED, value: VALUE, given: 'probe=old', lines: ['probe=old', ...signed(USUAL)] },
  { title: 'set, signed, overwrite', write: { ...SIGNED, overwrite: true }, value: VALUE, given: SENT_BEFORE, lines: ['other=1', 'probes=1', ...signed(USUAL)] },
  { title: 'set, signed, large', write: SIGNED, value: LARGE, lines: [`probe=${LARGE}${USUAL}`, `probe.sig=EFqgbDJiA3cyEh3zCXd0QsEACZk${USUAL}`] },

  { title: 'set, plain, no attribute', write: PLAIN, value: VALUE, lines: [`probe=${VALUE}${USUAL}`] },
  { title: 'set, plain, all attributes', write: { ...PLAIN, ...ALL }, value: VALUE, secure: true, lines: [`probe=${VALUE}${ALL_SENT}`] },
  { title: 'set, plain, other attributes', write: { ...PLAIN, ...OTHERS }, value: VALUE, lines: [`probe=${VALUE}${OTHERS_SENT}`] },
  { title: 'set, plain, attributes of no effect', write: { ...PLAIN, ...WITHOUT_EFFECT }, value: VALUE, secure: true, lines: [`probe=${VALUE}; samesite=strict; httponly`] },
  { title: 'set, plain, secure of the request, sameSite none', write: { ...PLAIN, maxAge: null, sameSite: 'none' }, value: VALUE, secure: true, lines: [`probe=${VALUE}; path=/; samesite=none; secure; httponly`] },
  { title: 'set, plain, sameSite none over HTTP', write: { ...PLAIN, sameSite: 'None' }, value: VALUE, lines: [`probe=${VALUE}; path=/; samesite=none; httponly`] },
  { title: 'set, plain, a Set-Cookie line before', write: PLAIN, value: VALUE, given: 'probe=old', lines: ['probe=old', `probe=${VALUE}${USUAL}`] },
  { title: 'set, plain, overwrite', write: { ...PLAIN, overwrite: true }, value: VALUE, given: SENT_BEFORE, lines: ['other=1', 'probe.sig=old', 'probes=1', `probe=${VALUE}${USUAL}`] },
  { title: 'set, plain, large', write: PLAIN, value: LARGE, lines: [`probe=${LARGE}${USUAL}`] },
  { title: 'set, plain, odd characters', name: ODD.name, write: { ...PLAIN, path: ODD.path }, value: ODD.value, lines: [`${ODD.name}=${ODD.value}; path=${ODD.path}; httponly`] },
  { title: 'set, plain, maxAge over 400 days', write: { ...PLAIN, maxAge: 401 * ONE_DAY_MS }, value: VALUE, lines: [`probe=${VALUE}; path=/; expires=DATE; httponly`] },

  { title: 'get, no header', read: SIGNED },
  { title: 'get, no such cookie', read: SIGNED, cookie: 'probes=1; xprobe=2; Probe=3' },
  { title: 'get, a cookie', read: SIGNED, cookie: OWN, returned: VALUE },
  { title: 'get, behind others', read: SIGNED, cookie: `a=1;   ${OWN}; b=2`, returned: VALUE },
  { title: 'get, twice', read: SIGNED, cookie: `${OWN}; probe=other`, returned: VALUE },
  { title: 'get, by an old key, the third', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=${BY_OLDEST_KEY}`, returned: VALUE, lines: [`probe.sig=${BY_NEW_KEY}${USUAL}`] },
  { title: 'get, a value with an escape and a space', read: SIGNED, cookie: 'probe=a%41 ; probe.sig=sPNHv7TMHorJ-HO3ng-3A8jSeuE', returned: 'a%41 ' },
  { title: 'get, large', read: SIGNED, cookie: `probe=${LARGE}; probe.sig=EFqgbDJiA3cyEh3zCXd0QsEACZk`, returned: LARGE },
  { title: 'get, by a foreign key', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=${BY_FOREIGN_KEY}`, lines: [`probe.sig=${ENDED}`] },
  { title: 'get, without its signature', read: SIGNED, cookie: `probe=${VALUE}` },
  { title: 'get, with a short signature', read: SIGNED, cookie: `probe=${VALUE}; probe.sig=abc`, lines: [`probe.sig=${ENDED}`] },
  { title: 'get, a name with signs of regular expressions', name: 'a.b$', read: SIGNED, cookie: `axb$=1; a.b$=${VALUE}; a.b$.sig=YCwASrIt4Nhlutz4yF3Wv39l54k`, returned: VALUE },

  { title: 'get, plain', own: true, read: PLAIN, cookie: 'probe=a%41 ', returned: 'a%41 ' },
  { title: 'set, an empty value', own: true, write: { ...PLAIN, maxAge: ONE_DAY_MS }, value: '', lines: [`probe=${ENDED}`] },
  { title: 'set, null', own: true, write: { ...PLAIN, overwrite: true }, value: null, given: ['probe=old'], lines: [`probe=${ENDED}`] },
  { title: 'set, a date', own: true, write: { ...PLAIN, expires: new Date(1e12) }, value: 'x', lines: ['probe=x; path=/; expires=Sun, 09 Sep 2001 01:46:40 GMT; httponly'] },
  { title: 'set, secure over HTTP', own: true, write: { secure: true }, value: 'x', error: 'Cannot send secure cookie over unencrypted connection' },
  { title: 'set, a name with a line break', own: true, name: 'a\nb', write: {}, value: 'x', error: 'argument name is invalid' },
  { title: 'set, a value with a line break', own: true, write: {}, value: 'a\nb', error: 'argument value is invalid' },
  { title: 'set, a path with a line break', own: true, write: { path: '\n' }, value: 'x', error: 'option path is invalid' },
  { title: 'set, a domain with a line break', own: true, write: { domain: '\n' }, value: 'x', error: 'option domain is invalid' },
  { title: 'set, a sameSite of no meaning', own: true, write: { sameSite: 'x' }, value: 'x', error: 'option sameSite is invalid' },
];

/** @param {any} keygrip */
function isKeygrip(keygrip) {
  const data = `probe=${VALUE}`;
  return keygrip.sign(data) === BY_NEW_KEY
    && keygrip.index(data, BY_NEW_KEY) === 0
    && keygrip.index(data, BY_OLD_KEY) === 1
    && keygrip.index(data, BY_OLDEST_KEY) === 2
    && keygrip.index(data, BY_FOREIGN_KEY) === -1
    && keygrip.index(data, 'short') === -1;
}

module.exports = rows;
