'use strict';

/** Apps that show what a session middleware makes of a Cookie header, to compare ours with the originals. */

const { createApp, dispatch } = require('./koa_context');
const { MODE_OPTIONS } = require('./originals');

const EVENTS = ['missed', 'expired', 'invalid'];

/**
 * @typedef {object} Seen
 * @property {number} status
 * @property {string[]} setCookie
 * @property {string | undefined} json Content of `ctx.session`, or undefined when reading it threw.
 * @property {boolean} isNew
 * @property {boolean} isSession Its prototype is still the model's, whatever keys a cookie brought.
 * @property {unknown} maxAge `ctx.sessionOptions.maxAge`, which a cookie may change.
 * @property {string} events
 * @property {string | undefined} error
 * @property {any} decoded What the cookie's text was parsed to, if it was read at all (`valid` is asked before it is used).
 */

/**
 * @param {object} parts
 * @param {import('./originals').Original} parts.original Whose `ctx.cookies`.
 * @param {(opts: object, app: any) => any} parts.createSession
 * @param {string[]} parts.keys
 * @param {string} parts.name
 * @param {'encrypted' | 'signed' | 'plain'} parts.mode
 * @param {boolean} [parts.foreign]
 * @param {object} [parts.options]
 * @param {(callback: any) => (cookie: string) => Promise<{ status: number, setCookie: string[] }>} [parts.transport] How a request
 *   gets to the app, if not right into its callback.
 * @returns {{ see: (cookie: string, write?: boolean) => Promise<Seen> }}
 */
function sessionApp({ original, createSession, keys, name, mode, foreign, options, transport }) {
  const app = createApp(original, keys, { foreign });
  /** @type {any} */
  let seen = {};
  for (const event of EVENTS) {
    app.on(`session:${event}`, (/** @type {any} */ { key, value }) => {
      seen.events += `${event} ${key} ${tryJson(value)};`;
    });
  }
  app.on('error', (/** @type {any} */ err) => { seen.error = String(err && err.message); });
  const valid = (/** @type {any} */ ctx, /** @type {any} */ decoded) => {
    seen.decoded = decoded;
    return true;
  };
  app.use(createSession({ key: name, ...MODE_OPTIONS[mode], valid, ...options }, app));
  app.use(async (/** @type {any} */ ctx) => {
    seen.json = tryJson(dataOf(ctx.session));
    seen.isNew = Boolean(ctx.session.isNew);
    seen.isSession = typeof Object.getPrototypeOf(ctx.session)?.regenerate === 'function';
    seen.maxAge = ctx.sessionOptions.maxAge;
    if (seen.write) ctx.session.written = 1;
    ctx.body = Buffer.from(JSON.stringify([seen.json, seen.isNew]));
  });
  const callback = app.callback();
  const send = transport ? transport(callback) : (/** @type {string} */ cookie) => dispatch(callback, cookie);
  return {
    async see(cookie, write = false) {
      seen = { json: undefined, isNew: false, isSession: false, maxAge: undefined, events: '', error: undefined, decoded: undefined, write };
      const { status, setCookie } = await send(cookie);
      // The events are emitted in a later turn.
      await new Promise(resolve => { setImmediate(resolve); });
      return { status, setCookie, ...seen };
    },
  };
}

/**
 * The session's data, without asking its `toJSON`: a cookie may bring a key of that name.
 * @param {object} session @returns {object}
 */
function dataOf(session) {
  return Object.fromEntries(Object.entries(session).filter(([key]) => key[0] !== '_' && key !== 'isNew'));
}

/** @param {unknown} value @returns {string | undefined} */
function tryJson(value) {
  try {
    return JSON.stringify(value);
  } catch (err) {
    if (err instanceof RangeError) return 'too deep';
    throw err;
  }
}

module.exports = { sessionApp };
