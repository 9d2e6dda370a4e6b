'use strict';

/**
 * Writes down that a session was seen, if nothing else is written in the request. The write replaces exactly the text that is known,
 * and keeps the session's end. So it never brings back or changes anything: where another request was faster, it is dropped.
 */

const { callStore } = require('./calls');
const { newRevision, withRevision, withoutRevisions } = require('./revision');
const { GRACE_MS } = require('./save');
const { lifetimeIn } = require('../session/data');

/**
 * @param {import('./calls').Caller} caller
 * @param {import('./entry')} entry with its stored text
 * @param {string} record the record's member
 * @returns {Promise<void>}
 * @throws what the store throws
 */
async function touch(caller, entry, record) {
  const { ctx, opts, externalKey } = caller;
  const stored = /** @type {string} */ (entry.storedText);
  const lifetime = lifetimeIn(stored);
  // Only the store knows when a session of the lifetime 'session' ends, so a write would prolong it.
  if (lifetime === undefined || lifetime.maxAge === 'session' || lifetime.leftMs <= 0) return;
  const text = withRevision(withoutRevisions(stored), newRevision(), stored, record);
  const options = { changed: false, ctx, rolling: opts.rolling };
  const { status } = await callStore(caller, 'compareAndSet', externalKey, stored, text, lifetime.leftMs + GRACE_MS, options);
  if (status === 'done') entry.storedText = text;
}

module.exports = { touch };
