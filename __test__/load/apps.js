'use strict';

/**
 * The apps under load, each in a cluster of its own with two workers.
 *
 * @typedef {object} LoadApp
 * @property {string} name
 * @property {object} session its config.session
 * @property {boolean} store whether sessions are in a SqliteStore
 * @property {boolean} forgeable whether a cookie that was changed on its way may open
 * @property {number} longestNote characters, so that a cookie stays below 4 KiB
 */

/** @type {LoadApp[]} */
const APPS = [
  { name: 'encrypted', session: { encrypt: true }, store: false, forgeable: true, longestNote: 1800 },
  { name: 'sealed', session: { encrypt: 'sealed', acceptLegacy: false }, store: false, forgeable: false, longestNote: 2400 },
  { name: 'store', session: { encrypt: true }, store: true, forgeable: false, longestNote: 100_000 },
];

module.exports = { APPS };
