'use strict';

/**
 * `doctor --boot`: loads the module that exports the app, and asks the app how its sessions are handled. Nothing listens, no
 * request is served and no session is written. What the app prints goes to standard error.
 */

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { ask, skewText } = require('./ask');
const { OwnError, describe, within } = require('./describe');
const { OWN_NAME } = require('./folder');

const START_MS = 60_000;
// No machine that runs this is older. Its clock would end no session in time.
const EARLIEST_CLOCK_MS = Date.UTC(2025, 0);

/**
 * @typedef {object} AppReport
 * @property {[string, string][]} rows for people
 * @property {string[]} findings
 * @property {import('./ask').SessionReport[]} sessions none if the app did not start, or has no session
 * @property {string[]} warnings at start
 */

/**
 * @param {string} file
 * @param {string} folder of the app
 * @param {(report: AppReport) => void} onExit called instead, if the app ends the process
 * @returns {Promise<AppReport>}
 */
async function boot(file, folder, onExit) {
  /** @type {AppReport} */
  const report = { rows: [], findings: [], sessions: [], warnings: [] };
  const complete = () => {
    if (Date.now() < EARLIEST_CLOCK_MS) report.findings.push('this machine\'s clock is years behind');
    report.findings = [...new Set([...report.findings, ...report.warnings])];
    report.rows = rowsOf(report);
    return report;
  };
  const exited = () => {
    report.findings.push('the app ended the process before it answered, by process.exit() or the like');
    onExit(complete());
  };
  const listeners = listen(report, exited);
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
  return complete();
}

/**
 * @param {AppReport} report gets the warnings of this package, and the errors that nobody catches
 * @param {() => void} onExit
 */
function listen({ warnings, findings }, onExit) {
  const onWarning = (/** @type {Error} */ { name, message }) => {
    if (name === OWN_NAME && !warnings.includes(message)) warnings.push(message);
  };
  const onError = (/** @type {unknown} */ error) => {
    findings.push(`the app threw where nobody catches: ${describe(error)}`);
  };
  process.on('warning', onWarning).on('uncaughtException', onError).on('unhandledRejection', onError).on('exit', onExit);
  return { stop: () => process.off('warning', onWarning).off('exit', onExit) };
}

/** @param {string} file @returns {Promise<any>} the app */
async function load(file) {
  const loaded = await import(pathToFileURL(file).href);
  const exported = [loaded.app, loaded.default, loaded.default && loaded.default.app, loaded.default && loaded.default.default]
    .find((candidate) => isApp(candidate) || typeof candidate === 'function' || typeof Object(candidate).then === 'function');
  const made = isApp(exported) || typeof exported !== 'function' ? exported : exported();
  const app = await made;
  if (!isApp(app)) throw new OwnError('the module exports no app: expected a Koa or Egg app, or a function or promise that gives one');
  if (typeof app.ready === 'function') await app.ready();
  return app;
}

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

/** @param {AppReport} report @returns {[string, string][]} */
function rowsOf({ sessions }) {
  if (sessions.length === 0) return [['app', 'did not answer']];
  const { engine } = sessions[0].status;
  return [
    ['app', `engine: ${engine.name}${engine.reason ? `, ${engine.reason}` : ''}`],
    ...sessions.flatMap(rowsOfSession),
  ];
}

/** @param {import('./ask').SessionReport} session @returns {[string, string][]} */
function rowsOfSession({ name, status: { cookies }, store, clock: { skewMs } }) {
  const answer = store.reachable ? `answers, in ${store.ms} ms` : 'does not answer';
  return [
    [`ctx.${name}`, store.kind === 'cookie' ? 'in the cookie' : `in a store, which ${answer}`],
    ['cookies', cookies.native ? `native, as ${cookies.class} does` : `by ctx.cookies${cookies.class ? ` of ${cookies.class}` : ''}: ${cookies.reason}`],
    ...skewMs === null ? [] : /** @type {[string, string][]} */ ([['clock', `${skewText(skewMs)} that of the store's server`]]),
  ];
}

module.exports = { boot };
