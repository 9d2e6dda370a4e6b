'use strict';

const { Baseline } = require('./baseline');
const { Session } = require('./session');
const { SessionLife } = require('./session_life');
const { callStore, comparesAndSets, mayReadNow, readNow, takesText } = require('./store_access');

/**
 * Loading from an external store, before the app's code runs. A key that the store does not know is never taken over.
 *
 * @typedef {import('./context_session')} ContextSession
 * @typedef {{ value: any, keyIndex: number, raw?: any }} FoundKey the external key, as the request has it
 */

/**
 * @param {ContextSession} contextSession
 * @returns {Promise<void> | undefined} a promise where the store has to be waited for: making one costs as much as a read
 */
function loadFromStore(contextSession) {
  const found = findKey(contextSession);
  if (!mayReadNow(contextSession.store)) return load(contextSession, found);
  if (found && found.value) {
    const text = readNow(contextSession, found.value);
    if (text === undefined) return load(contextSession, found);
    take(contextSession, found.value, text ?? undefined, true);
  } else {
    contextSession.create();
  }
  refreshSignature(contextSession, found);
  return undefined;
}

/** @param {ContextSession} contextSession @param {FoundKey | null | undefined} found */
async function load(contextSession, found) {
  if (found && found.value) await ask(contextSession, found.value);
  else contextSession.create();
  refreshSignature(contextSession, found);
}

/** @param {ContextSession} contextSession @returns {FoundKey | null | undefined} */
function findKey({ ctx, opts, _cookie: cookie }) {
  return opts.externalKey ? { value: opts.externalKey.get(ctx), keyIndex: 0 } : cookie.readValue(ctx, opts);
}

/** @param {ContextSession} contextSession @param {FoundKey | null | undefined} found */
function refreshSignature({ ctx, opts, _cookie: cookie }, found) {
  if (found && found.keyIndex > 0) cookie.refreshSignature(ctx, opts, found.raw);
}

/** @param {ContextSession} contextSession @param {string} externalKey */
async function ask(contextSession, externalKey) {
  const { ctx, opts, store } = contextSession;
  const options = { ctx, rolling: opts.rolling };
  const isText = takesText(store);
  let loaded;
  try {
    loaded = await callStore(contextSession, isText ? 'getText' : 'get', externalKey, opts.maxAge, options);
  } catch (err) {
    if (opts.onStoreError !== 'readonly') throw err;
    contextSession._isReadonly = true;
    contextSession.session = new Session(contextSession);
    return;
  }
  take(contextSession, externalKey, loaded, isText);
}

/**
 * @param {ContextSession} contextSession
 * @param {string} externalKey
 * @param {any} loaded
 * @param {boolean} isText the store gives a session's text, not itself
 */
function take(contextSession, externalKey, loaded, isText) {
  const { opts, store } = contextSession;
  let json = loaded;
  if (isText && typeof loaded === 'string') {
    try {
      json = JSON.parse(loaded);
    } catch {
      contextSession.create();
      return;
    }
  }
  if (opts.absoluteMaxAge) contextSession._life = SessionLife.ofLoaded(json, opts.absoluteMaxAge);
  if (!contextSession.valid(json, externalKey)) {
    contextSession.create();
    return;
  }
  contextSession.create(json, externalKey, true);
  contextSession._browserKey = externalKey;
  contextSession._baseline = Baseline.ofLoaded(json, contextSession.session, json !== loaded);
  if (comparesAndSets(store)) {
    contextSession._sessionText = loaded;
    contextSession._storedText = loaded;
  }
}

module.exports = { loadFromStore };
