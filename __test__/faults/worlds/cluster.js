'use strict';

/** Redis Cluster: three masters with a replica each, a proxy before each of the six. Replication is asynchronous: a failover may lose writes. */

const { setTimeout: sleep } = require('node:timers/promises');
const { freePort } = require('../../support/ports');
const { Server, need } = require('../../support/servers');
const { FaultProxy } = require('../proxy');
const { between, isUp, networkFaults, stopped, tellRedis, until } = require('./common');

const NODES = 6;
const MASTERS = 3;
const SLOTS = 16384;
/** Three seconds of silence make a node fail; a shorter stop is none. */
const NODE_TIMEOUT_MS = 1500;
const TRIES = 5;
/** The bus listens on the port plus 10000. */
const settings = (port, folder) => [
  '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder,
  '--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', `${NODE_TIMEOUT_MS}`,
  '--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0',
];

async function startNode() {
  for (let tries = 1; ; tries++) {
    const server = new Server('redis-server', settings);
    server.port = await freePort();
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      if (tries === TRIES) throw error;
    }
  }
}

/** @param {Server[]} nodes */
async function meet(nodes) {
  const ports = nodes.map(({ port }) => port);
  for (const [i, port] of ports.entries()) {
    await tellRedis(port, 'CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    if (i > 0) await tellRedis(port, 'CLUSTER', 'MEET', '127.0.0.1', ports[0]);
  }
  for (let i = 0; i < MASTERS; i++) {
    const [first, next] = [i, i + 1].map(n => Math.floor(n * SLOTS / MASTERS));
    await tellRedis(ports[i], 'CLUSTER', 'ADDSLOTSRANGE', first, next - 1);
  }
  for (let i = MASTERS; i < NODES; i++) {
    const master = /\r\n(\w+)/.exec(await tellRedis(ports[i - MASTERS], 'CLUSTER', 'MYID'))[1];
    await until('the replica knows its master', async () => (await tellRedis(ports[i], 'CLUSTER', 'REPLICATE', master)).startsWith('+OK'));
  }
}

/** @param {number} port */
async function isMaster(port) {
  return /role:master/.test(await tellRedis(port, 'INFO', 'replication'));
}

/** All slots are served, and each replica follows. @param {number[]} ports */
async function isWhole(ports) {
  let followers = 0;
  for (const port of ports) {
    if (!/cluster_state:ok/.test(await tellRedis(port, 'CLUSTER', 'INFO'))) return false;
    const replication = await tellRedis(port, 'INFO', 'replication');
    if (/role:slave/.test(replication) && /master_link_status:up/.test(replication)) followers++;
  }
  return followers === NODES - MASTERS;
}

/** @returns {Promise<import('./common').World>} */
async function startClusterWorld() {
  need('redis-server');
  /** @type {Server[]} */
  const nodes = [];
  /** @type {FaultProxy[]} */
  const proxies = [];
  const ports = () => nodes.map(({ port }) => port);
  const stop = async () => {
    await Promise.all(proxies.map(proxy => proxy.stop()));
    await Promise.all(nodes.map(node => node.remove()));
  };
  try {
    for (let i = 0; i < NODES; i++) nodes.push(await startNode());
    for (const port of ports()) proxies.push(await FaultProxy.start(port));
    await meet(nodes);
    await until('the cluster is whole', () => isWhole(ports()));
  } catch (error) {
    await stop();
    throw error;
  }

  /** @param {import('../../generate/prng').Prng} prng */
  const pickMaster = async prng => {
    const masters = [];
    for (const node of nodes) if (await isMaster(node.port)) masters.push(node);
    return prng.pick(masters);
  };
  const whole = () => until('the cluster is whole again', () => isWhole(ports()), 60_000);

  return {
    spec: { kind: 'redis', client: 'cluster', nodes: nodes.map(({ port }, i) => [port, proxies[i].port]) },
    keeps: {
      ...networkFaults(() => proxies),
      'stopped server': stopped(nodes, [100, NODE_TIMEOUT_MS / 2]),
    },
    loses: {
      'failover of a killed master': async prng => {
        const master = await pickMaster(prng);
        await master.stop();
        await sleep(between(prng, 2500, 5000));
        await master.start();
        await whole();
      },
      'failover of a stopped master': async prng => {
        const master = await pickMaster(prng);
        await stopped([master], [3000, 5000])(prng);
        await whole();
      },
      'failover by command': async prng => {
        for (const { port } of nodes) {
          if (!await isMaster(port) && prng.chance(0.5)) await tellRedis(port, 'CLUSTER', 'FAILOVER');
        }
        await whole();
      },
    },
    async heal() {
      await Promise.all(proxies.map(proxy => proxy.heal()));
      await until('all nodes run', async () => (await Promise.all(ports().map(isUp))).every(Boolean));
      await whole();
    },
    stop,
  };
}

module.exports = { startClusterWorld };
