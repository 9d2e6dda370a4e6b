'use strict';

/**
 * `doctor --boot`: loads the module that exports the app, and asks the app how its sessions are handled. Nothing listens, no
 * request is served and no session is written. What the app prints goes to standard error.
 */

const { randomUUID } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const { createRequire } = require('node:module');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { OWN_NAME } = require('./folder');
const { KeysCheck, warnAtStart } = require('../options');

const START_MS = 60_000;
const STORE_MS = 5_000;
// No machine that runs this is older. Its clock would end no session in time.
const EARLIEST_CLOCK_MS = Date.UTC(2025, 0);

/**
 * @typedef {object} AppReport
 * @property {[string, string][]} rows for people
 * @property {string[]} findings
 * @property {import('../options/warnings').Status | null} status null if the app did not start, or has no session
 * @property {string[]} warnings at start
 * @property {{ kind: 'cookie' | 'store', reachable: boolean | null, ms: number | null }} store `reachable`: null if it was not asked
 * @property {{ checked: string, skewMs: number | null }} clock
 */

/**
 * @param {string} file
 * @param {string} folder of the app
 * @returns {Promise<AppReport>}
 */
async function boot(file, folder) {
  /** @type {AppReport} */
  const report = {
    rows: [], findings: [], status: null, warnings: [],
    store: { kind: 'cookie', reachable: null, ms: null },
    clock: { checked: 'this machine only: a store tells no time', skewMs: null },
  };
  const listeners = listen(report);
  process.stdout.write = /** @type {any} */ (process.stderr.write.bind(process.stderr));
  try {
    const app = await within(START_MS, load(file));
    await ask(app, packageOf(file, folder), report);
  } catch (error) {
    report.findings.push(`the app did not answer: ${describe(error)}`);
  } finally {
    // Warnings of the process are told a tick later.
    await sleep(10);
    listeners.stop();
  }
  if (Date.now() < EARLIEST_CLOCK_MS) report.findings.push('this machine\'s clock is years behind');
  report.findings.push(...report.warnings);
  report.rows = rowsOf(report);
  return report;
}

/** @param {AppReport} report gets the warnings of this package, and the errors that nobody catches */
function listen({ warnings, findings }) {
  const onWarning = (/** @type {Error} */ { name, message }) => {
    if (name === OWN_NAME && !warnings.includes(message)) warnings.push(message);
  };
  const onError = (/** @type {unknown} */ error) => {
    findings.push(`the app threw where nobody catches: ${describe(error)}`);
  };
  process.on('warning', onWarning).on('uncaughtException', onError).on('unhandledRejection', onError);
  return { stop: () => process.off('warning', onWarning) };
}

/** @param {string} file @returns {Promise<any>} the app */
async function load(file) {
  const loaded = await import(pathToFileURL(file).href);
  const exported = [loaded.app, loaded.default, loaded.default && loaded.default.app, loaded.default && loaded.default.default]
    .find((candidate) => isApp(candidate) || typeof candidate === 'function' || typeof Object(candidate).then === 'function');
  const made = isApp(exported) || typeof exported !== 'function' ? exported : exported();
  const app = await made;
  if (!isApp(app)) throw new NoApp();
  if (typeof app.ready === 'function') await app.ready();
  return app;
}

class NoApp extends Error {}

/** @param {any} value */
function isApp(value) {
  return Object(value) === value && typeof value.use === 'function' && Object(value.context) === value.context;
}

/** @param {string} file @param {string} folder @returns {any} the package that the app itself has loaded */
function packageOf(file, folder) {
  for (const from of [file, path.join(folder, 'package.json')]) {
    try {
      return createRequire(fs.realpathSync(from))(OWN_NAME);
    } catch {
      // It is not installed there, and then the app may use this copy.
    }
  }
  return require('../../index');
}

/**
 * @param {any} app
 * @param {any} createSession the package
 * @param {AppReport} report
 */
