'use strict';

/**
 * What a session costs a request, middleware and all, above a request without one, in CPU time. Each session layer runs in a
 * process of its own, as in an app's worker: V8 optimises code for the objects that it meets, and must not meet the others'.
 */

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const path = require('node:path');
const { cases, content } = require('./cases');
const { createContender, createContext } = require('./contenders');
const { sampleFloor } = require('./floor');
const { clearYoungGeneration, difference, ratio, summary, takeTurns } = require('./measure');

const BATCH = 1000;
const NAMES = ['none', 'egg-session', 'ours'];

/** A process of contender.js. */
class ContenderProcess {
  #child;

  /** @param {{ name: string, title: string, mode: string, size: number }} what */
  constructor(what) {
    this.#child = fork(path.join(__dirname, 'contender.js'), [JSON.stringify(what)]);
  }

  /**
   * @param {number} batch
   * @returns {Promise<{ micros: number, last: import('./contender').Last }>}
   */
  sample(batch) {
    return new Promise((resolve, reject) => {
      this.#child.once('message', (/** @type {any} */ answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
      this.#child.once('exit', (code) => reject(new Error(`a contender ended with ${code}`)));
      this.#child.send({ batch });
    }).finally(() => this.#child.removeAllListeners());
  }

  end() {
    this.#child.disconnect();
  }
}

/**
 * @param {string} title of the case
 * @param {keyof typeof import('./contenders').modes} mode
 * @param {number} size of the session's JSON in bytes, about
 * @param {{ rounds: number, batch?: number }} options
 */
async function measure(title, mode, size, { rounds, batch = BATCH }) {
  const { times = 1, needs } = cases[title];
  const processes = Object.fromEntries(NAMES.map((name) => [name, new ContenderProcess({ name, title, mode, size })]));
  const original = createContender('egg-session', mode);

  async function sample(name) {
    const { micros, last } = await processes[name].sample(batch * times);
    if (last.cookie && mode !== 'store') await verify(original, last, title);
    return micros;
  }

  let serial = 0;
  function floor() {
    const sessions = Array.from({ length: batch }, () => content(size, ++serial));
    clearYoungGeneration();
    return sampleFloor(sessions);
  }

  try {
    const samples = await takeTurns([...NAMES, 'floor'], rounds, async (name) => (name === 'floor' ? floor() : sample(name)));
    const theirs = difference(samples['egg-session'], samples.none);
    const ours = difference(samples.ours, samples.none);
    const median = (part) => summary(samples.floor.map((parts) => parts[part])).median;
    return {
      title,
      mode,
      size,
      original: summary(theirs),
      ours: summary(ours),
      ratio: ratio(theirs, ours),
      needs: mode === 'store' ? needs.filter((part) => part === 'setHeader') : needs,
      floor: { parse: median('parse'), stringify: median('stringify'), setHeader: median('setHeader'), crossing: median('crossing') },
    };
  } finally {
    for (const process of Object.values(processes)) process.end();
  }
}

/** What the last request of a sample wrote must open in the original. */
async function verify(original, { cookie, content: expected, serial }, title) {
  const ctx = createContext(original.app, cookie);
  let session;
  await original.middleware(ctx, async () => {
    session = ctx.session.toJSON();
  });
  const { visits, ...rest } = session;
  assert.deepEqual(rest, expected, title);
  assert.equal(visits, title === 'write' ? serial : undefined);
}

module.exports = { measure };
