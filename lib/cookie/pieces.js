'use strict';

const { MAX_CANDIDATES, findCookies, unwrap } = require('./request_header');
const { octetsOf, MAX_PIECES } = require('./limits');
const { withoutKeys } = require('./mode');
const { emitOversized, expireThrough, getRaw, isMocked, reportOversized, sentCookies, setThrough } = require('./response');
const { SEALED_PREFIX } = require('../engine/arguments');

/**
 * Sealed cookies, in one piece or several. A token that is too large for one cookie is cut (docs/format.md):
 *
 *   NAME    v1=COUNT.FIRST      COUNT 2 to 8, in one digit
 *   NAME.1  MARK.NEXT           MARK is 8 characters of FIRST, where the token's nonce stands
 *   …
 *
 * FIRST, NEXT, … joined are the base64url of one token, sealed for the name `NAME NUL COUNT`. The token opens as a whole or
 * not at all: a missing, shortened, swapped or foreign piece fails its tag. The mark proves nothing; it finds the piece that
 * belongs to this token among several cookies of its name.
 */

const HEAD = new RegExp(`^${SEALED_PREFIX}([2-8])\\.[\\w-]{6}([\\w-]{8})`);
const HEAD_OCTETS = SEALED_PREFIX.length + '2.'.length;
const MARK_START = 6;
const MARK_OCTETS = 8;
// Name and value of a piece. 256 octets are left for the attributes: some browsers count these too (RFC 6265, section 6.1).
const PIECE_OCTETS = 3840;

/**
 * @param {string} value of a cookie
 * @returns {boolean} whether it has the form of a sealed one; no value of the older formats begins so
 */
function isSealed(value) {
  return value.startsWith(SEALED_PREFIX);
}

/**
 * @param {import('./keyring').CookieKeyring} keyring
 * @param {any} ctx
 * @param {any} opts the request's own
 * @param {string} value as received
 * @returns {import('./session_cookie').OpenedCookie | null}
 */
function openSealed(keyring, ctx, opts, value) {
  if (!isSealed(value)) return null;
  const token = keyring.openSealed(opts.key, value)
    || openPieces(ctx, opts, value, (name, whole) => keyring.openSealed(name, whole));
  return token && { value: token.text, keyIndex: 0, mode: 'sealed', openedWith: token.keyIndex, token };
}

/**
 * @param {string} name
 * @param {number} count
 * @returns {string} the name that a token in that many pieces is sealed for; no cookie can have such a name
 */
function sealedName(name, count) {
  return `${name}\0${count}`;
}

/**
 * @param {string} name
 * @param {number} index from 1
 */
function pieceName(name, index) {
  return `${name}.${index}`;
}

/**
 * @template Opened
 * @param {any} ctx
 * @param {any} opts the request's own
 * @param {string} value of the first cookie
 * @param {(name: string, token: string) => Opened | null} open
 * @returns {Opened | null} null also for a value that is no first piece
 */
function openPieces(ctx, opts, value, open) {
  const head = HEAD.exec(value);
  if (!head) return null;
  const { key: name } = opts;
  // An instance without `chunks` reads pieces too; the next write cleans them up.
  opts.chunks = opts.chunks || 1;
  const [, digit, mark] = head;
  let token = SEALED_PREFIX + value.slice(HEAD_OCTETS);
  for (let index = 1; index < Number(digit); index++) {
    const piece = findPiece(ctx, pieceName(name, index), `${mark}.`);
    if (piece === undefined) return null;
    token += piece;
  }
  return open(sealedName(name, Number(digit)), token);
}

/**
 * @param {any} ctx
 * @param {string} name of the piece
 * @param {string} start
 * @returns {string | undefined}
 */
function findPiece(ctx, name, start) {
  const received = isMocked(ctx) ? undefined : pieceAmong(findCookies(ctx.get('cookie'), name, MAX_CANDIDATES), start);
  if (received !== undefined) return received;
  // `ctx.cookies` may know the cookie by another name, as with `autoChips`, or in another form.
  const carried = getRaw(ctx, name);
  return carried === undefined ? undefined : pieceAmong([carried], start);
}

/**
 * @param {string[]} candidates
 * @param {string} start
 * @returns {string | undefined} the piece that begins so, without this start
 */
