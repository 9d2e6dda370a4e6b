'use strict';

/**
 * What a session costs a request, middleware and all, above a request without one. Cookies are as many as a batch has
 * requests, and each batch has new ones where the case asks for cookies never seen before.
 */

const assert = require('node:assert/strict');
const { cases, content } = require('./cases');
const { createContender, createContext, cookieHeader } = require('./contenders');
const { difference, ratio, summary, takeTurns } = require('./measure');

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
 * @returns {Promise<string>} the Cookie header of a browser that has this session
 */
async function logIn(contender, session) {
  const ctx = createContext(contender.app, undefined);
  await contender.middleware(ctx, async () => {
    ctx.session = { ...session };
  });
  return cookieHeader(ctx);
}

/**
 * @param {string} title of the case
 * @param {keyof typeof modes} mode
 * @param {number} size of the session's JSON in bytes, about
 * @param {{ rounds: number, batch?: number }} options
 */
async function measure(title, mode, size, { rounds, batch = BATCH }) {
  const { cookies, run, check } = cases[title];
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
      else headers.push(isKnown ? headers[0] : await logIn(contender, session));
    }
    let ctx;
    let result;
    const isNone = name === 'none';
    const next = async () => {
      result = isNone ? ctx.content.userId : run(ctx);
    };
    const start = process.hrtime.bigint();
    for (let i = 0; i < batch; i++) {
      ctx = createContext(contender.app, headers[i]);
      ctx.content = sessions[i];
      ctx.serial = i;
      await contender.middleware(ctx, next);
      if (isNone ? result !== ctx.content.userId : !check(ctx, result)) throw new Error(`${name}: wrong answer to "${title}"`);
    }
    const elapsed = process.hrtime.bigint() - start;
    if (!isNone) await verify(contenders['egg-session'], mode, ctx, title);
    return Number(elapsed) / batch / 1000;
  }

  const times = await takeTurns(Object.keys(contenders), rounds, sample);
  const original = difference(times['egg-session'], times.none);
  const ours = difference(times.ours, times.none);
  return { title, mode, size, original: summary(original), ours: summary(ours), ratio: ratio(original, ours) };
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
