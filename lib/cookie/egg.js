'use strict';

/**
 * The behaviour of egg-cookies 2.10, @eggjs/cookies 3.1 and 4.0, as far as the engine stands in for it: which format the options
 * ask for, the signature, and the Set-Cookie lines, byte for byte. `canWrite` says no to attributes for which they do more, or
 * refuse; `ctx.cookies` then does the work.
 */

const { isFieldContent, isLifetime, PRIORITY, SAME_SITE, SURELY_SMALL_ATTRIBUTE_LENGTH } = require('./limits');

// A longer value makes egg-cookies emit `cookieLimitExceed`.
const MAX_VALUE_LENGTH = 4093;

/**
 * @param {any} defaults the app's for cookies
 * @param {any} opts
 * @returns {any} to be read only
 */
function withDefaults(defaults, opts) {
  // Most apps have no defaults, and a copy of all options costs more than the rest of the attributes.
  for (const _name in defaults) return { ...defaults, ...opts };
  return opts;
}

/**
 * Whether egg-cookies writes this name and these attributes without an error and without a second cookie.
 *
 * @param {any} ctx
 * @param {string} name
 * @param {any} attributes the app's cookie defaults and the session's options
 */
function canWrite({ cookies }, name, attributes) {
  return !(attributes.secure && !cookies.secure)
    && !attributes.partitioned
    && !attributes.expires
    && isWritable(name, attributes);
}

// The attributes that were checked last: most responses of an app have the same.
/** @type {any} */
let lastWritable = {};

/**
 * @param {string} name
 * @param {any} attributes
 */
function isWritable(name, { maxAge, path, domain, sameSite, priority }) {
  const last = lastWritable;
  if (
    name === last.name && maxAge === last.maxAge && path === last.path && domain === last.domain
    && sameSite === last.sameSite && priority === last.priority
  ) {
    return true;
  }
  const isSafe = isFieldContent(name)
    && (!maxAge || isLifetime(maxAge))
    && (!path || (isFieldContent(path) && path.length <= SURELY_SMALL_ATTRIBUTE_LENGTH))
    && (!domain || (isFieldContent(domain) && domain.length <= SURELY_SMALL_ATTRIBUTE_LENGTH))
    && (!sameSite || sameSite === true || (typeof sameSite === 'string' && SAME_SITE.test(sameSite)))
    && (!priority || (typeof priority === 'string' && PRIORITY.test(priority)));
  if (isSafe) lastWritable = { name, maxAge, path, domain, sameSite, priority };
  return isSafe;
}

/**
 * @param {any} ctx
 * @param {string} name
 * @param {any} attributes for which `canWrite` said yes
 * @param {(suffix: string) => string[]} seal gives the line of the cookie and, if it is signed, that of its signature, each
 *   with this suffix
 * @returns {number} the length of the value
 */
function setCookie(ctx, name, attributes, seal) {
  const suffix = attributesOf(ctx, ctx.cookies, attributes);
  const lines = seal(suffix);
  const valueLength = lines[0].length - name.length - 1 - suffix.length;
  if (valueLength > MAX_VALUE_LENGTH) {
    ctx.app.emit('cookieLimitExceed', { name, value: lines[0].slice(name.length + 1, name.length + 1 + valueLength), ctx });
  }
  const given = ctx.response.get('set-cookie');
  ctx.set('set-cookie', given ? withLines(given, name, lines, attributes.overwrite) : lines);
  return valueLength;
}

/**
 * @param {string | string[]} given the response's cookies so far
 * @param {string} name
 * @param {string[]} lines
 * @param {unknown} overwrite
 */
function withLines(given, name, lines, overwrite) {
  let headers = Array.isArray(given) ? given : [given];
  lines.forEach((line, i) => {
    const assignment = i === 0 ? `${name}=` : `${name}.sig=`;
    // egg-cookies changes the array that it finds, unless it drops a line.
    if (overwrite && headers.length > 0) headers = headers.filter((other) => !other.startsWith(assignment));
    headers.push(line);
  });
  return headers;
}

// The suffix that was written last: within a second, most responses of an app have the same.
/** @type {any} */
let last = {};

/**
 * @param {any} ctx
 * @param {any} cookies
 * @param {any} attributes
 */
function attributesOf(ctx, cookies, attributes) {
  const { maxAge, domain, priority } = attributes;
  const path = 'path' in attributes ? attributes.path : '/';
  const httpOnly = 'httpOnly' in attributes ? attributes.httpOnly : true;
  const secure = attributes.secure === undefined ? cookies.secure : attributes.secure;
  const sameSite = sameSiteOf(ctx, cookies, attributes);
  // An HTTP date has no milliseconds.
  const expires = maxAge ? Math.floor((Date.now() + maxAge) / 1000) : 0;
  if (
    expires !== last.expires || maxAge !== last.maxAge || path !== last.path || domain !== last.domain
    || priority !== last.priority || sameSite !== last.sameSite || secure !== last.secure || httpOnly !== last.httpOnly
  ) {
    last = { expires, maxAge, path, domain, priority, sameSite, secure, httpOnly, suffix: '' };
    last.suffix = suffixOf(last);
  }
  return last.suffix;
}

/**
 * @param {any} attributes completed; `expires` in seconds since 1970
 */
