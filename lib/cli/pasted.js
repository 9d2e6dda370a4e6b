'use strict';

/**
 * Makes a Cookie header of what people paste: header lines, also of `curl -v` and of "copy as cURL", rows and JSON of the browser's
 * developer tools, or a value alone. Text that may be a value, or a part of one, is never taken for a name, because names are shown.
 */

const { SUFFIXES } = require('../cookie/limits');
const { isSealed } = require('../cookie/pieces');

const MOST_NAMES = 50;
// Shorter parts of a value tell nothing.
const TELLING_LENGTH = 12;
// As ids and encoded text have, also where a paste has lost what stood between a value and a name.
const MANY_DIGITS = /\d(?:.*\d){2}/;
// RFC 6265, section 4.1.1: a token, here without quotes, of which a paste may have one in front of a value.
const TOKEN = '[!#$%&*+.^|~\\w-]{1,64}';
const NAME = new RegExp(`^${TOKEN}$`);
const ASSIGNMENT = new RegExp(`^(${TOKEN})=([\\w/+.%"-].*)$`, 's');
// A value's end: `VALUE==`, in quoted-printable `VALUE=3D=3D`.
const ENCODED_EQUALS = /[%=]?3D/gi;
const ATTRIBUTE = /^(?:path|expires|domain|max-age|samesite|secure|httponly|priority|partitioned)\s*(?:=|$)/i;
// HMAC-SHA1 and HMAC-SHA256 in base64url.
const SIGNATURE = /^"?(?:[\w-]{27}|[\w-]{43})"?$/;
const COOKIE_FIELD = /^(set-)?cookie:\s*/i;
// Lines around a cookie: other fields, the name of a field whose value stands below, the first line of a message, notes of curl.
const OTHER_LINE = /^[\w-]+:(?:\s|$)|^(?:set-)?cookie$|^HTTP\/\d|^[A-Z]+ \S+ HTTP\/\d|^\* /i;
const CURL = /^(?:curl|-H|--header|-b|--cookie)\s/;
const CURL_ARGUMENT = /\s(?:-H|--header|-b|--cookie)[\s=]+\$?(?:'([^']*)'|"([^"]*)")/g;
// The first fields of a line in curl's cookie jar (`curl -c`).
const JAR_LINE = /^(?:#HttpOnly_)?[^\t\s]+\t(?:TRUE|FALSE)\t[^\t]*\t(?:TRUE|FALSE)\t\d+\t/;

/**
 * @typedef {object} Part of a line
 * @property {string} text `NAME=VALUE`, or a value alone
 * @property {boolean} isValue whether it is a value alone
 */

/**
 * @param {string} text
 * @param {string} name of the cookie
 * @param {string[]} [otherNames] names that the cookie may have been made for
 * @returns {string} as a Cookie header
 */
function toHeader(text, name, otherNames = []) {
  const names = [name, ...otherNames];
  const parts = (linesOfJSON(text, names) || linesOf(text)).flatMap((line) => partsOf(line, names));
  const pairs = parts.filter(({ isValue }) => !isValue).map((part) => part.text);
  const hasOne = names.some((known) => pairs.some((pair) => pair.startsWith(`${known}=`)));
  const [value, signature] = hasOne ? [] : parts.filter(({ isValue }) => isValue).map((part) => part.text);
  if (value !== undefined) pairs.push(`${name}=${value}`);
  if (signature !== undefined && SIGNATURE.test(signature)) pairs.push(`${name}.sig=${signature}`);
  return pairs.join('; ');
}

/** @param {string} text @returns {string[]} with each command of curl on one line */
function linesOf(text) {
  return text.replace(/\\\r?\n/g, ' ').split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== '')
    .flatMap((line) => (CURL.test(line) ? Array.from(` ${line}`.matchAll(CURL_ARGUMENT), ([, one, two]) => one ?? two) : [line]));
}

/**
 * @param {string} text
 * @param {string[]} names
 * @returns {string[] | undefined} undefined if it is no JSON, or nothing in it can be a cookie
 */
function linesOfJSON(text, names) {
  /** @type {any[]} */
  const left = [];
  try {
    left.push(JSON.parse(text));
  } catch {
    return undefined;
  }
  /** @type {string[]} */
  const lines = [];
  // No recursion, because hostile JSON may be nested deeply.
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') lines.push(...linesOf(value));
    else if (Array.isArray(value)) for (const member of value) left.push(member);
    else if (Object(value) === value) addMembers(value, names, lines, left);
  }
  return lines.length > 0 ? lines : undefined;
}

/**
 * @param {any} object such as `{ name, value }`, `{ NAME: VALUE }` or `{ NAME: { value } }`
 * @param {string[]} names
 * @param {string[]} lines
 * @param {any[]} left gets what else there is to look into
 */
