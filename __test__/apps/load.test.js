'use strict';

/** The load run in a short form: real clusters, all apps, no wrong answer; and that each kind of trouble would be seen. */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { problemsOf, FEWEST_SAMPLES } = require('../load/verdict');
const { APPS } = require('../load/apps');
const { REPOSITORY } = require('../support/app_process');

const MEBIBYTE = 2 ** 20;

/** @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
function runLoad(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(REPOSITORY, 'scripts/load.js'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output += chunk; });
    child.once('error', reject);
    child.once('close', code => resolve({ code, output }));
  });
}

test('mixed traffic with hostile cookies gets right answers from every app, and no error is logged', { timeout: 300_000 }, async () => {
  const { code, output } = await runLoad(['--answers', '200', '--seed', '7']);
  assert.equal(code, 0, output);
  for (const { name } of APPS) {
    const [, answers, wrong, hostile] = new RegExp(`^${name}: (\\d+) answers in .*, (\\d+) wrong; (\\d+) to hostile cookies$`, 'm').exec(output);
    assert.ok(Number(answers) >= 200 && Number(hostile) > 0, output);
    assert.equal(wrong, '0');
  }
  assert.match(output, /^All answers were right/m);
});

test('an app that does not exist is named, and no cluster is started', async () => {
  const { code, output } = await runLoad(['nothing']);
  assert.equal(code, 1);
  assert.match(output, /No such app: nothing\. There are: encrypted, sealed, store/);
});

/** A run in which nothing went wrong, on two workers. */
function quietRun() {
  const samplesOf = pid => Array.from({ length: FEWEST_SAMPLES }, (_, at) => ({
    pid, heapUsed: (20 + at % 2) * MEBIBYTE, rss: (90 + at % 3) * MEBIBYTE, unhandledRejections: 0, errors: 0,
  }));
  return { wrong: [], answers: 1000, hostile: 10, workers: new Map([[1, samplesOf(1)], [2, samplesOf(2)]]), errorLog: '' };
}

test('a quiet run has no problem', () => {
  assert.deepEqual(problemsOf(quietRun()), []);
});

const troubles = [
  ['a wrong answer', run => run.wrong.push('app: read was answered with status 500'), /1 wrong answers: .*status 500/],
  ['no answer at all', run => { run.answers = 0; }, /nothing was answered/],
  ['no hostile cookie', run => { run.hostile = 0; }, /no hostile cookie/],
  ['a worker that died and was replaced', run => run.workers.set(3, run.workers.get(1)), /3 workers were seen/],
  ['a worker that never answered', run => run.workers.delete(2), /1 workers were seen/],
  ['an unhandled rejection', run => { run.workers.get(1).at(-1).unhandledRejections = 2; }, /2 unhandled rejections in worker 1/],
  ['an error of the app', run => { run.workers.get(2).at(-1).errors = 1; }, /1 errors in worker 2/],
  ['a logged error', run => { run.errorLog = 'ERROR nodejs.TypeError'; }, /errors were logged/],
  ['a heap that grows', run => run.workers.get(1).forEach((sample, at) => { sample.heapUsed += at * 2 * MEBIBYTE; }), /heapUsed of worker 1 grew/],
  ['resident memory that grows', run => run.workers.get(2).forEach((sample, at) => { sample.rss += at * 10 * MEBIBYTE; }), /rss of worker 2 grew/],
];

for (const [what, cause, expected] of troubles) {
  test(`${what} is a problem`, () => {
    const run = quietRun();
    cause(run);
    const problems = problemsOf(run);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], expected);
  });
}
