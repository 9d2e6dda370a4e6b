'use strict';

/** One SQLite file for all workers, on a file system of its own that can be filled, if this user may mount one. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { between } = require('./common');

const DISK_BYTES = 64 * 2 ** 20;
const BALLAST_STEPS = [2 ** 20, 64 * 1024, 4096];

const run = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** @param {string} folder @returns {'ext4' | 'tmpfs' | undefined} what is mounted there now */
function mountSmall(folder) {
  const image = `${folder}.img`;
  fs.writeFileSync(image, '');
  fs.truncateSync(image, DISK_BYTES);
  if (run('mkfs.ext4', '-q', image) && run('mount', '-o', 'loop', image, folder)) return 'ext4';
  return run('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder) ? 'tmpfs' : undefined;
}

/** Takes all room that is left. @param {string} file */
function fill(file) {
  const ballast = fs.openSync(file, 'w');
  try {
    for (const step of BALLAST_STEPS) {
      const chunk = Buffer.alloc(step);
      try {
        for (let left = DISK_BYTES; left > 0; left -= fs.writeSync(ballast, chunk)) { /* until there is no room */ }
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    fs.closeSync(ballast);
  }
}

/**
 * @param {{ workers: () => import('../workers').Worker[] }} options
 * @returns {Promise<import('./common').World>}
 */
async function startSqliteWorld({ workers }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-faults-sqlite-'));
  const disk = path.join(folder, 'disk');
  fs.mkdirSync(disk);
  const mounted = mountSmall(disk);
  const ballast = path.join(disk, 'ballast');
  const unmount = () => { if (mounted) run('umount', disk); };
  // A run that is broken off leaves no mount behind; the workers are dead by then.
  process.on('exit', unmount);

  const fullDisk = async prng => {
    fill(ballast);
    await sleep(between(prng, 200, 1500));
    fs.rmSync(ballast, { force: true });
  };

  return {
    spec: { kind: 'sqlite', path: path.join(disk, 'sessions.db') },
    keeps: {
      ...mounted && { 'full disk': fullDisk },
      // A write beyond it fails with EFBIG; the log is over it at once.
      'limit of a file\'s size': async prng => {
        const worker = prng.pick(workers().filter(({ isReady }) => isReady));
        if (worker === undefined) return;
        worker.limit('--fsize=4096:');
        await sleep(between(prng, 200, 1500));
        if (worker.isReady) worker.limit('--fsize=unlimited:');
      },
    },
    loses: {},
    notes: mounted ? [`the file is on ${mounted} of ${DISK_BYTES / 2 ** 20} MiB`] : [],
    leftOut: mounted ? {} : { 'full disk': 'this user may not mount a file system' },
    async heal() {
      fs.rmSync(ballast, { force: true });
      for (const worker of workers()) worker.limit('--fsize=unlimited:');
    },
    async stop() {
      unmount();
      process.off('exit', unmount);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { startSqliteWorld };
