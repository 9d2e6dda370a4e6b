'use strict';

/**
 * Reads a session outside of a request of the app: for a WebSocket's upgrade, an HTTP server beside the app, or a worker. The same
 * rules hold as in a request: formats, pieces, keys, revocation, the store, lifetimes, `valid`. Nothing is written: no Set-Cookie,
 * no save, no call of the store but `get`.
 */

const http = require('node:http');
const net = require('node:net');
const { checkString, misuse } = require('../errors');
const codec = require('../session/codec');
const { sessionJSON } = require('../session/data');
const { copyOfJSON } = require('../session/snapshot');

/** @typedef {import('./context_session')} ContextSession */

/**
 * @param {any} app
 * @param {any} req an http.IncomingMessage, a Request of fetch, or another object with `headers`
 * @returns {any} a context whose response goes nowhere
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function createReadingContext(app, req) {
  const { headers } = Object(req);
  if (typeof headers !== 'object' || headers === null) {
    throw misuse('ERR_SESSION_ARGUMENT', 'Expected a request with headers for req');
  }
  const request = req.socket ? req : requestOf(headers);
  if (request.headers.cookie != null) checkString('req.headers.cookie', request.headers.cookie);
  return app.createContext(request, new http.ServerResponse(request));
}

/** @param {any} headers of any kind @returns {http.IncomingMessage} */
function requestOf(headers) {
  const request = new http.IncomingMessage(new net.Socket());
  request.method = 'GET';
  request.url = '/';
  const isOfFetch = typeof headers.get === 'function' && typeof headers.entries === 'function';
  for (const [name, value] of isOfFetch ? headers.entries() : Object.entries(headers)) request.headers[name.toLowerCase()] = value;
  const cookie = /** @type {unknown} */ (request.headers.cookie);
  // HTTP/2 may split it (RFC 9113, section 8.2.3).
  if (Array.isArray(cookie) && cookie.every(part => typeof part === 'string')) request.headers.cookie = cookie.join('; ');
  return request;
}

/**
 * @param {ContextSession} contextSession of a reading context
 * @returns {Promise<any>} the session's data, frozen; null without a session
 * @throws what the store or `revocation` throws, unless `onStoreError` is 'readonly'
 */
async function read(contextSession) {
  const { opts } = contextSession;
  // A store may prolong what it reads, if it is told that lifetimes roll.
  opts.rolling = false;
  await contextSession.begin();
  const session = contextSession.get();
  if (!session || session.isNew || contextSession.isReadonly) return null;
  const json = sessionJSON(session);
  const isJSON = !contextSession.store && opts.decode === codec.decode;
  return deepFrozen(isJSON ? copyOfJSON(json) : JSON.parse(JSON.stringify(json)));
}

/** @param {any} json of any depth @returns {any} the same, frozen */
function deepFrozen(json) {
  const pending = [json];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    Object.freeze(value);
    for (const member of Object.values(value)) {
      if (typeof member === 'object' && member !== null) pending.push(member);
    }
  }
  return json;
}

module.exports = { createReadingContext, read };
