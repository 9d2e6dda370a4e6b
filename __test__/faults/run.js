'use strict';

/**
 * One store under faults. Rounds in which the server keeps its data take turns with rounds in which it may lose it. Between two
 * rounds everything is mended, what is late arrives, and then every session and every old cookie is looked at.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Prng } = require('../generate/prng');
const { growth } = require('../load/verdict');
const { SteppedClock } = require('./clock');
const { Ledger, LOSSES } = require('./ledger');
const { Traffic } = require('./traffic');
const { Browser } = require('./visitors');
const { Worker } = require('./workers');
const { between } = require('./worlds/common');
const { STORES } = require('./stores');

const WORKERS = 3;
const KEEP_ROUND_MS = 20_000;
const LOSS_ROUND_MS = 12_000;
const SETTLE_MS = 400;
const SAMPLE_MS = 1000;
const MOST_STEP_MS = 300_000;
/** Longer than any fault takes, and until a cluster is whole again. */
const FAULT_MS = 90_000;
/** Commands that arrive twice come of these. */
const FREQUENT = ['late delivery', 'lost replies', 'late delivery', 'lost replies'];
const MOST_FINDINGS = 25;
const HABITS_OF = { sealed: ['sealed', 'sealed', 'sealed', 'everywhere', 'everywhere', 'everywhere'] };
const DEFAULT_HABITS = ['lanes', 'lanes', 'lanes', 'lanes', 'toggler', 'toggler', 'hurried', 'hurried', 'device', 'device'];

class StoreRun {
  findings = [];
  /** By kind: faults, losses in rounds that excuse them, findings. */
  faults = {};
  losses = {};
  counts = {};
  samples = [];
  #journal = [];
  #isLossy = false;
  #isOver = false;

  /**
   * @param {{ name: string, seed: number, bad?: string, kinds?: string[], habits?: string[], until?: string, signal?: AbortSignal }} options
   *   kinds: of faults; habits: one for each browser
   */
  constructor(options) {
    Object.assign(this, options);
    this.ledger = new Ledger((breach, details, life) => this.#breach(breach, details, life));
  }

  async start() {
    this.startedAt = Date.now();
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-faults-'));
    this.clock = new SteppedClock(this.folder);
    this.workers = [];
    this.world = await STORES[this.name].start({ workers: () => this.workers });
    for (let index = 0; index < WORKERS; index++) {
      const worker = new Worker({
        index, spec: { ...this.world.spec, bad: this.bad }, env: this.clock.env, onTrouble: (kind, details) => this.#find(kind, details),
      });
      this.workers.push(worker);
      await worker.start();
    }
    this.traffic = new Traffic({
      ledger: this.ledger, prng: new Prng(this.seed), workers: this.workers, clock: this.clock, report: (kind, details) => this.#find(kind, details),
    });
    const { habits = HABITS_OF[this.world.spec.kind] || DEFAULT_HABITS } = this;
    this.browsers = habits.map((habit, index) => new Browser({
      habit, user: `${habit}${index}`, prng: new Prng(this.seed + 101 * (index + 1)), traffic: this.traffic,
    }));
  }

  get #isStopped() {
    return this.#isOver || this.signal?.aborted || (this.until !== undefined && (this.until in this.counts || (this.until === 'any' && this.findings.length > 0)));
  }

  /** @param {number} seconds */
  async run(seconds) {
    const end = Date.now() + seconds * 1000;
    const known = [this.world.keeps, this.world.loses, this.#workerFaults()].flatMap(faults => Object.keys(faults));
    const unknown = (this.kinds || []).find(kind => !known.includes(kind));
    if (unknown !== undefined) throw new Error(`${this.name} has no fault "${unknown}". There are: ${[...new Set(known)].join(', ')}`);
    const canLose = Object.keys(this.world.loses).some(kind => this.kinds === undefined || this.kinds.includes(kind));
    for (let round = 0; Date.now() < end && !this.#isStopped; round++) {
      const isLossy = canLose && round % 2 === 1;
      const roundMs = Math.min(end - Date.now(), isLossy ? LOSS_ROUND_MS : KEEP_ROUND_MS);
      try {
        await this.#round(round, isLossy, roundMs);
      } catch (error) {
        this.fail(error);
        break;
      }
    }
    for (const line of growth(this.samples)) this.#find('memory', line);
  }

  async #round(round, isLossy, roundMs) {
    const endsAt = Date.now() + roundMs;
    const isOver = () => Date.now() >= endsAt || this.#isStopped;
    this.#isLossy = isLossy;
    // A server that has lost data may have the session of an earlier user of the key.
    const visiting = this.browsers.filter(browser => !(isLossy && browser.hasOneKey));
    const faults = isLossy ? this.world.loses : this.world.keeps;
    await Promise.all([
      ...visiting.map(browser => browser.browse(isOver)),
      this.#break(faults, new Prng(this.seed + 7 * round + 1), isOver, isLossy ? [200, 1200] : [60, 600]),
      this.#break(this.#workerFaults(), new Prng(this.seed + 7 * round + 2), isOver, [700, 2500]),
      this.#sample(isOver),
    ]);
    await this.#audit();
    if (!isLossy) return;
    for (const browser of this.browsers) browser.forget();
    this.traffic.forgetGraves();
  }

