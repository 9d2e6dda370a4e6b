'use strict';

/**
 * One session layer in a process of its own. Asked over IPC, it serves a batch of requests, checks each answer, and tells the
 * CPU time of one. Cookies are as many as a batch has requests, and each batch has new ones where the case asks for cookies
 * never seen before.
 */

const { cases, content } = require('./cases');
const { createContender, createContext, cookieHeader } = require('./contenders');
const { clearYoungGeneration, cpuMicros } = require('./measure');

/** @typedef {{ cookie: string | undefined, content: object, serial: number }} Last what the batch's last request set */

const { name, title, mode, size } = JSON.parse(process.argv[2]);
const { cookies, run, check } = cases[title];
const contender = createContender(name, mode);
const isNone = name === 'none';
let serial = 0;

/**
 * @param {object} session
 * @returns {Promise<string>} the cookie of a browser that has this session
 */
async function logIn(session) {
  const ctx = createContext(contender.app, undefined);
  await contender.middleware(ctx, async () => {
    ctx.session = { ...session };
  });
  return cookieHeader(ctx);
}

/** @param {number} batch */
async function sample(batch) {
  const sessions = [];
  const headers = [];
  for (let i = 0; i < batch; i++) {
    const session = content(size, cookies === 1 ? 0 : ++serial);
    sessions.push(session);
    const isKnown = cookies === 1 && i > 0;
    if (cookies === 0) headers.push(undefined);
    else if (isNone) headers.push('EGG_SESS=none');
    else headers.push(isKnown ? headers[0] : await logIn(session));
  }
  clearYoungGeneration();
  let ctx;
  let result;
  const next = async () => {
    result = isNone ? ctx.content.userId : run(ctx);
  };
  const start = cpuMicros();
  for (let i = 0; i < batch; i++) {
    ctx = createContext(contender.app, headers[i]);
    ctx.content = sessions[i];
    ctx.serial = i;
    await contender.middleware(ctx, next);
    // asked of all, for its time counts
    const isRight = check(ctx, result);
    if (isNone ? result !== ctx.content.userId : !isRight) throw new Error(`${name}: wrong answer to "${title}"`);
  }
  const micros = (cpuMicros() - start) / batch;
  const cookie = ctx.response.get('set-cookie') ? cookieHeader(ctx) : undefined;
  return { micros, last: { cookie, content: ctx.content, serial: ctx.serial } };
}

process.on('message', async (/** @type {any} */ { batch }) => {
  try {
    process.send?.(await sample(batch));
  } catch (err) {
    process.send?.({ error: err instanceof Error ? err.stack : String(err) });
  }
});
