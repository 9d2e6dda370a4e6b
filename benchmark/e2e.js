'use strict';

/**
 * `npm run bench:e2e`: what a session costs a real Egg 3 app over HTTP. One server process a contender, pinned to one core, the
 * load on another; rounds in which all take turns. Options: `--rounds=N`, `--requests=N` for the heap (a million takes minutes),
 * `--all-nodes` to compare versions of Node, `--smoke` to see only that everything runs and answers rightly.
 */

const path = require('node:path');
const { KEYS, answers, logIn, newBrowser, newKoaBrowser } = require('./e2e/browsers');
const { load } = require('./e2e/load');
const { pinLoad } = require('./e2e/pinning');
const { e2eReport, e2eSummary, e2eVersionTable } = require('./e2e/report');
const { ServerProcess } = require('./e2e/server_process');
const { takeTurns } = require('./measure');
const { installPackages } = require('./packages');
const { CHINESE_README, E2E_RESULTS, README, writeSection } = require('./sections');
const { answer, answerFile, measureVersions } = require('./versions');

const OURS = path.join(__dirname, '..');

const isSmoke = process.argv.includes('--smoke');

/** @param {string} name @param {number} usual @param {number} inSmoke */
function option(name, usual, inSmoke) {
  if (isSmoke) return inSmoke;
  return Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] || usual);
}

const ROUNDS = option('rounds', 15, 1);
const AMOUNT = option('amount', 3000, 50);
const HEAP_REQUESTS = option('requests', 100000, 200);
const HEAP_STEPS = 5;

const contenders = {
  'egg-session': { plugin: '', store: false },
  'egg-session-native': { plugin: OURS, store: false },
  SqliteStore: { plugin: OURS, store: true },
  'koa-session 7, in Koa': { koa: require.resolve('koa-session7') },
  'egg-session-native, in Koa': { koa: OURS },
};
const EGG = ['egg-session', 'egg-session-native'];
const KOA = ['koa-session 7, in Koa', 'egg-session-native, in Koa'];

/** Which browsers call which route. `of` says who is measured with it. */
const routes = {
  'no session': { path: '/none', browsers: 'one', answer: 'none', of: Object.keys(contenders) },
  'floor of a first reading': { path: '/floor/read', browsers: 'one', answer: 'none', of: ['egg-session-native', 'egg-session-native, in Koa'] },
  'floor of a write': { path: '/floor/write', browsers: 'one', answer: 'floor of a write', of: ['egg-session-native', 'egg-session-native, in Koa'] },
  'read, cookie seen before': { path: '/read', browsers: 'one', answer: 'read', of: [...EGG, ...KOA] },
  'read, first sight': { path: '/read', browsers: 'new', answer: 'read', of: [...EGG, ...KOA] },
  write: { path: '/write', browsers: 'new', answer: 'write', of: EGG },
  'write in Koa': { path: '/write', browsers: 'new', answer: 'write in Koa', of: KOA },
  'read from the store': { path: '/read', browsers: 'logged in', answer: 'read', of: ['SqliteStore'] },
  'write to the store': { path: '/write', browsers: 'logged in', answer: 'write to a store', of: ['SqliteStore'] },
};

const plan = Object.entries(routes).flatMap(([route, { of }]) => of.map((contender) => ({ contender, route })));
const nameOf = ({ contender, route }) => `${contender}: ${route}`;

/** @param {{ contender: string, route: string }} step @param {Record<string, Server>} servers @param {number} amount */
async function run({ contender, route }, servers, amount) {
  const { server, known } = servers[contender];
  const { path: where, browsers, answer } = routes[route];
  // made before the clock runs
  const fresh = browsers === 'new' ? Array.from({ length: amount }, contenders[contender].koa ? newKoaBrowser : newBrowser) : [];
  let turn = 0;
  const pick = { one: () => known[0], new: () => fresh[turn++], 'logged in': () => known[turn++ % known.length] }[browsers];
  const before = await server.usage();
  const seconds = await load({
    origin: `http://127.0.0.1:${server.port}`,
    path: where,
    amount,
    next() {
      const browser = pick();
      return { cookie: browser.cookie, isRight: answers[answer](browser) };
    },
  });
  const after = await server.usage();
  return { cpu: (after.cpu - before.cpu) / amount, perSecond: amount / seconds, marks: [before.mark, after.mark] };
}

