'use strict';

// npm run load -- --minutes 30                 the apps of __test__/load/apps.js under full load, all of them at once
// npm run load -- --minutes 1 sealed store     these apps only
// npm run load -- --answers 500                until each app has given so many answers
//
// Each app is an Egg 3 cluster with two workers. Fails when an answer was wrong, a worker died, a rejection was unhandled,
// an error was logged, or memory grew from the second third of the run to the last (the limits are in __test__/load/verdict.js).

const path = require('node:path');
const { ROOT, setup, main } = require('./setup');

const DEFAULT_MINUTES = 30;
const LOAD = path.join(ROOT, '__test__/load');

/** @param {string[]} args */
function parseArguments(args) {
  const words = [...args];
  /** @param {string} name */
  const take = name => {
    const at = words.indexOf(name);
    return at === -1 ? undefined : Number(words.splice(at, 2)[1]);
  };
  const answers = take('--answers');
  const minutes = take('--minutes') ?? DEFAULT_MINUTES;
  if (!(minutes > 0) || (answers !== undefined && !(answers > 0))) throw new Error('--minutes and --answers want a number over 0');
  const seed = take('--seed') ?? Date.now() % 2 ** 32;
  /** @type {import('../__test__/load/apps').LoadApp[]} */
  const all = require(path.join(LOAD, 'apps')).APPS;
  const unknown = words.find(word => all.every(({ name }) => name !== word));
  if (unknown !== undefined) throw new Error(`No such app: ${unknown}. There are: ${all.map(({ name }) => name).join(', ')}`);
  return { seconds: minutes * 60, answers, seed, apps: all.filter(({ name }) => words.length === 0 || words.includes(name)) };
}

/** @param {number} bytes */
const mebibytes = bytes => (bytes / 2 ** 20).toFixed(1);

main(async () => {
  const { seconds, answers, seed, apps } = parseArguments(process.argv.slice(2));
  setup({ addon: process.env.EGG_SESSION_ENGINE !== 'portable' });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
  const { runLoad } = require(path.join(LOAD, 'run'));
  const { thirds, FEWEST_SAMPLES } = require(path.join(LOAD, 'verdict'));
  const reports = await runLoad({
    apps, seconds, answers, seed, signal: stopping.signal, onProgress: process.stdout.isTTY ? console.log : undefined,
  });

  for (const { name, answers: given, hostile, wrong, workers, problems, seconds: taken } of reports) {
    console.log(`\n${name}: ${given} answers in ${taken.toFixed(0)} s (${Math.round(given / taken)} a second), ${wrong.length} wrong; ${hostile} to hostile cookies`);
    for (const [pid, samples] of workers) {
      if (samples.length < FEWEST_SAMPLES) continue;
      const heap = thirds(samples, 'heapUsed');
      const rss = thirds(samples, 'rss');
      console.log(`  worker ${pid}, ${samples.length} samples, medians of the second and the last third: `
        + `heap after collection ${mebibytes(heap.second)} and ${mebibytes(heap.last)} MiB, RSS ${mebibytes(rss.second)} and ${mebibytes(rss.last)} MiB`);
    }
    for (const problem of problems) console.log(`  WRONG: ${problem}`);
  }
  const count = reports.reduce((/** @type {number} */ sum, /** @type {any} */ { problems }) => sum + problems.length, 0);
  if (count > 0) throw new Error(`${count} problems, seed ${seed}`);
  console.log(`\nAll answers were right; seed ${seed}, Node.js ${process.version}.`);
});
