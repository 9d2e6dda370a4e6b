'use strict';

/**
 * The kinds of rows in the probe's tables. Each has copies of the cookies class, with one edit each, that only its rows notice.
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {(row: any) => boolean} has whether a row is of this kind; its text goes into a mutant
 * @property {import('./edited_copies').Edit[]} edits
 */

const COOKIES = 'lib/cookies.js';
const COOKIE = 'lib/cookie.js';
const KEYGRIP = 'lib/keygrip.js';
const INDEX = 'index.js';

/** @type {Kind[]} */
const EGG = [
  { title: 'what the object shows', has: row => /^its keys/.test(row.title), edits: [
    { title: 'keys that are copied', file: COOKIES, search: 'this._keys = keys;', replacement: 'this._keys = keys && [...keys];' },
  ] },
  { title: 'the Keygrip', has: row => /^its Keygrip/.test(row.title), edits: [
    { title: 'the number of the key, up to one', file: KEYGRIP, search: 'return i;', replacement: 'return Math.min(i, 1);' },
  ] },
  { title: 'set, encrypted', has: row => row.write && row.write.encrypt, edits: [
    { title: 'written without padding', file: COOKIES, search: 'utility.base64encode(this.keys.encrypt(value), true);', replacement: "utility.base64encode(this.keys.encrypt(value), true).replace(/=+$/, '');" },
  ] },
  { title: 'get, encrypted', has: row => row.read && row.read.encrypt, edits: [
    { title: 'text as Latin-1', file: COOKIES, search: 'res.value.toString()', replacement: "res.value.toString('latin1')" },
  ] },
  { title: 'set, signed', has: row => row.write && !row.write.encrypt && row.write.signed !== false, edits: [
    { title: 'the value alone signed', file: COOKIES, search: '      cookie.value = value && this.keys.sign(cookie.toString());', replacement: '      cookie.value = value && this.keys.sign(value);' },
    { title: 'unsigned by default', file: COOKIES, search: 'return opts.signed !== false;', replacement: 'return Boolean(opts.signed);' },
  ] },
  { title: 'get, signed', has: row => row.read && !row.read.encrypt && row.read.signed, edits: [
    { title: 'read without a signature', file: COOKIES, search: 'if (!sigValue) return;', replacement: 'if (!sigValue) return value;' },
    { title: 'signatures in the alphabet of base64', file: COOKIES, search: 'this.keys.verify(raw, sigValue)', replacement: "this.keys.verify(raw, sigValue.replace(/\\//g, '_'))" },
  ] },
  { title: 'set, plain', has: row => row.write && row.write.signed === false, edits: [
    { title: 'names that are tokens', file: COOKIE, search: "assert(fieldContentRegExp.test(name), 'argument name", replacement: "assert(/^[\\w!#$%&'*.^`|~+-]+$/.test(name), 'argument name" },
    { title: 'paths without a semicolon', file: COOKIE, search: '!this.attrs.path || fieldContentRegExp.test(this.attrs.path)', replacement: '!this.attrs.path || (fieldContentRegExp.test(this.attrs.path) && !/;/.test(this.attrs.path))' },
    { title: 'values without a quote', file: COOKIE, search: '!value || fieldContentRegExp.test(value)', replacement: "!value || (fieldContentRegExp.test(value) && !value.includes('\"'))" },
  ] },
  { title: 'get, plain', has: row => row.read && row.read.signed === false, edits: [
    { title: 'escapes decoded', file: COOKIES, search: 'if (!opts.encrypt && !signed) return value;', replacement: 'if (!opts.encrypt && !signed) return decodeURIComponent(value);' },
    { title: 'quotes taken off', file: COOKIES, search: 'if (!opts.encrypt && !signed) return value;', replacement: "if (!opts.encrypt && !signed) return value[0] === '\"' ? value.slice(1, -1) : value;" },
    { title: 'spaces trimmed', file: COOKIES, search: 'if (!opts.encrypt && !signed) return value;', replacement: 'if (!opts.encrypt && !signed) return value.trim();' },
    { title: 'long values dropped', file: COOKIES, search: 'if (!opts.encrypt && !signed) return value;', replacement: 'if (!opts.encrypt && !signed) return value.length > 4096 ? undefined : value;' },
  ] },
  { title: 'values over 4093 octets', has: row => /octets/.test(row.title), edits: [
    { title: 'the event later', file: COOKIES, search: '> 4093', replacement: '> 4096' },
    { title: 'an error for large values', file: COOKIES, search: "this.app.emit('cookieLimitExceed'", replacement: "if (value.length > 8192) throw new CookieError('too large');\n      this.app.emit('cookieLimitExceed'" },
  ] },
  { title: 'attributes', has: row => /attributes|maxAge/.test(row.title), edits: [
    { title: 'priority as given', file: COOKIE, search: 'attrs.priority.toLowerCase()', replacement: 'attrs.priority' },
    { title: 'max-age of 400 days at most', file: COOKIE, search: 'const maxAge = parseInt(attrs.maxAge, 10);', replacement: 'const maxAge = Math.min(parseInt(attrs.maxAge, 10), 34560000000);' },
    { title: 'samesite as given', file: COOKIE, search: "(attrs.sameSite === true ? 'strict' : attrs.sameSite.toLowerCase())", replacement: "(attrs.sameSite === true ? 'strict' : attrs.sameSite.replace(/none/i, 'none'))" },
  ] },
  { title: 'sameSite none', has: row => /sameSite none/.test(row.title), edits: [
    { title: 'none over HTTP', file: COOKIES, search: 'if (opts.secure === false || !this.secure || (userAgent && !this.isSame', replacement: 'if (opts.secure === false || (userAgent && !this.isSame' },
  ] },
  { title: 'old and new browsers', has: row => /Chrome|iOS/.test(row.title), edits: [
    { title: 'none for Chrome 79', file: COOKIES, search: 'result.majorVersion >= 80', replacement: 'result.majorVersion >= 79' },
    { title: 'none for iOS 12', file: COOKIES, search: 'return _isSameSiteNoneCompatible(userAgent);', replacement: 'return true;' },
  ] },
  { title: 'defaults', has: row => /defaults/.test(row.title), edits: [
    { title: 'defaults before options', file: COOKIES, search: 'opts = Object.assign({}, this._defaultCookieOptions, opts);', replacement: 'opts = Object.assign({}, opts, this._defaultCookieOptions);' },
  ] },
  { title: 'Set-Cookie lines from before', has: row => row.given !== undefined, edits: [
    { title: 'a line that is no array is lost', file: COOKIES, search: 'headers = [ headers ];', replacement: 'headers = [];' },
    { title: 'overwrite that looks at the beginning of a name', file: COOKIES, search: 'const prefix = `${name}=`;\n  return', replacement: 'const prefix = name;\n  return' },
  ] },
  { title: 'old keys', has: row => /old key/.test(row.title), edits: [
    { title: 'only two keys decrypt', file: KEYGRIP, search: 'for (let i = 0; i < keys.length; i++) {\n        const value', replacement: 'for (let i = 0; i < Math.min(keys.length, 2); i++) {\n        const value' },
    { title: 'an old signature kept', file: COOKIES, search: 'this.set(sigName, this.keys.sign(raw), { signed: false, overwrite: true });', replacement: '' },
  ] },
  { title: 'broken values and foreign keys', has: row => /no value|short|whole block|another key|foreign|of base64|without/.test(row.title), edits: [
    { title: 'a foreign signature kept', file: COOKIES, search: "this.set(sigName, null, { path: '/', signed: false, overwrite: true });", replacement: '' },
    { title: 'an empty text for a cookie of no whole block', file: COOKIES, search: 'const res = this.keys.decrypt(value);', replacement: "if (value.length % 16) return '';\n    const res = this.keys.decrypt(value);" },
  ] },
  { title: 'empty values', has: row => /empty|null/.test(row.title), edits: [
    { title: 'a signature of nothing', file: COOKIES, search: '      cookie.value = value && this.keys.sign(cookie.toString());', replacement: '      cookie.value = this.keys.sign(cookie.toString());' },
  ] },
  { title: 'a date', has: row => /a date/.test(row.title), edits: [
    { title: 'no option expires', file: COOKIE, search: "'path', 'expires', 'domain'", replacement: "'path', 'domain'" },
  ] },
  { title: 'a domain function', has: row => /domain function/.test(row.title), edits: [
    { title: 'the function is not called', file: COOKIE, search: 'this.attrs.domain = this.attrs.domain();', replacement: 'this.attrs.domain = undefined;' },
  ] },
  { title: 'errors', has: row => row.error !== undefined, edits: [
    { title: 'another word for an invalid domain', file: COOKIE, search: "'argument option domain is invalid'", replacement: "'the domain is invalid'" },
  ] },
];

