'use strict';

/** What is measured against what. Every contender has its sessions to itself; all of a scenario are open while they take turns. */

const fs = require('node:fs');
const path = require('node:path');
const { ratio, summary, takeTurns } = require('../measure');
const { Crew } = require('./crew');
const { stores, whyMissing } = require('./stores');

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {string} reference the contender that the others are compared with
 * @property {Record<string, Contender>} contenders
 * @property {{ operation: string, inFlight: number }[]} cases
 *
 * @typedef {object} Contender
 * @property {{ kind: 'storeAlone' | 'throughMiddleware', args: string[] }} subject
 * @property {number} processes
 * @property {number} count of sessions
 *
 * @typedef {{ median: number, low: number, high: number }} Summary
 * @typedef {{ operation: string, inFlight: number, name: string, us: Summary, times?: Summary }} Result `times` as long as
 *   the reference's
 */

const alone = (store) => ({ kind: /** @type {const} */ ('storeAlone'), args: [store] });
const IN_FLIGHT = 50;
const cases = (...operations) => operations.map((operation) => ({ operation, inFlight: IN_FLIGHT }));

/**
 * @param {number} processes
 * @param {number} count
 * @returns {Scenario}
 */
function storesAlone(processes, count) {
  const names = Object.keys(stores).filter((name) => !whyMissing(name));
  return {
    title: processes === 1 ? 'Stores alone, one process' : `Stores alone, ${processes} processes on one file or Redis`,
    reference: 'SqliteStore',
    contenders: Object.fromEntries(names.map((name) => [name, { subject: alone(name), processes, count }])),
    cases: [...cases('read', 'write', 'mixed'), ...(processes === 1 ? [{ operation: 'read', inFlight: 1 }, { operation: 'write', inFlight: 1 }] : [])],
  };
}

/**
 * @param {string} store
 * @param {number[]} counts
 * @returns {Scenario}
 */
function growingFile(store, counts) {
  const nameOf = (count) => `${count.toLocaleString('en')} sessions`;
  return {
    title: `The more sessions in the file: ${store}`,
    reference: nameOf(counts[0]),
    contenders: Object.fromEntries(counts.map((count) => [nameOf(count), { subject: alone(store), processes: 1, count }])),
    cases: cases('read', 'write', 'mixed'),
  };
}

/** @param {number} count @returns {Scenario} */
function middleware(count) {
  const through = (layer, store) => ({ subject: { kind: /** @type {const} */ ('throughMiddleware'), args: [layer, store] }, processes: 1, count });
  return {
    title: 'Requests through the middleware',
    reference: "egg-session, README's store",
    contenders: {
      "egg-session, README's store": through('egg-session', "egg-session's README"),
      'ours, RedisStore': through('ours', 'RedisStore'),
      'ours, SqliteStore': through('ours', 'SqliteStore'),
    },
    cases: cases('read', 'write', 'mixed', 'writeTwice'),
  };
}

/** @param {{ isSmoke: boolean, isLarge: boolean }} options @returns {Scenario[]} */
function plan({ isSmoke, isLarge }) {
  const count = isSmoke ? 200 : 2000;
  const counts = isSmoke ? [200, 400] : [1000, 100000, ...(isLarge ? [1000000] : [])];
  return [
    middleware(isSmoke ? count : 5000),
    storesAlone(1, count),
    storesAlone(2, count),
    ...['SqliteStore', 'better-sqlite3-session-store'].filter((name) => !whyMissing(name)).map((name) => growingFile(name, counts)),
  ];
}

/**
 * @param {Scenario} scenario
 * @param {{ folder: string, redis: any, rounds: number, isSmoke: boolean, onResult?: (result: Result) => void }} options
 *   `redis`: a client of a Redis of the benchmark's own
 * @returns {Promise<Result[]>}
 */
async function runScenario({ contenders, cases, reference }, { folder, redis, rounds, isSmoke, onResult = () => {} }) {
  /** @type {Record<string, Crew>} */
  const crews = {};
  const names = Object.keys(contenders);
  const results = [];
  const root = fs.mkdtempSync(path.join(folder, 'scenario-'));
  try {
    for (const [redisDb, name] of names.entries()) {
      const { subject, ...options } = contenders[name];
      const place = { folder: path.join(root, String(redisDb)), redisPort: redis.options.port, redisDb };
      fs.mkdirSync(place.folder);
      crews[name] = await Crew.start(subject, place, options);
    }
    for (const { operation, inFlight } of cases) {
      const times = await takeTurns(names, rounds, (name) => crews[name].sample({ operation, inFlight, isSmoke }));
      for (const name of names) {
        const result = {
          operation, inFlight, name, us: summary(times[name]), ...(name !== reference && { times: ratio(times[name], times[reference]) }),
        };
        results.push(result);
        onResult(result);
      }
    }
  } finally {
    for (const crew of Object.values(crews)) await crew.stop();
    fs.rmSync(root, { recursive: true, force: true });
    await redis.flushall();
  }
  return results;
}

module.exports = { plan, runScenario };
