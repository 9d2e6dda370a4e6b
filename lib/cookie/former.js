'use strict';

/**
 * The option `formerCookies`: the places where the session's cookie was before its name, domain or path changed. A cookie that stays
 * there goes on being sent, so it is expired whenever the session is written or ended. Under a former name it is also read.
 */

const { MAX_PIECES } = require('./limits');
const { withoutKeys } = require('./mode');
const { pieceName } = require('./pieces');
const { findCookies } = require('./request_header');
const { expireThrough, sendsCookie, sentCookies } = require('./response');
const { optionsAt, slotNow } = require('./slot');

/** @typedef {import('./session_cookie').OpenedCookie} OpenedCookie */

/**
 * @param {any} opts
 * @returns {string[]} the former names
 */
function formerNames({ key, formerCookies }) {
  /** @type {Set<string>} */
  const names = new Set(formerCookies.map((/** @type {any} */ place) => place.key ?? key));
  names.delete(key);
  return [...names];
}

/**
 * @template Opened
 * @param {any} opts
 * @param {(options: any) => Opened | null} open
 * @returns {{ opened: Opened, key: string } | null} what opens first under a former name
 */
function openFormer(opts, open) {
  if (opts.formerCookies == null) return null;
  for (const key of formerNames(opts)) {
    const opened = open({ ...opts, key });
    if (opened !== null) return { opened, key };
  }
  return null;
}

/**
 * @param {OpenedCookie} opened
 * @param {string} key the former name
 * @returns {OpenedCookie} its signature is not renewed: the next save writes the cookie under its new name
 */
function asFormer(opened, key) {
  return { ...opened, keyIndex: 0, key };
}

/**
 * A dead cookie of one former name must not hide a live one of the next.
 *
 * @param {any} opts
 * @param {OpenedCookie} first of a former name
 * @param {(options: any) => OpenedCookie | null} open
 * @param {(options: any, first: OpenedCookie) => Iterable<OpenedCookie>} others
 * @returns {Generator<OpenedCookie, void>} the others that open, of its name and of those after it
 */
function* othersOfFormer(opts, first, open, others) {
  const names = formerNames(opts);
  for (const key of names.slice(names.indexOf(/** @type {string} */ (first.key)))) {
    const options = { ...opts, key };
    const opened = key === first.key ? first : open(options);
    if (opened === null) continue;
    const found = opened === first ? others(options, first) : both(opened, others(options, opened));
    for (const other of found) yield asFormer(other, key);
  }
}

/**
 * @param {any} opts
 * @param {(options: any) => Iterable<OpenedCookie>} others
 * @returns {Generator<OpenedCookie, void>} those that open, of all former names
 */
function* allOfFormer(opts, others) {
  for (const key of formerNames(opts)) yield* others({ ...opts, key });
}

/**
 * @param {OpenedCookie} opened
 * @param {Iterable<OpenedCookie>} others
 */
function* both(opened, others) {
  yield opened;
  yield* others;
}

/**
 * Puts the lines that expire the former cookies in front of the response's others. `ctx.cookies` would take them for older lines of the
 * session's cookie, and remove them, if they came before it is set.
 *
 * @param {any} ctx
 * @param {any} opts the request's own
 * @param {{ isSigned: boolean, isEnd: boolean }} how `isEnd`: the session has ended, so that nothing of it may stay
 */
function expireFormer(ctx, opts, how) {
  // A session that is too large for its pieces was not sent.
  if (ctx.headerSent || (!how.isEnd && !sendsCookie(ctx, opts.key))) return;
  const others = sentCookies(ctx);
  ctx.remove('set-cookie');
  try {
    for (const place of opts.formerCookies) expireAt(ctx, opts, optionsAt(opts, place), how);
  } finally {
    const lines = new Set([...sentCookies(ctx), ...others]);
    if (lines.size > 0) ctx.set('set-cookie', [...lines]);
  }
}

/**
 * @param {any} ctx
 * @param {any} opts
 * @param {any} former the options at that place
 * @param {{ isSigned: boolean, isEnd: boolean }} how
 */
function expireAt(ctx, opts, former, { isSigned, isEnd }) {
  const defaults = ctx.app.config && ctx.app.config.cookies;
  // Only the request tells what a function gives, or what the app has set in `ctx.sessionOptions`.
  if (slotNow({ ...defaults, ...former }) === slotNow({ ...defaults, ...opts })) return;
  const attributes = { ...withoutKeys(former), overwrite: false };
  for (const name of namesAt(ctx, former, isSigned, isEnd)) {
    expireThrough(ctx, name, attributes);
    // A browser keeps a partitioned cookie apart from the one that is not.
    if (former.partitioned) expireThrough(ctx, name, { ...attributes, partitioned: false });
    if (came(ctx, chipsName(name))) expireThrough(ctx, chipsName(name), { ...attributes, partitioned: true, sameSite: 'none' });
  }
}

/**
 * @param {any} ctx
 * @param {any} former
 * @param {boolean} isSigned
 * @param {boolean} isEnd
 * @returns {string[]} the cookies that a session may have had there
 */
function namesAt(ctx, { key, chunks }, isSigned, isEnd) {
  const names = [key];
  const signature = `${key}.sig`;
  if (isSigned || came(ctx, signature) || came(ctx, chipsName(signature))) names.push(signature);
  for (let index = 1; index < MAX_PIECES; index++) {
    const piece = pieceName(key, index);
    if ((isEnd && chunks) || came(ctx, piece) || came(ctx, chipsName(piece))) names.push(piece);
  }
  return names;
}

/**
 * @param {any} ctx
 * @param {string} name
 */
function came(ctx, name) {
  return findCookies(ctx.get('cookie'), name, 1).length > 0;
}

/** @param {string} name @returns {string} that of the second cookie that egg-cookies keeps with `autoChips` */
function chipsName(name) {
  return `_CHIPS-${name}`;
}

module.exports = { allOfFormer, asFormer, expireFormer, openFormer, othersOfFormer };
