'use strict';

/** One memcached behind a proxy. A restart loses everything, and so does memory that is short. */

const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const { startMemcached } = require('../../support/servers');
const { FaultProxy } = require('../proxy');
const { between, networkFaults, stopped, until } = require('./common');

/** MiB; the sessions of a run need less than one. */
const MEMORY = '8';
const BALLAST_ITEMS = 40_000;
const BALLAST_BYTES = 350;

/** Fills the memory with items of the size of sessions, so that sessions have to go. @param {number} port */
async function flood(port) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const value = 'b'.repeat(BALLAST_BYTES);
  let text = '';
  for (let i = 0; i < BALLAST_ITEMS; i++) text += `set ballast-of-the-fault-runs-${i} 0 30 ${BALLAST_BYTES} noreply\r\n${value}\r\n`;
  await new Promise(resolve => {
    socket.once('close', resolve);
    socket.end(text);
    socket.resume();
  });
}

function listens(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

/** @returns {Promise<import('./common').World>} */
async function startMemcachedWorld() {
  const server = await startMemcached(['-m', MEMORY]);
  const proxy = await FaultProxy.start(server.port);
  return {
    spec: { kind: 'memcached', port: proxy.port },
    keeps: {
      ...networkFaults(() => [proxy]),
      'stopped server': stopped([server], [200, 2500]),
    },
    loses: {
      'dropped connections': async () => proxy.drop(),
      restart: async prng => {
        await server.stop();
        await sleep(between(prng, 0, 800));
        await server.start();
      },
      eviction: () => flood(server.port),
    },
    async heal() {
      await proxy.heal();
      await until('memcached runs', () => listens(server.port));
    },
    async stop() {
      await proxy.stop();
      await server.remove();
    },
  };
}

module.exports = { startMemcachedWorld };
