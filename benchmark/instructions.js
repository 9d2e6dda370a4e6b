'use strict';

/**
 * `npm run bench:instructions`: how many instructions the engine takes for one operation, counted by valgrind's callgrind. It
 * is the figure that repeats on any machine and under any load, and shows what a change to src/ costs. Writes instructions.md.
 * `--smoke` counts one operation and writes nothing.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { cargoEnv } = require('../scripts/build');
const { ROOT, main } = require('../scripts/setup');
const { table } = require('./sections');

const RESULTS = path.join(__dirname, 'instructions.md');
const SIZES = [300, 2000];
/** What examples/instructions.rs can do. */
const OPERATIONS = {
  open: 'open an encrypted cookie: base64, AES-256-CBC, base64, UTF-8',
  seal: 'seal one',
  verify: 'open a signed cookie: HMAC-SHA256, base64, UTF-8',
  sign: 'seal one',
  open_sealed: 'open a sealed cookie: base64, XAES-256-GCM, UTF-8',
  seal_sealed: 'seal one, with a random nonce',
};
/** Instructions of that many more repetitions are counted, so that starting up and reaching a steady state are left out. */
const BEFORE = 100;
const COUNTED = 1000;

/** @param {string} command @param {string[]} args @returns {string} what it wrote, to both streams */
function output(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, env: cargoEnv(), encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error && 'code' in error && error.code === 'ENOENT') throw new Error(`${command} is missing: apt-get install ${command}`);
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed:\n${stderr}`);
  return stdout + stderr;
}

/** @returns {string} the program that is counted in */
function build() {
  const target = path.resolve(ROOT, process.env.CARGO_TARGET_DIR || 'target');
  output('cargo', ['build', '--release', '--locked', '--no-default-features', '--example', 'instructions']);
  return path.join(target, 'release', 'examples', 'instructions');
}

/** @param {string} program @param {string} operation @param {number} bytes @returns {number} of one operation */
function countInstructions(program, operation, bytes) {
  const [few, many] = [BEFORE, BEFORE + COUNTED].map((times) => {
    const text = output('valgrind', ['--tool=callgrind', '--callgrind-out-file=/dev/null', program, operation, String(bytes), String(times)]);
    return Number(/Collected : (\d+)/.exec(text)?.[1]);
  });
  return Math.round((many - few) / COUNTED);
}

function report(program) {
  const rows = Object.entries(OPERATIONS).map(([operation, what]) => [
    `\`${operation}\``, what, ...SIZES.map((bytes) => countInstructions(program, operation, bytes).toLocaleString('en')),
  ]);
  const [valgrind] = output('valgrind', ['--version']).split('\n');
  const [rustc] = output('rustc', ['--version']).split('\n');
  return `# Instructions of the engine's operations

Written by \`npm run bench:instructions\`: instructions of one call into \`src/\`, without Node and without the crossing, for sessions of
about ${SIZES.join(' and ')} B. They are the same on each run, whatever else the machine does.

- ${valgrind}, ${rustc}, ${process.arch}
- valgrind offers its programs AES instructions and no SHA ones, so \`sign\` and \`verify\` count SHA-256 in software: on a processor with
  SHA instructions they take about a third of it.

${table(['operation', 'does', ...SIZES.map((bytes) => `${bytes} B`)], rows)}
`;
}

main(() => {
  const program = build();
  if (process.argv.includes('--smoke')) {
    const instructions = countInstructions(program, 'open', SIZES[0]);
    if (!(instructions > 0)) throw new Error('valgrind counted nothing');
    console.log(`instructions were counted: ${instructions} to open a cookie`);
    return;
  }
  fs.writeFileSync(RESULTS, report(program));
  console.log(fs.readFileSync(RESULTS, 'utf8'));
});
