'use strict';

const http = require('node:http');
const { octetsOf, MAX_ATTRIBUTE_OCTETS, MAX_PAIR_OCTETS } = require('./cookie_size');
const { MAX_PIECES } = require('./cookie_pieces');
const { optionError } = require('./errors');

/** Refuses at start what no browser would keep, and tells of what some would not. */

// A host, perhaps with the dot of old in front. Neither a scheme nor a port, a path or a wildcard fits any request. What
// follows a semicolon is another attribute to the browser: apps have brought in unknown ones so.
const HOST = /^\s*\.?(?:[\w-]+\.)*[\w-]+\.?\s*(?:;|$)|^\s*\[[\da-f:.]+\]\s*(?:;|$)/i;

/**
 * @param {any} opts
 * @param {any} [defaults] `config.cookies` of Egg
 * @throws ERR_SESSION_OPTION
 */
function checkCookie(opts, defaults) {
  const { key, chunks, encrypt, path, domain } = opts;
  if (octetsOf(key) >= MAX_PAIR_OCTETS) {
    throw optionError('key', `expected fewer than ${MAX_PAIR_OCTETS} octets, which a cookie's name and value may take together`);
  }
  if (chunks != null && !(encrypt === 'sealed' && Number.isInteger(chunks) && chunks >= 2 && chunks <= MAX_PIECES)) {
    throw optionError('chunks', `expected a whole number from 2 to ${MAX_PIECES}, beside \`encrypt: 'sealed'\``);
  }
  if (path && !path.startsWith('/')) throw optionError('path', 'expected a string that begins with `/`');
  if (typeof domain === 'string' && domain && !HOST.test(domain)) {
    throw optionError('domain', 'expected a host without scheme, port, path and wildcard');
  }
  for (const [name, value] of Object.entries({ path, domain })) {
    if (typeof value !== 'string' || octetsOf(value) <= MAX_ATTRIBUTE_OCTETS) continue;
    throw optionError(name, `expected no more than ${MAX_ATTRIBUTE_OCTETS} octets, for a browser ignores an attribute that is longer`);
  }
  checkPrefix(key, { ...defaults, ...opts });
}

/**
 * RFC 6265bis, section 4.1.3: browsers look at the prefixes without regard to case.
 *
 * @param {string} key
 * @param {any} attributes
 */
function checkPrefix(key, attributes) {
  const prefix = /^__(?:Host|Secure)-/i.exec(key);
  if (!prefix) return;
  const why = `, for a browser takes a cookie called \`${prefix[0]}…\` only so`;
  if (!attributes.secure) throw optionError('secure', `expected true${why}`);
  if (!/^__Host-/i.test(key)) return;
  if ('path' in attributes && attributes.path !== '/') throw optionError('path', `expected '/'${why}`);
  if (attributes.domain) throw optionError('domain', `expected none${why}`);
}

/**
 * What works for some browsers or servers only.
 *
 * @param {any} opts
 * @param {any} [defaults] `config.cookies` of Egg
 * @returns {string[]} sentences
 */
function cookieWarnings(opts, defaults) {
  const { chunks, sameSite, secure } = { ...defaults, ...opts };
  const warnings = [];
  if (/^none$/i.test(sameSite) && secure === false) {
    warnings.push('`sameSite: \'none\'` has no effect while `secure` is false: browsers ask for both');
  }
  if (chunks * MAX_PAIR_OCTETS >= http.maxHeaderSize) {
    warnings.push(`\`chunks: ${chunks}\` lets a session take more than the ${http.maxHeaderSize} octets of headers that this `
      + 'process accepts, and then every further request of its user is refused: start node with a larger --max-http-header-size');
  }
  return warnings;
}

module.exports = { checkCookie, cookieWarnings };