function suffixOf({ expires, maxAge, path, domain, priority, sameSite, secure, httpOnly }) {
  let suffix = '';
  if (path) suffix += `; path=${path}`;
  // RFC 9110 section 5.6.7
  if (maxAge) suffix += `; max-age=${Math.round(maxAge / 1000)}; expires=${new Date(expires * 1000).toUTCString()}`;
  if (domain) suffix += `; domain=${domain}`;
  if (priority) suffix += `; priority=${priority.toLowerCase()}`;
  if (sameSite) suffix += `; samesite=${sameSite}`;
  if (secure) suffix += '; secure';
  if (httpOnly) suffix += '; httponly';
  return suffix;
}

/**
 * `none` is left out where a browser would reject it: without `secure`, or when the browser is too old to know it.
 *
 * @param {any} ctx
 * @param {any} cookies
 * @param {any} attributes
 * @returns {string}
 */
function sameSiteOf(ctx, cookies, { sameSite, secure }) {
  if (!sameSite) return '';
  if (sameSite === true) return 'strict';
  const name = sameSite.toLowerCase();
  if (name !== 'none') return name;
  const userAgent = ctx.get('user-agent');
  const isAccepted = secure !== false && cookies.secure && (!userAgent || cookies.isSameSiteNoneCompatible(userAgent));
  return isAccepted ? name : '';
}

/**
 * The format that egg-cookies makes of the options: encryption turns signing off.
 *
 * @param {any} options
 * @returns {'encrypted' | 'signed' | 'plain'}
 */
function modeOf(options) {
  if (options.encrypt) return 'encrypted';
  return options.signed === false ? 'plain' : 'signed';
}

/**
 * @param {any} cookies
 * @returns {boolean} whether it has its keys and defaults as properties: egg-cookies 2, not @eggjs/cookies 3 and 4
 */
function showsOptions(cookies) {
  return Object.hasOwn(cookies, '_keys');
}

/**
 * @param {any} cookies
 * @param {any} defaults `config.cookies`
 * @param {boolean} isOfFramework whether Egg's own getter made it
 * @returns {string | null}
 */
function whyUnknown(cookies, defaults, isOfFramework) {
  if (defaults && defaults.autoChips) return '`config.cookies.autoChips` keeps a second cookie';
  if (showsOptions(cookies) || isOfFramework) return null;
  return 'ctx.cookies has another getter than Egg\'s own, and hides its defaults';
}

// A request that no tenant has.
const NO_REQUEST = Object.freeze({ app: Object.freeze({}), secure: false, get: () => '' });

/** What an app's cookies are made with, as far as it can be told from outside. */
class EggOwner {
  /** @type {WeakMap<any[], object>} egg's Keygrip of an array of keys: it makes one for each array */
  #keygrips = new WeakMap();
  #atStart;
  #checked;
  #isAsAtStart = true;

  /** @param {any} app */
  constructor(app) {
    this.#checked = app.config && app.config.cookies;
    this.#atStart = { ...this.#checked };
  }

  /**
   * @param {any} ctx
   * @param {any} cookies of a known class, with no method replaced
   * @returns {boolean} whether its keys and defaults are known; false also where `autoChips` keeps a second cookie
   */
  owns(ctx, cookies) {
    if (Object.hasOwn(cookies, 'keys')) return false;
    if (showsOptions(cookies)) return !cookies._autoChips;
    const defaults = ctx.app.config.cookies;
    return this.#hasKeys(ctx.app.keys, cookies) && this.#areAsAtStart(defaults) && !(defaults && defaults.autoChips);
  }

  /**
   * Egg 4 hides the keys that `cookies` was made with, but objects of the same keys share their Keygrip.
   *
   * @param {any} keys the app's
   * @param {any} cookies
   */
  #hasKeys(keys, cookies) {
    if (!Array.isArray(keys) || keys.length === 0) return false;
    let keygrip = this.#keygrips.get(keys);
    if (!keygrip) {
      keygrip = new cookies.constructor(NO_REQUEST, keys).keys;
      this.#keygrips.set(keys, /** @type {object} */ (keygrip));
    }
    return cookies.keys === keygrip;
  }

  /**
   * Egg 4 hides the defaults too. They are the app's, unless the app replaces its defaults while it runs: then no object is
   * known.
   *
   * @param {any} defaults the app's
   */
  #areAsAtStart(defaults) {
    if (defaults !== this.#checked) {
      this.#checked = defaults;
      this.#isAsAtStart = isShallowEqual({ ...defaults }, this.#atStart);
    }
    return this.#isAsAtStart;
  }
}

/**
 * @param {any} one
 * @param {any} other
 */
function isShallowEqual(one, other) {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** @type {import('./native_cookies').Dialect} */
module.exports = {
  name: 'egg-cookies',
  methods: ['get', '_get', 'set', 'isSameSiteNoneCompatible'],
  hidesOptions: (cookies) => !showsOptions(cookies),
  whyUnknown,
  Owner: EggOwner,
  takesKeygrip: false,
  keysOf: (ctx, cookies) => (showsOptions(cookies) ? cookies._keys : ctx.app.keys),
  attributesFor: (ctx, cookies, opts) => withDefaults(showsOptions(cookies) ? cookies._defaultCookieOptions : ctx.app.config.cookies, opts),
  headerOf: (ctx) => ctx.get('cookie'),
  reads: () => true,
  mayKnowMoreKeys: () => false,
  modeOf,
  canWrite,
  canCarry: isFieldContent,
  setCookie,
  sign: (keyring, data) => keyring.sign(data),
  verify: (keyring, data, digest) => keyring.verify(data, digest),
  dropSignature(ctx, name) {
    ctx.cookies.set(`${name}.sig`, null, { path: '/', signed: false, overwrite: true });
  },
};
