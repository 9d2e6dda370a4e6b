'use strict';

// npm run mutants               every mutant of __test__/mutants; fails if one survives
// npm run mutants -- renew TTL  those with one of the words in their id
// npm run mutants -- --short    the form for CI: the first of each file of lib/, and the first of each test that should notice one
//
// Each mutant is one edit, applied alone to a copy of the package. A test must turn red that is green without it.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT } = require('./setup');
const { findTestFiles, runFile, stopAll } = require('./test_files');
const { applyTo, mutants, occurrences } = require('../__test__/mutants');

const WORKERS = 2;
const DEADLINE_MS = 90 * 1000;
const NOT_COPIED = new Set(['.git', 'node_modules', 'target', 'logs', 'run', 'coverage', 'corpus', 'artifacts', 'dist']);
/** Tests that cannot notice an edit of the shim, or judge something else than code. */
const UNRELATED = /^(?:tools|package|engine|stores|store_tests|browser)\/|^apps\/(?:demo|cluster|load)\.|^cookie\/header_fuzz\./;

/** @typedef {import('../__test__/mutants').Mutant} Mutant */

/** One copy of the package, mutated again and again. */
class Workbench {
  /** @param {string} directory */
  constructor(directory) {
    this.directory = directory;
    fs.mkdirSync(directory);
    for (const entry of fs.readdirSync(ROOT)) {
      if (NOT_COPIED.has(entry)) continue;
      fs.cpSync(path.join(ROOT, entry), path.join(directory, entry), {
        recursive: true, filter: source => !NOT_COPIED.has(path.basename(source)),
      });
    }
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  }

  /**
   * @param {string} name of a test file
   * @param {Record<string, string>} [env]
   * @param {boolean} [stopsAtFailure] one problem is enough
   * @returns {Promise<string[]>} what is wrong in it
   */
  async problemsOf(name, env, stopsAtFailure) {
    const { problems } = await runFile(`__test__/${name}.test.js`, { cwd: this.directory, env, deadlineMs: DEADLINE_MS, stopsAtFailure });
    return problems;
  }

  /**
   * @param {Mutant} mutant
   * @param {() => Promise<any>} during
   */
  async mutated(mutant, during) {
    const file = path.join(this.directory, mutant.file);
    const original = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, applyTo(original, mutant));
    try {
      return await during();
    } finally {
      fs.writeFileSync(file, original);
    }
  }
}

/** What is wrong in a test file without any mutant: nothing of that counts as noticing one. */
class Baseline {
  /** @type {Map<string, Promise<Set<string>>>} */
  #problems = new Map();
  #workbench;

  /** @param {string} directory */
  constructor(directory) {
    this.#workbench = new Workbench(directory);
  }

  /** @param {string} name @param {Record<string, string>} [env] */
  problemsOf(name, env) {
    const key = `${name} ${JSON.stringify(env || {})}`;
    let problems = this.#problems.get(key);
    if (!problems) {
      problems = this.#workbench.problemsOf(name, env).then(list => {
        if (list.length > 0) console.log(`  note       ${name} is red without a mutant: ${list[0]}`);
        return new Set(list);
      });
      this.#problems.set(key, problems);
    }
    return problems;
  }
}

/** @returns {string[]} names of the test files to fall back on */
function allTests() {
  return findTestFiles().map(file => file.slice('__test__/'.length, -'.test.js'.length)).filter(name => !UNRELATED.test(`${name}.`));
}

/**
 * @param {Mutant} mutant
 * @param {Workbench} workbench
 * @param {Baseline} baseline
 * @returns {Promise<{ test: string, problem: string, isListed: boolean } | undefined>} who noticed; nobody
 */
async function noticedBy(mutant, workbench, baseline) {
  const others = allTests().filter(name => !mutant.tests.includes(name));
  for (const test of [...mutant.tests, ...others]) {
    const known = await baseline.problemsOf(test, mutant.env);
    const run = () => workbench.mutated(mutant, () => workbench.problemsOf(test, mutant.env, known.size === 0));
    const problems = await run();
    const isNew = (/** @type {string} */ problem) => !known.has(problem);
    const problem = problems.find(isNew);
    if (problem === undefined) continue;
    const isListed = mutant.tests.includes(test);
    // A test that nobody expected to notice it may have been disturbed: it has to do so again.
    if (isListed || (await run()).some(isNew)) return { test, problem, isListed };
  }
  return undefined;
}

/**
 * @param {Mutant} mutant
 * @param {Workbench} workbench
 * @param {Baseline} baseline
 * @returns {Promise<string | undefined>} what is wrong
 */
async function judge(mutant, workbench, baseline) {
  const count = occurrences(fs.readFileSync(path.join(ROOT, mutant.file), 'utf8'), mutant);
  if (count !== 1) {
    console.log(`  STALE      ${mutant.id}: its text occurs ${count} times in ${mutant.file}`);
    return `${mutant.id}: its text occurs ${count} times in ${mutant.file}`;
  }
  const started = Date.now();
  const found = await noticedBy(mutant, workbench, baseline);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (!found) {
    console.log(`  SURVIVED   ${mutant.id}: no test claims that ${mutant.claim}`);
    return `${mutant.id}: survived`;
  }
  console.log(`  noticed    ${mutant.id}\n               ${found.test}${found.isListed ? '' : ' (not in its list)'}: ${found.problem}  ${seconds} s`);
  return undefined;
}

/** @returns {Mutant[]} so few that each mutated file and each test that should notice a mutant occurs */
function shortList() {
  const seen = new Set();
  return mutants.filter(({ file, tests: [test] }) => {
    const isNew = !seen.has(file) || !seen.has(test);
    seen.add(file).add(test);
    return isNew;
  });
}

/**
 * @param {string[]} args of the command
 * @returns {Mutant[]}
 */
function chosenBy(args) {
  const words = args.filter(arg => arg !== '--short');
  const unknown = words.find(word => word.startsWith('-'));
  if (unknown) throw new Error(`Unknown option ${unknown}`);
  const candidates = args.includes('--short') ? shortList() : mutants;
  const chosen = candidates.filter(({ id }) => words.length === 0 || words.some(word => id.includes(word)));
  if (chosen.length === 0) throw new Error(`No mutant has ${words.join(' or ')} in its id`);
  return chosen;
}

async function main() {
  const chosen = chosenBy(process.argv.slice(2));
  const started = Date.now();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-mutants-'));
  const queue = [...chosen];
  /** @type {string[]} */
  const wrong = [];
  try {
    const baseline = new Baseline(path.join(scratch, 'unchanged'));
    await Promise.all(Array.from({ length: Math.min(WORKERS, chosen.length) }, async (_, index) => {
      const workbench = new Workbench(path.join(scratch, `copy-${index + 1}`));
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const problem = await judge(mutant, workbench, baseline);
        if (problem !== undefined) wrong.push(problem);
      }
    }));
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`\n${chosen.length} mutants in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  if (wrong.length > 0) throw new Error(`${wrong.length} of them:\n  ${wrong.join('\n  ')}`);
  console.log('Each was noticed by a test.');
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    stopAll();
    process.exit(1);
  });
}

main().catch(error => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});