function pieceAmong(candidates, start) {
  const pieces = candidates.map((value) => (value.startsWith(start) ? value : unwrap(value) ?? value));
  const piece = pieces.find((value) => value.startsWith(start));
  return piece && piece.slice(start.length);
}

/**
 * For people who ask why a cookie does not open: names the pieces that did not come.
 *
 * @param {any} ctx
 * @param {string} name
 * @param {string} value of the first cookie
 * @returns {string[]} none also for a value that is no first piece
 */
function missingPieces(ctx, name, value) {
  const [, digit, mark] = HEAD.exec(value) || [];
  return Array.from({ length: Number(digit || 1) - 1 }, (_, i) => pieceName(name, i + 1))
    .filter((piece) => findPiece(ctx, piece, `${mark}.`) === undefined);
}

/**
 * Writes a session in pieces if it is too large for one cookie, and expires the pieces that it no longer needs.
 *
 * @param {any} ctx
 * @param {any} opts with `chunks`: how many cookies it may take; 1 only cleans up
 * @param {string} token sealed for one cookie
 * @param {(name: string) => string} seal gives a token as long for another name
 * @returns {boolean} false if one cookie is enough; the caller then sets it
 */
function writeInPieces(ctx, opts, token, seal) {
  const { key, chunks } = opts;
  const count = countPieces(key, token);
  if (count === 1 || chunks === 1) {
    expirePieces(ctx, opts, 1);
    return false;
  }
  if (count > chunks) {
    const octets = octetsOf(key) + token.length;
    const limit = octetsOf(key) + SEALED_PREFIX.length + capacityOf(key, chunks);
    emitOversized(ctx, { key, octets, limit, over: octets - limit }, opts.as);
    return true;
  }
  for (const [name, value] of split(key, count, seal(sealedName(key, count)))) {
    setThrough(ctx, name, value, withoutKeys(opts));
  }
  expirePieces(ctx, opts, count);
  reportOversized(ctx, opts);
  return true;
}

/**
 * @param {string} name
 * @param {string} token
 * @returns {number} how many cookies it takes, without regard to the limit
 */
function countPieces(name, token) {
  if (octetsOf(name) + token.length <= PIECE_OCTETS) return 1;
  let count = 2;
  while (capacityOf(name, count) < token.length - SEALED_PREFIX.length && count <= MAX_PIECES) count++;
  return count;
}

/**
 * @param {string} name
 * @param {number} count
 * @returns {number} characters of a token that fit into that many cookies, without its prefix
 */
function capacityOf(name, count) {
  return firstCapacity(name) + (count - 1) * nextCapacity(name);
}

/** @param {string} name */
function firstCapacity(name) {
  return PIECE_OCTETS - octetsOf(name) - HEAD_OCTETS;
}

/** @param {string} name */
function nextCapacity(name) {
  return PIECE_OCTETS - octetsOf(pieceName(name, 1)) - (MARK_OCTETS + '.'.length);
}

/**
 * @param {string} name
 * @param {number} count
 * @param {string} token sealed for that many pieces
 * @returns {Array<[string, string]>} names and values
 */
function split(name, count, token) {
  const body = token.slice(SEALED_PREFIX.length);
  const mark = body.slice(MARK_START, MARK_START + MARK_OCTETS);
  const first = firstCapacity(name);
  const next = nextCapacity(name);
  /** @type {Array<[string, string]>} */
  const pieces = [[name, `${SEALED_PREFIX}${count}.${body.slice(0, first)}`]];
  for (let index = 1; index < count; index++) {
    const start = first + (index - 1) * next;
    pieces.push([pieceName(name, index), `${mark}.${body.slice(start, start + next)}`]);
  }
  return pieces;
}

/**
 * Expires the pieces from an index on that this request brought, or that this response has already set.
 *
 * @param {any} ctx
 * @param {any} opts
 * @param {number} from
 * @param {boolean} [all] also those that the browser may have without sending them here, for example for another path
 */
function expirePieces(ctx, opts, from, all) {
  const received = ctx.get('cookie');
  const sent = sentCookies(ctx);
  for (let index = from; index < MAX_PIECES; index++) {
    const name = pieceName(opts.key, index);
    if (all || findCookies(received, name, 1).length > 0 || sent.some((line) => line.startsWith(`${name}=`))) {
      expireThrough(ctx, name, withoutKeys(opts));
    }
  }
}

module.exports = { isSealed, openSealed, openPieces, missingPieces, pieceName, writeInPieces, expirePieces };
