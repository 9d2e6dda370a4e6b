'use strict';

const { findCookies } = require('./cookie_header');
const { emitOversized, octetsOf, reportOversized } = require('./cookie_size');
const { MAX_CANDIDATES } = require('./same_name');
const { sentCookies } = require('./sent_cookies');
const { setThrough } = require('./set_through');

/**
 * A sealed token that is too large for one cookie, in several (docs/format.md):
 *
 *   NAME    v1=COUNT.FIRST      COUNT 2 to 8, in one digit
 *   NAME.1  MARK.NEXT           MARK is 8 characters of FIRST, where the token's nonce stands
 *   …
 *
 * FIRST, NEXT, … one behind the other are the base64url of one token, sealed for the name `NAME NUL COUNT`. So it opens
 * as a whole or not at all: a piece that is missing, cut, in another's place or of another token fits no tag. The mark
 * proves nothing; it finds the piece that belongs here among several cookies of its name.
 */

const PREFIX = 'v1=';
const HEAD = /^v1=([2-8])\.[\w-]{6}([\w-]{8})/;
const HEAD_OCTETS = 'v1=2.'.length;
const MARK_START = 6;
const MARK_OCTETS = 8;
const MAX_PIECES = 8;
// Name and value of a piece. It leaves 256 octets for the attributes, for browsers that count these too (RFC 6265, 6.1).
const PIECE_OCTETS = 3840;
const EXPIRED_AT = new Date(0);

/**
 * @param {string} name
 * @param {number} count
 * @returns {string} what a token in that many pieces is sealed for; no cookie can be called so
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
  // What comes in pieces is read also where none are written (any more); then they are to be cleaned up at least.
  opts.chunks = opts.chunks || 1;
  const [, digit, mark] = head;
  let token = PREFIX + value.slice(HEAD_OCTETS);
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
  const candidates = findCookies(ctx.get('cookie'), name, MAX_CANDIDATES);
  // It may know the cookie by another name (`autoChips`).
  if (candidates.length === 0) candidates.push(ctx.cookies.get(name, { signed: false }) || '');
  const found = candidates.find((value) => value.startsWith(start));
  return found && found.slice(start.length);
}

/**
 * Writes a session in pieces if it needs some, and expires those that an earlier one leaves behind.
 *
 * @param {any} ctx
 * @param {any} opts with `chunks`: how many cookies it may take; 1 only cleans up
 * @param {string} token sealed for one cookie
 * @param {(name: string) => string} seal gives a token as long for another name
 * @returns {boolean} false when one cookie is enough, and has still to be set
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
    const limit = octetsOf(key) + PREFIX.length + capacityOf(key, chunks);
    emitOversized(ctx, { key, octets, limit, over: octets - limit });
    return true;
  }
  for (const [name, value] of split(key, count, seal(sealedName(key, count)))) {
    setThrough(ctx, name, value, { ...opts, encrypt: false, signed: false });
  }
  expirePieces(ctx, opts, count);
  reportOversized(ctx, key);
  return true;
}

/**
 * @param {string} name
 * @param {string} token
 * @returns {number} how many cookies it takes, if there were no end to them
 */
function countPieces(name, token) {
  if (octetsOf(name) + token.length <= PIECE_OCTETS) return 1;
  let count = 2;
  while (capacityOf(name, count) < token.length - PREFIX.length && count <= MAX_PIECES) count++;
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
  const body = token.slice(PREFIX.length);
  const mark = body.slice(MARK_START, MARK_START + MARK_OCTETS);
  const first = firstCapacity(name);
  const next = nextCapacity(name);
  /** @type {Array<[string, string]>} */
  const pieces = [[name, `${PREFIX}${count}.${body.slice(0, first)}`]];
  for (let index = 1; index < count; index++) {
    const start = first + (index - 1) * next;
    pieces.push([pieceName(name, index), `${mark}.${body.slice(start, start + next)}`]);
  }
  return pieces;
}

/**
 * Expires the pieces from an index on that the browser has shown, or that this response has set already.
 *
 * @param {any} ctx
 * @param {any} opts
 * @param {number} from
 * @param {boolean} [all] those that the browser may have without showing them too, as for another path
 */
function expirePieces(ctx, opts, from, all) {
  const received = ctx.get('cookie');
  const sent = sentCookies(ctx);
  for (let index = from; index < MAX_PIECES; index++) {
    const name = pieceName(opts.key, index);
    if (all || findCookies(received, name, 1).length > 0 || sent.some((line) => line.startsWith(`${name}=`))) {
      setThrough(ctx, name, '', { ...opts, encrypt: false, signed: false, expires: EXPIRED_AT, maxAge: false });
    }
  }
}

module.exports = { openPieces, writeInPieces, expirePieces, MAX_PIECES, PIECE_OCTETS };
