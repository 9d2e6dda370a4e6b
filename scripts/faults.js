'use strict';

// npm run faults                                 each store for 20 minutes, two at a time
// npm run faults -- --minutes 5 --store redis    this store only; several with commas
// npm run faults -- --short                      each store for a minute, three at a time: the form for CI
// npm run faults -- --seed 7                     the same choices once more; times differ from run to run
// npm run faults -- --report                     ends with tables for docs/reliability-faults.md
// npm run faults -- --store redis --faults 'late delivery,lost replies'    no other faults
// npm run faults -- --store redis --browsers toggler,toggler       two browsers, which do nothing else
// npm run faults -- --store redis --bad=set      a store that is broken on purpose; npm test does this with all of them
//
// Real workers over HTTP, browsers with several requests at a time, and faults of the network, the workers and the servers.
// The last line counts the findings, and any makes the exit code 1; docs/reliability-faults.md has the checks. The line before says which
// faults and stores were left out, and why. --until KIND ends a run of a store at the first finding of the kind, --until any at the first.

const path = require('node:path');
const { parseArgs } = require('node:util');
const { ROOT, setup, main } = require('./setup');

const DEFAULT_MINUTES = 20;
const FAULTS = path.join(ROOT, '__test__/faults');

/**
 * @typedef {{ stores: string[], isAsked: boolean, seconds: number, seed: number, bad?: string, kinds?: string[], habits?: string[],
 *   until?: string, asTables: boolean, atOnce: number }} Options
 */

/** @param {string[]} args @returns {Options} */
function parseArguments(args) {
  const { STORES, storesHere } = require(path.join(FAULTS, 'stores'));
  const { HABITS } = require(path.join(FAULTS, 'visitors'));
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string' }, store: { type: 'string' }, seed: { type: 'string' }, bad: { type: 'string' }, 'at-once': { type: 'string' },
      faults: { type: 'string' }, browsers: { type: 'string' },
      short: { type: 'boolean' }, report: { type: 'boolean' }, until: { type: 'string' },
    },
  });
  /** @param {'minutes' | 'seed' | 'at-once'} name @param {number} fallback */
  const number = (name, fallback) => {
    const value = values[name] === undefined ? fallback : Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} wants a number over 0`);
    return value;
  };
  /** @param {'store' | 'browsers'} option @param {string} what @param {object} known @returns {string[] | undefined} its names */
  const listed = (option, what, known) => {
    const names = values[option]?.split(',');
    const unknown = names?.find(name => !Object.hasOwn(known, name));
    if (unknown !== undefined) throw new Error(`No such ${what}: ${unknown}. There are: ${Object.keys(known).join(', ')}`);
    return names;
  };
  const stores = listed('store', 'store', STORES) ?? storesHere();
  const { bad } = values;
  const unfit = bad === undefined ? undefined : stores.find((/** @type {string} */ name) => !STORES[name].bad.includes(bad));
  if (unfit !== undefined) throw new Error(`--bad of ${unfit} may be ${STORES[unfit].bad.join(', ')}`);
  return {
    stores, bad, habits: listed('browsers', 'browser', HABITS), isAsked: values.store !== undefined,
    kinds: values.faults?.split(','),
    seconds: number('minutes', values.short ? 1 : DEFAULT_MINUTES) * 60,
    seed: number('seed', 1 + Date.now() % 2 ** 31),
    atOnce: number('at-once', values.short ? 3 : 2),
    until: values.until,
    asTables: values.report === true,
  };
}

/** @param {Record<string, number>[]} counts */
function sumOf(counts) {
  return counts.flatMap(each => Object.values(each)).reduce((sum, count) => sum + count, 0);
}

main(async () => {
  const { stores, isAsked, atOnce, asTables, ...options } = parseArguments(process.argv.slice(2));
  setup({ addon: process.env.EGG_SESSION_ENGINE !== 'portable' });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
  const { storesLeftOut } = require(path.join(FAULTS, 'stores'));
  const { runStore } = require(path.join(FAULTS, 'run'));
  const { linesOf, markdownOf, reasonsOf } = require(path.join(FAULTS, 'report'));

  /** @type {any[]} */
  const reports = [];
  const waiting = [...stores];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let name; !stopping.signal.aborted && (name = waiting.shift()) !== undefined;) {
      const report = await runStore({ name, signal: stopping.signal, ...options });
      reports.push(report);
      console.log(`\n${linesOf(report).join('\n')}`);
    }
  }));
  reports.sort((a, b) => stores.indexOf(a.name) - stores.indexOf(b.name));
  if (asTables) console.log(`\n${markdownOf(reports)}`);
  const findings = sumOf(reports.map(({ counts }) => counts));
  if (findings > 0) process.exitCode = 1;
  const leftOut = Object.assign({}, ...reports.map(report => report.leftOut), isAsked ? {} : storesLeftOut());
  if (Object.keys(leftOut).length > 0) console.log(`\nLEFT OUT: ${reasonsOf(leftOut)}`);
  console.log(`\n${reports.length} stores, ${sumOf(reports.map(({ faults }) => faults))} faults, ${findings} findings; seed ${options.seed}, Node.js ${process.version}`);
});
