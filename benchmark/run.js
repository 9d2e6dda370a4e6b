'use strict';

/**
 * `npm run bench` measures, and writes results.md and the table of the README. `npm run bench -- --smoke` only sees whether
 * every case still runs and answers rightly, and writes nothing.
 */

const fs = require('node:fs');
const path = require('node:path');
const { cases } = require('./cases');
const { measure } = require('./middleware');
const { report, summaryTable } = require('./report');

const RESULTS = path.join(__dirname, 'results.md');
const README = path.join(__dirname, '..', 'README.md');
const TABLE = /(<!-- measured by npm run bench -->\n)[\s\S]*?(<!-- end -->)/;

const plan = [
  ...['encrypted', 'signed', 'store'].flatMap((mode) => Object.keys(cases).map((title) => ({ title, mode, size: 300 }))),
  ...[60, 2000, 16000, 64000].flatMap((size) =>
    ['read, cookie seen before', 'read, first sight', 'write'].map((title) => ({ title, mode: 'encrypted', size })),
  ),
];

async function main() {
  const isSmoke = process.argv.includes('--smoke');
  const options = isSmoke ? { rounds: 1, batch: 20 } : { rounds: 31 };
  const results = [];
  for (const { title, mode, size } of plan) {
    const isLarge = size > 10000;
    const result = await measure(title, /** @type {any} */ (mode), size, { ...options, ...(isLarge && !isSmoke && { batch: 100 }) });
    results.push(result);
    if (!isSmoke) process.stdout.write(`${mode}, ${size} B, ${title}: ${result.ratio.median.toFixed(1)}×\n`);
  }
  if (isSmoke) {
    process.stdout.write(`${results.length} cases ran and gave the right answers\n`);
    return;
  }
  fs.writeFileSync(RESULTS, report(results));
  const readme = fs.readFileSync(README, 'utf8');
  fs.writeFileSync(README, readme.replace(TABLE, (_, start, end) => `${start}\n${summaryTable(results)}\n\n${end}`));
  process.stdout.write('wrote benchmark/results.md and the table of README.md\n');
}

main();
