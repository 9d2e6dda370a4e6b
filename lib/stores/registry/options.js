'use strict';

/** The options of SessionRegistry, checked once at start. `null` means "not set". */

const { ADDRESSES } = require('./describe');
const { checkInteger, refuseUnknown } = require('../options');
const { partsOf } = require('../revocations');
const { LONGEST_TIMER_MS } = require('../../engine/lifetime');
const { optionError } = require('../../errors');
const { comparesAndSets } = require('../../store/calls');

const NAMES = ['store', 'revocation', 'touchAfterMs', 'label', 'address', 'maxSessions'];
const FIVE_MINUTES_MS = 5 * 60 * 1000;
const SESSIONS = { fallback: 100, least: 1, most: 1000 };

/**
 * @typedef {object} CheckedOptions
 * @property {any} store
 * @property {any} revocation
 * @property {number} touchAfterMs
 * @property {((ctx: any) => unknown) | undefined} label
 * @property {any} address
 * @property {number} maxSessions
 */

/**
 * @param {unknown} options as the app gave them
 * @returns {CheckedOptions}
 * @throws {TypeError} ERR_SESSION_OPTION
 */
function checkOptions(options) {
  if (typeof options !== 'object' || options === null) throw optionError('store', 'SessionRegistry needs an object of options');
  const given = /** @type {Record<string, any>} */ (options);
  refuseUnknown(given, 'SessionRegistry', NAMES);
  const { store, revocation, label, address } = given;
  if ((store == null) === (revocation == null)) {
    throw optionError('store', 'expected either the session\'s `store` or, for sessions in cookies, its `revocation`');
  }
  if (store != null) checkStore(store);
  else checkRevocation(revocation);
  if (label != null && typeof label !== 'function') throw optionError('label', 'expected a function that returns a label of the request\'s device');
  if (address != null && typeof address !== 'function' && !Object.keys(ADDRESSES).includes(address)) {
    throw optionError('address', 'expected \'none\', \'network\', \'full\', or a function that returns what to keep');
  }
  if (store != null && given.maxSessions != null) throw optionError('maxSessions', 'expected only beside `revocation`: a store keeps the records in the sessions');
  return {
    store,
    revocation,
    touchAfterMs: checkInteger(given, 'touchAfterMs', { fallback: FIVE_MINUTES_MS, least: 0, most: LONGEST_TIMER_MS }),
    label: label ?? undefined,
    address: address ?? 'none',
    maxSessions: checkInteger(given, 'maxSessions', SESSIONS),
  };
}

/** @param {any} store */
function checkStore(store) {
  if (typeof store !== 'object') throw optionError('store', 'expected a store, such as a RedisStore');
  if (typeof store.list !== 'function' || typeof store.destroyAll !== 'function' || !comparesAndSets(store)) {
    throw optionError('store', 'expected a store that lists the sessions of a user, such as SqliteStore and RedisStore; MemcachedStore cannot');
  }
  if (typeof store.userOf !== 'function') {
    throw optionError('userOf', 'expected the store to have the option `userOf`, which tells whose session it is');
  }
}

/** @param {any} revocation */
function checkRevocation(revocation) {
  const parts = partsOf(revocation);
  if (parts === undefined) throw optionError('revocation', 'expected the session\'s Revocations');
  if (parts.userOf === undefined) {
    throw optionError('userOf', 'expected the Revocations to have the option `userOf`, which tells whose session it is');
  }
  if (!comparesAndSets(parts.store)) throw optionError('revocation', 'expected its store to compare and set, as the stores of this package do');
}

module.exports = { checkOptions };
