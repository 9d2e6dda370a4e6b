'use strict';

/**
 * Metrics and spans of an app's sessions, for OpenTelemetry. docs/diagnostics.md explains them. The names of the calls of stores are those
 * of the semantic conventions for database clients; for sessions on a server there are none.
 */

const { subscribe, tracingChannel, unsubscribe } = require('node:diagnostics_channel');
const { metrics, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');

const NAME = 'egg-session-native';
const EVENTS = ['save', 'regenerate', 'end', 'conflict', 'gone', 'revoked', 'oversized'];
/** @type {Record<string, string>} `db.system.name` by the store's class */
const SYSTEMS = { RedisStore: 'redis', SqliteStore: 'sqlite', MemcachedStore: 'memcached' };

/**
 * Call it once in each process, after the SDK has started.
 *
 * @param {Record<string, string>} [systems] `db.system.name` of your own stores, of `Revocations` and of `SessionRegistry`, by their class
 * @returns {() => void} ends the observation
 */
function observeSessions(systems = {}) {
  const meter = metrics.getMeter(NAME);
  const tracer = trace.getTracer(NAME);
  const opens = meter.createCounter('egg_session.opens', {
    unit: '{session}', description: 'Sessions that were opened, by the format of the cookie and the key that opened it',
  });
  const events = meter.createCounter('egg_session.events', { unit: '{event}', description: 'What happened to sessions' });
  const durations = meter.createHistogram('db.client.operation.duration', {
    unit: 's',
    description: 'Duration of database client operations.',
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
  });

  /** @type {[string, (message: any) => void][]} */
  const listeners = [
    ['open', ({ as, format, keyIndex, former }) => opens.add(1, {
      'egg_session.name': as,
      'egg_session.format': format,
      'egg_session.former_name': former,
      ...(keyIndex !== undefined && { 'egg_session.key_index': keyIndex }),
    })],
    ...EVENTS.map(event => /** @type {[string, (message: any) => void]} */ ([
      event, ({ as }) => events.add(1, { 'egg_session.name': as, 'egg_session.event': event }),
    ])),
  ];
  for (const [event, listener] of listeners) subscribe(`${NAME}:${event}`, listener);

  /** @type {WeakMap<object, { span: import('@opentelemetry/api').Span, attributes: Record<string, string> }>} */
  const calls = new WeakMap();
  const traced = /** @type {any} */ ({
    start(/** @type {any} */ call) {
      const { as, operation, store } = call;
      const attributes = {
        'db.system.name': systems[store] || SYSTEMS[store] || store.toLowerCase() || 'other',
        'db.operation.name': operation,
        'egg_session.name': as,
      };
      // Its parent is the span that is active in the request.
      calls.set(call, { span: tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes }), attributes });
    },
    asyncEnd(/** @type {any} */ call) {
      const { span, attributes } = calls.get(call) || {};
      if (!span) return;
      const { durationMs, error } = call;
      const failure = error && { 'error.type': error.code };
      if (failure) span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      durations.record(durationMs / 1000, { ...attributes, ...failure });
    },
  });
  tracingChannel(`${NAME}:store`).subscribe(traced);

  return () => {
    for (const [event, listener] of listeners) unsubscribe(`${NAME}:${event}`, listener);
    tracingChannel(`${NAME}:store`).unsubscribe(traced);
  };
}

module.exports = { observeSessions };
