'use strict';

const http = require('node:http');
const Koa = require('koa');
const recorder = require('../fixtures/app/lib/recorder');
const stores = require('../fixtures/app/lib/stores');
const functions = require('../fixtures/app/lib/functions');
const variants = require('../fixtures/app/lib/variants');
const { runOperations } = require('../fixtures/app/lib/operations');

/**
 * Plain Koa apps around one session middleware, in this process, for run_script.js to talk to. The test must have loaded
 * frozen_clock.js before, and runs its scripts one after the other: they share the recorder, the stores and the clock.
 */
class KoaHost {
  /** @type {Map<string, { port: number, log: object[], failed?: string }>} */
  #apps = new Map();
  #servers = [];
  #createSession;
  #Koa;

  /**
   * @param {(...args: any[]) => any} createSession
   * @param {any} [KoaClass] of another version
   */
  constructor(createSession, KoaClass = Koa) {
    this.#createSession = createSession;
    this.#Koa = KoaClass;
  }

  /** @param {any} variant see fixtures/app/lib/variants.js */
  async app(variant) {
    const key = JSON.stringify(variant);
    if (!this.#apps.has(key)) this.#apps.set(key, await this.#start(variant));
    return this.#apps.get(key);
  }

  async #start(variant) {
    const app = new this.#Koa({ proxy: variant.proxy === true });
    if (variant.keys !== null) app.keys = (variant.keys || 'fixture key').split(',');
    const options = variants.resolve(variant.session);
    if (variant.store) {
      const made = stores.make(variant.store);
      options.store = typeof made === 'function' ? new made(app) : made;
    }
    // the setter that Egg's plugin has: operations change the store while the app runs
    Object.defineProperty(app, 'sessionStore', {
      get: () => options.store,
      set: store => { options.store = store || undefined; },
    });
    recorder.watchEvents(app);
    try {
      const session = variant.argumentsSwapped ? this.#createSession(app, options) : this.#createSession(options, app);
      app.use(outer).use(session).use(interpreter);
    } catch (error) {
      return { port: 0, log: recorder.take(), failed: `${error.name}: ${error.message}` };
    }
    const handle = app.callback();
    const server = http.createServer((request, response) => {
      globalThis[Symbol.for('egg-session-native.test.clock')].set(Number(request.headers['x-clock']));
      recorder.begin(request);
      handle(request, response);
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    this.#servers.push(server);
    return { port: server.address().port, log: recorder.take() };
  }

  async collect() {
    for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve));
    return recorder.take();
  }

  async reset() {
    stores.reset();
    functions.resetIds();
    recorder.take();
  }

  async stop() {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  }
}

/** Runs the operations of the header x-outer-operations before the session middleware. */
async function outer(ctx, next) {
  const before = ctx.get('x-outer-operations');
  if (before) recorder.record({ outer: await runOperations(ctx, JSON.parse(before)) });
  try {
    await next();
  } finally {
    recorder.record({ outer: 'after', cookies: (ctx.response.get('set-cookie') || '').length > 0 });
  }
}

async function interpreter(ctx) {
  const chunks = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  ctx.body = { results: await runOperations(ctx, JSON.parse(Buffer.concat(chunks).toString())) };
}

module.exports = { KoaHost };
