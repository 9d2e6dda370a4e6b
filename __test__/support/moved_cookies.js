'use strict';

/** Instances of an app behind real HTTP servers, before and after the place of its cookie changed, and browsers that visit them. */

const { knownSources } = require('./egg_context');
const { SessionServer } = require('./session_server');

const HOUR_MS = 3600 * 1000;
const PATH = '/shop/cart';

/** @type {SessionServer[]} */
const servers = [];
const stop = () => Promise.all(servers.map(server => server.stop()));

const source = (async () => (await knownSources())[0][1])();
const HOSTS = {
  egg: async () => ({ source: await source }),
  'a subclass of egg-cookies': async () => {
    const egg = await source;
    return { source: { ...egg, Cookies: class extends egg.Cookies { own() { return this; } } } };
  },
  koa: async () => ({}),
};

/** One instance: `visit(jar, handle)` is a request of the browser that has this jar. */
async function start(options, host = 'egg', more = {}) {
  const server = await new SessionServer({ key: 'EGG_SESS', maxAge: HOUR_MS, ...options }, { ...await HOSTS[host](), ...more }).start();
  servers.push(server);
  const visit = async (jar, handle = read, how = {}) => server.visit(jar, handle, { path: PATH, ...how });
  return Object.assign(visit, { server });
}

const read = ctx => ctx.session.user || 'nobody';
const login = user => ctx => { ctx.session.user = user; };
const logout = ctx => { ctx.session = null; };

module.exports = { HOSTS, HOUR_MS, PATH, login, logout, read, source, start, stop };
