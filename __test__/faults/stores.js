'use strict';

/** The stores that are put under faults, by the name that `--store` takes. */

const { spawnSync } = require('node:child_process');
const { startClusterWorld } = require('./worlds/cluster');
const { startMemcachedWorld } = require('./worlds/memcached');
const { startRedisWorld } = require('./worlds/redis');
const { startSentinelWorld } = require('./worlds/sentinel');
const { startSqliteWorld } = require('./worlds/sqlite');

const isThere = command => spawnSync(command, ['--version']).error === undefined;

/** @type {Record<string, { title: string, bad: string[], start: (options: any) => Promise<import('./worlds/common').World>, isHere?: () => boolean }>} */
const STORES = {
  sqlite: { title: 'SqliteStore', bad: ['set'], start: startSqliteWorld },
  redis: { title: 'RedisStore, one Redis', bad: ['set', 'no-tombstone', 'no-revision'], start: () => startRedisWorld({ kind: 'redis' }) },
  'redis-cluster': { title: 'RedisStore, Redis Cluster', bad: ['set'], start: startClusterWorld },
  'redis-sentinel': { title: 'RedisStore, behind Sentinel', bad: ['set', 'no-tombstone', 'no-revision'], start: startSentinelWorld },
  valkey: {
    title: 'RedisStore, one Valkey',
    bad: ['set', 'no-tombstone', 'no-revision'],
    start: () => startRedisWorld({ kind: 'redis', command: 'valkey-server' }),
    isHere: () => isThere('valkey-server'),
  },
  memcached: { title: 'MemcachedStore', bad: ['set'], start: startMemcachedWorld },
  sealed: { title: 'sealed cookies, Revocations over Redis', bad: ['forgets-ids', 'forgets-users'], start: () => startRedisWorld({ kind: 'sealed' }) },
};

/** @returns {Record<string, string>} the stores that are not run unless they are asked for, and why */
function storesLeftOut() {
  return Object.fromEntries(Object.keys(STORES).filter(name => !storesHere().includes(name)).map(name => [name, 'its server is not installed']));
}

/** @returns {string[]} without those whose server is not installed and need not be */
function storesHere() {
  return Object.keys(STORES).filter(name => STORES[name].isHere === undefined || STORES[name].isHere());
}

module.exports = { STORES, storesHere, storesLeftOut };
