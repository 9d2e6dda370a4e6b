'use strict';

/**
 * `npm run bench:stores` measures the stores and writes ../results-stores.md; with `--large` also a file of
 * 1,000,000 sessions, and ../results-stores-large.md.
 * With `--smoke` it only sees whether every case still runs and answers rightly, and writes nothing.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Redis = require('ioredis');
const { startRedis } = require('../../__test__/support/servers');
const { installPackages } = require('../packages');

const RESULTS = path.join(__dirname, '..');

async function main() {
  const [isSmoke, isLarge] = ['--smoke', '--large'].map((flag) => process.argv.includes(flag));
  // better-sqlite3 brings its binaries: no script of a package is run.
  installPackages(__dirname);
  const { plan, runScenario } = require('./scenarios');
  const { circumstances, missing, report } = require('./report');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-bench-'));
  const server = await startRedis();
  const redis = new Redis(server.port, '127.0.0.1');
  const say = (line) => process.stdout.write(`${line}\n`);
  try {
    for (const line of missing()) say(line);
    /** @type {import('./report').Section[]} */
    const sections = [];
    for (const scenario of plan({ isSmoke, isLarge })) {
      if (!isSmoke) say(`\n${scenario.title}`);
      const results = await runScenario(scenario, {
        folder, redis, isSmoke, rounds: isSmoke ? 1 : 15,
        onResult({ operation, inFlight, name, us }) {
          if (!isSmoke) say(`${operation}, ${inFlight} at once, ${name}: ${us.median.toFixed(1)} µs`);
        },
      });
      sections.push({ ...scenario, results });
    }
    if (isSmoke) say(`${sections.flatMap(({ results }) => results).length} cases ran and gave the right answers`);
    else fs.writeFileSync(path.join(RESULTS, isLarge ? 'results-stores-large.md' : 'results-stores.md'), report(sections, await circumstances(redis)));
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
