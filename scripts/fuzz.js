'use strict';

// npm run fuzz                          every target of fuzz/ for a minute each
// npm run fuzz -- --seconds 720         for twelve minutes each
// npm run fuzz -- diff merge            these targets only
//
// The Rust targets run under cargo-fuzz (libFuzzer with AddressSanitizer), one after the other, from fuzz/seeds and
// from what earlier runs found in fuzz/corpus. An input that breaks a target is kept in fuzz/artifacts.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, main } = require('./setup');
const { cargoEnv } = require('./build');

const RUST_TARGETS = ['open', 'open_session', 'open_sealed', 'base64', 'diff', 'merge'];
/** Scanned in JS: lib/cookie/request_header.js. */
const HEADER = 'header';
const TARGETS = [...RUST_TARGETS, HEADER];
const JSON_TARGETS = ['diff', 'merge'];
const DEFAULT_SECONDS = 60;
/** A browser sends 4 KiB a cookie. */
const MAX_INPUT_BYTES = 4096;
const SLOWEST_INPUT_SECONDS = 10;
/** libFuzzer prints its counts before a dictionary of what it made use of. */
const TAIL_CHARACTERS = 256 * 1024;

const MISSING = `Fuzzing the Rust side needs a nightly toolchain and cargo-fuzz:
  rustup toolchain install nightly
  cargo install cargo-fuzz
\`npm run fuzz -- ${HEADER}\` runs without them.`;

/** @typedef {{ target: string, executions: number, coverage: string, seconds: number }} Outcome */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} the end of what it printed
 */
function run(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', chunk => { output = (output + chunk).slice(-TAIL_CHARACTERS); });
    }
    const stop = () => child.kill('SIGTERM');
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    child.once('error', reject);
    child.once('close', code => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, stop);
      if (code === 0) resolve(output);
      else reject(new Error(`${output}\n\`${command} ${args.join(' ')}\` ended with ${code}`));
    });
  });
}

/** @returns {NodeJS.ProcessEnv} in which nightly cargo and cargo-fuzz are found */
function toolEnv() {
  const env = cargoEnv();
  const { status } = spawnSync('cargo', ['+nightly', 'fuzz', '--version'], { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(MISSING);
  return env;
}

/** @param {string} text @param {RegExp} pattern @returns {string} */
function read(text, pattern) {
  const match = pattern.exec(text);
  if (!match) throw new Error(`${text}\nThe fuzzer printed no ${pattern}`);
  return match[1];
}

/** @param {string} target @param {number} seconds @param {NodeJS.ProcessEnv} env @returns {Promise<Outcome>} */
async function fuzzRust(target, seconds, env) {
  const corpus = path.join(ROOT, 'fuzz/corpus', target);
  fs.mkdirSync(corpus, { recursive: true });
  const output = await run('cargo', [
    '+nightly', 'fuzz', 'run', target, corpus, path.join(ROOT, 'fuzz/seeds', target), '--',
    `-max_total_time=${seconds}`, `-max_len=${MAX_INPUT_BYTES}`, `-timeout=${SLOWEST_INPUT_SECONDS}`, '-print_final_stats=1',
    ...(JSON_TARGETS.includes(target) ? [`-dict=${path.join(ROOT, 'fuzz/dictionary_json.txt')}`] : []),
  ], env);
  return {
    target,
    executions: Number(read(output, /stat::number_of_executed_units: *(\d+)/)),
    coverage: read(output, /#\d+\s+DONE\s+(cov: \d+ ft: \d+ corp: \d+)/),
    seconds: Number(read(output, /Done \d+ runs in (\d+) second/)),
  };
}

/** @param {number} seconds @returns {Promise<Outcome>} */
async function fuzzHeader(seconds) {
  const output = await run(process.execPath, [path.join(ROOT, 'fuzz/header.js'), String(seconds)]);
  return { target: HEADER, executions: Number(read(output, /^Done (\d+) runs/m)), coverage: read(output, /second\(s\), (.*)/), seconds };
}

/** @param {string[]} args @returns {{ seconds: number, targets: string[] }} */
function parseArguments(args) {
  const words = [...args];
  let seconds = DEFAULT_SECONDS;
  const option = words.indexOf('--seconds');
  if (option !== -1) seconds = Number(words.splice(option, 2)[1]);
  if (!Number.isInteger(seconds) || seconds < 1) throw new Error('--seconds wants a whole number, at least 1');
  const unknown = words.find(word => !TARGETS.includes(word));
  if (unknown !== undefined) throw new Error(`No such target: ${unknown}. There are: ${TARGETS.join(', ')}`);
  return { seconds, targets: words.length > 0 ? words : TARGETS };
}

async function fuzz() {
  const { seconds, targets } = parseArguments(process.argv.slice(2));
  const env = targets.some(target => target !== HEADER) ? toolEnv() : process.env;
  for (const target of targets) {
    const outcome = target === HEADER ? await fuzzHeader(seconds) : await fuzzRust(target, seconds, env);
    console.log(`${target.padEnd(12)} ${String(outcome.executions).padStart(12)} executions in ${outcome.seconds} s  ${outcome.coverage}`);
  }
  console.log('No target was broken.');
}

module.exports = { RUST_TARGETS };

if (require.main === module) main(fuzz);
