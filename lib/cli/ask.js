'use strict';

/** Asks an app how each of its sessions is handled, and reads from its store what no session has. */

const { randomUUID } = require('node:crypto');
const http = require('node:http');
const net = require('node:net');
const { OwnError, describe, within } = require('./describe');
const { KeysCheck, labelled, missingKeys, risksOf, warnAtStart } = require('../options');

const STORE_MS = 5_000;
const ACCESS_MS = 30_000;
const CLOCK_READINGS = 3;
const MOST_SKEW_MS = 5_000;

/**
 * @typedef {object} SessionReport
 * @property {string} name of the property on `ctx`
 * @property {import('../options/warnings').Status} status
 * @property {{ kind: 'cookie' | 'store', reachable: boolean | null, ms: number | null }} store `reachable`: null if it was not asked
 * @property {{ skewMs: number | null }} clock how far this machine's clock is ahead of that of the store's server; null if it tells no time
 */

/**
 * @param {any} app
 * @param {any} createSession the package that the app has loaded
 * @param {import('./boot').AppReport} report
 */
async function ask(app, createSession, report) {
  const ctx = app.createContext(...throwawayRequest());
  const sessions = sessionsOf(app, createSession);
  if (sessions.length === 0) throw new OwnError('createSession was not called for it, or its plugin is not this one');
  // Each of its calls has the deadline of the store.
  await attempt(report.findings, '', () => createSession.checkAccess(app), ACCESS_MS);
  for (const { as, status } of sessions) {
    const name = as === undefined ? 'session' : as;
    /** @type {SessionReport} */
    const session = { name, status, store: { kind: 'cookie', reachable: null, ms: null }, clock: { skewMs: null } };
    report.sessions.push(session);
    /** @type {string[]} */
    const findings = [];
    await askOne(app, ctx, ctx[`${name}Options`], session, { findings, warnings: report.warnings });
    report.findings.push(...findings.map((finding) => labelled(finding, as)));
  }
}

/**
 * Calls none of the getters on the app's context, which may be other packages'.
 *
 * @param {any} app
 * @param {any} createSession
 * @returns {{ as: string | undefined, status: import('../options/warnings').Status }[]}
 */
function sessionsOf(app, createSession) {
  const names = Object.getOwnPropertyNames(app.context).filter((name) => name.endsWith('Options')).map((name) => name.slice(0, -'Options'.length));
  return [undefined, ...names].flatMap((as) => {
    try {
      return [{ as, status: createSession.status(app, as) }];
    } catch {
      return [];
    }
  });
}

/**
 * @param {any} app
 * @param {any} ctx
 * @param {any} options completed
 * @param {SessionReport} session
 * @param {{ findings: string[], warnings: string[] }} said
 */
async function askOne(app, ctx, options, session, { findings, warnings }) {
  collectWarnings(app, options, { findings, warnings });
  const { native, reason } = session.status.cookies;
  if (!native) findings.push(`session cookies are not native: ${reason}`);
  // Egg, and `cookies` 0.8 in Koa, take it. Without keys, Egg takes no name.
  if (options.key.includes('=') && !takesName(ctx, options.key) && takesName(ctx, 'name')) {
    findings.push('session option `key`: ctx.cookies refuses a name with `=`, so every request that saves a session fails');
  }
  const store = options.ContextStore ? new options.ContextStore(ctx) : options.store;
  const { revocation } = options;
  if (revocation) {
    const isReached = await reach('the list of revocations', findings, () => revocation.isRevoked(randomUUID(), {}));
    if (isReached !== null) session.clock = await clockOf(revocation, randomUUID(), findings);
  }
  if (store) {
    const key = options.genid(ctx);
    const ms = await reach('the store', findings, () => store.get(key, options.maxAge, { ctx, rolling: options.rolling }));
    session.store = { kind: 'store', reachable: ms !== null, ms };
    if (ms !== null) session.clock = await clockOf(store, key, findings);
  }
}

