'use strict';

/** A Redis master with a replica, three sentinels that watch over it, and a proxy before each of the two. A failover may lose writes. */

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Server, need } = require('../../support/servers');
const { FaultProxy } = require('../proxy');
const { between, isUp, networkFaults, stopped, tellRedis, until } = require('./common');

const NAME = 'sessions';
const SENTINELS = 3;
const DOWN_AFTER_MS = 1000;

const nodeSettings = (port, folder) => [
  '--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder,
  '--repl-diskless-sync-delay', '0',
];

/** @param {number} masterPort */
function sentinelSettings(masterPort) {
  return (port, folder) => {
    const file = path.join(folder, 'sentinel.conf');
    fs.writeFileSync(file, [
      `port ${port}`, 'bind 127.0.0.1', `dir ${folder}`,
      `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} ${Math.ceil(SENTINELS / 2)}`,
      `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${NAME} 3000`,
      `sentinel parallel-syncs ${NAME} 1`,
    ].join('\n'));
    return [file, '--sentinel'];
  };
}

/** @param {string} answer of SENTINEL MASTER: names and values in turn @param {string} name */
function field(answer, name) {
  return new RegExp(`\r\n${name}\r\n\\$\\d+\r\n([^\r]*)`).exec(answer)?.[1];
}

/** A master with a replica that follows it, and every sentinel sees the two and the other sentinels. */
async function isWhole(nodes, sentinels) {
  const roles = await Promise.all(nodes.map(({ port }) => tellRedis(port, 'INFO', 'replication')));
  const master = nodes[roles.findIndex(answer => /role:master/.test(answer))];
  if (!roles.some(answer => /role:slave/.test(answer) && /master_link_status:up/.test(answer))) return false;
  for (const { port } of sentinels) {
    const seen = await tellRedis(port, 'SENTINEL', 'MASTER', NAME);
    const isRight = field(seen, 'port') === `${master.port}` && field(seen, 'flags') === 'master'
      && field(seen, 'num-slaves') === `${nodes.length - 1}` && field(seen, 'num-other-sentinels') === `${SENTINELS - 1}`;
    if (!isRight) return false;
  }
  return true;
}

/** @returns {Promise<import('./common').World>} */
async function startSentinelWorld() {
  need('redis-server');
  /** @type {Server[]} */
  const nodes = [];
  /** @type {Server[]} */
  const sentinels = [];
  /** @type {FaultProxy[]} */
  const proxies = [];
  const whole = () => until('the sentinels agree', () => isWhole(nodes, sentinels), 60_000);
  const stop = async () => {
    await Promise.all(proxies.map(proxy => proxy.stop()));
    await Promise.all([...sentinels, ...nodes].map(server => server.remove()));
  };
  /** @param {(port: number, folder: string) => string[]} settings @param {Server[]} list */
  const add = async (settings, list) => {
    const server = new Server('redis-server', settings);
    list.push(server);
    await server.start();
    return server;
  };
  try {
    const { port } = await add(nodeSettings, nodes);
    await add((own, folder) => [...nodeSettings(own, folder), '--replicaof', `127.0.0.1 ${port}`], nodes);
    for (const node of nodes) proxies.push(await FaultProxy.start(node.port));
    for (let i = 0; i < SENTINELS; i++) await add(sentinelSettings(port), sentinels);
    await whole();
  } catch (error) {
    await stop();
    throw error;
  }

  const master = async () => {
    for (const node of nodes) if (/role:master/.test(await tellRedis(node.port, 'INFO', 'replication'))) return node;
    throw new Error('no master');
  };

  return {
    spec: {
      kind: 'redis', client: 'sentinel', name: NAME, sentinels: sentinels.map(({ port }) => port),
      nodes: nodes.map(({ port }, i) => [port, proxies[i].port]),
    },
    keeps: {
      ...networkFaults(() => proxies),
      'stopped server': stopped(nodes, [100, DOWN_AFTER_MS / 2]),
    },
    loses: {
      'failover of a killed master': async prng => {
        const hit = await master();
        await hit.stop();
        await sleep(between(prng, 3000, 5000));
        await hit.start();
        await whole();
      },
      'failover of a stopped master': async prng => {
        const hit = await master();
        await stopped([hit], [2500, 4500])(prng);
        await whole();
      },
      'failover by command': async () => {
        await tellRedis(sentinels[0].port, 'SENTINEL', 'FAILOVER', NAME);
        await sleep(500);
        await whole();
      },
    },
    async heal() {
      await Promise.all(proxies.map(proxy => proxy.heal()));
      await until('both nodes run', async () => (await Promise.all(nodes.map(({ port }) => isUp(port)))).every(Boolean));
      await whole();
    },
    stop,
  };
}

module.exports = { startSentinelWorld };
