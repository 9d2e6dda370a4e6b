'use strict';

/**
 * `npm run bench:stores` measures the stores and writes ../results-stores.md; with `--large` also a file of
 * 1,000,000 sessions, and ../results-stores-large.md. With `--all-nodes` it compares versions of Node by the targets alone.
 * With `--smoke` it only sees whether every case still runs and answers rightly, and writes nothing.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Redis = require('ioredis');
const { startRedis } = require('../../__test__/support/servers');
const { installPackages } = require('../packages');
const { STORES_RESULTS, writeSection } = require('../sections');
const { answer, answerFile, measureVersions } = require('../versions');

const LARGE_RESULTS = path.join(__dirname, '../results-stores-large.md');

/** @param {boolean} isSmoke */
function compareVersions(isSmoke) {
  const { storesVersionTable } = require('./report');
  const text = storesVersionTable(measureVersions('stores/run.js', isSmoke ? ['--smoke'] : []));
  if (!isSmoke) writeSection(STORES_RESULTS, 'npm run bench:stores -- --all-nodes', text);
  process.stdout.write(`${text}\n`);
}

async function main() {
  const [isSmoke, isLarge] = ['--smoke', '--large'].map((flag) => process.argv.includes(flag));
  if (process.argv.includes('--all-nodes')) {
    compareVersions(isSmoke);
    return;
  }
  const file = answerFile();
  // better-sqlite3 brings its binaries: no script of a package is run.
  installPackages(__dirname);
  const { plan, runScenario } = require('./scenarios');
  const { MIDDLEWARE, circumstances, found, missing, report } = require('./report');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-bench-'));
  const server = await startRedis();
  const redis = new Redis(server.port, '127.0.0.1');
  const say = (line) => process.stdout.write(`${line}\n`);
  try {
    for (const line of missing()) say(line);
    /** @type {import('./report').Section[]} */
    const sections = [];
    const scenarios = plan({ isSmoke, isLarge });
    for (const scenario of file ? scenarios.filter(({ title }) => title === MIDDLEWARE) : scenarios) {
      if (!isSmoke) say(`\n${scenario.title}`);
      const results = await runScenario(scenario, {
        folder, redis, isSmoke, rounds: isSmoke ? 1 : 15,
        onResult({ operation, inFlight, name, us }) {
          if (!isSmoke) say(`${operation}, ${inFlight} at once, ${name}: ${us.median.toFixed(1)} µs`);
        },
      });
      sections.push({ ...scenario, results });
    }
    if (file) answer(file, { times: found(sections) });
    else if (isSmoke) say(`${sections.flatMap(({ results }) => results).length} cases ran and gave the right answers`);
    else if (isLarge) fs.writeFileSync(LARGE_RESULTS, `# Measured: stores, with a million sessions\n\n${report(sections, await circumstances(redis))}`);
    else writeSection(STORES_RESULTS, 'npm run bench:stores', report(sections, await circumstances(redis)));
  } finally {
    redis.disconnect();
    await server.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
