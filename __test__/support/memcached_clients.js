'use strict';

const net = require('node:net');
const Memcached = require('memcached');
const { startMemcached } = require('./servers');

/**
 * A memcached of this test's own and a client; both end with it.
 * @param {import('node:test').TestContext} t
 * @param {string[]} [settings] as on its command line
 * @param {object} [clientOptions]
 */
async function memcachedFor(t, settings, clientOptions) {
  const server = await startMemcached(settings);
  const client = new Memcached(`127.0.0.1:${server.port}`, clientOptions);
  t.after(async () => {
    client.end();
    await server.remove();
  });
  return { server, client };
}

/** One command over a connection of its own, past the client. @returns {Promise<string>} */
function ask(server, command, end = /END\r\n$/) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(server.port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.setEncoding('utf8').on('error', reject).on('data', chunk => {
      answer += chunk;
      if (end.test(answer)) {
        socket.destroy();
        resolve(answer);
      }
    });
  });
}

/** @returns {Promise<number>} seconds that an item has left, -1 for ever */
async function secondsLeft(server, key) {
  const [, seconds] = /^HD t(-?\d+)/.exec(await ask(server, `mg ${key} t`, /\r\n$/));
  return Number(seconds);
}

/** @returns {Promise<boolean>} whether there is an item of exactly this key */
async function hasKey(server, key) {
  return (await ask(server, `mg ${key} v`, /\r\n$/)).startsWith('VA ');
}

/** @returns {Promise<number>} how many items there are */
async function itemsIn(server) {
  return Number(/^STAT curr_items (\d+)/m.exec(await ask(server, 'stats'))[1]);
}

/** @returns {Promise<Record<string, number>>} how often each command was called */
async function counts(server) {
  const stats = await ask(server, 'stats');
  return Object.fromEntries([...stats.matchAll(/^STAT (cmd_get|cmd_set|cas_hits|cas_badval) (\d+)/gm)].map(([, name, n]) => [name, Number(n)]));
}

module.exports = { memcachedFor, secondsLeft, hasKey, itemsIn, counts };