/** @returns {[http.IncomingMessage, http.ServerResponse]} */
function throwawayRequest() {
  const req = new http.IncomingMessage(new net.Socket());
  Object.assign(req, { method: 'GET', url: '/', headers: { host: 'localhost' } });
  return [req, new http.ServerResponse(req)];
}

/** @param {any} ctx of no request @param {string} name of a cookie @returns {boolean} whether its class can write it */
function takesName(ctx, name) {
  try {
    ctx.cookies.set(name, 'x', { signed: false, encrypt: false });
    return true;
  } catch {
    return false;
  }
}

/**
 * In an Egg app the warnings went to its log, and those of the keys come when it begins to listen.
 *
 * @param {any} app
 * @param {any} options completed
 * @param {{ findings: string[], warnings: string[] }} said
 */
function collectWarnings(app, options, { warnings, findings }) {
  const coreLogger = { warn: (/** @type {string} */ line) => {
    const message = line.replace(/^\[egg-session-native\] /, '');
    if (!warnings.includes(message)) warnings.push(message);
  } };
  /** @type {any} */
  const asked = { coreLogger, config: app.config, ContextCookies: app.ContextCookies, callback: () => {} };
  Object.defineProperty(asked, 'keys', { get: () => app.keys });
  findings.push(...risksOf(options, asked).filter(({ isTold }) => !isTold).map(({ message }) => message));
  const missing = missingKeys(options, asked);
  if (missing !== undefined) findings.push(missing);
  try {
    warnAtStart({ ...options }, asked);
    new KeysCheck(asked, { ...options });
    asked.callback();
  } catch (error) {
    findings.push(describe(error));
  }
}

/**
 * @param {string[]} findings gets what fails
 * @param {string} what
 * @param {() => any} call
 * @param {number} [ms]
 * @returns {Promise<boolean>} whether it succeeded
 */
async function attempt(findings, what, call, ms = STORE_MS) {
  try {
    await within(ms, Promise.resolve(call()));
    return true;
  } catch (error) {
    findings.push(what + describe(error));
    return false;
  }
}

/**
 * Reads what no session has.
 *
 * @param {string} what
 * @param {string[]} findings
 * @param {() => any} read
 * @returns {Promise<number | null>} how many milliseconds it took; null if it failed
 */
async function reach(what, findings, read) {
  const start = performance.now();
  return await attempt(findings, `${what} cannot be read: `, read) ? Math.round(performance.now() - start) : null;
}

/**
 * @param {any} target a store, or Revocations
 * @param {string} key
 * @param {string[]} findings
 * @returns {Promise<SessionReport['clock']>}
 */
async function clockOf(target, key, findings) {
  if (typeof target.serverTimeMs !== 'function') return { skewMs: null };
  let best = { skewMs: NaN, roundTripMs: Infinity };
  try {
    for (let i = 0; i < CLOCK_READINGS; i++) {
      const [now, start] = [Date.now(), performance.now()];
      const serverMs = await within(STORE_MS, Promise.resolve(target.serverTimeMs(key)));
      const roundTripMs = performance.now() - start;
      // The server read its clock at some time between call and answer.
      if (roundTripMs < best.roundTripMs) best = { skewMs: Math.round(now + roundTripMs / 2 - serverMs), roundTripMs };
    }
  } catch {
    // For instance an ACL without TIME.
  }
  const { skewMs, roundTripMs } = best;
  if (!Number.isFinite(skewMs)) return { skewMs: null };
  if (Math.abs(skewMs) - roundTripMs / 2 > MOST_SKEW_MS) {
    findings.push(`this machine's clock is ${skewText(skewMs)} that of the store's server: ends of sessions, and \`revocation\`, need clocks that agree`);
  }
  return { skewMs };
}

/** @param {number} skewMs @returns {string} such as `3 ms ahead of` */
function skewText(skewMs) {
  const size = Math.abs(skewMs);
  return `${size < 1000 ? `${size} ms` : `${Math.round(size / 1000)} s`} ${skewMs < 0 ? 'behind' : 'ahead of'}`;
}

module.exports = { ask, skewText };
