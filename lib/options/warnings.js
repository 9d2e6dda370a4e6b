'use strict';

/**
 * Warnings at start: settings that work, but not as the app may expect. An Egg app gets a line in its log. Elsewhere each is a
 * warning of the process, on stderr unless there is `--no-warnings` or a listener of 'warning'.
 */

const { debuglog } = require('node:util');
const { unknownNames } = require('./names');
const { risksOf } = require('./risks');
const engine = require('../engine');
const { ONE_DAY_MS } = require('../engine/lifetime');

// Browsers cut a cookie's lifetime to this: RFC 6265bis, section 5.5.
const LONGEST_COOKIE_DAYS = 400;

// `NODE_DEBUG=egg-session-native` shows in any app what an Egg app has in its log.
const debug = debuglog('egg-session-native');

let hasWarnedOfEngine = false;
/** @type {WeakSet<object>} by the session's options */
const hasWarnedOfEncrypt = new WeakSet();
/** @type {WeakSet<object>} */
const hasSecond = new WeakSet();

/**
 * @typedef {object} Status
 * @property {{ name: 'native' | 'portable', reason: string | null }} engine `reason`: why the portable engine stands in for the native one
 * @property {import('../cookie/native_cookies').CookieStatus} cookies
 */

/**
 * @param {any} options completed
 * @param {any} app
 */
function warnAtStart(options, app) {
  // In an Egg app the plugin logs the engine: app.js.
  if (!app.coreLogger) warnOfEngine();
  for (const option of ['maxAge', 'absoluteMaxAge']) {
    if (!(Number(options[option]) > LONGEST_COOKIE_DAYS * ONE_DAY_MS)) continue;
    warn(app, `session option \`${option}\` is over ${LONGEST_COOKIE_DAYS} days: browsers keep no cookie longer than that`, 'SESSION_LONG_LIFETIME', options.as);
  }
  for (const message of unknownNames(options)) warn(app, message, 'SESSION_OPTION', options.as);
  for (const { message, isTold } of risksOf(options, app)) {
    if (isTold) warn(app, message, 'SESSION_OPTION', options.as);
  }
}

/** Tells a plain Koa app once that the portable engine is in use. */
function warnOfEngine() {
  if (!engine.reason || hasWarnedOfEngine) return;
  hasWarnedOfEngine = true;
  process.emitWarning(`the portable engine stands in for the native one. ${engine.reason}`, {
    type: 'egg-session-native',
    code: 'SESSION_PORTABLE_ENGINE',
  });
}

/**
 * @param {Status['cookies']} cookies
 * @returns {Status}
 */
function statusOf(cookies) {
  return { engine: { name: engine.name, reason: engine.reason || null }, cookies: { ...cookies } };
}

/**
 * One line in the log for each class of `ctx.cookies`, most often one for each worker: whether its cookies are native.
 *
 * @param {any} app
 * @param {any} options
 * @param {Status['cookies']} cookies
 * @param {boolean} isTurnedOff whether the app or the environment wants no native cookies
 */
function reportCookies(app, options, cookies, isTurnedOff) {
  const { name } = engine;
  const byClass = `engine: ${name}; session cookies are read and written by ctx.cookies of ${cookies.class || 'an unknown class'}`;
  if (cookies.native) {
    inform(app, `engine: ${name}; session cookies are read and written by it, as ${cookies.class} does`, options.as);
  } else if (isTurnedOff) {
    inform(app, `${byClass}: ${cookies.reason}`, options.as);
  } else {
    warn(app, `${byClass}, not by the engine: ${cookies.reason}`, 'SESSION_COOKIES', options.as);
  }
  if (cookies.family === 'cookies' && options.encrypt && options.encrypt !== 'sealed' && !hasWarnedOfEncrypt.has(options)) {
    hasWarnedOfEncrypt.add(options);
    warn(app, '`encrypt: true` has no effect in Koa, where session cookies are signed and can be read: set `encrypt: \'sealed\'`', 'SESSION_OPTION', options.as);
  }
}

/**
 * @param {any} app
 * @param {string} line
 * @param {string} [as] the session's name, if it has one
 */
function inform({ coreLogger }, line, as) {
  if (coreLogger && coreLogger.info) coreLogger.info(`[egg-session-native] ${labelled(line, as)}`);
  else debug(labelled(line, as));
}

/**
 * @param {any} app
 * @param {string} message
 * @param {string} code of the warning of the process
 * @param {string} [as] the session's name, if it has one
 */
function warn({ coreLogger }, message, code, as) {
  message = labelled(message, as);
  if (coreLogger) coreLogger.warn(`[egg-session-native] ${message}`);
  else process.emitWarning(message, { type: 'egg-session-native', code });
}

/**
 * @param {string} message
 * @param {string} [as]
 */
function labelled(message, as) {
  return as === undefined ? message : `${as}: ${message}`;
}

/** @param {any} app that has a session without `as` already */
function warnOfSecond(app) {
  if (hasSecond.has(app)) return;
  hasSecond.add(app);
  warn(app, 'createSession was called again for this app: the options of the first call stay in force. For a second session, set `as` to the name of its property on ctx', 'SESSION_OPTION');
}

module.exports = { labelled, reportCookies, statusOf, warn, warnAtStart, warnOfSecond };
