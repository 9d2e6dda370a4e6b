'use strict';

/**
 * A small real Koa app over real HTTP, with Egg's `ctx.cookies` and a koa-session-like middleware.
 * The recorder runs the originals in it, and the golden test runs ours in the same place.
 */

const http = require('node:http');
const { MODE_OPTIONS } = require('../generate/originals');
const { createApp: createKoaApp } = require('../generate/koa_context');

/**
 * @param {object} parts
 * @param {import('../generate/originals').Original} parts.original Whose `ctx.cookies` it is.
 * @param {(opts: object, app: any) => any} [parts.createSession] Left out: `ctx.cookies` alone.
 * @param {import('./cases').GoldenCase} parts.golden
 * @param {string[]} parts.keys
 * @param {Map<string, object>} parts.stored What the external store holds, shared by the writing and the reading app.
 * @param {(ctx: any, options: object) => unknown} parts.handle
 * @param {boolean} [parts.foreign] `ctx.cookies` is made in a way that is not Egg's.
 */
function createApp({ original, createSession, golden, keys, stored, handle, foreign }) {
  const app = createKoaApp(original, keys, { foreign });
  const options = { key: cookieName(golden), ...MODE_OPTIONS[golden.mode], ...golden.options };
  if (golden.externalKey !== undefined) {
    Object.assign(options, {
      genid: () => golden.externalKey,
      store: {
        get: async (/** @type {string} */ key) => stored.get(key),
        set: async (/** @type {string} */ key, /** @type {object} */ json) => { stored.set(key, json); },
        destroy: async (/** @type {string} */ key) => { stored.delete(key); },
      },
    });
  }
  if (createSession) app.use(createSession(options, app));
  app.use(async ctx => {
    // A Buffer, since Node joins a string body with the headers and then sends both as UTF-8, not Latin-1.
    ctx.body = Buffer.from(JSON.stringify(await handle(ctx, options) ?? null));
  });
  return app;
}

/** @param {import('./cases').GoldenCase} golden */
function cookieName(golden) {
  return golden.cookie || 'EGG_SESS';
}

/**
 * One request to an app on a free port of 127.0.0.1.
 * @param {any} app
 * @param {string} [cookie] The Cookie header.
 * @returns {Promise<{ status: number, body: any, setCookie: string[] }>}
 */
async function request(app, cookie) {
  const server = http.createServer(app.callback());
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return await new Promise((resolve, reject) => {
      const headers = cookie === undefined ? {} : { cookie };
      http.get({ host: '127.0.0.1', port, headers, agent: false }, response => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const status = /** @type {number} */ (response.statusCode);
          const setCookie = response.headers['set-cookie'] || [];
          resolve({ status, body: status === 200 ? JSON.parse(text) : text, setCookie });
        });
      }).on('error', reject);
    });
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
}

/**
 * Lets an app write the case's cookie, and gives what it sent.
 * @param {{ original: import('../generate/originals').Original, createSession: any, golden: import('./cases').GoldenCase, keys: string[], stored?: Map<string, object>, foreign?: boolean }} parts
 */
function write({ golden, createSession, ...parts }) {
  const bare = golden.encoded !== undefined;
  const app = createApp({
    stored: new Map(),
    ...parts,
    golden,
    createSession: bare ? undefined : createSession,
    handle: async (ctx, options) => {
      if (bare) ctx.cookies.set(cookieName(golden), golden.encoded, options);
      else if (golden.session === '{}') await ctx.session.save();
      else ctx.session = JSON.parse(golden.session ?? '{"in":"the store"}');
    },
  });
  return request(app);
}

/**
 * Lets an app read a cookie: `session` is the content of `ctx.session`, and `opened`, if asked for, what
 * `ctx.cookies` gives.
 * @param {{ original: import('../generate/originals').Original, createSession: any, golden: import('./cases').GoldenCase, keys: string[], stored?: Map<string, object>, foreign?: boolean }} parts
 * @param {string} cookie
 * @param {{ withOpened?: boolean }} [how]
 */
function read({ golden, createSession, ...parts }, cookie, { withOpened = false } = {}) {
  const bare = golden.encoded !== undefined;
  const app = createApp({
    stored: new Map(),
    ...parts,
    golden,
    createSession: bare ? undefined : createSession,
    handle: (ctx, options) => ({
      session: bare ? undefined : JSON.stringify(ctx.session),
      opened: withOpened ? ctx.cookies.get(cookieName(golden), options) : undefined,
    }),
  });
  return request(app, cookie);
}

module.exports = { write, read, cookieName };
