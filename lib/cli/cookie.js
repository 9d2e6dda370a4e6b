'use strict';

/**
 * Opens a cookie for a person: in any format that the engine knows, without the app's options. Tells the format, the key and the
 * times, or why the cookie does not open. Hostile input never throws.
 */

const { namesIn, renamed } = require('./pasted');
const { MAX_PIECES } = require('../cookie/limits');
const { isSealed, missingPieces, openPieces, pieceName } = require('../cookie/pieces');
const { MAX_CANDIDATES, findCookies, unwrap } = require('../cookie/request_header');
const { decodeText, parseObject } = require('../session/codec');
const { hasExpired } = require('../session/data');

/**
 * @typedef {import('../engine').KeyringMethods} Keyring
 * @typedef {'sealed-v1' | 'encrypted' | 'signed' | 'signed-sha1' | 'unsigned'} Format
 * @typedef {'absent' | 'unknown-format' | 'malformed' | 'refused' | 'other-name' | 'piece-missing' | 'expired'} Reason why it does not open
 *
 * @typedef {object} Verdict
 * @property {Reason | null} reason null: it opens
 * @property {Format | null} format null: unknown
 * @property {number} [keyIndex] 0 is the newest key; absent for an unsigned cookie
 * @property {number} [pieces] how many cookies it takes, if several
 * @property {string} [text] what it holds
 * @property {any} [session] the text as JSON; absent for an external key or the work of a custom codec
 * @property {import('../engine/portable/sealed').Opened} [token] of a sealed cookie
 * @property {string[]} [names] of `absent`: the cookies that came; of `piece-missing`: the missing ones; of `other-name`: the other name
 */

// The reason that tells most is reported, if several cookies of the name came and none opens.
/** @type {Reason[]} */
const TELLING = ['expired', 'other-name', 'piece-missing', 'refused', 'malformed', 'unknown-format', 'absent'];
const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const BASE64 = /^[\w+/-]+={0,2}$/;
const AES_BLOCK_BYTES = 16;
// What stands in a piece behind the first: docs/format.md.
const PIECE = /^"?[\w-]{8}\.[\w-]+"?$/;
const LATER_VERSION = /^v\d+\./;
// A wrong key's plaintext has some of these: docs/format-older.md.
// eslint-disable-next-line no-control-regex
const IMPLAUSIBLE = /[\x00-\x1f\x7f\uFFFD]/;

/**
 * @param {Keyring} keyring
 * @param {string} header a Cookie header
 * @param {string} name
 * @param {string[]} [otherNames] names that the cookie may have been made for
 * @returns {Verdict}
 */
function openCookie(keyring, header, name, otherNames = []) {
  const verdict = openNamed(keyring, header, name);
  if (verdict.reason === 'absent') return openedUnderItsOwn(keyring, header, verdict);
  if (verdict.reason !== 'refused') return verdict;
  const other = [...otherNames, ...namesIn(header)].find((candidate) => (
    candidate !== name && isGenuine(openNamed(keyring, renamed(header, name, candidate), candidate))
  ));
  return other === undefined ? verdict : { ...verdict, reason: 'other-name', names: [other] };
}

/**
 * @param {Keyring} keyring
 * @param {string} header
 * @param {Verdict} absent
 * @returns {Verdict}
 */
function openedUnderItsOwn(keyring, header, absent) {
  for (const candidate of /** @type {string[]} */ (absent.names)) {
    const verdict = openNamed(keyring, header, candidate);
    if (isGenuine(verdict)) return { reason: 'other-name', format: verdict.format, keyIndex: verdict.keyIndex, names: [candidate] };
  }
  return absent;
}

/** @param {Verdict} verdict @returns {boolean} whether a key opens it, be it expired; what nothing protects belongs to no name */
function isGenuine({ reason, format }) {
  return (reason === null || reason === 'expired') && format !== 'unsigned';
}

/** @param {Keyring} keyring @param {string} header @param {string} name @returns {Verdict} */
function openNamed(keyring, header, name) {
  const values = findCookies(header, name, MAX_CANDIDATES);
  if (values.length === 0) return withoutFirst(header, name);
  /** @type {(string | undefined)[]} */
  const signatures = variants(findCookies(header, `${name}.sig`, MAX_CANDIDATES));
  if (signatures.length === 0) signatures.push(undefined);
  /** @type {Verdict | undefined} */
  let failure;
  for (const value of variants(values)) {
    for (const signature of signatures) {
      const verdict = openValue(keyring, header, name, value, signature);
      if (verdict.reason === null) return verdict;
      if (failure === undefined || rank(verdict) < rank(failure)) failure = verdict;
    }
  }
  return /** @type {Verdict} */ (failure);
}

/** @param {string} header without a cookie of the name, perhaps with later pieces of it @param {string} name @returns {Verdict} */
function withoutFirst(header, name) {
  const pieces = Array.from({ length: MAX_PIECES - 1 }, (_, i) => pieceName(name, i + 1));
  const came = pieces.map((piece) => findCookies(header, piece, MAX_CANDIDATES).some((value) => PIECE.test(value)));
  if (!came.includes(true)) return { reason: 'absent', format: null, names: namesIn(header) };
  const missing = pieces.slice(0, came.lastIndexOf(true)).filter((_, i) => !came[i]);
  return { reason: 'piece-missing', format: 'sealed-v1', names: [name, ...missing] };
}

