'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { startEgg } = require('./ports');

const ROOT = path.join(__dirname, '../..');

/** The directory of an installed package. */
const directoryOf = name => path.dirname(require.resolve(`${name}/package.json`));

/** What makes an app of each major in a test. */
const MAJORS = {
  3: { get mm() { return require('egg-mock'); }, framework: directoryOf('egg'), original: directoryOf('egg-session') },
  4: { get mm() { return require('@eggjs/mock').default; }, framework: directoryOf('egg4'), original: directoryOf('@eggjs/session') },
};

/** Apps that egg-mock starts in this process, and ends again. */
class MockApps {
  #apps = [];
  #scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'session-mock-'));

  /**
   * @param {object} parts
   * @param {3 | 4} parts.major of Egg
   * @param {'original' | 'ours'} parts.implementation of the session plugin
   * @param {string} parts.baseDir
   */
  async start({ major, implementation, baseDir }) {
    const { mm, framework, original } = MAJORS[major];
    const directory = implementation === 'ours' ? ROOT : original;
    process.env.FIXTURE_SCRATCH = this.#scratch;
    const app = await startEgg(async () => {
      const started = mm.app({ baseDir, framework, cache: false, coverage: false, clean: false, plugin: false, plugins: { session: { enable: true, path: directory } } });
      this.#apps.push(started);
      await started.ready();
      return started;
    });
    composeAgain(app._app);
    if (!app.plugins.session.path.startsWith(directory)) throw new Error(`another plugin is the session: ${app.plugins.session.path}`);
    return app;
  }

  async stop() {
    for (const app of this.#apps) await app.close();
    // Egg may still open a log: rmSync() does not see a file that is new in a folder it empties, and does not begin again.
    await fs.promises.rm(this.#scratch, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** @eggjs/mock 6.0.7 composes the middleware before the app has loaded it, which koa-compose 4.2 takes at its word. */
function composeAgain(app) {
  const server = Object.getOwnPropertySymbols(app).find(symbol => symbol.description === 'http_server');
  if (server) app[server] = undefined;
}

module.exports = { MockApps, MAJORS };
