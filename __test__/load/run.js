'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { HostileCookies } = require('../generate/hostile_cookies');
const { originals } = require('../generate/originals');
const { Prng } = require('../generate/prng');
const { REPOSITORY } = require('../support/app_process');
const { send } = require('../support/client');
const { startCluster } = require('../support/cluster_process');
const { problemsOf } = require('./verdict');
const { Visitor } = require('./visitor');

const VISITORS_PER_APP = 12;
const MOST_SAMPLES = 180;
/** Longer ones Node itself refuses. */
const LONGEST_HOSTILE = 12_000;
const NAME = 'EGG_SESS';

/** @param {HostileCookies} hostile @returns {string} a Cookie header that HTTP lets through */
function hostileHeader(hostile) {
  const { value, signature } = hostile.make('encrypted', false);
  const header = `${NAME}=${value}${signature === undefined ? '' : `; ${NAME}.sig=${signature}`}`;
  return Buffer.from(header.slice(0, LONGEST_HOSTILE), 'latin1').toString('latin1').replace(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
}

/** The error log of each of Egg's processes, together. @param {string} folder */
function errorLogOf(folder) {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('common-error.log')).map(file => fs.readFileSync(path.join(folder, file), 'utf8')).join('');
}

/** An app under load: its cluster, its visitors, and what was seen of them. */
class LoadedApp {
  traffic = { answers: 0, hostile: 0, wrong: [] };
  workers = new Map();

  /** @param {import('./apps').LoadApp} app @param {number} seed */
  static async start(app, seed) {
    const loaded = new LoadedApp();
    loaded.app = app;
    loaded.logs = fs.mkdtempSync(path.join(os.tmpdir(), 'session-load-'));
    loaded.cluster = await startCluster({
      major: 3,
      plugin: REPOSITORY,
      fixture: 'load_app',
      variant: { session: app.session, store: app.store },
      env: { FIXTURE_LOGS: loaded.logs },
    });
    const { port } = loaded.cluster;
    loaded.agent = new http.Agent({ keepAlive: true, maxSockets: VISITORS_PER_APP });
    const prng = new Prng(seed);
    // A stranger's keys: what these cookies hold is not to open.
    const hostile = new HostileCookies(prng, originals[0], NAME, app.forgeable ? ['fixture key'] : ['fixture key, guessed']);
    loaded.visitors = Array.from({ length: VISITORS_PER_APP }, (_, index) => new Visitor({
      port, app, prng: new Prng(seed + index + 1), user: `visitor ${index}`, agent: loaded.agent, traffic: loaded.traffic,
      makeHostile: () => hostileHeader(hostile),
    }));
    return loaded;
  }

  /** @param {(traffic: import('./visitor').Traffic) => boolean} isEnough */
  async load(isEnough) {
    await Promise.all(this.visitors.map(async visitor => {
      while (!isEnough(this.traffic)) await visitor.visit();
    }));
  }

  /** One sample of each worker. A new connection goes to the next one. */
  async sample() {
    const seen = new Map();
    for (let tries = 0; seen.size < 2 && tries < 20; tries++) {
      const { body } = await send({ port: this.cluster.port, path: '/worker', body: {}, agent: false });
      seen.set(body.pid, body);
    }
    for (const [pid, sample] of seen) this.workers.set(pid, [...this.workers.get(pid) || [], sample]);
  }

  async stop() {
    this.agent.destroy();
    const outlived = await this.cluster.stop([...this.workers.keys()]);
    const report = { ...this.traffic, seconds: this.seconds, workers: this.workers, errorLog: errorLogOf(this.logs) };
    fs.rmSync(this.logs, { recursive: true, force: true });
    const problems = problemsOf(report);
    if (outlived.length > 0) problems.push(`${outlived.length} workers outlived their master`);
    return { name: this.app.name, ...report, problems };
  }
}

/**
 * @param {object} options
 * @param {import('./apps').LoadApp[]} options.apps
 * @param {number} options.seed
 * @param {number} [options.seconds] how long the load lasts
 * @param {number} [options.answers] in place of a time: how many each app is to give
 * @param {AbortSignal} [options.signal] ends the load early
 * @param {(line: string) => void} [options.onProgress]
 */
async function runLoad({ apps, seed, seconds = 0, answers = 0, signal, onProgress = () => {} }) {
  /** @type {LoadedApp[]} */
  const loaded = [];
  const reports = [];
  try {
    for (const app of apps) loaded.push(await LoadedApp.start(app, seed));
    const started = Date.now();
    const isEnough = traffic => signal?.aborted
      || (answers > 0 ? traffic.answers >= answers && traffic.hostile > 0 : Date.now() - started >= seconds * 1000);
    const everyMs = Math.max(1000, seconds * 1000 / MOST_SAMPLES);
    let isLoading = true;
    const loads = Promise.all(loaded.map(one => one.load(isEnough))).finally(() => { isLoading = false; });
    while (isLoading) {
      for (const one of loaded) await one.sample();
      onProgress(`${Math.round((Date.now() - started) / 1000)} s: ${loaded.map(one => `${one.app.name} ${one.traffic.answers}`).join(', ')}`);
      await Promise.race([loads, sleep(everyMs)]);
    }
    for (const one of loaded) await one.sample();
    for (const one of loaded) one.seconds = (Date.now() - started) / 1000;
  } finally {
    for (const one of loaded) reports.push(await one.stop());
  }
  return reports;
}

module.exports = { runLoad };
