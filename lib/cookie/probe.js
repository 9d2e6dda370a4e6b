'use strict';

/**
 * Finds out whether a cookies class behaves as the engine does: runs a table of reads and writes on both, with throwaway contexts
 * and keys, and compares values, Set-Cookie lines, errors and events. One class takes a few milliseconds, once.
 *
 * What the table cannot see: a class that behaves differently only for inputs that no row has, or after some number of calls.
 */

const byEngine = require('./by_engine');
const CurrentKeyring = require('./keyring');
const rows = { 'egg-cookies': require('./probe_rows_egg'), cookies: require('./probe_rows_koa') };

/**
 * @typedef {import('./native_cookies').Dialect} Dialect
 *
 * @typedef {object} Situation of a throwaway request
 * @property {string} [cookie] the Cookie header
 * @property {string} [userAgent]
 * @property {boolean} [secure]
 * @property {string | string[]} [given] Set-Cookie lines that the response has already
 * @property {object} [defaults] `config.cookies`
 *
 * @typedef {object} Row
 * @property {string} title
 * @property {Situation} [situation]
 * @property {string} [name] of the cookie
 * @property {any} [read] options for a read
 * @property {any} [write] options for a write, together with `value`
 * @property {string} [value]
 * @property {any} [expected] the outcome where the engine leaves the work to the class
 * @property {(cookies: any, keyring: any) => boolean} [holds] a claim about the object itself
 */

// One constant array: egg-cookies keeps a Keygrip for each array of keys for ever.
const KEYS = ['egg-session-native probe, new key', 'egg-session-native probe, old key'];
const NAME = 'probe';

/**
 * @param {Function} getter of `ctx.cookies`
 * @param {Situation & { ContextCookies?: any }} situation
 * @returns {{ ctx: any, cookies: any, events: string[] }}
 */
function throwaway(getter, { ContextCookies, cookie, userAgent, secure = false, given, defaults }) {
  /** @type {Record<string, string>} */
  const headers = {};
  if (cookie !== undefined) headers.cookie = cookie;
  if (userAgent !== undefined) headers['user-agent'] = userAgent;
  /** @type {Record<string, any>} */
  // Copied, because a class may change the array.
  const sent = given === undefined ? {} : { 'set-cookie': Array.isArray(given) ? [...given] : given };
  /** @type {string[]} */
  const events = [];
  const get = (/** @type {string} */ name) => headers[name.toLowerCase()] || '';
  const getHeader = (/** @type {string} */ name) => sent[name.toLowerCase()];
  const setHeader = (/** @type {string} */ name, /** @type {any} */ value) => {
    sent[name.toLowerCase()] = value;
  };
  const socket = { encrypted: secure };
  const req = { headers, protocol: secure ? 'https' : 'http', socket, connection: socket };
  const res = { getHeader, setHeader };
  const app = { keys: KEYS, ContextCookies, config: { cookies: defaults }, emit: (/** @type {string} */ event) => events.push(event) };
  /** @type {any} */
  const ctx = { app, req, res, secure, get, set: setHeader, request: { secure, headers, get }, response: { get: getHeader } };
  const cookies = getter.call(ctx);
  Object.defineProperty(ctx, 'cookies', { value: cookies });
  return { ctx, cookies, events };
}

/**
 * @param {Dialect} dialect
 * @param {Function} getter
 * @param {{ ContextCookies?: any }} made
 * @returns {string | undefined} the title of the first row in which the class differs
 */
function differingRow(dialect, getter, made) {
  const ring = new CurrentKeyring(0).of(KEYS);
  const { stackTraceLimit } = Error;
  // The errors of the table are only compared: their stacks would take a third of the time.
  Error.stackTraceLimit = 0;
  try {
    const differing = rows[dialect.name](ring.keyring, KEYS).find((row) => (
      // An HTTP date has seconds: the clock may pass one between the two writes of a row.
      !agrees(dialect, getter, made, ring, row) && !agrees(dialect, getter, made, ring, row)
    ));
    return differing && differing.title;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * @param {Dialect} dialect
 * @param {Function} getter
 * @param {{ ContextCookies?: any }} made
 * @param {import('./keyring').Ring} ring
 * @param {Row} row
 */
function agrees(dialect, getter, made, ring, row) {
  const { name = NAME, read, write, value, expected, holds } = row;
  const start = () => throwaway(getter, { ...made, ...row.situation });
  if (holds !== undefined) return holds(start().cookies, ring.keyring);
  const theirs = outcomeOf(start(), ({ cookies }) => {
    if (read !== undefined) return cookies.get(name, read);
    cookies.set(name, value, write);
    return undefined;
  });
  if (expected !== undefined) return theirs === JSON.stringify(expected);
  return theirs === outcomeOf(start(), ({ ctx }) => {
    if (read !== undefined) return openByEngine(dialect, ring, ctx, { ...read, key: name });
    const attributes = dialect.attributesFor(ctx, ctx.cookies, write);
    byEngine.writeValue(dialect, ring, ctx, { ...write, key: name }, attributes, /** @type {string} */ (value));
    return undefined;
  });
}

/**
 * @param {Dialect} dialect
 * @param {import('./keyring').Ring} ring
 * @param {any} ctx
 * @param {any} opts
 * @returns {string | undefined}
 */
function openByEngine(dialect, ring, ctx, opts) {
  const opened = byEngine.read(dialect, ring, ctx, opts, false);
  // The class renews a signature by an older key with no attribute but its defaults; ours has those of the session.
  if (opened !== null && opened.keyIndex > 0) byEngine.refreshSignature(dialect, ring, ctx, { key: opts.key }, undefined);
  return opened === null ? undefined : opened.value;
}

/**
 * @param {Function} getter
 * @param {{ ContextCookies?: any }} made
 * @returns {boolean} whether the class takes a value that ends with the padding of base64
 */
function writesPadding(getter, made) {
  return !outcomeOf(throwaway(getter, made), ({ cookies }) => void cookies.set(NAME, 'dmFsdWU=', { signed: false })).includes('"error"');
}

/**
 * @param {{ ctx: any, cookies: any, events: string[] }} sample
 * @param {(sample: { ctx: any, cookies: any }) => any} act
 * @returns {string} JSON of all that can be observed
 */
function outcomeOf(sample, act) {
  let value;
  let error;
  try {
    value = act(sample);
  } catch (err) {
    error = err instanceof Error ? err.message : 'no error object';
  }
  const lines = sample.ctx.res.getHeader('set-cookie');
  return JSON.stringify({ value, error, lines, events: sample.events });
}

module.exports = { differingRow, throwaway, writesPadding };
