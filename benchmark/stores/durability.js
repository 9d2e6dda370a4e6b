'use strict';

/**
 * What Redis' settings cost RedisStore in writes a second, and what they lose when Redis is killed:
 * `node benchmark/stores/durability.js [--lanes N] [--rounds N] [--kills N]`. docs/redis-durability.md has the results.
 *
 * Each lane writes one session, by compareAndSet with a number that grows, and goes on when a write is acknowledged. For the cost,
 * each setting writes right after `everysec` does, in turns, and a ratio is taken within such a pair. For the loss, Redis is killed
 * with SIGKILL amid the writes and started again on its folder: a write is lost if it was acknowledged and the session has an older
 * number afterwards.
 */

const os = require('node:os');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const Redis = require('ioredis');
const { RedisStore } = require('../..');
const { startRedis } = require('../../__test__/support/servers');

const SIZE_BYTES = 300;
const MAX_AGE_MS = 60 * 60 * 1000;
const SLICE_MS = 500;
const BEFORE_KILL_MS = 2000;
const WAIT_MS = 1000;

const APPEND = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'];
/** The first is what the others are compared with. */
const SETTINGS = {
  'appendfsync everysec': { settings: [...APPEND, '--appendfsync', 'everysec'] },
  'no persistence': { settings: [] },
  'save 60 1000': { settings: ['--save', '60 1000'] },
  'appendfsync no': { settings: [...APPEND, '--appendfsync', 'no'] },
  'appendfsync always': { settings: [...APPEND, '--appendfsync', 'always'] },
  'everysec, a replica': { settings: [...APPEND, '--appendfsync', 'everysec'], hasReplica: true },
  'everysec, a replica, WAIT 1 after each write': { settings: [...APPEND, '--appendfsync', 'everysec'], hasReplica: true, waits: true },
};

/** A Redis, perhaps with a replica, and lanes that write to it. */
class Subject {
  #options;
  #servers = [];
  #clients = [];
  #known;

  /** @param {{ settings: string[], hasReplica?: boolean, waits?: boolean }} options @param {number} lanes */
  constructor(options, lanes) {
    this.#options = options;
    /** The number that was acknowledged last, by lane. */
    this.acknowledged = new Array(lanes).fill(0);
    this.#known = new Array(lanes).fill(null);
  }

  async start() {
    const { settings, hasReplica } = this.#options;
    const server = await startRedis(settings);
    this.#servers.push(server);
    if (hasReplica) this.#servers.push(await startRedis(['--replicaof', `127.0.0.1 ${server.port}`]));
    // A connection for each lane, so that WAIT holds up its own lane only.
    this.#clients = this.acknowledged.map(() => this.#connect());
    if (hasReplica) await this.#clients[0].wait(1, 10_000);
  }

  #connect() {
    const client = new Redis(this.#servers[0].port, '127.0.0.1', { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
    return client.on('error', () => {});
  }

