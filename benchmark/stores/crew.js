'use strict';

/** Processes that work at the same time on the same store. */

const { fork } = require('node:child_process');
const path = require('node:path');

/** How long a sample should take: long enough for the messages between the processes not to count. */
const SAMPLE_MS = 60;
const PROBE_TIMES = 100;

class Crew {
  #members;
  #times = PROBE_TIMES;

  /**
   * @param {{ kind: 'storeAlone' | 'throughMiddleware', args: string[] }} subject
   * @param {import('./stores').Place} place
   * @param {{ processes: number, count: number }} options
   * @returns {Promise<Crew>} with its sessions made
   */
  static async start(subject, place, { processes, count }) {
    const crew = new Crew(processes);
    try {
      // In turn: SQLite does not wait for another process that turns the write-ahead log on.
      for (const [share, member] of crew.#members.entries()) {
        await member.ask({ command: 'open', ...subject, place, processes, share, count });
      }
      await crew.#members[0].ask({ command: 'fill' });
      return crew;
    } catch (error) {
      await crew.stop();
      throw error;
    }
  }

  /** @param {number} processes */
  constructor(processes) {
    this.#members = Array.from({ length: processes }, () => new Member());
  }

  #all(message) {
    return Promise.all(this.#members.map((member, share) => member.ask(message(share))));
  }

  /**
   * @param {{ operation: string, inFlight: number, isSmoke: boolean }} what
   * @returns {Promise<number>} µs for one operation, with all processes at it
   */
  async sample({ operation, inFlight, isSmoke }) {
    const times = this.#times;
    const start = process.hrtime.bigint();
    const lasts = await this.#all(() => ({ command: 'run', operation, times, inFlight }));
    const elapsedUs = Number(process.hrtime.bigint() - start) / 1000;
    const wasTwice = operation === 'writeTwice';
    if (operation !== 'read') await this.#all((share) => ({ command: 'verify', ...lasts[share], wasTwice }));
    if (!isSmoke) this.#times = Math.max(inFlight, Math.round((times * SAMPLE_MS * 1000) / elapsedUs));
    return elapsedUs / times / this.#members.length / (wasTwice ? 2 : 1);
  }

  async stop() {
    await this.#all(() => ({ command: 'close' })).catch(() => {});
    await Promise.all(this.#members.map((member) => member.stop()));
  }
}

class Member {
  #child = fork(path.join(__dirname, 'worker.js'));
  /** @type {{ resolve(answer: any): void, reject(error: Error): void } | undefined} */
  #waiting;

  constructor() {
    this.#child.on('message', ({ answer, error }) => {
      if (error) this.#waiting.reject(new Error(error));
      else this.#waiting.resolve(answer);
    });
    this.#child.on('exit', (code, signal) => {
      if (this.#waiting) this.#waiting.reject(new Error(`a process of the benchmark ended: ${signal || code}`));
    });
  }

  /** @param {{ command: string }} message @returns {Promise<any>} */
  ask(message) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.send(message);
    });
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
  }
}

module.exports = { Crew };
