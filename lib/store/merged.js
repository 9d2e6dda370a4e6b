'use strict';

/** What a request saves where others have saved as well: their changes and its own in one, if it is still the same session. */

const { birthOf, isBornSince, withoutRevisions } = require('./revision');
const { isTombstone } = require('./tombstone');
const { merge } = require('../engine');
const { lifetimeIn, nameIn } = require('../session/data');

// A store keeps an entry a little longer than the browser keeps its cookie.
const GRACE_MS = 10000;

/**
 * @typedef {import('./entry')} StoreEntry
 * @typedef {{ maxAge: number | 'session', leftMs: number }} Lifetime
 * @typedef {{ text: string, conflicts: string[], maxAge: any, lifetime?: Lifetime, replaced?: string }} Merged `lifetime`: set if
 *   another request has changed how long the session lives and this one has not; `replaced`: the stored text of the same session
 */

/**
 * Whether the key has another session by now: the app's own `genid` gave it once more, after the loaded session had ended. Nothing of
 * one gets into the other. Where one text was written without a birth, nobody can tell.
 *
 * @param {StoreEntry} entry
 * @param {string | null} theirs what the store holds
 */
function isAnothers({ storedText }, theirs) {
  if (storedText === undefined || theirs === null || theirs === storedText) return false;
  const [loaded, found] = [birthOf(storedText), birthOf(theirs)];
  return loaded !== undefined && found !== undefined && loaded !== found;
}

/**
 * @param {StoreEntry} entry
 * @param {string} mine
 * @param {string | null} theirs what the store holds
 * @param {any} maxAge for mine
 * @returns {Merged}
 */
function merged({ sessionText, storedText, startedAtMs }, mine, theirs, maxAge) {
  if (theirs === null || isTombstone(theirs)) return { text: mine, conflicts: [], maxAge };
  // The app's own `genid` has given one key to two of its sessions. Nothing of one gets into the other. What was loaded is its own.
  if (theirs !== storedText && nameIn(theirs) !== nameIn(mine)) return { text: mine, conflicts: [], maxAge };
  // Without a session that was loaded, an entry from before this request is another session, which this one replaces, as in
  // egg-session. Two requests that create an entry at the same time have one session.
  if (sessionText === undefined && !isBornSince(theirs, startedAtMs)) return { text: mine, conflicts: [], maxAge };
  const [base, found] = [sessionText ?? '{}', withoutRevisions(theirs)];
  if (found === base) return { text: mine, conflicts: [], maxAge, replaced: theirs };
  const { text, conflicts } = merge(base, mine, found);
  const lifetime = lifetimeIn(text);
  const before = lifetimeIn(mine);
  if (!lifetime || (before && lifetime.maxAge === before.maxAge)) return { text, conflicts, maxAge, replaced: theirs };
  const left = lifetime.maxAge === 'session' ? 'session' : lifetime.leftMs + GRACE_MS;
  return { text, conflicts, maxAge: left, lifetime, replaced: theirs };
}

module.exports = { GRACE_MS, isAnothers, merged };
