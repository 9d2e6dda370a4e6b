'use strict';

/** What the addon costs before it does anything: time to load it in a fresh process, and bytes on the disk. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT } = require('../scripts/setup');
const { cargoEnv } = require('../scripts/build');
const { summary, takeTurns } = require('./measure');
const { table } = require('./sections');

/** Prints the milliseconds that the clock and the processor counted. */
const LOAD = `
  const before = process.cpuUsage();
  const start = process.hrtime.bigint();
  if (process.argv[1]) require(process.argv[1]);
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ clock: elapsed, cpu: (user + system) / 1000 }));
`;

/** The binary that this process has loaded. */
function loadedBinary() {
  require('..');
  const file = Object.keys(require.cache).find((name) => name.endsWith('.node'));
  if (!file) throw new Error('the native engine is not at work: build it with `npm run build`');
  return file;
}

/** @param {string} folder where to put it @returns {string} the addon without the embedded store */
function buildWithoutStore(folder) {
  process.stdout.write('building the addon without the embedded store\n');
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--lib', '--no-default-features', '--quiet'], {
    cwd: ROOT, env: cargoEnv(), stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('cargo failed, see its message above');
  const names = { darwin: 'libegg_session_native.dylib', win32: 'egg_session_native.dll' };
  const library = names[process.platform] || 'libegg_session_native.so';
  const file = path.join(folder, 'without_store.node');
  fs.copyFileSync(path.join(ROOT, process.env.CARGO_TARGET_DIR || 'target', 'release', library), file);
  return file;
}

/** @param {{ rounds: number, build?: boolean }} options `build: false` measures only the binary that is there */
async function measureAddon({ rounds, build = true }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-addon-'));
  try {
    const binaries = { 'nothing required': '', 'as it is, with the SQLite store': loadedBinary() };
    if (build) binaries['without the SQLite store'] = buildWithoutStore(folder);
    const samples = await takeTurns(Object.keys(binaries), rounds, async (name) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', LOAD, binaries[name]], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`loading the addon failed: ${stderr}`);
      return JSON.parse(stdout);
    });
    return Object.entries(binaries).map(([name, file]) => ({
      name,
      bytes: file && fs.statSync(file).size,
      clock: summary(samples[name].map(({ clock }) => clock)),
      cpu: summary(samples[name].map(({ cpu }) => cpu)),
    }));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Awaited<ReturnType<typeof measureAddon>>} results */
function addonTable([empty, ...results]) {
  const above = (kind, result) => (result[kind].median - empty[kind].median).toFixed(2);
  return [
    'Requiring the stripped binary in a fresh process, above a process that requires nothing (median), and its size.',
    '',
    table(
      ['addon', 'by the clock, ms', 'CPU time, ms', 'KiB'],
      results.map((result) => [result.name, above('clock', result), above('cpu', result), Math.ceil(Number(result.bytes) / 1024)]),
    ),
  ].join('\n');
}

module.exports = { measureAddon, addonTable };
