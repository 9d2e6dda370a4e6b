'use strict';

/** The examples of example/observability, with prom-client and the SDK of OpenTelemetry, in an app that is asked over HTTP. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { context, metrics, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { Registry } = require('prom-client');
const openTelemetry = require('../../example/observability/opentelemetry');
const prometheus = require('../../example/observability/prometheus');
const { MemoryStore } = require('../support/memory_store');
const { knownSources } = require('../support/egg_context');
const { BrowserJar, SessionServer } = require('../support/session_server');

const OLD = 'the first key, of 32 characters!';
const NEW = 'a newer key, of 32 characters too';
const login = ctx => { ctx.session.user = 'ada'; };
const read = ctx => ctx.session.user;
const logout = ctx => { ctx.session = null; };

/** @param {import('node:test').TestContext} t @param {any} options @param {string[]} [keys] */
async function start(t, options, keys = [OLD]) {
  const source = (await knownSources())[0][1];
  const server = await new SessionServer({ key: 'EGG_SESS', maxAge: 60_000, ...options }, { source, keys }).start();
  t.after(() => server.stop());
  return server;
}

/** @param {Registry} register @param {string} name @returns {Promise<Record<string, number>>} values by labels, those that are not 0 */
async function counts(register, name) {
  const lines = (await register.metrics()).split('\n').filter(line => line.startsWith(`${name}{`));
  return Object.fromEntries(lines.map(line => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]));
}

test('Prometheus: an operator sees when no older format and no older key is read any more', async t => {
  const register = new Registry();
  t.after(prometheus.observeSessions(register));
  const jars = ['encrypted', 'sealed', 'sealed and never written again'].map(() => new BrowserJar());
  const older = await start(t, { encrypt: true });
  await older.visit(jars[0], login);
  const oldKey = await start(t, { encrypt: 'sealed' });
  for (const jar of jars.slice(1)) await oldKey.visit(jar, login);

  const app = await start(t, { encrypt: 'sealed' }, [NEW, OLD]);
  const label = (format, key) => `{session="session",format="${format}",key_index="${key}",former_name="false"}`;
  const opens = () => counts(register, 'egg_session_opens_total');
  for (const jar of jars) await app.visit(jar, read);
  assert.deepEqual(await opens(), { [label('encrypted', 1)]: 1, [label('sealed', 1)]: 2 });

  for (const jar of jars) await app.visit(jar, ctx => { ctx.session.visits = 1; });
  register.resetMetrics();
  for (const jar of jars) assert.equal((await app.visit(jar, read)).result, 'ada');
  assert.deepEqual(await opens(), { [label('sealed', 0)]: 3 });

  // So the old format and the old key can go, and no session is lost.
  const after = await start(t, { encrypt: 'sealed', acceptLegacy: false }, [NEW]);
  for (const jar of jars) assert.equal((await after.visit(jar, read)).result, 'ada');
});

test('Prometheus: events, and calls of the store with their failures', async t => {
  const register = new Registry();
  const stop = prometheus.observeSessions(register);
  t.after(stop);
  const store = new MemoryStore();
  const app = await start(t, { encrypt: 'sealed', store });
  const jar = new BrowserJar();
  await app.visit(jar, login);
  await app.visit(jar, ctx => ctx.session.regenerate());
  const { getText } = store;
  store.getText = async () => { throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' }); };
  assert.equal((await app.visit(jar, read)).status, 500);
  store.getText = getText;
  await app.visit(jar, logout);
  assert.deepEqual(await counts(register, 'egg_session_events_total'), {
    '{session="session",event="save"}': 2, '{session="session",event="regenerate"}': 1, '{session="session",event="end"}': 1,
  });
  const calls = Object.fromEntries(Object.entries(await counts(register, 'egg_session_store_duration_seconds_count'))
    .map(([labels, count]) => [labels.replace(/^.*operation="(\w+)",error="(\w*)".*$/, '$1 $2'), count]));
  assert.deepEqual(calls, { 'compareAndSet ': 3, 'getText ': 2, 'getText ECONNREFUSED': 1, 'destroy ': 1 });
  stop();
  await app.visit(jar, login);
  assert.equal((await counts(register, 'egg_session_events_total'))['{session="session",event="save"}'], 2);
});

test('OpenTelemetry: counters, a histogram of store calls, and a span for each under that of the request', async t => {
  const spans = new InMemorySpanExporter();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(meters);
  const stop = openTelemetry.observeSessions({ MemoryStore: 'memory' });
  t.after(async () => {
    stop();
    await meters.shutdown();
    for (const api of [context, trace, metrics]) api.disable();
  });

  const store = new MemoryStore();
  const app = await start(t, { encrypt: 'sealed', store });
  // What an instrumentation of HTTP does.
  app.app.middleware.unshift((ctx, next) => trace.getTracer('test').startActiveSpan(`GET ${ctx.path}`, async span => {
    try {
      await next();
    } finally {
      span.end();
    }
  }));
  app.server.removeAllListeners('request').on('request', app.app.callback());
  const jar = new BrowserJar();
  await app.visit(jar, login, { path: '/login' });
  await app.visit(jar, read, { path: '/read' });
  store.getText = async () => { throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' }); };
  await app.visit(jar, read, { path: '/down' });

  const finished = spans.getFinishedSpans();
  const parents = new Map(finished.map(span => [span.spanContext().spanId, span.name]));
  const calls = finished.filter(({ kind }) => kind === SpanKind.CLIENT)
    .map(({ name, attributes, status, parentSpanContext }) => [name, parents.get(parentSpanContext.spanId), attributes, status]);
  const attributes = { 'db.system.name': 'memory', 'egg_session.name': 'session' };
  assert.deepEqual(calls, [
    ['compareAndSet', 'GET /login', { ...attributes, 'db.operation.name': 'compareAndSet' }, { code: SpanStatusCode.UNSET }],
    ['getText', 'GET /read', { ...attributes, 'db.operation.name': 'getText' }, { code: SpanStatusCode.UNSET }],
    ['getText', 'GET /down', { ...attributes, 'db.operation.name': 'getText', 'error.type': 'ECONNREFUSED' }, { code: SpanStatusCode.ERROR }],
  ]);

  await reader.forceFlush();
  const measured = new Map(exporter.getMetrics().at(-1).scopeMetrics.flatMap(scope => scope.metrics).map(metric => [metric.descriptor.name, metric]));
  const points = name => measured.get(name).dataPoints.map(point => [point.attributes, point.value]);
  assert.deepEqual(points('egg_session.opens'), [
    [{ 'egg_session.name': 'session', 'egg_session.format': 'sealed', 'egg_session.key_index': 0, 'egg_session.former_name': false }, 1],
  ]);
  assert.deepEqual(points('egg_session.events'), [[{ 'egg_session.name': 'session', 'egg_session.event': 'save' }, 1]]);
  const { descriptor, dataPoints } = measured.get('db.client.operation.duration');
  assert.equal(descriptor.unit, 's');
  assert.deepEqual(dataPoints.map(point => [point.attributes['db.operation.name'], point.attributes['error.type'], point.value.count]), [
    ['compareAndSet', undefined, 1], ['getText', undefined, 1], ['getText', 'ECONNREFUSED', 1],
  ]);
  assert.deepEqual(dataPoints[0].value.buckets.boundaries, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
});
