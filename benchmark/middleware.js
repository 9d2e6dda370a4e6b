'use strict';

/**
 * What a session costs a request, middleware and all, above a request without one, in CPU time. Cookies are as many as a
 * batch has requests, and each batch has new ones where the case asks for cookies never seen before.
 */

const assert = require('node:assert/strict');
const { cases, content } = require('./cases');
const { createContender, createContext, cookieHeader } = require('./contenders');
const { sampleFloor } = require('./floor');
const { clearYoungGeneration, cpuMicros, difference, ratio, summary, takeTurns } = require('./measure');

const BATCH = 1000;

const modes = {
  encrypted: () => ({ encrypt: true }),
  signed: () => ({ encrypt: false }),
  store: () => ({ encrypt: true, store: memoryStore() }),
};

/** The plainest external store: what a store costs comes on top of this. */
function memoryStore() {
  const entries = new Map();
  return {
    get: async (key) => entries.get(key),
    async set(key, session) {
      if (entries.size >= 4 * BATCH) entries.delete(entries.keys().next().value);
      entries.set(key, session);
    },
    destroy: async (key) => void entries.delete(key),
  };
}

/**
 * @param {ReturnType<typeof createContender>} contender
 * @param {object} session
 * @returns {Promise<any>} the request that gave a browser this session
 */
async function logIn(contender, session) {
  const ctx = createContext(contender.app, undefined);
  await contender.middleware(ctx, async () => {
    ctx.session = { ...session };
  });
  return ctx;
}

/**
 * @param {string} title of the case
 * @param {keyof typeof modes} mode
 * @param {number} size of the session's JSON in bytes, about
 * @param {{ rounds: number, batch?: number }} options
 */
async function measure(title, mode, size, { rounds, batch: ordinary = BATCH }) {
  const { cookies, times = 1, needs, run, check } = cases[title];
  const batch = ordinary * times;
  const contenders = Object.fromEntries(
    ['none', 'egg-session', 'ours'].map((name) => [name, createContender(/** @type {any} */ (name), modes[mode]())]),
  );
  let serial = 0;

  async function sample(name) {
    const contender = contenders[name];
    const sessions = [];
    const headers = [];
    for (let i = 0; i < batch; i++) {
      const session = content(size, cookies === 1 ? 0 : ++serial);
      sessions.push(session);
      const isKnown = cookies === 1 && i > 0;
      if (cookies === 0) headers.push(undefined);
      else if (name === 'none') headers.push('EGG_SESS=none');
      else headers.push(isKnown ? headers[0] : cookieHeader(await logIn(contender, session)));
    }
    clearYoungGeneration();
    let ctx;
    let result;
    const isNone = name === 'none';
    const next = async () => {
      result = isNone ? ctx.content.userId : run(ctx);
    };
    const start = cpuMicros();
    for (let i = 0; i < batch; i++) {
      ctx = createContext(contender.app, headers[i]);
      ctx.content = sessions[i];
      ctx.serial = i;
      await contender.middleware(ctx, next);
      if (isNone ? result !== ctx.content.userId : !check(ctx, result)) throw new Error(`${name}: wrong answer to "${title}"`);
    }
    const elapsed = cpuMicros() - start;
    if (!isNone) await verify(contenders['egg-session'], mode, ctx, title);
    return elapsed / batch;
  }

  async function floor() {
    const sessions = Array.from({ length: ordinary }, () => content(size, ++serial));
    const { response } = await logIn(contenders.ours, sessions[0]);
    clearYoungGeneration();
    return sampleFloor(sessions, response.get('set-cookie'));
  }

  const samples = await takeTurns([...Object.keys(contenders), 'floor'], rounds, (name) => (name === 'floor' ? floor() : sample(name)));
  const original = difference(samples['egg-session'], samples.none);
  const ours = difference(samples.ours, samples.none);
  const median = (part) => summary(samples.floor.map((parts) => parts[part])).median;
  return {
    title,
    mode,
    size,
    original: summary(original),
    ours: summary(ours),
    ratio: ratio(original, ours),
    needs: mode === 'store' ? needs.filter((part) => part === 'setHeader') : needs,
    floor: { parse: median('parse'), stringify: median('stringify'), setHeader: median('setHeader'), crossing: median('crossing') },
  };
}

/** What the last request of a sample wrote must open in the original. */
async function verify(original, mode, written, title) {
  if (mode === 'store' || !written.response.get('set-cookie')) return;
  const ctx = createContext(original.app, cookieHeader(written));
  let session;
  await original.middleware(ctx, async () => {
    session = ctx.session.toJSON();
  });
  const { visits, ...rest } = session;
  assert.deepEqual(rest, written.content, title);
  assert.equal(visits, title === 'write' ? written.serial : undefined);
}

module.exports = { measure, modes };