/** @param {string[]} values @returns {string[]} as received, each followed by what it is without a proxy's changes */
function variants(values) {
  return values.flatMap((value) => {
    const plain = unwrap(value);
    return plain === undefined ? [value] : [value, plain];
  });
}

/** @param {Verdict} verdict */
function rank({ reason }) {
  return TELLING.indexOf(/** @type {Reason} */ (reason));
}

/**
 * @param {Keyring} keyring
 * @param {string} header
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @returns {Verdict}
 */
function openValue(keyring, header, name, value, signature) {
  if (isSealed(value)) return openSealed(keyring, header, name, value);
  if (value === '') return { reason: 'malformed', format: null };
  if (LATER_VERSION.test(value)) return { reason: 'unknown-format', format: null };
  return openSigned(keyring, name, value, signature) || openEncrypted(keyring, name, value) || openUnprotected(value, signature);
}

/** Stands in for `ctx.cookies`: the header alone counts. */
class NoCookies {
  get() {
    return undefined;
  }
}

/**
 * @param {Keyring} keyring
 * @param {string} header
 * @param {string} name
 * @param {string} value
 * @returns {Verdict}
 */
function openSealed(keyring, header, name, value) {
  const format = 'sealed-v1';
  const ctx = { get: () => header, cookies: new NoCookies() };
  const missing = missingPieces(ctx, name, value);
  if (missing.length > 0) return { reason: 'piece-missing', format, names: missing };
  const opts = { key: name, chunks: 0 };
  let pieces = 1;
  // Without a clock: an expired token opens too, and tells when it ended.
  const token = keyring.openSealed(name, value, 0) || openPieces(ctx, opts, value, (wholeName, whole) => {
    pieces = Number(wholeName.slice(-1));
    return keyring.openSealed(wholeName, whole, 0);
  });
  if (token === null) return { reason: pieces > 1 || isToken(value) ? 'refused' : 'malformed', format, ...(pieces > 1 && { pieces }) };
  const hasEnded = token.expiresAtMs !== undefined && token.expiresAtMs <= Date.now();
  const verdict = opened(format, token.text, token.keyIndex, hasEnded);
  return { ...verdict, token, ...(pieces > 1 && { pieces }) };
}

/** @param {string} value @returns {boolean} whether it has the form of a whole token */
function isToken(value) {
  const base64 = value.slice('v1='.length);
  const bytes = Buffer.from(base64, 'base64url');
  return bytes.length >= 45 && bytes.toString('base64url') === base64;
}

/**
 * @param {Keyring} keyring
 * @param {string} name
 * @param {string} value
 * @param {string | undefined} signature
 * @returns {Verdict | null}
 */
function openSigned(keyring, name, value, signature) {
  if (signature === undefined) return null;
  for (const mode of /** @type {const} */ (['signed', 'signed-sha1'])) {
    const found = keyring.openValue(mode, name, value, signature);
    if (found === null) continue;
    const text = decodeText(value);
    return parseObject(text) === undefined ? opened(mode, value, found.keyIndex) : opened(mode, text, found.keyIndex);
  }
  return null;
}

/** @param {Keyring} keyring @param {string} name @param {string} value @returns {Verdict | null} */
function openEncrypted(keyring, name, value) {
  const session = keyring.openSession('encrypted', name, value);
  if (session !== null && parseObject(session.text) !== undefined) return opened('encrypted', session.text, session.keyIndex);
  const other = keyring.openValue('encrypted', name, value);
  if (other === null || other.value === '' || IMPLAUSIBLE.test(other.value)) return null;
  return opened('encrypted', other.value, other.keyIndex);
}

/**
 * What no key opens.
 *
 * @param {string} value
 * @param {string | undefined} signature
 * @returns {Verdict}
 */
function openUnprotected(value, signature) {
  const text = decodeText(value);
  const isSession = parseObject(text) !== undefined;
  if (signature !== undefined && (isSession || UUID.test(value))) return { reason: 'refused', format: 'signed' };
  if (isSession) return opened('unsigned', text);
  if (UUID.test(value)) return opened('unsigned', value);
  if (text.startsWith('{')) return { reason: 'malformed', format: signature === undefined ? 'unsigned' : 'signed' };
  const bytes = BASE64.test(value) ? Buffer.from(value, 'base64').length : 0;
  if (bytes > 0 && bytes % AES_BLOCK_BYTES === 0) return { reason: 'refused', format: 'encrypted' };
  return signature === undefined ? { reason: 'unknown-format', format: null } : { reason: 'refused', format: 'signed' };
}

/**
 * @param {Format} format
 * @param {string} text
 * @param {number} [keyIndex]
 * @param {boolean} [hasEnded]
 * @returns {Verdict}
 */
function opened(format, text, keyIndex, hasEnded = false) {
  const session = parseObject(text);
  const isExpired = hasEnded || (session !== undefined && hasExpired(session));
  return { reason: isExpired ? 'expired' : null, format, keyIndex, text, session };
}

module.exports = { openCookie };
