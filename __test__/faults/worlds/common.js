'use strict';

/** What worlds share: faults of a network, and of a server's process. A fault is a function that settles when it is over. */

const { once } = require('node:events');
const net = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');

const LATEST_MS = 2500;
/** A chunk with a command that writes, of Redis or of memcached. */
const WRITE = /\r\n(?:set|del|eval|evalsha)\r\n|(?:^|\n)(?:set|add|cas|delete) /i;

/**
 * @typedef {(prng: import('../../generate/prng').Prng) => Promise<unknown>} Fault
 *
 * @typedef {object} World the servers of one store, and what may happen to them
 * @property {any} spec of the store, for worker_stores
 * @property {Record<string, Fault>} keeps faults under which the server keeps what it has acknowledged
 * @property {Record<string, Fault>} loses faults under which it may lose it
 * @property {() => Promise<void>} heal settles when everything runs
 * @property {() => Promise<void>} stop
 * @property {string[]} [notes] what a reader of the report should know
 * @property {Record<string, string>} [leftOut] faults that cannot be had here, and why
 */

/** @param {import('../../generate/prng').Prng} prng @param {number} least @param {number} most */
function between(prng, least, most) {
  return least + prng.below(most - least + 1);
}

/** @param {() => import('../proxy').FaultProxy[]} proxies @returns {Record<string, Fault>} each hits one of them */
function networkFaults(proxies) {
  /** @param {(proxy: import('../proxy').FaultProxy, prng: any) => Promise<unknown> | void} fault @returns {Fault} */
  const one = fault => async prng => fault(prng.pick(proxies()), prng);
  return {
    'dropped connections': one(proxy => proxy.drop()),
    'half-closed by the server': one(proxy => proxy.halfClose('app')),
    'half-closed by the app': one(proxy => proxy.halfClose('server')),
    delays: one(async (proxy, prng) => {
      proxy.delay({ toServerMs: prng.below(150), toAppMs: prng.below(150) });
      await sleep(between(prng, 200, 1500));
      proxy.delay({});
    }),
    'lost replies': one((proxy, prng) => proxy.loseReplies(between(prng, 5, 300))),
    'late delivery': one((proxy, prng) => proxy.deliverLate(between(prng, 10, 250), between(prng, 100, LATEST_MS), prng.chance(0.75) ? WRITE : undefined)),
    'half a command': one((proxy, prng) => proxy.cutMidway(between(prng, 5, 100))),
    'refused connections': one(async (proxy, prng) => {
      await proxy.refuse();
      proxy.drop();
      await sleep(between(prng, 100, 1200));
      await proxy.accept();
    }),
  };
}

/** @param {import('../../support/servers').Server[]} servers one of them is hit @param {[number, number]} range ms @returns {Fault} */
function stopped(servers, [least, most]) {
  return async prng => {
    const hit = prng.pick(servers);
    await hit.freeze();
    await sleep(between(prng, least, most));
    hit.thaw();
  };
}

/**
 * One command of Redis over a connection of its own, past proxies and clients.
 * @param {number} port
 * @param {...string | number} words
 * @returns {Promise<string>} the beginning of its answer, as it came
 */
async function tellRedis(port, ...words) {
  const socket = net.connect(port, '127.0.0.1');
  try {
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer')));
    socket.write(`*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`).join('')}`);
    // A server that is killed may close the connection without an error.
    const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    if (!Buffer.isBuffer(chunk)) throw new Error('no answer');
    return chunk.toString();
  } finally {
    socket.destroy();
  }
}

/** @param {string} what @param {() => Promise<boolean>} isSo which may throw until it is @param {number} [withinMs] */
async function until(what, isSo, withinMs = 30_000) {
  for (const end = Date.now() + withinMs; ; await sleep(50)) {
    if (await isSo().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

/** @param {number} port */
function isUp(port) {
  return tellRedis(port, 'PING').then(answer => answer.startsWith('+PONG'));
}

module.exports = { between, isUp, networkFaults, stopped, tellRedis, until };
