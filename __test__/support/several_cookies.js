'use strict';

/** Instances of an app behind real HTTP servers, and requests with several cookies of the session's name, some of them dead. */

const { cookieHeader } = require('./egg_context');
const { HOSTS, HOUR_MS, login, logout, read } = require('./moved_cookies');
const { SessionServer, settle } = require('./session_server');

const NAME = 'EGG_SESS';
const NAMES = ['missed', 'expired', 'invalid', 'revoked', 'store_error'];

/** @type {SessionServer[]} */
const servers = [];
const stop = () => Promise.all(servers.map(server => server.stop()));

/** One instance: `visit(cookie, handle)` is a request, with the events that it led to. */
async function start(options, host = 'egg') {
  const server = await new SessionServer({ key: NAME, maxAge: HOUR_MS, ...options }, await HOSTS[host]()).start();
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

const cookieOf = async (visit, user) => (await visit(undefined, login(user))).cookie;
const names = events => events.map(({ name }) => name);

/** Cookies of three sessions that were logged out, and of a live one of ada. */
async function deadAndLive(visit) {
  const dead = [];
  for (const user of ['a', 'b', 'c']) {
    const cookie = await cookieOf(visit, user);
    await visit(cookie, logout);
    dead.push(cookie);
  }
  return { dead, live: await cookieOf(visit, 'ada') };
}

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

module.exports = { DEATHS, HOUR_MS, MODES, NAME, before, cookieOf, deadAndLive, login, logout, names, servers, start, stop, writtenBy };
