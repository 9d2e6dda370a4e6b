'use strict';

const assert = require('node:assert');
const { fork, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { SqliteStore } = require('../../lib/stores/sqlite/store');

/** A lifetime that no test outlasts. */
const LONG_MS = 60 * 60 * 1000;

/**
 * A folder for one test, removed after it.
 * @param {import('node:test').TestContext} t
 * @returns {string} the path of a database in it, not made yet
 */
function databaseFor(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-sqlite-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'sessions.db');
}

/**
 * A store on a new file, closed after the test.
 * @param {import('node:test').TestContext} t
 * @param {object} [options] `path` for a file that is there already
 */
function storeFor(t, options = {}) {
  const store = new SqliteStore({ path: options.path || databaseFor(t), sweepIntervalMs: 0, ...options });
  t.after(() => store.close());
  return store;
}

/**
 * Another process with a store of its own on the same file; ended after the test.
 * @param {import('node:test').TestContext} t
 * @param {string} task a function of sqlite_worker.js
 * @param {object} details what it is given
 */
function startWorker(t, task, details) {
  const child = fork(path.join(__dirname, 'sqlite_worker.js'), [task, JSON.stringify(details)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return { child, ended };
}

/**
 * Runs a task in another process to its end.
 * @returns {Promise<any>} what the task answered
 */
async function runWorker(t, task, details) {
  const { child, ended } = startWorker(t, task, details);
  const answer = nextMessage(child);
  const { code, signal } = await ended;
  if (code !== 0) throw new Error(`${task} ended with ${code ?? signal}`);
  return answer;
}

/** @param {import('node:child_process').ChildProcess} child */
function nextMessage(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => setImmediate(reject, new Error('the worker ended without an answer')));
  });
}

/**
 * Another process that holds the write lock from now on: it is stopped in the middle of a write.
 * @param {import('node:test').TestContext} t
 * @param {string} path
 */
async function lockFromOutside(t, path) {
  // a signal takes a moment to arrive: only who waits longer than that knows
  const probe = storeFor(t, { path, busyTimeoutMs: 200 });
  const { child } = startWorker(t, 'hogTheLock', { path });
  await nextMessage(child);
  for (let tries = 0; tries < 50; tries++) {
    child.kill('SIGSTOP');
    const failed = await probe.set('probe', {}, LONG_MS, {}).then(() => false, () => true);
    if (failed) return child;
    // it was stopped between two of its writes
    child.kill('SIGCONT');
    await new Promise(resolve => setTimeout(resolve, 5 + 5 * tries));
  }
  throw new Error('the lock was never caught');
}

/** What `statfs` calls ext4, XFS and btrfs. */
const TELLING = [0xef53, 0x58465342, 0x9123683e];

/**
 * @param {string} file
 * @returns {boolean} whether its file system is known to tell what of it is in memory; of others either may be true
 */
function tellsWhatIsInMemory(file) {
  return process.platform === 'linux' && TELLING.includes(fs.statfsSync(path.dirname(file)).type);
}

/**
 * @param {() => Promise<any>} call
 * @returns {Promise<boolean>} whether it settles before the event loop looks again for what other threads have to say
 */
function settlesAtOnce(call) {
  return new Promise(resolve => {
    // after what comes from files and threads, and before it comes again, the loop does what is to be done immediately
    fs.stat(__filename, () => {
      let isSettled = false;
      const settle = () => { isSettled = true; };
      call().then(settle, settle);
      setImmediate(() => resolve(isSettled));
    });
  });
}

/** Makes the kernel forget what the file holds, as it does when it needs the memory. @param {string} file */
function forget(file) {
  const { status, stderr } = spawnSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], {
    stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8',
  });
  assert.strictEqual(status, 0, `GNU dd is needed: ${stderr}`);
}

/** @param {string} file numbers that SQLite keeps in the first page */
function headerOf(file) {
  const page = fs.readFileSync(file).subarray(0, 100);
  return { userVersion: page.readUInt32BE(60), applicationId: page.readUInt32BE(68) };
}

/** @param {string} file @param {'userVersion' | 'applicationId'} field @param {number} value */
function patchHeader(file, field, value) {
  const bytes = fs.readFileSync(file);
  bytes.writeUInt32BE(value, field === 'userVersion' ? 60 : 68);
  fs.writeFileSync(file, bytes);
}

module.exports = {
  LONG_MS, databaseFor, storeFor, startWorker, runWorker, nextMessage, lockFromOutside, forget, tellsWhatIsInMemory, settlesAtOnce,
  headerOf, patchHeader,
};
