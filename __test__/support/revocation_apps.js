'use strict';

/** Apps with sessions in sealed cookies that can be revoked. Needs frozen_clock.js to be loaded before. */

const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('./egg_context');
const { HOUR_MS, KEY, START_MS } = require('./lifetime_apps');

const OPTIONS = { key: KEY, encrypt: 'sealed', maxAge: 2 * HOUR_MS, absoluteMaxAge: 5 * HOUR_MS };

/** A list in memory of what was revoked, with a log of what it was asked. */
class Revoked {
  calls = [];
  ids = new Map();

  async isRevoked(id, session) {
    this.calls.push(['isRevoked', id, session]);
    return this.ids.has(id);
  }

  async revoke(id, untilMs) {
    this.calls.push(['revoke', id, untilMs]);
    this.ids.set(id, untilMs);
  }

  take() {
    return this.calls.splice(0);
  }
}

/** @returns {Promise<[string, () => any][]>} every class of cookies that Egg has, then plain Koa's */
async function hosts() {
  const sources = await knownSources();
  return [
    ...sources.map(([name, source]) => /** @type {[string, () => any]} */ ([name, () => createEggApp(source)])),
    ['plain Koa', () => Object.assign(new Koa(), { keys: ['first key'], silent: true })],
  ];
}

/**
 * One app: `visit(cookie, handle)` is one request to it.
 *
 * @param {any} app
 * @param {any} revocation
 * @param {object} [options]
 */
function start(app, revocation, options) {
  const events = [];
  for (const name of ['revoked', 'expired', 'missed', 'store_error']) {
    app.on(`session:${name}`, ({ ctx, ...event }) => events.push({ name, hasCtx: Boolean(ctx), ...event }));
  }
  const middleware = createSession({ ...OPTIONS, revocation, ...options }, app);
  return async (cookie, handle) => {
    const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
    await new Promise(resolve => setImmediate(resolve));
    return { result, error, setCookie, cookie: cookieHeader(setCookie), events: events.splice(0) };
  };
}

/** What is in the token of a cookie. */
const metaOf = cookie => new createSession.Keyring(['first key']).openSealed(KEY, /EGG_SESS=([^;]*)/.exec(cookie)[1], START_MS);

module.exports = { OPTIONS, Revoked, hosts, metaOf, start };
