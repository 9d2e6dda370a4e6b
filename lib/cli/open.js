'use strict';

/** `open`: tells what a cookie holds, or why it does not open. The session's values are shown only with `--show`. */

const { openCookie } = require('./cookie');
const { readInput, readKeys } = require('./input');
const { toHeader } = require('./pasted');
const { counted, printable, table, timeText } = require('./text');
const { UsageError, parse } = require('./usage');
const { Keyring } = require('../engine');
const { dataKeys } = require('../session/data');

/** @typedef {import('./cookie').Verdict} Verdict */

const OPTIONS = /** @type {const} */ ({
  name: { type: 'string', multiple: true },
  'keys-file': { type: 'string' },
  show: { type: 'boolean' },
  json: { type: 'boolean' },
});

const FORMATS = {
  'sealed-v1': 'sealed v1: encrypted and authenticated',
  encrypted: 'encrypted as egg-cookies does: not authenticated, and not bound to its name',
  signed: 'signed as egg-cookies does (HMAC-SHA256): anyone can read it',
  'signed-sha1': 'signed as Koa\'s cookies does (HMAC-SHA1): anyone can read it',
  unsigned: 'unsigned: anyone can read and write it. If the app signs, its .sig cookie is missing here',
};

/**
 * @param {string[]} args
 * @returns {Promise<import('./index').Answer>}
 */
async function run(args) {
  const { values } = parse(args, OPTIONS);
  const [name, ...otherNames] = values.name || [];
  if (!name) throw new UsageError('expected --name NAME, the name of the cookie');
  const keys = readKeys(values['keys-file']);
  return answer(await readInput(process.stdin), new Keyring(keys), keys.length, { ...values, name, otherNames });
}

/**
 * @param {string} pasted
 * @param {import('../engine').KeyringMethods} keyring
 * @param {number} keyCount
 * @param {{ name: string, otherNames?: string[], show?: boolean, json?: boolean }} options
 * @returns {import('./index').Answer}
 */
function answer(pasted, keyring, keyCount, { name, otherNames, show, json }) {
  const verdict = openCookie(keyring, toHeader(pasted, name, otherNames), name, otherNames);
  const report = reportOf(verdict, name, keyCount, Boolean(show));
  return { code: report.opened ? 0 : 1, output: json ? `${printable(textOfJSON(report))}\n` : textOf(report) };
}

/**
 * @param {Verdict} verdict
 * @param {string} name
 * @param {number} keyCount
 * @param {boolean} isShown whether the values are shown
 */
function reportOf(verdict, name, keyCount, isShown) {
  const { reason, format, keyIndex, pieces, text, session, token } = verdict;
  return {
    opened: reason === null,
    reason,
    explanation: reason === null ? null : explain(verdict, name, keyCount),
    name,
    format,
    pieces: pieces || 1,
    key: keyIndex === undefined ? null : keyIndex,
    keys: keyCount,
    holds: text === undefined ? null : session === undefined ? 'external key or custom text' : 'session',
    bytes: text === undefined ? null : Buffer.byteLength(text),
    ...timesOf(session, token),
    members: session === undefined ? null : dataKeys(session).map((member) => ({ name: member, bytes: sizeOf(session[member]) })),
    ...(isShown && text !== undefined && { value: session === undefined ? text : session, id: token && token.id }),
  };
}

/**
 * @param {any} session
 * @param {Verdict['token']} token
 * @returns {{ began: string | null, saved: string | null, ends: string | null }}
 */
function timesOf(session, token) {
  const { _createdAt, _expire, _maxAge, _session } = Object(session);
  const ends = [token && token.expiresAtMs, _expire].filter((time) => typeof time === 'number');
  const saved = typeof _expire === 'number' && typeof _maxAge === 'number' ? _expire - _maxAge : undefined;
  return {
    began: timeText(token && token.createdAtMs !== undefined ? token.createdAtMs : _createdAt) || null,
    saved: timeText(saved) || null,
    ends: timeText(ends.length > 0 ? Math.min(...ends) : undefined) || (_session === true ? 'with the browser' : null),
  };
}

/** @param {unknown} value @returns {number | null} bytes of its JSON; null if it is nested too deeply to be counted */
function sizeOf(value) {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return null;
  }
}

/** @param {Verdict} verdict @param {string} name @param {number} keyCount @returns {string} */
function explain({ reason, format, names = [] }, name, keyCount) {
  const list = names.map((other) => printable(other)).join(', ');
  switch (reason) {
    case 'absent':
      return `no cookie of the name ${printable(name)} came; there are: ${list || 'none'}`;
    case 'expired':
      return 'expired: it was sealed, signed or encrypted with one of the keys, and its time is over';
    case 'piece-missing':
      return `a piece is missing: ${list}. A session in pieces opens as a whole or not at all`;
    case 'other-name':
      return `under another given name: it opens as ${list}, and not as ${printable(name)}`;
    case 'malformed':
      return format === 'sealed-v1' ? 'malformed: it begins as a sealed cookie, and was cut or changed' : 'malformed: it is empty, cut or changed';
    case 'unknown-format':
      return 'format unknown: neither sealed v1, nor whole blocks of AES, nor a session in base64. Without signature and encryption it may be an external key';
    default:
      return `wrong key, wrong name or altered: none of ${counted(keyCount, 'key')} opens it${
        format === 'encrypted' ? '. It has the form of an encrypted one' : ''}`;
  }
}

/** @param {ReturnType<typeof reportOf>} report @returns {string} */
function textOf(report) {
  const { opened, explanation, name, format, pieces, key, keys, holds, bytes, began, saved, ends, members } = report;
  const rows = /** @type {[string, string | undefined][]} */ ([
    ['cookie', printable(name) + (pieces > 1 ? `, in ${pieces} pieces` : '')],
    ['opens', opened ? 'yes' : `no. ${explanation}`],
    ['format', format === null ? undefined : FORMATS[format]],
    ['key', key === null ? undefined : `${key} of ${counted(keys, 'key')}${key === 0 ? ', the newest' : ', an older one'}`],
    ['holds', holds === null ? undefined : `${holds}, ${counted(Number(bytes), 'byte')}`],
    ['began', began || undefined],
    ['saved', saved || undefined],
    ['ends', ends || undefined],
    ...(members || []).map((member, i) => [
      i === 0 ? 'members' : '',
      `${printable(JSON.stringify(member.name))}  ${member.bytes === null ? 'deeply nested' : counted(member.bytes, 'byte')}`,
    ]),
    ['id', typeof report.id === 'string' ? printable(report.id) : undefined],
    ['value', report.value === undefined ? undefined : printable(textOfJSON(report.value))],
  ]);
  return table(rows);
}

/** @param {any} value @returns {string} without a member `value` if that is nested too deeply for JSON.stringify */
function textOfJSON(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return value.value === undefined ? '(nested too deeply to be shown)' : JSON.stringify({ ...value, value: null });
  }
}

module.exports = { answer, run };
