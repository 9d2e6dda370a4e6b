'use strict';

// npm test                  everything: setup, system tools, `cargo test`, all of __test__/**/*.test.js
// npm test -- --without=redis,memcached    without the files that need them; the exit code is then 3
// npm test -- hostile       the test files with "hostile" in their path
// npm test -- rust          `cargo test` only
// npm test -- --pass=NAME   one pass only, native or portable

const { spawnSync } = require('node:child_process');
const os = require('node:os');
const { ROOT, setup, main } = require('./setup');
const { cargoEnv } = require('./build');
const { TOOLS, bring, namesOfTools } = require('./system_tools');
const { findTestFiles, runFiles, stopAll, toolsOf } = require('./test_files');
const { PASSES } = require('./test_passes');

// More at a time than this only makes servers and clocks in the tests wait for each other.
const CONCURRENCY = Math.max(1, Math.min(4, os.cpus().length));
/** The exit code of a run that left something out. */
const PARTIAL = 3;

/** @returns {{ tests: number, problems: string[] }} */
function runCargoTest() {
  console.log('\ncargo test');
  const { status, stdout } = spawnSync('cargo', ['test', '--locked'], {
    cwd: ROOT, env: cargoEnv(), stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28,
  });
  const problems = status === 0 ? [] : ['failed'];
  let tests = 0;
  for (const [, passed, failed, ignored] of stdout.matchAll(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    tests += Number(passed) + Number(failed);
    if (ignored !== '0') problems.push(`${ignored} tests are ignored`);
  }
  if (tests === 0) problems.push('ran no tests');
  if (problems.length > 0) console.log(stdout);
  console.log(`  ${problems.length > 0 ? 'FAIL' : 'ok  '}  ${tests} tests${problems.map(problem => `\n        ${problem}`).join('')}`);
  return { tests, problems: problems.map(problem => `cargo test: ${problem}`) };
}

/**
 * @param {import('./test_passes').Pass} pass
 * @param {string[]} files
 * @returns {Promise<{ tests: number, problems: string[] }>}
 */
async function runPass({ name, env }, files) {
  console.log(`\n${name}: ${files.length} test files`);
  const width = Math.max(...files.map(file => file.length));
  const results = await runFiles(files, {
    cwd: ROOT, env, concurrency: CONCURRENCY,
    onResult({ file, tests, problems, output, seconds }) {
      const verdict = problems.length > 0 ? 'FAIL' : 'ok  ';
      console.log(`  ${verdict}  ${file.padEnd(width)}  ${String(tests).padStart(4)} tests  ${seconds.toFixed(1).padStart(6)} s`);
      if (problems.length > 0) console.log(`${output.replace(/^/gm, '        ')}\n`);
    },
  });
  const ran = new Set(results.map(result => result.file));
  return {
    tests: results.reduce((sum, result) => sum + result.tests, 0),
    problems: [
      ...results.flatMap(result => result.problems.map(problem => `${name}: ${result.file}: ${problem}`)),
      ...files.filter(file => !ran.has(file)).map(file => `${name}: ${file}: was not run`),
    ],
  };
}

async function test() {
  const args = process.argv.slice(2);
  const onlyPass = args.find(arg => arg.startsWith('--pass='))?.slice('--pass='.length);
  const filters = args.filter(arg => !arg.startsWith('--'));
  const passes = PASSES.filter(pass => onlyPass === undefined || pass.name === onlyPass);
  const without = args.find(arg => arg.startsWith('--without='))?.slice('--without='.length).split(',') ?? [];
  const unknown = without.find(name => !namesOfTools().includes(name));
  if (unknown !== undefined) throw new Error(`--without knows ${namesOfTools().join(', ')}, and not ${unknown}`);
  const chosen = findTestFiles().filter(file => filters.length === 0 || filters.some(filter => file.includes(filter)));
  const files = chosen.filter(file => !toolsOf(file).some(name => without.includes(name)));
  const withRust = filters.length === 0 || filters.includes('rust');
  if (passes.length === 0) throw new Error(`No such pass: ${onlyPass}. There are: ${PASSES.map(pass => pass.name).join(', ')}`);
  const leftOut = chosen.filter(file => !files.includes(file));
  if (chosen.length === 0 && !withRust) throw new Error(`No test file has ${filters.join(' or ')} in its path`);

  const needed = new Set(files.flatMap(toolsOf));
  bring(TOOLS.filter(({ isForCi, name }) => !isForCi && (name === undefined || needed.has(name))));

  const started = Date.now();
  setup();
  const outcomes = [];
  if (withRust) outcomes.push(runCargoTest());
  for (const pass of passes) {
    const taken = files.filter(pass.takes);
    if (taken.length > 0) outcomes.push(await runPass(pass, taken));
  }

  const problems = outcomes.flatMap(outcome => outcome.problems);
  const tests = outcomes.reduce((sum, outcome) => sum + outcome.tests, 0);
  console.log(`\n${tests} tests in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  if (tests === 0) throw new Error('Ran no test');
  if (problems.length > 0) throw new Error(`${problems.length} problems:\n  ${problems.join('\n  ')}`);
  // The line by which a machine knows that tests ran: none of them was skipped.
  console.log(`${tests} passed, 0 failed`);
  if (leftOut.length === 0) return;
  console.log(`Not run, for they need ${without.join(' or ')}: ${leftOut.length} files\n  ${leftOut.join('\n  ')}`);
  process.exitCode = PARTIAL;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stopAll();
    process.exit(1);
  });
}

main(test);
