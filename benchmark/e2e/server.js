'use strict';

/** The server process: the Egg app, or a Koa app, over HTTP. Asked over IPC, it tells its CPU time and its heap. */

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const BASE_DIR = path.join(__dirname, 'app');

/** @type {any} Egg's types lack what single-process mode adds */
let app;
/** @type {http.Server} */
let server;

const commands = {
  async start() {
    app = process.env.BENCH_KOA ? require('./koa_app') : await require('egg').start({ baseDir: BASE_DIR, ignoreWarning: true });
    server = http.createServer(app.callback());
    server.keepAliveTimeout = 0;
    app.emit('server', server);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  },

  /** CPU time of all threads in µs, and a mark among the lines of `--trace-gc`. */
  async usage(mark) {
    fs.writeSync(1, `mark ${mark}\n`);
    const { user, system } = process.cpuUsage();
    return { mark, cpu: user + system };
  },

  async heap() {
    for (let i = 0; i < 3; i++) {
      /** @type {any} */ (globalThis).gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heapUsed, external, rss };
  },

  async stop() {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (app.close) await app.close();
    if (app.agent) await app.agent.close();
    setImmediate(() => process.exit());
  },
};

process.on('message', async (/** @type {{ id: number, command: keyof typeof commands }} */ { id, command }) => {
  try {
    process.send?.({ id, answer: await commands[command](id) });
  } catch (err) {
    process.send?.({ id, error: err instanceof Error ? err.stack : String(err) });
  }
});
// also when the parent was killed
process.on('disconnect', () => process.exit());
