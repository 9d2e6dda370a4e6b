'use strict';

/**
 * Finds out whether a cookies class behaves as the engine does: runs a table of reads and writes on the class, with throwaway
 * contexts and keys, and compares values, Set-Cookie lines, errors and events with those of the engine. The keys never change, so
 * the engine's answers are constants, and only the class has to run. One class takes 4 to 6 ms of CPU
 * time in a new process, once, of which an app pays about 4: the rest would fall to its first requests.
 *
 * What the table cannot see: a class that behaves differently only for inputs that no row has, or after some number of calls.
 */

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
 * @typedef {object} Act
 * @property {string} title
 * @property {string} [name] of the cookie
 * @property {any} [read] options for a read
 * @property {any} [write] options for a write, together with `value`
 * @property {string | null} [value]
 * @property {boolean} [own] whether the engine leaves this work to the class
 * @property {(cookies: any, keys: string[]) => boolean} [holds] in place of an act: a claim about the object itself
 *
 * @typedef {object} Outcome all that can be observed
 * @property {string} [returned] the value that was read
 * @property {string} [error] the error's message
 * @property {string[]} [lines] Set-Cookie; DATE stands for the date that the `maxAge` of the write gives now
 * @property {string[]} [events] names
 *
 * @typedef {Situation & Act & Outcome} Row
 */

// One constant array: egg-cookies keeps a Keygrip for each array of keys for ever.
const KEYS = ['new', 'old', 'oldest'].map((age) => `egg-session-native probe, ${age} key`);
const NAME = 'probe';
/** @type {string[]} */
const NO_EVENTS = [];

/**
 * Makes throwaway requests one after another. They share their functions, so that a request costs little: only the latest is alive.
 *
 * @param {Function} getter of `ctx.cookies`
 * @param {any} ContextCookies the class, where the app has it under this name
 * @returns {(situation: Situation) => { ctx: any, cookies: any, events: string[] }}
 */
function throwaways(getter, ContextCookies) {
  /** @type {Record<string, string>} */
  let headers;
  /** @type {Record<string, any>} */
  let sent;
  /** @type {string[]} */
  let events;
  const get = (/** @type {string} */ name) => headers[name.toLowerCase()] || '';
  const getHeader = (/** @type {string} */ name) => sent[name.toLowerCase()];
  const setHeader = (/** @type {string} */ name, /** @type {any} */ value) => {
    sent[name.toLowerCase()] = value;
  };
  const emit = (/** @type {string} */ event) => events.push(event);
  const response = { get: getHeader };
  const res = { getHeader, setHeader };
  return ({ cookie, userAgent, secure = false, given, defaults }) => {
    headers = {};
    if (cookie !== undefined) headers.cookie = cookie;
    if (userAgent !== undefined) headers['user-agent'] = userAgent;
    // Copied, because a class may change the array.
    sent = { 'set-cookie': Array.isArray(given) ? given.slice() : given };
    events = [];
    const socket = { encrypted: secure };
    const req = { headers, protocol: secure ? 'https' : 'http', socket, connection: socket };
    const app = { keys: KEYS, ContextCookies, config: { cookies: defaults }, emit };
    const request = { secure, headers, get };
    /** @type {any} */
    const ctx = { app, req, res, secure, get, set: setHeader, request, response, cookies: undefined };
    ctx.cookies = getter.call(ctx);
    return { ctx, cookies: ctx.cookies, events };
  };
}

/**
 * @param {Function} getter of `ctx.cookies`
 * @param {any} ContextCookies the class, where the app has it under this name
 * @returns {boolean} whether the getter or the constructor looks at the request, as one does that chooses a tenant's keys
 */
function looksAtRequest(getter, ContextCookies) {
  let hasLooked = false;
  const look = () => {
    hasLooked = true;
    return '';
  };
  const req = new Proxy({}, { get: look });
  const app = { keys: KEYS, ContextCookies, config: {} };
  try {
    getter.call({ app, req, res: {}, request: { secure: false, get: look, req }, secure: false, get: look });
  } catch {
    return true;
  }
  return hasLooked;
}

/**
 * @param {Dialect} dialect
 * @param {(situation: Situation) => { ctx: any, cookies: any, events: string[] }} start
 * @returns {string | undefined} the title of the first row in which the class differs
 */
function differingRow(dialect, start) {
  const { stackTraceLimit } = Error;
  // The errors of the table are only compared: their stacks would take a third of the time.
  Error.stackTraceLimit = 0;
  try {
    // An HTTP date has seconds: the clock may pass one between the class's look at it and ours.
    const differing = rows[dialect.name].find((row) => !agrees(start, row) && !agrees(start, row));
    return differing && differing.title;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * @param {(situation: Situation) => { ctx: any, cookies: any, events: string[] }} start
 * @param {Row} row
 */
function agrees(start, row) {
  const { ctx, cookies, events } = start(row);
  if (row.holds !== undefined) return row.holds(cookies, KEYS);
  const { name = NAME, read, write, value } = row;
  let returned;
  let error;
  try {
    if (read !== undefined) returned = cookies.get(name, read);
    else cookies.set(name, value, write);
  } catch (err) {
    error = err instanceof Error ? err.message : 'no error object';
  }
  return returned === row.returned
    && error === row.error
    && isSame(ctx.res.getHeader('set-cookie'), withDate(row))
    && isSame(events, row.events || NO_EVENTS);
}

/**
 * @param {Row} row
 * @returns {string[] | undefined} its lines with the date of now
 */
function withDate({ lines, write }) {
  if (lines === undefined || write === undefined || !write.maxAge) return lines;
  const date = new Date(Date.now() + write.maxAge).toUTCString();
  return lines.map((line) => line.replace('DATE', date));
}

/**
 * @param {any} some
 * @param {string[] | undefined} others
 */
function isSame(some, others) {
  if (!Array.isArray(some) || others === undefined) return some === others;
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) {
    if (some[i] !== others[i]) return false;
  }
  return true;
}

/**
 * @param {(situation: Situation) => { cookies: any }} start
 * @returns {boolean} whether the class takes a value that ends with the padding of base64
 */
function writesPadding(start) {
  const { cookies } = start({});
  try {
    cookies.set(NAME, 'dmFsdWU=', { signed: false });
    return true;
  } catch {
    return false;
  }
}

module.exports = { differingRow, looksAtRequest, throwaways, writesPadding };
