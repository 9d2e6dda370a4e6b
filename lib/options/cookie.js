'use strict';

/** Refuses at start a cookie that no browser would keep. */

const { octetsOf, MAX_ATTRIBUTE_OCTETS, MAX_PAIR_OCTETS, MAX_PIECES } = require('../cookie/limits');
const { optionError } = require('../errors');

// A host, perhaps with a leading dot (RFC 2109). A browser drops a cookie whose domain has a scheme, port, path or wildcard. After a
// semicolon the browser reads another attribute: some apps pass attributes that egg-cookies does not know in this way.
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
 * RFC 6265bis, section 4.1.3. Browsers match the prefixes without regard to case.
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

module.exports = { checkCookie };
