'use strict';

/** Instances of an app behind real HTTP servers, and requests with several cookies of the session's name, some of them dead. */

const { cookieHeader, knownSources } = require('./egg_context');
const { SessionServer, settle } = require('./session_server');

const NAME = 'EGG_SESS';
const HOUR_MS = 3600 * 1000;
const NAMES = ['missed', 'expired', 'invalid', 'revoked', 'store_error'];

/** @type {SessionServer[]} */
const servers = [];
const stop = () => Promise.all(servers.map(server => server.stop()));

const source = (async () => (await knownSources())[0][1])();
const hosts = {
  egg: async () => ({ source: await source }),
  'a subclass of egg-cookies': async () => {
    const egg = await source;
    return { source: { ...egg, Cookies: class extends egg.Cookies {} } };
  },
  koa: async () => ({}),
};

/** One instance: `visit(cookie, handle)` is a request, with the events that it led to. */
async function start(options, host = 'egg') {
  const server = await new SessionServer({ key: NAME, maxAge: HOUR_MS, ...options }, await hosts[host]()).start();
  servers.push(server);
  const events = [];
  for (const name of NAMES) server.app.on(`session:${name}`, ({ ctx: _ctx, ...event }) => events.push({ name, ...event }));
  return async (cookie, handle = read) => {
    const jar = { header: () => [].concat(cookie ?? []).join('; '), store() {} };
    const { result, setCookie, status } = await server.visit(jar, handle);
    await settle();
    return { result, setCookie, status, cookie: cookieHeader(setCookie), events: events.splice(0) };
  };
}

const read = ctx => ctx.session.user || 'nobody';
const login = user => ctx => { ctx.session.user = user; };
const logout = ctx => { ctx.session = null; };
const cookieOf = async (visit, user) => (await visit(undefined, login(user))).cookie;
const names = events => events.map(({ name }) => name);

/** A cookie of `user` that an instance with these options wrote. */
const writtenBy = async (options, host, user) => cookieOf(await start(options, host), user);

/** @param {number} agoMs @param {() => Promise<any>} act */
async function before(agoMs, act) {
  const { now } = Date;
  Date.now = () => now() - agoMs;
  try {
    return await act();
  } finally {
    Date.now = now;
  }
}

/** Ways in which a session in a cookie is dead, each with the event that tells it. */
const DEATHS = {
  expired: { event: 'expired', options: {}, make: (mode, host) => before(2 * HOUR_MS, () => writtenBy(mode, host, 'dead')) },
  'refused by valid': { event: 'invalid', options: { valid: (_ctx, { user }) => !/^dead/.test(user) }, make: (mode, host) => writtenBy(mode, host, 'dead') },
  'past absoluteMaxAge': { event: 'expired', options: { absoluteMaxAge: HOUR_MS / 3 }, make: (mode, host) => (
    before(HOUR_MS / 2, () => writtenBy({ ...mode, absoluteMaxAge: HOUR_MS }, host, 'dead'))
  ) },
};

const MODES = [
  ['encrypted', { encrypt: true }, 'egg'],
  ['signed', { encrypt: false }, 'egg'],
  ['sealed', { encrypt: 'sealed' }, 'egg'],
  ['sealed only', { encrypt: 'sealed', acceptLegacy: false }, 'egg'],
  ['sealed', { encrypt: 'sealed' }, 'a subclass of egg-cookies'],
  ['sealed', { encrypt: 'sealed' }, 'koa'],
  ['sealed, unsigned', { encrypt: 'sealed', signed: false }, 'koa'],
  ['signed', {}, 'koa'],
  ['a codec', { encrypt: true, encode: JSON.stringify, decode: JSON.parse }, 'egg'],
];

module.exports = { DEATHS, HOUR_MS, MODES, NAME, before, cookieOf, login, logout, names, servers, start, stop, writtenBy };