function addMembers(object, names, lines, left) {
  const add = (/** @type {string} */ name, /** @type {string} */ value) => {
    if (!NAME.test(name) && !isOneOf(names, name, '')) return;
    for (const line of linesOf(value)) lines.push(COOKIE_FIELD.test(`${name}:`) ? `${name}: ${line}` : `${name}=${line}`);
  };
  if (typeof object.name === 'string' && typeof object.value === 'string') {
    add(object.name, object.value);
    return;
  }
  for (const [name, member] of Object.entries(object)) {
    if (typeof member === 'string') add(name, member);
    else if (member !== null && typeof member.value === 'string') add(name, member.value);
    else left.push(member);
  }
}

/** @param {string} line @param {string[]} names @returns {Part[]} */
function partsOf(line, names) {
  const plain = unquoted(line.replace(/^[<>]\s*/, ''));
  const row = JAR_LINE.test(plain) ? plain.replace(JAR_LINE, '') : plain;
  const inRow = pairOfRow(row, names);
  if (inRow !== undefined) return [{ text: inRow, isValue: false }];
  const field = COOKIE_FIELD.exec(row);
  if (field === null && (OTHER_LINE.test(row) || /^[<>]\s/.test(line))) return [];
  const segments = segmentsOf(field === null ? row : row.slice(field[0].length), names);
  const isSetCookie = field !== null && field[1] !== undefined;
  return (isSetCookie ? segments.slice(0, 1) : segments).map((text, i) => {
    const isAttribute = !isOneOf(names, text, '=') && ATTRIBUTE.test(text);
    const isValue = !isOneOf(names, text, '=') && nameIn(text) === undefined;
    // A value that stands alone is the first on its line.
    return { text, isValue, isKept: !isAttribute && !(isValue && (i > 0 || field !== null)) };
  }).filter(({ isKept }) => isKept);
}

/** @param {string} line @returns {string} without a pair of quotes around the whole line */
function unquoted(line) {
  const match = /^(['"`])(.*)\1,?$/.exec(line);
  return match && !match[2].includes(match[1]) ? match[2] : line;
}

/**
 * @param {string} line
 * @param {string[]} names
 * @returns {string | undefined} a pair if the line is `NAME TAB VALUE …` or `NAME: VALUE`
 */
function pairOfRow(line, names) {
  const [, name, value] = /^([^\s:=]+)[\t:]\s*([^\t]+)/.exec(line) || [];
  return name !== undefined && isOneOf(names, name, '') ? `${name}=${value}` : undefined;
}

/** @param {string} line @param {string[]} names @returns {string[]} */
function segmentsOf(line, names) {
  // A value and its signature may stand on one line.
  const known = names.map((name) => name.replace(/[^\w]/g, '\\$&')).join('|');
  return line.split(new RegExp(`[;\\t]|\\s(?=(?:${known})(?:\\.sig|\\.\\d)?=)`)).map((segment) => segment.trim()).filter((segment) => segment !== '');
}

/**
 * @param {string[]} names
 * @param {string} text
 * @param {string} behind
 * @returns {boolean} whether it is, or with `=` behind begins with, one of the names, its signature or a piece
 */
function isOneOf(names, text, behind) {
  return names.some((name) => text.startsWith(name) && SUFFIXES.some((suffix) => (
    behind === '' ? text === name + suffix : text.startsWith(name + suffix + behind)
  )));
}

/** @param {string} pair @returns {string | undefined} undefined for a value alone, which may have `=` at its end */
function nameIn(pair) {
  const [, name, value = ''] = ASSIGNMENT.exec(pair) || [];
  const [word] = value.split(/\s/, 1);
  return name !== undefined && /[a-z\d]/i.test(word.replace(ENCODED_EQUALS, '')) && !isSealed(pair) ? name : undefined;
}

/** @param {string} header @returns {string[]} names of its cookies, each once, without any that may be a part of a value; at most 50 */
function namesIn(header) {
  const pairs = header.split(';').map((pair) => pair.trim());
  const names = new Set(pairs.map(nameIn));
  const values = pairs.map((pair) => pair.slice((nameIn(pair) ?? '').length)).join('\n');
  return [...names].slice(0, MOST_NAMES)
    .filter((name) => name !== undefined && (name.length < TELLING_LENGTH || !(MANY_DIGITS.test(name) || values.includes(name))))
    .map(String);
}

/** @param {string} header @param {string} from @param {string} to @returns {string} with the cookie, its signature and pieces renamed */
function renamed(header, from, to) {
  return header.split(';').map((pair) => (isOneOf([from], pair.trimStart(), '=') ? to + pair.trimStart().slice(from.length) : pair)).join('; ');
}

module.exports = { toHeader, namesIn, renamed };
