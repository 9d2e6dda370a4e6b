'use strict';

const Redis = require('ioredis');
const { createClient } = require('redis');
const { startRedis } = require('./servers');

/** The store of egg-session's README, in its words' meaning. */
const readmeStore = client => ({
  async get(key) {
    const text = await client.get(key);
    return text ? JSON.parse(text) : null;
  },
  async set(key, value, maxAge) {
    await client.set(key, JSON.stringify(value), 'PX', maxAge || 24 * 60 * 60 * 1000);
  },
  async destroy(key) {
    await client.del(key);
  },
});

/**
 * A Redis of this test's own and a client; both end with it.
 * @param {import('node:test').TestContext} t
 * @param {{ settings?: string[], client?: object }} [options]
 */
async function redisFor(t, { settings, client: clientOptions } = {}) {
  const server = await startRedis(settings);
  t.after(() => server.remove());
  return { server, client: connect(t, server, clientOptions) };
}

/** @param {import('node:test').TestContext} t @param {{ port: number }} server @param {object} [options] */
function connect(t, server, options) {
  const client = new Redis(server.port, '127.0.0.1', { retryStrategy: () => 20, ...options });
  client.on('error', () => {});
  t.after(() => client.disconnect());
  return client;
}

/** @param {import('node:test').TestContext} t @param {{ port: number }} server */
async function connectNodeRedis(t, server) {
  const client = createClient({ socket: { host: '127.0.0.1', port: server.port, reconnectStrategy: () => 20 } });
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.destroy());
  return client;
}

/** @param {any} client @returns {Promise<Record<string, number>>} how often each command was called since the last time */
async function takeCommandCounts(client) {
  const info = await client.info('commandstats');
  await client.config('RESETSTAT');
  const counts = Object.fromEntries([...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, calls]) => [name, Number(calls)]));
  delete counts.info;
  delete counts['config|resetstat'];
  return counts;
}

module.exports = { readmeStore, redisFor, connect, connectNodeRedis, takeCommandCounts };
