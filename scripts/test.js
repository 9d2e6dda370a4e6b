'use strict';

// npm test                  everything: setup, system tools, `cargo test`, all of __test__/**/*.test.js
// npm test -- --without=redis,memcached    without the files that need them; the exit code is then 3
// npm test -- hostile       the test files with "hostile" in their path
// npm test -- rust          `cargo test` only
// npm test -- --pass=NAME   one pass only, native or portable

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, checkNode, setup, main } = require('./setup');
const { cargoEnv } = require('./build');
const { TOOLS, bring, namesOfTools } = require('./system_tools');
const { findTestFiles, runFile, stopAll, toolsOf } = require('./test_files');
const { PASSES, waits } = require('./test_passes');

/** Files that compute, at a time. */
const CONCURRENCY = Math.max(1, Math.min(4, os.cpus().length));
/** Files that wait, beside them. More at a time would make their clocks wait for the processor. */
const WAITING_CONCURRENCY = 2;
/** The exit code of a run that left something out. */
const PARTIAL = 3;

/** @type {import('node:child_process').ChildProcess | undefined} */
let cargo;

/**
 * Needs nothing that the set-up makes, and runs beside it. There is no test outside the library's modules.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Outcome>} never rejects
 */
async function runCargoTest(env) {
  const child = spawn('cargo', ['test', '--locked', '--lib'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  cargo = child;
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', chunk => { stdout += chunk; });
  const status = await new Promise(resolve => child.on('error', error => resolve(error.message)).on('close', resolve));
  const problems = status === 0 ? [] : [`failed: ${status}`];
  let tests = 0;
  for (const [, passed, failed, ignored] of stdout.matchAll(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    tests += Number(passed) + Number(failed);
    if (ignored !== '0') problems.push(`${ignored} tests are ignored`);
  }
  if (tests === 0) problems.push('ran no tests');
  console.log('\ncargo test');
  if (problems.length > 0) console.log(stdout);
  console.log(`  ${problems.length > 0 ? 'FAIL' : 'ok  '}  ${tests} tests${problems.map(problem => `\n        ${problem}`).join('')}`);
  return { tests, problems: problems.map(problem => `cargo test: ${problem}`) };
}

/** @typedef {{ tests: number, problems: string[] }} Outcome */

/** @typedef {{ name: string, env: Record<string, string>, file: string }} Job one file in one pass */

/**
 * Runs one job after the other, and prints a line for each.
 *
 * @param {() => Job | undefined} next
 * @param {number} width of a file's name
 * @returns {Promise<Outcome[]>}
 */
async function work(next, width) {
  const outcomes = [];
  for (let job = next(); job !== undefined; job = next()) {
    const { name, env, file } = job;
    const { tests, problems, output, seconds } = await runFile(file, { cwd: ROOT, env });
    const verdict = problems.length > 0 ? 'FAIL' : 'ok  ';
    console.log(`  ${verdict}  ${name.padEnd(8)}  ${file.padEnd(width)}  ${String(tests).padStart(4)} tests  ${seconds.toFixed(1).padStart(6)} s`);
    if (problems.length > 0) console.log(`${output.replace(/^/gm, '        ')}\n`);
    outcomes.push({ tests, problems: problems.map(problem => `${name}: ${file}: ${problem}`) });
  }
  return outcomes;
}

/**
 * The files of the first pass, then those of the second. Whoever has no file left that waits takes one that computes.
 *
 * @param {import('./test_passes').Pass[]} passes
 * @param {string[]} files
 * @returns {Promise<Outcome[]>}
 */
async function runPasses(passes, files) {
  // What the originals do in the first pass need not be asked again in the second, and the package is packed once.
  const shared = fs.mkdtempSync(path.join(os.tmpdir(), 'session-shared-'));
  const jobs = passes.flatMap(({ name, env, takes }) => files.filter(takes)
    .map(file => ({ name, env: { ...env, SESSION_TEST_SHARED: shared }, file })));
  console.log(`\n${passes.map(({ name }) => `${name}: ${jobs.filter(job => job.name === name).length} test files`).join(', ')}`);
  const width = Math.max(0, ...files.map(file => file.length));
  const waiting = jobs.filter(({ file }) => waits(file));
  const computing = jobs.filter(({ file }) => !waits(file));
  try {
    const outcomes = (await Promise.all([
      ...Array.from({ length: CONCURRENCY }, () => work(() => computing.shift(), width)),
      ...Array.from({ length: WAITING_CONCURRENCY }, () => work(() => waiting.shift() ?? computing.shift(), width)),
    ])).flat();
    if (outcomes.length !== jobs.length) throw new Error(`${jobs.length - outcomes.length} files were not run`);
    return outcomes;
  } finally {
    fs.rmSync(shared, { recursive: true, force: true });
  }
}

async function test() {
  checkNode();
  const args = process.argv.slice(2);
  const foreign = args.find(arg => arg.startsWith('-') && !/^--(?:pass|without)=/.test(arg));
  if (foreign !== undefined) throw new Error(`No such option: ${foreign}. There are: --pass=NAME, --without=NAMES`);
  const onlyPass = args.find(arg => arg.startsWith('--pass='))?.slice('--pass='.length);
  const filters = args.filter(arg => !arg.startsWith('--'));
  const passes = PASSES.filter(pass => onlyPass === undefined || pass.name === onlyPass);
  const without = args.flatMap(arg => (arg.startsWith('--without=') ? arg.slice('--without='.length).split(',') : []));
  const unknown = without.find(name => !namesOfTools().includes(name));
  if (unknown !== undefined) throw new Error(`--without knows ${namesOfTools().join(', ')}, and not ${unknown}`);
  const chosen = findTestFiles().filter(file => filters.length === 0 || filters.some(filter => file.includes(filter)));
  const files = chosen.filter(file => !toolsOf(file).some(name => without.includes(name)));
  const withRust = filters.length === 0 || filters.includes('rust');
  if (passes.length === 0) throw new Error(`No such pass: ${onlyPass}. There are: ${PASSES.map(pass => pass.name).join(', ')}`);
  const leftOut = chosen.filter(file => !files.includes(file));
  if (chosen.length === 0 && !withRust) throw new Error(`No test file has ${filters.join(' or ')} in its path`);

  const needed = new Set(files.flatMap(toolsOf));
  bring(TOOLS.filter(({ isForCi, name }) => !isForCi && (name === undefined || needed.has(name))), without);

  const started = Date.now();
  const testing = withRust ? runCargoTest(cargoEnv()) : undefined;
  try {
    setup();
  } catch (error) {
    cargo?.kill();
    throw error;
  }
  // Not beside the files: theirs are clocks that wait for a processor.
  const outcomes = testing === undefined ? [] : [await testing];
  outcomes.push(...await runPasses(passes, files));

  const problems = outcomes.flatMap(outcome => outcome.problems);
  const tests = outcomes.reduce((sum, outcome) => sum + outcome.tests, 0);
  const partly = leftOut.length > 0 && `Not run, for they need ${without.join(' or ')}: ${leftOut.length} files\n  ${leftOut.join('\n  ')}`;
  console.log(`\n${tests} tests in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  if (partly && (tests === 0 || problems.length > 0)) console.log(partly);
  if (tests === 0) throw new Error('Ran no test');
  if (problems.length > 0) throw new Error(`${problems.length} problems:\n  ${problems.join('\n  ')}`);
  // The line by which a machine knows that tests ran: none of them was skipped.
  console.log(`${tests} passed, 0 failed`);
  if (!partly) return;
  console.log(partly);
  process.exitCode = PARTIAL;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stopAll();
    cargo?.kill();
    process.exit(1);
  });
}

main(test);
