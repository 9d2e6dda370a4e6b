'use strict';

/**
 * How each package turns a session into a cookie and back. iron-session and @fastify/secure-session export that; the others
 * keep it inside of their middlewares, so it is put together here from the same parts, and `checkAgainstPackages` shows the
 * result to the middleware itself.
 */

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const http = require('node:http');
const Keygrip = require('keygrip');
const EggKeygrip = require('egg-cookies/lib/keygrip');
const { Keyring } = require('..');
const { installPackages } = require('./packages');

const NAME = 'EGG_SESS';
const KEY = 'benchmark key of more than 32 characters';
const SIGNATURE = `; ${NAME}.sig=`;

/** @typedef {{ gives: string, seal(session: object): string | Promise<string>, unseal(cookie: string): any }} Codec */

const toBase64 = (session) => Buffer.from(JSON.stringify(session)).toString('base64');
const fromBase64 = (value) => JSON.parse(Buffer.from(value, 'base64').toString('utf8'));
const fail = () => { throw new Error('a cookie did not open'); };

/** @returns {Record<string, Codec>} */
function ours() {
  const keyring = new Keyring([KEY]);
  const unsealed = (mode, value, signature) => JSON.parse((keyring.open(mode, NAME, value, signature) ?? fail()).text);
  return {
    'egg-session-native, `encrypt: true`': {
      gives: 'encrypted',
      seal: (session) => keyring.seal('encrypted', NAME, JSON.stringify(session)).value,
      unseal: (cookie) => unsealed('encrypted', cookie),
    },
    'egg-session-native, `signed`': {
      gives: 'authenticated',
      seal(session) {
        const { value, signature } = keyring.seal('signed', NAME, JSON.stringify(session));
        return value + SIGNATURE + signature;
      },
      unseal(cookie) {
        const end = cookie.indexOf(SIGNATURE);
        return unsealed('signed', cookie.slice(0, end), cookie.slice(end + SIGNATURE.length));
      },
    },
    'egg-session-native, `encrypt: \'sealed\'`': {
      gives: 'encrypted, authenticated',
      seal: (session) => keyring.seal('sealed', NAME, JSON.stringify(session)).value,
      unseal: (cookie) => unsealed('sealed', cookie),
    },
  };
}

/** @returns {Record<string, Codec>} */
function eggSession() {
  const keygrip = new EggKeygrip([KEY]);
  return {
    'egg-session, `encrypt: true`': {
      gives: 'encrypted',
      seal: (session) => keygrip.encrypt(toBase64(session)).toString('base64').replace(/\+/g, '-').replace(/\//g, '_'),
      unseal: (cookie) => fromBase64((keygrip.decrypt(Buffer.from(cookie, 'base64')) || fail()).value.toString()),
    },
    'egg-session, `signed`': signedCodec('authenticated', keygrip, (data, signature) => keygrip.verify(data, signature) === 0),
  };
}

/** @returns {Codec} */
function cookieSession() {
  const keygrip = new Keygrip([KEY]);
  return signedCodec('authenticated (HMAC-SHA1)', keygrip, (data, signature) => keygrip.index(data, signature) === 0);
}

/**
 * @param {string} gives
 * @param {{ sign(data: string): string }} keygrip
 * @param {(data: string, signature: string) => boolean} isSigned
 * @returns {Codec}
 */
function signedCodec(gives, keygrip, isSigned) {
  return {
    gives,
    seal(session) {
      const value = toBase64(session);
      return value + SIGNATURE + keygrip.sign(`${NAME}=${value}`);
    },
    unseal(cookie) {
      const end = cookie.indexOf(SIGNATURE);
      const value = cookie.slice(0, end);
      if (!isSigned(`${NAME}=${value}`, cookie.slice(end + SIGNATURE.length))) fail();
      return fromBase64(value);
    },
  };
}

/**
 * The cookie holds a signed id, and JSON text stays in the server: in a Map, as in its MemoryStore.
 *
 * @param {Map<string, string>} [texts]
 * @returns {Codec}
 */
function expressSession(texts = new Map()) {
  const { sign, unsign } = require('cookie-signature');
  return {
    gives: 'a signed id, the session stays in memory',
    seal(session) {
      // uid-safe's: 24 random bytes
      const id = crypto.randomBytes(24).toString('base64url');
      texts.set(id, JSON.stringify(session));
      return `s:${sign(id, KEY)}`;
    },
    unseal(cookie) {
      const id = unsign(cookie.slice(2), KEY) || fail();
      const session = JSON.parse(/** @type {string} */ (texts.get(id)));
      texts.delete(id);
      return session;
    },
  };
}

/** @returns {Promise<Codec>} */
async function ironSession() {
  const { sealData, unsealData } = await import('iron-session');
  return {
    gives: 'encrypted, authenticated; key by PBKDF2 for each cookie',
    seal: (session) => sealData(session, { password: KEY }),
    unseal: (cookie) => unsealData(cookie, { password: KEY }),
  };
}

/** @returns {Promise<Codec>} */
async function secureSession() {
  const app = require('fastify')();
  app.register(require('@fastify/secure-session'), { key: Buffer.alloc(32, KEY) });
  await app.ready();
  return {
    gives: 'encrypted, authenticated',
    seal: (session) => app.encodeSecureSession(app.createSecureSession({ ...session })),
    unseal: (cookie) => app.decodeSecureSession(cookie).data(),
  };
}

/** @returns {Promise<Record<string, Codec>>} */
async function codecs() {
  installPackages();
  const version = (name) => require(`${__dirname}/node_modules/${name}/package.json`).version;
  const named = (name) => `${name} ${version(name)}`;
  return {
    ...ours(),
    ...eggSession(),
    [`${named('cookie-session')}, keygrip`]: cookieSession(),
    [named('iron-session')]: await ironSession(),
    [named('@fastify/secure-session')]: await secureSession(),
    [`${named('express-session')}, cookie-signature`]: expressSession(),
  };
}

/** What the middleware finds in `req.session` when it is given this cookie. @returns {Promise<any>} */
function sessionOf(middleware, cookie) {
  const request = new http.IncomingMessage(/** @type {any} */ ({ encrypted: false }));
  Object.assign(request, { url: '/', originalUrl: '/', headers: { cookie: `${NAME}=${cookie}` } });
  return new Promise((resolve, reject) => {
    middleware(request, new http.ServerResponse(request), (err) => (err ? reject(err) : resolve(/** @type {any} */ (request).session)));
  });
}

/** @param {object} session */
async function checkAgainstPackages(session) {
  installPackages();
  const { seal } = cookieSession();
  const read = await sessionOf(require('cookie-session')({ name: NAME, keys: [KEY] }), await seal(session));
  assert.deepEqual({ ...read }, session, 'cookie-session');

  const express = require('express-session');
  const store = new express.MemoryStore();
  const texts = new Map();
  const cookie = await expressSession(texts).seal({ ...session, cookie: {} });
  for (const [id, text] of texts) /** @type {any} */ (store).sessions[id] = text;
  const middleware = express({ name: NAME, secret: KEY, store, resave: false, saveUninitialized: false });
  const stored = await sessionOf(middleware, encodeURIComponent(cookie));
  assert.equal(stored.userId, /** @type {any} */ (session).userId, 'express-session');
}

module.exports = { codecs, checkAgainstPackages };
