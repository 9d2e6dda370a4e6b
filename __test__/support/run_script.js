'use strict';

const http = require('http');
const { CookieJar, send } = require('./client');
const { variantOf } = require('./modes');

/** Where the clock of every script begins. */
const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/**
 * @typedef {object} Step one request
 * @property {any[][]} do operations for the session, see fixtures/app/lib/operations.js
 * @property {number} [after] milliseconds that pass before the request
 * @property {object} [headers]
 * @property {string | ((jar: CookieJar) => string)} [cookie] a raw Cookie header in place of the jar's
 * @property {false} [keep] the jar takes nothing from the answer
 * @property {string} [jar] which browser sends it; they share nothing
 * @property {string} [path]
 * @property {object} [variant] sends it to an app that differs in this from the scenario's
 * @property {object} [expect] what the original is seen to do, so that the scenario cannot pass by doing nothing
 */

/**
 * Runs the steps against one process, as browsers would.
 * @param {import('./app_process').AppProcess} process
 * @param {{ variant?: object, steps: Step[] }} scenario
 * @param {string} mode
 * @param {object} [fixes] changes to the variant that are this process's own
 * @returns {Promise<object[]>} a record for each app that started, then one for each step
 */
async function runScript(process, scenario, mode, fixes) {
  const records = [];
  const jars = new Map();
  const starts = new Map();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let nowMs = START_MS;

  await process.reset();
  try {
    for (const step of scenario.steps) {
      const app = await process.app(variantOf(mode, scenario.variant, step.variant, fixes));
      if (!starts.has(app)) {
        starts.set(app, true);
        records.push({ start: app.failed ? { failed: messageOf(app.failed) } : { log: app.log } });
      }
      if (app.failed) break;
      nowMs += step.after || 0;
      records.push(await runStep(process, { step, port: app.port, agent, nowMs, jar: jarOf(jars, step.jar) }));
    }
  } finally {
    agent.destroy();
  }
  return records;
}

function jarOf(jars, name = 'browser') {
  if (!jars.has(name)) jars.set(name, new CookieJar());
  return jars.get(name);
}

async function runStep(process, { step, port, agent, nowMs, jar }) {
  const path = step.path || '/';
  const cookie = step.cookie === undefined ? jar.header(nowMs, path)
    : typeof step.cookie === 'function' ? step.cookie(jar) : step.cookie;
  const answer = await send({
    port,
    path,
    agent,
    body: step.do,
    headers: { 'x-clock': String(nowMs), ...(cookie ? { cookie } : {}), ...step.headers },
  });
  if (step.keep !== false) jar.store(answer.setCookie, nowMs);
  return { ...answer, log: await process.collect() };
}

/** The first line of a stack, without the process's name and the error's class, which is no part of the contract. */
function messageOf(failure) {
  return failure.split('\n')[0].replace(/^egg \d, \w+: /, '').replace(/^\w*Error(?: \[\w+\])?: /, '');
}

module.exports = { runScript, START_MS };
