'use strict';

const os = require('node:os');
const { table: markdownTable } = require('../sections');
const { stores, whyMissing } = require('./stores');

/** @typedef {import('./scenarios').Scenario & { results: import('./scenarios').Result[] }} Section */

const OPERATIONS = { read: 'read', write: 'write', mixed: '90 reads to 10 writes', writeTwice: 'two writes of one session at once' };

const version = (name) => require(`${name}/package.json`).version;
const perSecond = (us) => Math.round(1e6 / us).toLocaleString('en');

/** @returns {string[]} what cannot be measured here, and why */
function missing() {
  return Object.keys(stores).map((name) => [name, whyMissing(name)]).filter(([, why]) => why).map(([name, why]) => `not measured here: ${name}, since ${why}`);
}

/** @param {any} redis @returns {Promise<string[]>} what was measured with what, and on what */
async function circumstances(redis) {
  const [cpu] = os.cpus();
  const [, redisVersion] = /redis_version:(\S+)/.exec(await redis.info('server'));
  const { engine } = require('../..');
  return [
    `Node.js ${process.version}, ${process.platform} ${process.arch}, ${os.cpus().length} × ${cpu.model.trim()}`,
    `load average of the last quarter of an hour at the end: ${os.loadavg()[2].toFixed(1)}; far above ${os.cpus().length}, others had the machine`,
    `egg-session-native ${version('../..')} (${engine.name} engine)`,
    `koa-session ${version('koa-session')} with egg-cookies ${version('egg-cookies')}, which is what egg-session ${version('egg-session')} runs`,
    `Redis ${redisVersion} on loopback, without persistence; ioredis ${version('ioredis')}, without auto-pipelining, for every store on Redis`,
    ...['better-sqlite3-session-store', 'session-file-store'].filter((name) => !whyMissing(name))
      .map((name) => `${name} ${version(name)}${name.startsWith('better') ? ` on better-sqlite3 ${version('better-sqlite3')}` : ''}`),
    ...missing(),
  ];
}

/** @param {Section} section */
function table({ title, reference, results }) {
  const row = ({ operation, inFlight, name, us, times }) => {
    const compared = times ? `**${times.median.toFixed(2)}×** | ${times.low.toFixed(2)}–${times.high.toFixed(2)}` : '1 | ';
    return `| ${OPERATIONS[operation]}, ${inFlight} in flight | ${name} | ${us.median.toFixed(1)} | ${perSecond(us.median)} | ${compared} |`;
  };
  return [
    `## ${title}`,
    '',
    `| operation | | µs for one | in a second | time ÷ that of ${reference} | quartiles |`,
    '|---|---|---|---|---|---|',
    ...results.map(row),
    '',
  ].join('\n');
}

/** @type {[string, keyof typeof OPERATIONS, number][]} who is to do what, as many times as egg-session with the README's store */
const TARGETS = [
  ['ours, SqliteStore', 'read', 3],
  ['ours, SqliteStore', 'write', 2],
  ['ours, RedisStore', 'read', 1],
  ['ours, RedisStore', 'write', 1],
  ['ours, RedisStore', 'writeTwice', 1],
];
/** The scenario that has the targets. */
const MIDDLEWARE = 'Requests through the middleware';

/**
 * @param {{ title: string, results: import('./scenarios').Result[] }[]} sections
 * @returns {number[]} for each target what was found
 */
function found(sections) {
  const { results } = sections.find(({ title }) => title === MIDDLEWARE);
  return TARGETS.map(([name, operation]) => {
    const { times } = results.find((result) => result.name === name && result.operation === operation);
    return 1 / times.median;
  });
}

/**
 * @param {string} title of the targets
 * @param {{ title: string, times: number[] }[]} columns what was `found`
 */
function targetTable(title, columns) {
  const verdict = (times, target) => [`${times.toFixed(2)}×`, times >= target ? 'met' : '**missed**'];
  return markdownTable(
    [title, 'at least', ...columns.flatMap((column) => [column.title, ''])],
    TARGETS.map(([name, operation, target], i) => [
      `${name}: ${OPERATIONS[operation]}`, `${target}×`, ...columns.flatMap(({ times }) => verdict(times[i], target)),
    ]),
  );
}

/** @param {{ version: string, times: number[] }[]} versions @returns {string} the targets on several versions of Node */
function storesVersionTable(versions) {
  return targetTable('operations in a second, as above', versions.map(({ version, times }) => ({ title: `Node.js ${version}`, times })));
}

/**
 * @param {Section[]} sections
 * @param {string[]} facts
 */
function report(sections, facts) {
  return [
    'Written by `npm run bench:stores` (`-- --large`: with a million). Sessions of about 300 B. Contenders take turns, each in processes of its own, and a ratio is',
    'taken within its round. Every answer is checked, and after each sample the last write is read back. Time is the clock\'s: what a server',
    'or threads of a store do meanwhile on a second core costs nothing, and on a busy machine waiting for a core counts as much as work.',
    '',
    ...facts.map((fact) => `- ${fact}`),
    '',
    '## Targets',
    '',
    targetTable('operations in a second, as many times those of egg-session with the README\'s store', [{ title: 'found', times: found(sections) }]),
    '',
    'Two writes of one session at once: ours merges both changes, the README\'s store loses one of them.',
    '',
    ...sections.map(table),
    'What a write is worth differs. SqliteStore and better-sqlite3 wrote with a write-ahead log and `synchronous = NORMAL`: kept when the process',
    'is killed. session-file-store syncs each file to the disk: kept at a power cut, too. Redis ran without persistence: lost when it ends.',
    'better-sqlite3 works on the event loop, which waits for each operation; it has no compare-and-set.',
    '',
  ].join('\n');
}

module.exports = { MIDDLEWARE, circumstances, found, missing, report, storesVersionTable };
