'use strict';

const Keygrip = require('egg-cookies/lib/keygrip');

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

/**
 * Makes records with random ids comparable: ids are numbered by appearance, and what hides or covers an id is replaced by the
 * statement that it was made with the right key. Anything else stays, so a wrong seal still shows.
 * @param {object[]} records
 * @param {string} [keys] the app's keys, comma separated
 */
function numberRandomIds(records, keys = 'fixture key') {
  const keygrip = new Keygrip(keys.split(','));
  const seen = [];
  const number = text => text.replace(new RegExp(UUID, 'g'), id => {
    if (!seen.includes(id)) seen.push(id);
    return `uuid-${seen.indexOf(id) + 1}`;
  });
  const opened = records.map(record => ({
    ...record,
    ...(record.setCookie ? { setCookie: openSetCookies(record.setCookie, keygrip) } : {}),
  }));
  return JSON.parse(number(JSON.stringify(opened)));
}

function openSetCookies(setCookies, keygrip) {
  let previous = '';
  return setCookies.map(line => {
    const [, name, value, rest] = /^([^=]*)=([^;]*)(.*)$/.exec(line);
    const signed = previous;
    previous = `${name}=${value}`;
    if (name.endsWith('.sig') && value && keygrip.sign(signed) === value) return `${name}=(signs the line before)${rest}`;
    const text = value && keygrip.decrypt(Buffer.from(value, 'base64'));
    return text && UUID.test(text.value.toString()) ? `${name}=(seals ${text.value})${rest}` : line;
  });
}

/**
 * @eggjs/session 4 fills in `rolling: false` where egg-session 3 leaves the option away: no store can be expected to tell them apart.
 * @param {object[]} records
 */
function withRollingFilledIn(records) {
  return JSON.parse(JSON.stringify(records, (name, value) => (name === 'rolling' && value === '(undefined)' ? false : value)));
}

/**
 * Egg 4's words brought to Egg 3's, for comparing across majors.
 * @param {object[]} records
 */
function asEgg3(records) {
  return JSON.parse(JSON.stringify(records, (name, value) =>
    (typeof value === 'string' ? value.replaceAll('[@eggjs/session]', '[egg-session]') : value)));
}

/**
 * What ours adds to the original's error where a cookie with `secure` cannot be set, or keys are missing: cookie/secure.test.js and
 * options/keys.test.js are about it.
 * @template T
 * @param {T} value
 * @returns {T}
 */
function withoutAdvice(value) {
  return JSON.parse(JSON.stringify(value, (name, part) => {
    if (name === 'code' && (part === 'ERR_SESSION_SECURE_COOKIE' || part === 'ERR_SESSION_KEYS')) return undefined;
    return typeof part === 'string'
      ? part.replace(/(Cannot send secure cookie over unencrypted connection|\.keys required for signed cookies): [^"]*/, '$1')
      : part;
  }));
}

/**
 * What ours logs beside the originals' lines: cookie_size.test.js, hygiene_unsaved.test.js and
 * hygiene_options.test.js are about it.
 * @param {object[]} records
 */
function withoutOwnLines(records) {
  return JSON.parse(JSON.stringify(records, (name, part) => (name === 'log' && Array.isArray(part)
    ? part.filter(({ line }) => !/^\[session\]\[(?:oversized|unsaved)\] |^\[egg-session-native\] (?:`sameSite|engine: |weak keys: |session option `ours` is unknown)/.test(line))
    : part)));
}

module.exports = { numberRandomIds, withRollingFilledIn, asEgg3, withoutAdvice, withoutOwnLines };
