'use strict';

// Runs test files, each in a Node process of its own, and judges each by what its process reported: a file that ran no
// test, skipped one, left early, hung, or left a process behind has failed, whatever its exit code says.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const ROOT = path.join(__dirname, '..');
const REPORTER = path.join(__dirname, 'test_reporter.js');
const DEADLINE_MS = 10 * 60 * 1000;
const GRACE_MS = 3000;
/** Process groups let us find and end what a test file left running; Windows has none. */
const HAS_GROUPS = process.platform !== 'win32';

/** @type {Set<number>} */
const running = new Set();

/**
 * @typedef {{ file: string, tests: number, problems: string[], output: string, seconds: number }} FileResult
 * @typedef {{ cwd: string, env?: Record<string, string>, deadlineMs?: number, stopsAtFailure?: boolean }} RunOptions
 */

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there was something to signal
 */
function signalGroup(pid, signal) {
  try {
    return process.kill(HAS_GROUPS ? -pid : pid, signal);
  } catch {
    return false;
  }
}

/**
 * @param {number} pgid
 * @returns {boolean} whether a process of the group still runs
 */
function groupRuns(pgid) {
  if (!signalGroup(pgid, 0)) return false;
  if (process.platform !== 'linux') return true;
  // Where nobody reaps orphans (a container without an init) the dead keep their group, so ask for the living.
  return fs.readdirSync('/proc').some(entry => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = fs.readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(group) === pgid && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** @returns {string[]} every test file, relative to the root */
function findTestFiles(folder = '__test__') {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : findTestFiles(file);
      return entry.name.endsWith('.test.js') ? [file] : [];
    });
}

/** How a module of the tests says that it starts a server of its own. */
const STARTS = { redis: /\bstartRedis\b|\bneed\('redis-server'|scripts\/faults\.js/, memcached: /\bstartMemcached\b/, browser: /\bstartBrowser\b/ };
const STARTERS = ['servers.js', 'browser.js'].map(name => path.join(ROOT, '__test__/support', name));
/** @type {Map<string, string[]>} by module */
const known = new Map();

/**
 * @param {string} file of a test, or of a module that it loads; relative to the root, or absolute
 * @returns {string[]} the servers that it starts, by the names that `npm test -- --without` knows
 */
function toolsOf(file) {
  const full = path.resolve(ROOT, file);
  const found = known.get(full);
  if (found !== undefined) return found;
  // Modules may load each other in a circle.
  known.set(full, []);
  const source = STARTERS.includes(full) ? '' : fs.readFileSync(full, 'utf8');
  const loaded = [...source.matchAll(/\brequire\('(\.[^']+)'\)/g)]
    .flatMap(([, name]) => [name, `${name}.js`, `${name}/index.js`].map(each => path.resolve(path.dirname(full), each)).find(isModuleOfTests) ?? []);
  const tools = new Set(loaded.flatMap(toolsOf));
  for (const [name, starts] of Object.entries(STARTS)) if (starts.test(source)) tools.add(name);
  known.set(full, [...tools]);
  return [...tools];
}

/** @param {string} full */
function isModuleOfTests(full) {
  return full.startsWith(path.join(ROOT, '__test__')) && full.endsWith('.js') && fs.existsSync(full);
}

/** Ends the test files that are running, for a runner that is told to stop. */
function stopAll() {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

/**
 * @param {number} pid of a process that has ended
 * @returns {Promise<boolean>} whether its children outlived it and had to be killed
 */
async function endStragglers(pid) {
  if (!HAS_GROUPS) return false;
  for (const end = Date.now() + GRACE_MS; Date.now() < end; await sleep(50)) {
    if (!groupRuns(pid)) return false;
  }
  return signalGroup(pid, 'SIGKILL');
}

/**
 * @param {string} reportFile
 * @param {number | null} exitCode
 * @returns {{ tests: number, problems: string[] }}
 */
function judge(reportFile, exitCode) {
  /** @type {import('./test_reporter').TestResult[]} */
  let results;
  try {
    results = JSON.parse(fs.readFileSync(reportFile, 'utf8'));
  } catch {
    return { tests: 0, problems: ['did not run to its end, or has no tests'] };
  }
  const problems = [];
  for (const { name, ok, skipped, todo } of results) {
    if (!ok) problems.push(`failed: ${name}`);
    if (skipped) problems.push(`skipped: ${name}`);
    if (todo) problems.push(`todo: ${name}`);
  }
  if (results.length === 0) problems.push('has no tests');
  if (exitCode !== 0 && problems.length === 0) problems.push(exitCode === null ? 'was killed' : `exit code ${exitCode}`);
  return { tests: results.length, problems };
}

/**
 * @param {string} file relative to `cwd`
 * @param {RunOptions} options
 * @returns {Promise<FileResult>}
 */
async function runFile(file, { cwd, env = {}, deadlineMs = DEADLINE_MS, stopsAtFailure = false }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-test-'));
  const reportFile = path.join(folder, 'report.json');
  const started = Date.now();
  /** @type {NodeJS.ProcessEnv} */
  const childEnv = { ...process.env, NO_COLOR: '1', ...env, ...stopsAtFailure && { SESSION_TEST_STOP: reportFile } };
  // Set when we are ourselves run by a test: it would make the file report to that test instead.
  delete childEnv.NODE_TEST_CONTEXT;
  // Tests read what programs print, and a CI colours it.
  delete childEnv.FORCE_COLOR;

  const child = spawn(process.execPath, [
    '--test-reporter=spec', '--test-reporter-destination=stdout',
    `--test-reporter=${REPORTER}`, `--test-reporter-destination=${reportFile}`,
    file,
  ], { cwd, env: childEnv, stdio: ['ignore', 'pipe', 'pipe'], detached: HAS_GROUPS });
  const pid = /** @type {number} */ (child.pid);
  running.add(pid);

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => { output += chunk; });
  }
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    signalGroup(pid, 'SIGKILL');
  }, deadlineMs);

  // 'exit', not 'close': a process left behind holds the pipes open.
  const exitCode = await new Promise(resolve => child.on('exit', resolve));
  clearTimeout(timer);
  const straggled = await endStragglers(pid);
  running.delete(pid);
  await sleep(0);

  const { tests, problems } = judge(reportFile, exitCode);
  if (hung) problems.unshift(`did not end within ${deadlineMs / 1000} s`);
  if (straggled) problems.push('left a process running');
  fs.rmSync(folder, { recursive: true, force: true });
  return { file, tests, problems, output, seconds: (Date.now() - started) / 1000 };
}

/**
 * @param {string[]} files
 * @param {RunOptions & { concurrency: number, onResult: (result: FileResult) => void }} options
 * @returns {Promise<FileResult[]>}
 */
async function runFiles(files, { concurrency, onResult, ...options }) {
  const queue = [...files];
  /** @type {FileResult[]} */
  const results = [];
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, options);
      results.push(result);
      onResult(result);
    }
  }));
  return results;
}

module.exports = { findTestFiles, runFile, runFiles, stopAll, toolsOf };