/** @typedef {{ server: ServerProcess, known: import('./e2e/browsers').Browser[] }} Server */

/** @param {boolean} isPinned @returns {Promise<Record<string, Server>>} */
async function startServers(isPinned) {
  /** @type {Record<string, Server>} */
  const servers = {};
  for (const [name, { plugin, store, koa }] of Object.entries(contenders)) {
    const server = new ServerProcess({ plugin, store, koa, keys: KEYS, isPinned });
    servers[name] = { server, known: [] };
    await server.start();
    if (store) for (let i = 0; i < AMOUNT; i++) servers[name].known.push(await logIn(server.port));
    else servers[name].known.push(koa ? newKoaBrowser() : newBrowser());
  }
  return servers;
}

/** Heap after full collections, again and again while one contender answers reads and writes. */
async function measureHeap(servers) {
  const contender = 'egg-session-native';
  const amount = Math.round(HEAP_REQUESTS / HEAP_STEPS / 2);
  const heaps = [{ requests: 0, ...await servers[contender].server.heap() }];
  for (let step = 1; step <= HEAP_STEPS; step++) {
    await run({ contender, route: 'read, first sight' }, servers, amount);
    await run({ contender, route: 'write' }, servers, amount);
    heaps.push({ requests: step * amount * 2, ...await servers[contender].server.heap() });
  }
  return heaps;
}

/** @returns {Promise<{ measured: import('./e2e/report').Measured[], heaps: import('./e2e/report').Heap[], isPinned: boolean }>} */
async function measure() {
  installPackages();
  const isPinned = pinLoad();
  if (!isPinned) process.stdout.write('not pinned to cores: needs Linux, two cores and taskset (util-linux); take the figures with a grain of salt\n');
  const servers = await startServers(isPinned);
  /** @type {import('./e2e/report').Heap[]} */
  let heaps = [];
  let samples;
  try {
    const steps = new Map(plan.map((step) => [nameOf(step), step]));
    samples = await takeTurns([...steps.keys()], ROUNDS, (name) => run(steps.get(name), servers, AMOUNT));
    if (HEAP_REQUESTS > 0) heaps = await measureHeap(servers);
  } finally {
    await Promise.all(Object.values(servers).map(({ server }) => server.stop()));
  }
  const measured = plan.map((step) => ({
    ...step,
    samples: samples[nameOf(step)].map(({ cpu, perSecond, marks: [from, to] }) => ({
      cpu, perSecond, scavenges: (servers[step.contender].server.scavenges(from, to) / AMOUNT) * 100000,
    })),
  }));
  return { measured, heaps, isPinned };
}

function compareVersions() {
  const versions = measureVersions('e2e.js', [...process.argv.slice(2).filter((arg) => arg !== '--all-nodes'), '--requests=0']);
  const text = e2eVersionTable(versions);
  if (!isSmoke) writeSection(E2E_RESULTS, 'npm run bench:e2e -- --all-nodes', text);
  process.stdout.write(`${text}\n`);
}

async function main() {
  if (process.argv.includes('--all-nodes')) {
    compareVersions();
    return;
  }
  const results = await measure();
  const file = answerFile();
  if (file) {
    answer(file, { measured: results.measured });
    return;
  }
  const report = e2eReport({ ...results, amount: AMOUNT });
  if (isSmoke) {
    process.stdout.write(`${plan.length} routes answered rightly over HTTP\n`);
    return;
  }
  writeSection(E2E_RESULTS, 'npm run bench:e2e', report);
  writeSection(README, 'npm run bench:e2e', e2eSummary(results.measured, 'english'));
  writeSection(CHINESE_README, 'npm run bench:e2e', e2eSummary(results.measured, 'chinese'));
  process.stdout.write(`${report}\nwrote benchmark/results-e2e.md and the table of both READMEs\n`);
}

main();
