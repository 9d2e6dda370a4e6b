'use strict';

/**
 * `saveWithHeaders`: the session is saved when the headers of the response are written, and not when the session middleware ends. So
 * an app that answers by itself (`ctx.respond = false`), or changes the session outside of the middleware, still reaches the browser.
 * `writeHead` of this response is wrapped, and that of no other app.
 *
 * A cookie is written at once. A store answers later, so a browser may get the key of a session whose save then fails: the next
 * request begins a new one.
 */

const { currentLife } = require('./life');
const { verdictOn } = require('./commit');
const { sendsCookie } = require('../cookie/response');

/** @typedef {import('./context_session')} ContextSession */

/** @param {ContextSession} contextSession */
function saveWithHeaders(contextSession) {
  const { res } = contextSession.ctx;
  const before = Object.getOwnPropertyDescriptor(res, 'writeHead');
  const { writeHead } = res;
  res.writeHead = (/** @type {any[]} */ ...args) => {
    if (before) Object.defineProperty(res, 'writeHead', before);
    else delete res.writeHead;
    if (!res.headersSent) beforeHeaders(contextSession);
    return writeHead.apply(res, args);
  };
}

/** @param {ContextSession} contextSession */
function beforeHeaders(contextSession) {
  const { ctx, opts, hasCookie, session } = contextSession;
  // An error's answer is Koa's, with the cookie or without.
  if (session === undefined || (hasCookie && !sendsCookie(ctx, opts.key))) return;
  try {
    if (contextSession.store) sendKeyNow(contextSession);
  } catch (error) {
    contextSession.emit('store_error', { operation: 'commit', error, key: contextSession.externalKey, ctx });
    return;
  }
  // Its promise has a handler, which tells of a failure.
  contextSession.commit();
}

/** @param {ContextSession} contextSession whose store has no answer before the headers are out */
function sendKeyNow(contextSession) {
  const { ctx, opts, cookie, entry, externalKey } = contextSession;
  const { act } = verdictOn(contextSession);
  if (act === 'remove' && !opts.externalKey) cookie.expire(ctx, opts);
  if (!externalKey || !contextSession.session || (act !== 'save' && act !== 'wait')) return;
  entry.browserHas(externalKey);
  if (opts.externalKey) {
    opts.externalKey.set(ctx, externalKey);
    return;
  }
  const maxAge = opts.maxAge === 'session' ? undefined : opts.maxAge;
  const life = opts.absoluteMaxAge ? currentLife(contextSession) : undefined;
  cookie.writeValue(ctx, { ...opts, maxAge: life ? life.cut(maxAge) : maxAge }, externalKey);
}

module.exports = { saveWithHeaders };
