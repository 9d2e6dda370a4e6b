'use strict';

/** `npm run demo` in a process of its own, as a person starts it. */

const { spawn } = require('node:child_process');
const path = require('node:path');

const ROOT = path.join(__dirname, '../..');
const WINDOWS = process.platform === 'win32';

class DemoProcess {
  output = '';
  url = '';
  #child;

  /** @param {NodeJS.ProcessEnv} [env] */
  async start(env = {}) {
    const child = spawn('npm', ['run', 'demo'], {
      cwd: ROOT, env: { ...process.env, ...env }, detached: !WINDOWS, shell: WINDOWS, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.exited = new Promise(resolve => child.on('exit', resolve));
    await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', chunk => {
          this.output += chunk;
          if (this.output.includes('Ctrl-C stops')) resolve();
        });
      }
      this.exited.then(() => reject(new Error(`npm run demo ended: ${this.output}`)));
    });
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(this.output)[0];
    return this;
  }

  /** As Ctrl-C does: the whole process group. */
  async stop() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.kill(WINDOWS ? child.pid : -child.pid, 'SIGINT');
    await this.exited;
  }
}

module.exports = { DemoProcess };
