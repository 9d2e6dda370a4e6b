'use strict';

/**
 * The browsers that the load stands for: what Cookie header they send, and how to see that an answer is right. The cookies of
 * encrypted sessions are sealed here, since the bytes are the same whoever does it; sessions in a store have to be logged in.
 */

const http = require('node:http');
const { Keyring } = require('../..');
const { content } = require('../cases');

const KEYS = 'end to end key';
const NAME = 'EGG_SESS';
const SIZE = 300;
const MAX_AGE_MS = 24 * 3600 * 1000;
/** Egg gives every browser one, and would send it with each answer to a browser that lacks it. */
const CSRF = 'csrfToken=ZzV4cGVjdGVkVG9rZW5f';

const keyring = new Keyring([KEYS]);
let serial = 0;

/** @typedef {{ cookie: string, userId: number }} Browser */

/** @returns {Browser} one with a session that no server has seen */
function newBrowser() {
  const session = content(SIZE, ++serial);
  const text = JSON.stringify({ ...session, _expire: Date.now() + MAX_AGE_MS, _maxAge: MAX_AGE_MS });
  return { cookie: `${CSRF}; ${NAME}=${keyring.seal('encrypted', NAME, text).value}`, userId: session.userId };
}

/** @returns {Browser} the same in a Koa app, where the cookie is signed */
function newKoaBrowser() {
  const session = content(SIZE, ++serial);
  const text = JSON.stringify({ ...session, _expire: Date.now() + MAX_AGE_MS, _maxAge: MAX_AGE_MS });
  const { value, signature } = keyring.seal('signed-sha1', NAME, text);
  return { cookie: `${NAME}=${value}; ${NAME}.sig=${signature}`, userId: session.userId };
}

/** @param {number} port @returns {Promise<Browser>} one that has logged in */
function logIn(port) {
  const session = content(SIZE, ++serial);
  const headers = { 'content-type': 'application/json', cookie: CSRF, 'x-csrf-token': CSRF.split('=')[1] };
  return new Promise((resolve, reject) => {
    http.request({ port, host: '127.0.0.1', path: '/login', method: 'POST', headers }, (response) => {
      response.resume();
      const line = response.headers['set-cookie']?.find((text) => text.startsWith(`${NAME}=`));
      if (response.statusCode !== 200 || !line) reject(new Error(`logging in failed with ${response.statusCode}`));
      else resolve({ cookie: `${CSRF}; ${line.split(';')[0]}`, userId: session.userId });
    }).on('error', reject).end(JSON.stringify(session));
  });
}

/** @param {Record<string, any>} headers @param {string} [name] @returns {string | undefined} what the answer sets the cookie to */
function newCookie(headers, name = NAME) {
  const line = [].concat(headers['set-cookie'] || []).find((text) => String(text).startsWith(`${name}=`));
  return line && String(line).slice(name.length + 1).split(';')[0];
}

const answers = {
  none: () => (body, headers) => body === '{"userId":0}' && newCookie(headers) === undefined,

  'floor of a write': () => (body, headers) => body === '{"userId":0}' && newCookie(headers) !== undefined,

  read: ({ userId }) => (body, headers) => body === `{"userId":${userId}}` && newCookie(headers) === undefined,

  write: ({ userId }) => (body, headers) => {
    const opened = keyring.open('encrypted', NAME, newCookie(headers) || '');
    if (opened === null || body !== `{"userId":${userId}}`) return false;
    const session = JSON.parse(opened.text);
    return session.userId === userId && session.visits === 1;
  },

  'write in Koa': ({ userId }) => (body, headers) => {
    const value = newCookie(headers);
    const signature = newCookie(headers, `${NAME}.sig`);
    const opened = value && keyring.open('signed-sha1', NAME, value, signature);
    return Boolean(opened) && body === `{"userId":${userId}}` && JSON.parse(opened.text).visits === 1;
  },

  /** With a store the cookie holds its key, and the session counts on. */
  'write to a store': ({ userId }) => (body) => body === `{"userId":${userId}}`,
};

module.exports = { KEYS, answers, logIn, newBrowser, newKoaBrowser };
