'use strict';

/**
 * `npm run bench:stores` measures the stores and writes ../results-stores.md; with `--large` also a file of 1,000,000 sessions.
 * With `--smoke` it only sees whether every case still runs and answers rightly, and writes nothing.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Redis = require('ioredis');
const { startRedis } = require('../../__test__/support/servers');

const RESULTS = path.join(__dirname, '..', 'results-stores.md');

/** The others' packages are no dependencies of ours. better-sqlite3 brings its binaries; no script of a package is run. */
function installOthers() {
  const installed = path.join(__dirname, 'node_modules', '.package-lock.json');
  const wanted = path.join(__dirname, 'package-lock.json');
  if (fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(wanted).mtimeMs) return;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: __dirname, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('the packages that the stores are measured against could not be installed');
}

async function main() {
  const [isSmoke, isLarge] = ['--smoke', '--large'].map((flag) => process.argv.includes(flag));
  installOthers();
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
    else fs.writeFileSync(RESULTS, report(sections, await circumstances(redis)));
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
