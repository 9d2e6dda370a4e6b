'use strict';

/** Sessions on a clock that a test sets, in each place where one can be kept. Needs frozen_clock.js to be loaded before. */

const createSession = require('../..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('./egg_context');
const { LoggingStore } = require('./logging_store');
const { MemoryStore } = require('./memory_store');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const HOUR_MS = 3600 * 1000;
const START_MS = Date.UTC(2026, 10, 23);
const KEY = 'EGG_SESS';

/** @param {number} sinceStartMs */
const at = sinceStartMs => clock.set(START_MS + sinceStartMs);

const login = ctx => { ctx.session.user = 'ada'; };
const whoami = ctx => ctx.session.user;
const logout = ctx => { ctx.session = null; };

/** Options for each place. */
const KEPT = {
  'sealed cookie': { encrypt: 'sealed' },
  'encrypted cookie': { encrypt: true },
  'signed cookie': { encrypt: false },
  'plain cookie': { encrypt: false, signed: false },
  'cookie of a custom codec': { encrypt: true, encode: JSON.stringify, decode: JSON.parse },
  'sealed cookie of a custom codec': { encrypt: 'sealed', encode: JSON.stringify, decode: JSON.parse },
  'store of get, set and destroy': () => ({ encrypt: true, store: new LoggingStore() }),
  'store that compares and sets': () => ({ encrypt: 'sealed', store: new MemoryStore() }),
};

/**
 * One browser in front of one app: a call is a request, with its own cookie or the one that is given.
 *
 * @param {any} app
 * @param {object} options
 * @param {(options: object, app: any) => any} [create]
 */
function browser(app, options, create = createSession) {
  const middleware = create({ key: KEY, maxAge: 2 * HOUR_MS, ...options }, app);
  const events = [];
  for (const name of ['expired', 'missed', 'conflict']) {
    app.on(`session:${name}`, ({ ctx: _, ...event }) => events.push({ name, ...event }));
  }
  let cookie = '';
  const visit = async (handle, given = cookie) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: given ? { cookie: given } : {} });
    if (error) throw error;
    await new Promise(resolve => setImmediate(resolve));
    if (setCookie.length > 0) cookie = cookieHeader(setCookie);
    return { result, setCookie, events: events.splice(0), cookie };
  };
  return Object.assign(visit, { use: other => { cookie = other; }, cookie: () => cookie });
}

/** @returns {Promise<(kept: any, options?: object, create?: any) => ReturnType<typeof browser>>} makes browsers of apps with Egg's cookies */
async function eggBrowsers() {
  const egg = (await knownSources())[0][1];
  return (kept, options, create) => {
    const { encrypt, ...rest } = typeof kept === 'function' ? kept() : kept;
    return browser(createEggApp(egg), { encrypt, ...rest, ...options }, create);
  };
}

module.exports = { HOUR_MS, KEPT, KEY, START_MS, at, browser, eggBrowsers, login, logout, whoami };
