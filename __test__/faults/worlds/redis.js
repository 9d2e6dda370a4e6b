'use strict';

/** One redis-server, or valkey-server, behind a proxy. Its append-only file is synced before each answer, except where a fault says else. */

const { setTimeout: sleep } = require('node:timers/promises');
const { Server, need } = require('../../support/servers');
const { FaultProxy } = require('../proxy');
const { between, isUp, networkFaults, stopped, tellRedis, until } = require('./common');

const PAUSE_MS = [100, 1500];
const SMALL_MEMORY = '1800kb';

/**
 * @param {{ kind: 'redis' | 'sealed', command?: string }} options
 * @returns {Promise<import('./common').World>}
 */
async function startRedisWorld({ kind, command = 'redis-server' }) {
  need(command);
  const server = new Server(command, (port, folder) => [
    '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder,
  ]);
  await server.start();
  const proxy = await FaultProxy.start(server.port);
  const set = (name, value) => tellRedis(server.port, 'CONFIG', 'SET', name, value);

  const restart = async (prng, { withFile }) => {
    await server.stop();
    if (!withFile) server.forget();
    await sleep(between(prng, 0, 800));
    await server.start();
  };

  /** @param {string} policy of what goes when the memory is full */
  const full = policy => async prng => {
    await set('maxmemory-policy', policy);
    await set('maxmemory', policy === 'noeviction' ? '1' : SMALL_MEMORY);
    await sleep(between(prng, 200, 1500));
    await set('maxmemory', '0');
  };

  return {
    spec: { kind, client: 'redis', port: proxy.port },
    keeps: {
      ...networkFaults(() => [proxy]),
      'stopped server': stopped([server], [200, 2500]),
      'killed server': prng => restart(prng, { withFile: true }),
      'full memory': full('noeviction'),
    },
    loses: {
      'dropped connections': async () => proxy.drop(),
      'restart without its file': prng => restart(prng, { withFile: false }),
      'everysec and kill': async prng => {
        await set('appendfsync', 'everysec');
        await sleep(between(prng, ...PAUSE_MS));
        await restart(prng, { withFile: true });
      },
      eviction: full('allkeys-random'),
    },
    async heal() {
      await proxy.heal();
      await until('Redis runs', () => isUp(server.port));
      await set('maxmemory', '0');
      await set('maxmemory-policy', 'noeviction');
      await set('appendfsync', 'always');
    },
    async stop() {
      await proxy.stop();
      await server.remove();
    },
  };
}

module.exports = { startRedisWorld };
