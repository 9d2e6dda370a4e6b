'use strict';

/** One clock for all workers of a run, which can be stepped while they run. clock.c does it, if there is a C compiler. */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

class SteppedClock {
  /** How often it was stepped. */
  epoch = 0;
  #aheadMs = 0;
  #file;
  #library;

  /** @param {string} folder for its files */
  constructor(folder) {
    this.#file = path.join(folder, 'clock');
    this.#library = path.join(folder, 'clock.so');
    this.#write(0);
    const { status } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', this.#library, path.join(__dirname, 'clock.c'), '-ldl'], { stdio: 'ignore' });
    this.canStep = process.platform === 'linux' && status === 0;
  }

  /** @returns {Record<string, string>} the environment of a process that follows it */
  get env() {
    return this.canStep ? { LD_PRELOAD: this.#library, FAULTS_CLOCK: this.#file } : {};
  }

  /** @param {number} aheadMs of the machine's clock, a whole number */
  step(aheadMs) {
    if (aheadMs === this.#aheadMs) return;
    this.#aheadMs = aheadMs;
    this.#write(aheadMs);
    this.epoch++;
  }

  /** In place: the file is mapped. @param {number} aheadMs */
  #write(aheadMs) {
    const bytes = Buffer.from(new BigInt64Array([BigInt(aheadMs)]).buffer);
    const file = fs.openSync(this.#file, fs.constants.O_WRONLY | fs.constants.O_CREAT);
    fs.writeSync(file, bytes, 0, bytes.length, 0);
    fs.closeSync(file);
  }
}

module.exports = { SteppedClock };