  /** @param {number} ms @returns {Promise<number>} acknowledged writes */
  async write(ms) {
    const end = performance.now() + ms;
    const counts = await Promise.all(this.#clients.map(async (client, lane) => {
      const store = new RedisStore({ client });
      let count = 0;
      for (; performance.now() < end; count++) {
        const n = this.acknowledged[lane] + 1;
        const text = JSON.stringify({ n, padding: 'x'.repeat(SIZE_BYTES) });
        const { status } = await store.compareAndSet(`lane ${lane}`, this.#known[lane], text, MAX_AGE_MS);
        if (status !== 'done') throw new Error(status);
        if (this.#options.waits && await client.wait(1, WAIT_MS) !== 1) throw new Error('the replica did not answer');
        [this.acknowledged[lane], this.#known[lane]] = [n, text];
      }
      return count;
    }));
    return counts.reduce((sum, count) => sum + count);
  }

  /** @returns {Promise<{ writes: number, lostWrites: number, lostSessions: number }>} */
  async kill() {
    const [server] = this.#servers;
    const writing = this.write(Infinity).catch(() => {});
    await sleep(BEFORE_KILL_MS + Math.random() * 1000);
    await server.stop();
    await writing;
    await sleep(50);
    const { acknowledged } = this;
    for (const client of this.#clients) client.disconnect();
    await server.start();
    this.#clients = [this.#connect()];
    await this.#whenLoaded();
    const store = new RedisStore({ client: this.#clients[0] });
    const found = await Promise.all(acknowledged.map((_, lane) => store.get(`lane ${lane}`)));
    return {
      writes: acknowledged.reduce((sum, n) => sum + n),
      lostWrites: acknowledged.reduce((sum, n, lane) => sum + Math.max(0, n - (found[lane] ? found[lane].n : 0)), 0),
      lostSessions: found.filter((session, lane) => session === undefined && acknowledged[lane] > 0).length,
    };
  }

  async #whenLoaded() {
    for (const end = Date.now() + 30_000; ; await sleep(20)) {
      const isReady = await this.#clients[0].ping().then(answer => answer === 'PONG', () => false);
      if (isReady) return;
      if (Date.now() > end) throw new Error('Redis did not come back');
    }
  }

  async stop() {
    for (const client of this.#clients) client.disconnect();
    for (const server of this.#servers) await server.remove();
  }
}

/** @param {number[]} values @param {number} share @returns {number} 0.5: the median */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)];
}

/** @param {number} lanes @param {number} rounds */
async function measureCost(lanes, rounds) {
  const subjects = Object.entries(SETTINGS).map(([name, options]) => ({ name, subject: new Subject(options, lanes), ratios: [] }));
  const [standard, ...others] = subjects;
  const rateOf = async ({ subject }) => {
    const started = performance.now();
    return await subject.write(SLICE_MS) / (performance.now() - started);
  };
  try {
    for (const each of subjects) {
      await each.subject.start();
      await rateOf(each);
    }
    for (let round = 0; round < rounds; round++) {
      for (const each of others) {
        const before = await rateOf(standard);
        each.ratios.push(await rateOf(each) / before);
      }
    }
  } finally {
    for (const { subject } of subjects) await subject.stop();
  }
  console.log(`| ${lanes} at once | writes a second ÷ everysec | quartiles |\n|---|---|---|`);
  for (const { name, ratios } of others) {
    console.log(`| ${name} | ${quantile(ratios, 0.5).toFixed(2)} | ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)} |`);
  }
}

/** @param {number} lanes @param {number} kills */
async function measureLoss(lanes, kills) {
  console.log('\n| | acknowledged writes | of these lost | sessions lost whole | kills with a loss |\n|---|---|---|---|---|');
  for (const [name, options] of Object.entries(SETTINGS)) {
    if (options.hasReplica) continue;
    const total = { writes: 0, lostWrites: 0, lostSessions: 0, withLoss: 0 };
    for (let i = 0; i < kills; i++) {
      const subject = new Subject(options, lanes);
      try {
        await subject.start();
        const { writes, lostWrites, lostSessions } = await subject.kill();
        total.writes += writes;
        total.lostWrites += lostWrites;
        total.lostSessions += lostSessions;
        if (lostWrites > 0) total.withLoss++;
      } finally {
        await subject.stop();
      }
    }
    console.log(`| ${name} | ${total.writes} | ${total.lostWrites} | ${total.lostSessions} of ${lanes * kills} | ${total.withLoss} of ${kills} |`);
  }
}

async function main() {
  const number = value => ({ type: /** @type {const} */ ('string'), default: String(value) });
  const { values } = parseArgs({ options: { lanes: number(64), rounds: number(24), kills: number(20) } });
  const [lanes, rounds, kills] = [values.lanes, values.rounds, values.kills].map(Number);
  console.log(`${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${os.cpus().length} × ${os.cpus()[0].model}, load ${os.loadavg()[0].toFixed(1)}\n`);
  if (rounds > 0) await measureCost(lanes, rounds);
  if (kills > 0) await measureLoss(lanes, kills);
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
