'use strict';

/**
 * `npm run bench` measures, and writes results.md, growth.svg and the table of docs/benchmarks.md; `npm run bench -- codecs` measures
 * one part alone. `npm run bench -- --all-nodes` compares versions of Node. `npm run bench -- --smoke` only sees whether every
 * part still runs and answers rightly, and writes nothing.
 */

const { addonTable, measureAddon } = require('./addon');
const { cases } = require('./cases');
const { codecTable, measureCodecs } = require('./codecs');
const { drawGrowth, writeGrowth } = require('./growth');
const { measure } = require('./middleware');
const { report, summaryTable, tables, versionTable } = require('./report');
const { BENCHMARKS, RESULTS, writeSection } = require('./sections');
const { answer, answerFile, measureVersions } = require('./versions');

const isSmoke = process.argv.includes('--smoke');
const ROUNDS = isSmoke ? 1 : Number(option('rounds') || 21);
const SIZES = [60, 2000, 6000, 16000, 64000];

const usual = ['encrypted', 'signed', 'store'].flatMap((mode) => Object.keys(cases).map((title) => ({ title, mode, size: 300 })));
const elsewhere = ['koa, against koa-session 7', 'koa, against koa-session 6', 'edited']
  .flatMap((mode) => Object.keys(cases).map((title) => ({ title, mode, size: 300 })));
const growing = SIZES.flatMap((size) => ['read, cookie seen before', 'read, first sight', 'write'].map((title) => ({ title, mode: 'encrypted', size })));

/** @param {string} name @returns {string | undefined} */
function option(name) {
  return process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1];
}

async function measureAll(plan) {
  const results = [];
  for (const { title, mode, size } of plan) {
    // of large sessions fewer: about the same time for each case
    const batch = isSmoke ? 20 : Math.round(1000 / Math.max(1, size / 1000));
    const result = await measure(title, /** @type {any} */ (mode), size, { rounds: ROUNDS, batch });
    results.push(result);
    if (!isSmoke) process.stdout.write(`${mode}, ${size} B, ${title}: ${result.ratio.median.toFixed(1)}×\n`);
  }
  return results;
}

const parts = {
  async middleware() {
    const results = await measureAll([...usual, ...elsewhere, ...growing]);
    if (isSmoke) return `${results.length} cases ran, ${report(results).length + drawGrowth(results).length + summaryTable(results).length} characters of report`;
    writeSection(RESULTS, 'npm run bench', report(results));
    writeSection(BENCHMARKS, 'npm run bench', summaryTable(results));
    writeGrowth(results);
    return 'wrote benchmark/results.md, benchmark/growth.svg and the table of docs/benchmarks.md';
  },

  /** Koa, and a class of cookies that is unknown: `npm run bench -- elsewhere` prints it and writes nothing. */
  async elsewhere() {
    return tables(await measureAll(elsewhere));
  },

  async codecs() {
    const results = await measureCodecs({ rounds: ROUNDS, ...(isSmoke && { batch: 20 }) });
    if (isSmoke) return `${results.length} packages sealed and opened`;
    writeSection(RESULTS, 'npm run bench -- codecs', codecTable(results));
    return codecTable(results);
  },

  async addon() {
    const results = await measureAddon({ rounds: ROUNDS, build: !isSmoke });
    if (isSmoke) return 'the addon was loaded in fresh processes';
    writeSection(RESULTS, 'npm run bench -- addon', addonTable(results));
    return addonTable(results);
  },

  async versions() {
    const file = answerFile();
    if (file) {
      answer(file, { results: await measureAll(usual) });
      return `measured on Node.js ${process.version}`;
    }
    const results = measureVersions('run.js', ['versions', ...(isSmoke ? ['--smoke'] : [`--rounds=${ROUNDS}`])]);
    if (isSmoke) return versionTable(results);
    writeSection(RESULTS, 'npm run bench -- --all-nodes', versionTable(results));
    return versionTable(results);
  },
};

async function main() {
  const asked = Object.keys(parts).filter((name) => process.argv.slice(2).includes(name));
  const usualParts = process.argv.includes('--all-nodes') ? ['versions'] : ['middleware', 'codecs', 'addon'];
  for (const name of asked.length > 0 ? asked : usualParts) process.stdout.write(`${await parts[name]()}\n`);
}

main();