/** @type {Kind[]} */
const KOA = [
  { title: 'what the object shows', has: row => /^its request/.test(row.title), edits: [
    { title: 'secure only if it is true', file: INDEX, search: 'this.secure = options.secure', replacement: 'this.secure = options.secure || undefined' },
  ] },
  { title: 'the Keygrip', has: row => /^its Keygrip/.test(row.title), edits: [
    { title: 'the number of the key, up to one', file: INDEX, search: 'new Keygrip(options.keys)', replacement: '(k => { var index = k.index; k.index = (d, s) => Math.min(index(d, s), 1); return k })(new Keygrip(options.keys))' },
  ] },
  { title: 'set, signed', has: row => row.write && row.write.signed === true, edits: [
    { title: 'the value alone signed', file: INDEX, search: 'this.keys.sign(cookie.toString())', replacement: 'this.keys.sign(cookie.value)' },
  ] },
  { title: 'set, plain', has: row => row.write && row.write.signed === false, edits: [
    { title: 'expiry within 400 days', file: INDEX, search: 'new Date(Date.now() + this.maxAge)', replacement: 'new Date(Date.now() + Math.min(this.maxAge, 34560000000))' },
    { title: 'names that are tokens', file: INDEX, search: 'if (!fieldContentRegExp.test(name) ||', replacement: "if (!/^[\\w!#$%&'*.^`|~+-]+$/.test(name) ||" },
  ] },
  { title: 'get, signed', has: row => row.read && row.read.signed === true, edits: [
    { title: 'names that are patterns', file: INDEX, search: "name.replace(REGEXP_ESCAPE_CHARS_REGEXP, '\\\\$&')", replacement: 'name' },
  ] },
  { title: 'get, plain', has: row => row.read && row.read.signed === false, edits: [
    { title: 'escapes decoded', file: INDEX, search: 'if (!opts || !signed) return value', replacement: 'if (!opts) return value\n  if (!signed) return decodeURIComponent(value)' },
  ] },
  { title: 'large values', has: row => /large/.test(row.title), edits: [
    { title: 'an error for large values', file: INDEX, search: 'this.value = value || ""', replacement: 'if (value && value.length > 8192) throw new Error("too large")\n  this.value = value || ""' },
  ] },
  { title: 'attributes', has: row => /attributes|maxAge/.test(row.title), edits: [
    { title: 'domain in capitals', file: INDEX, search: '"; domain="', replacement: '"; Domain="' },
  ] },
  { title: 'sameSite none', has: row => /sameSite none/.test(row.title), edits: [
    { title: 'none is not sent', file: INDEX, search: 'if (this.sameSite )', replacement: 'if (this.sameSite && !/none/i.test(this.sameSite))' },
  ] },
  { title: 'Set-Cookie lines from before', has: row => row.given !== undefined, edits: [
    { title: 'overwrite that looks at the beginning of a name', file: INDEX, search: "indexOf(cookie.name + '=')", replacement: 'indexOf(cookie.name)' },
    { title: 'a line that is no array is lost', file: INDEX, search: 'headers = [headers]', replacement: 'headers = []' },
  ] },
  { title: 'old keys', has: row => /old key/.test(row.title), edits: [
    { title: 'an old signature kept', file: INDEX, search: 'index && this.set(sigName, this.keys.sign(data), { signed: false })', replacement: 'void 0' },
  ] },
  { title: 'broken values and foreign keys', has: row => /short|foreign|without/.test(row.title), edits: [
    { title: 'a foreign signature kept', file: INDEX, search: 'this.set(sigName, null, {path: "/", signed: false })', replacement: 'void 0' },
  ] },
  { title: 'empty values', has: row => /empty|null/.test(row.title), edits: [
    { title: 'an empty value with an expiry', file: INDEX, search: 'this.maxAge = null', replacement: '' },
  ] },
  { title: 'a date', has: row => /a date/.test(row.title), edits: [
    { title: 'no option expires', file: INDEX, search: 'if (!this.value) {', replacement: 'if (this.value) this.expires = undefined\n  if (!this.value) {' },
  ] },
  { title: 'errors', has: row => row.error !== undefined, edits: [
    { title: 'another word for an invalid value', file: INDEX, search: "'argument value is invalid'", replacement: "'no such value'" },
  ] },
];

module.exports = { EGG, KOA };