  /** Mends everything, and looks. */
  async #audit() {
    await within(FAULT_MS, 'mending', this.world.heal());
    await until('all workers run', () => this.workers.every(({ isReady }) => isReady));
    this.clock.step(0);
    await sleep(SETTLE_MS);
    if (!await this.#hasRecovered()) return;
    this.traffic.isCalm = true;
    await Promise.all(this.browsers.map(browser => browser.audit()));
    await this.traffic.visitAllGraves();
    this.traffic.isCalm = false;
  }

  /** Clients connect again in their own time. */
  async #hasRecovered() {
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(200)) {
      const answers = [];
      for (const worker of this.workers) answers.push(await this.traffic.probe(worker));
      if (answers.every(Boolean)) return true;
    }
    this.#find('not recovered', 'requests still fail 15 s after everything was mended');
    return false;
  }

  /** One fault after the other, until the round is over. */
  async #break(faults, prng, isOver, [least, most]) {
    const wanted = Object.keys(faults).filter(kind => this.kinds === undefined || this.kinds.includes(kind));
    const kinds = [...wanted, ...FREQUENT.filter(kind => wanted.includes(kind))];
    while (kinds.length > 0 && !isOver()) {
      const kind = prng.pick(kinds);
      this.#note(kind);
      this.faults[kind] = (this.faults[kind] || 0) + 1;
      try {
        await within(FAULT_MS, kind, faults[kind](prng));
      } catch (error) {
        this.#find('harness', `${kind}: ${error.stack}`);
      }
      if (!isOver()) await sleep(between(prng, least, most));
    }
  }

  /** The first worker is never killed: its memory is looked at from the start to the end. */
  #workerFaults() {
    const any = prng => prng.pick(this.workers);
    return {
      'killed worker': async prng => {
        const worker = this.workers[1 + prng.below(WORKERS - 1)];
        await worker.kill();
        await sleep(between(prng, 0, 300));
        await worker.start();
      },
      'stopped worker': prng => any(prng).freeze(between(prng, 100, 2000)),
      'no file descriptors': prng => any(prng).starveOfFiles(between(prng, 200, 1200)),
      ...this.clock.canStep && { 'clock step': async prng => this.clock.step(between(prng, -MOST_STEP_MS, MOST_STEP_MS)) },
    };
  }

  async #sample(isOver) {
    while (!isOver()) {
      await this.workers[0].sample().then(sample => this.samples.push(sample), () => {});
      await sleep(SAMPLE_MS);
    }
  }

  /** The run itself failed: nothing is known of the store. @param {Error} error */
  fail(error) {
    this.#find('harness', error.stack);
  }

  #note(line) {
    this.#journal.push({ at: Date.now(), line });
    if (this.#journal.length > 200) this.#journal.shift();
  }

  #breach(breach, details, life) {
    if (this.#isLossy && LOSSES.has(breach)) {
      this.losses[breach] = (this.losses[breach] || 0) + 1;
      return;
    }
    this.#find(breach, details, life.history);
  }

  #find(kind, details, history = []) {
    this.counts[kind] = (this.counts[kind] || 0) + 1;
    if (this.findings.length >= MOST_FINDINGS) return;
    const now = Date.now();
    const recent = this.#journal.filter(({ at }) => now - at < 5000).map(({ at, line }) => `${line} ${((now - at) / 1000).toFixed(1)} s before`);
    this.findings.push({ kind, details, second: (now - this.startedAt) / 1000, faults: recent, history: [...history] });
  }

  async stop() {
    this.#isOver = true;
    this.seconds = (Date.now() - this.startedAt) / 1000;
    for (const worker of this.workers || []) await worker.stop();
    if (this.world) await this.world.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  report() {
    const { name, seed, bad, seconds, faults, losses, counts, findings, samples } = this;
    const { requests = 0, errors = 0, closed = 0 } = this.traffic || {};
    const { notes = [], leftOut = {} } = this.world || {};
    return {
      name, seed, bad, seconds, requests, errors, closed, acknowledged: this.ledger.acknowledged, faults, losses, counts, findings, samples, notes,
      leftOut: { ...leftOut, ...this.clock && !this.clock.canStep && { 'clock step': 'it needs Linux and a C compiler named cc' } },
    };
  }
}

async function until(what, isSo, withinMs = 20_000) {
  for (const end = Date.now() + withinMs; !isSo(); await sleep(20)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

/** @param {number} ms @param {string} what @param {Promise<unknown>} promise */
async function within(ms, what, promise) {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => { throw new Error(`not over within ${ms} ms: ${what}`); });
  try {
    await Promise.race([promise, late]);
  } finally {
    late.catch(() => {});
    timer.abort();
  }
}

/**
 * @param {{ name: string, seconds: number, seed: number, bad?: string, kinds?: string[], habits?: string[], until?: string,
 *   signal?: AbortSignal }} options
 * @returns {Promise<ReturnType<StoreRun['report']>>}
 */
async function runStore({ seconds, ...options }) {
  const run = new StoreRun(options);
  try {
    await run.start();
    await run.run(seconds);
  } catch (error) {
    run.fail(error);
  } finally {
    await run.stop();
  }
  return run.report();
}

module.exports = { runStore };
