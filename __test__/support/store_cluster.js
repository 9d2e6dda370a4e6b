'use strict';

/** The app of fixtures/store_app under a cluster with two workers, and a browser's view of it. */

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { REPOSITORY } = require('./app_process');
const { CookieJar } = require('./client');
const { startCluster } = require('./cluster_process');
const { startMemcached, startRedis } = require('./servers');

const EVENT_DEADLINE_MS = 5000;

/**
 * @typedef {object} ClusterOptions
 * @property {{ kind: 'sqlite' | 'redis' | 'memcached' | 'readme', keeps?: 'revocations' | 'nothing' }} store for sessions, unless
 *   they are in cookies
 * @property {3 | 4} [major]
 * @property {'ours' | 'original'} [implementation]
 * @property {object} [session] the app's config.session
 */

/** A cluster of the test's own. @param {import('node:test').TestContext} t everything ends with it @param {ClusterOptions} options */
async function startStoreCluster(t, options) {
  return browse(await start(t, options));
}

/**
 * In a `describe`, with which everything ends: its tests use one cluster for each set of options, one after the other, each with a
 * browser of its own.
 *
 * @returns {(options: ClusterOptions) => ReturnType<typeof startStoreCluster>}
 */
function shareStoreClusters() {
  const clusters = new Map();
  const ends = [];
  after(() => Promise.all(ends.map(end => end())));
  return async options => {
    const key = JSON.stringify(options);
    if (!clusters.has(key)) clusters.set(key, start({ after: end => ends.push(end) }, options));
    return browse(await clusters.get(key));
  };
}

/** @param {{ after: (end: () => Promise<void>) => void }} t @param {ClusterOptions} options */
async function start(t, { store, major = 3, implementation = 'ours', session = {} }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-store-cluster-'));
  const { kind } = store;
  const startServer = { redis: startRedis, readme: startRedis, memcached: startMemcached }[kind];
  const server = startServer ? await startServer() : undefined;
  const events = path.join(folder, 'events');
  fs.writeFileSync(events, '');
  /** @type {(() => Promise<any>)[]} */
  const started = [];
  t.after(async () => {
    for (const stop of started) await stop();
    if (server) await server.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const cluster = await startCluster({
    major,
    plugin: implementation === 'ours' ? REPOSITORY : '',
    fixture: 'store_app',
    variant: { session, store: { path: path.join(folder, 'sessions.db'), port: server && server.port, ...store } },
    env: { FIXTURE_EVENTS: events, FIXTURE_LOGS: path.join(folder, 'logs') },
  });

  started.push(() => cluster.stop([]));
  const readAllEvents = () => fs.readFileSync(events, 'utf8').trim().split('\n').filter(Boolean).map(line => JSON.parse(line));
  return { server, port: cluster.port, readAllEvents, logs: () => readLogs(path.join(folder, 'logs')) };
}

/** A browser, and the events from now on. @param {Awaited<ReturnType<typeof start>>} cluster */
function browse({ server, port, readAllEvents, logs }) {
  const jar = new CookieJar();
  const pids = new Set();
  const eventsBefore = readAllEvents().length;
  const readEvents = () => readAllEvents().slice(eventsBefore);
  return {
    server,
    pids,

    /**
     * One request of the one browser that there is, on a connection of its own.
     * @param {string} url
     * @returns {Promise<{ status: number, setCookie: string[], body: any }>}
     */
    async get(url) {
      const answer = await get(port, url, jar.header(Date.now(), '/'));
      jar.store(answer.setCookie, Date.now());
      if (answer.body.pid) pids.add(answer.body.pid);
      return answer;
    },

    /** What a browser sends now, for requests that go on sending it. */
    cookie: () => jar.header(Date.now(), '/'),
    getWith: (url, cookie) => get(port, url, cookie),

    /**
     * Events may come after the response.
     * @param {string} name
     * @param {number} [count]
     * @returns {Promise<object>} the last of so many such events
     */
    async event(name, count = 1) {
      for (const end = Date.now() + EVENT_DEADLINE_MS; Date.now() < end; await sleep(20)) {
        const events = readEvents().filter(each => each.name === name);
        if (events.length >= count) return events[count - 1];
      }
      throw new Error(`no event session:${name}`);
    },
    readEvents,

    /** @param {RegExp} pattern @returns {Promise<string>} the line of the app's log */
    async logLine(pattern) {
      for (const end = Date.now() + EVENT_DEADLINE_MS; Date.now() < end; await sleep(50)) {
        const lines = logs().split('\n');
        const line = lines.find(each => pattern.test(each));
        if (line) return line;
      }
      throw new Error(`no line ${pattern} in the logs`);
    },
    logs,
  };
}

/** @param {string} folder */
function readLogs(folder) {
  return fs.readdirSync(folder).map(file => fs.readFileSync(path.join(folder, file), 'utf8')).join('');
}

function get(port, url, cookie) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: url, agent: false, headers: { cookie, accept: 'application/json' } }, response => {
      let text = '';
      response.setEncoding('utf8').on('data', chunk => { text += chunk; }).on('error', reject);
      response.on('end', () => {
        let body = text;
        try { body = JSON.parse(text); } catch { /* an error page */ }
        resolve({ status: response.statusCode, setCookie: response.headers['set-cookie'] || [], body });
      });
    }).on('error', reject);
  });
}

/**
 * A gate that requests stop at (`?gate=PORT`), until it is opened.
 * @param {import('node:test').TestContext} t
 */
async function startGate(t) {
  const waiting = [];
  let isOpen = false;
  let expected = Infinity;
  let reached = () => {};
  const server = http.createServer((request, response) => {
    if (isOpen) return response.end();
    waiting.push(response);
    if (waiting.length === expected) reached();
    return undefined;
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise(resolve => server.close(resolve));
  });
  return {
    port: server.address().port,
    /** @param {number} count */
    reachedBy(count) {
      if (waiting.length >= count) return Promise.resolve();
      return new Promise(resolve => {
        expected = count;
        reached = resolve;
      });
    },
    open() {
      isOpen = true;
      for (const response of waiting.splice(0)) response.end();
    },
  };
}

module.exports = { shareStoreClusters, startStoreCluster, startGate };