async function ask(app, createSession, report) {
  const ctx = app.createContext(...throwawayRequest());
  const options = ctx.sessionOptions;
  if (!options) throw new NoSession();
  collectWarnings(app, options, report);
  report.status = createSession.status(app);
  const { native, reason } = /** @type {import('../options/warnings').Status} */ (report.status).cookies;
  if (!native) report.findings.push(`session cookies are not native: ${reason}`);
  const store = options.ContextStore ? new options.ContextStore(ctx) : options.store;
  if (store) report.store.kind = 'store';
  if (!store && !options.revocation) return;
  await createSession.checkAccess(app);
  const { revocation } = options;
  if (revocation) await reach('the list of revocations', report, () => revocation.isRevoked(randomUUID(), {}));
  if (store) {
    const ms = await reach('the store', report, () => store.get(options.genid(ctx), options.maxAge, { ctx, rolling: options.rolling }));
    report.store = { kind: 'store', reachable: ms !== null, ms };
  }
}

class NoSession extends Error {}

/** @returns {[http.IncomingMessage, http.ServerResponse]} */
function throwawayRequest() {
  const req = new http.IncomingMessage(new net.Socket());
  Object.assign(req, { method: 'GET', url: '/', headers: { host: 'localhost' } });
  return [req, new http.ServerResponse(req)];
}

/**
 * In an Egg app the warnings went to its log, and those of the keys come when it begins to listen.
 *
 * @param {any} app
 * @param {any} options completed
 * @param {AppReport} report
 */
function collectWarnings(app, options, { warnings, findings }) {
  const coreLogger = { warn: (/** @type {string} */ line) => {
    const message = line.replace(/^\[egg-session-native\] /, '');
    if (!warnings.includes(message)) warnings.push(message);
  } };
  /** @type {any} */
  const asked = { coreLogger, config: app.config, ContextCookies: app.ContextCookies, callback: () => {} };
  Object.defineProperty(asked, 'keys', { get: () => app.keys });
  try {
    warnAtStart({ ...options }, asked);
    new KeysCheck(asked, { ...options });
    asked.callback();
  } catch (error) {
    findings.push(describe(error));
  }
}

/**
 * Reads what no session has.
 *
 * @param {string} what
 * @param {AppReport} report
 * @param {() => any} read
 * @returns {Promise<number | null>} how many milliseconds it took; null if it failed
 */
async function reach(what, { findings }, read) {
  const start = performance.now();
  try {
    await within(STORE_MS, Promise.resolve(read()));
    return Math.round(performance.now() - start);
  } catch (error) {
    findings.push(`${what} cannot be read: ${describe(error)}`);
    return null;
  }
}

class TooLate extends Error {}

/** @template T @param {number} ms @param {Promise<T>} promise @returns {Promise<T>} @throws {TooLate} */
async function within(ms, promise) {
  const late = new AbortController();
  try {
    return await Promise.race([promise, sleep(ms, undefined, { signal: late.signal }).then(() => {
      throw new TooLate(`no answer within ${ms} ms`);
    })]);
  } finally {
    late.abort();
  }
}

/**
 * The message of another package may quote a password, so only our own are shown.
 *
 * @param {unknown} error
 * @returns {string}
 */
function describe(error) {
  if (error instanceof TooLate) return error.message;
  if (error instanceof NoApp) return 'the module exports no app: expected a Koa or Egg app, or a function or promise that gives one';
  if (error instanceof NoSession) return 'createSession was not called for it, or its plugin is not this one';
  const { name, code, message, stack } = Object(error);
  if (/^ERR_SESSION_/.test(String(code))) return `${code}: ${message}`;
  const frame = /\n\s+at .*?((?:file:|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?(?:\n|$)/.exec(String(stack));
  return `${[name, code].filter(Boolean).join(' ') || 'it threw what is no error'}${frame ? ` at ${frame[1]}` : ''}`;
}

/** @param {AppReport} report @returns {[string, string][]} */
function rowsOf({ status, store, clock }) {
  if (status === null) return [['app', 'did not answer']];
  const { cookies, engine } = status;
  const reached = store.reachable === null ? 'not asked' : store.reachable ? `answers, in ${store.ms} ms` : 'does not answer';
  return [
    ['app', `engine: ${engine.name}${engine.reason ? `, ${engine.reason}` : ''}`],
    ['cookies', cookies.native ? `native, as ${cookies.class} does` : `by ctx.cookies of ${cookies.class}: ${cookies.reason}`],
    ['sessions in', store.kind === 'cookie' ? 'the cookie' : `a store, which ${reached}`],
    ['clock', `checked: ${clock.checked}`],
  ];
}

module.exports = { boot };
