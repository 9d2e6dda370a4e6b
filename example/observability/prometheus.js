'use strict';

/**
 * Counts what an app's sessions do, for Prometheus. docs/diagnostics.md explains the metrics, and the query that tells when an older
 * cookie format or key is no longer needed.
 */

const { subscribe, tracingChannel, unsubscribe } = require('node:diagnostics_channel');
const { Counter, Histogram } = require('prom-client');

const EVENTS = ['save', 'regenerate', 'end', 'conflict', 'gone', 'revoked', 'oversized'];

/**
 * Call it once in each process, for example in the `app.js` of an Egg app.
 *
 * @param {import('prom-client').Registry} register
 * @returns {() => void} ends the counting
 */
function observeSessions(register) {
  const registers = [register];
  const opens = new Counter({
    name: 'egg_session_opens_total',
    help: 'Sessions that were opened, by the format of the cookie and the index of the key that opened it (0 is the newest)',
    labelNames: ['session', 'format', 'key_index', 'former_name'],
    registers,
  });
  const events = new Counter({
    name: 'egg_session_events_total',
    help: 'What happened to sessions',
    labelNames: ['session', 'event'],
    registers,
  });
  const calls = new Histogram({
    name: 'egg_session_store_duration_seconds',
    help: 'Calls of session stores and of revocation',
    labelNames: ['session', 'store', 'operation', 'error'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    registers,
  });

  /** @type {[string, (message: any) => void][]} */
  const listeners = [
    ['open', ({ as, format, keyIndex, former }) => opens.inc({
      session: as, format, key_index: keyIndex ?? 'none', former_name: String(former),
    })],
    ...EVENTS.map(event => /** @type {[string, (message: any) => void]} */ ([event, ({ as }) => events.inc({ session: as, event })])),
  ];
  for (const [event, listener] of listeners) subscribe(`egg-session-native:${event}`, listener);

  const traced = /** @type {any} */ ({
    asyncEnd: (/** @type {any} */ { as, store, operation, durationMs, error }) => {
      calls.observe({ session: as, store, operation, error: error ? error.code : '' }, durationMs / 1000);
    },
  });
  tracingChannel('egg-session-native:store').subscribe(traced);

  return () => {
    for (const [event, listener] of listeners) unsubscribe(`egg-session-native:${event}`, listener);
    tracingChannel('egg-session-native:store').unsubscribe(traced);
  };
}

module.exports = { observeSessions };
