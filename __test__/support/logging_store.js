'use strict';

const Koa = require('koa');
const { exchange } = require('./egg_context');

const DAY_MS = 24 * 3600 * 1000;
const turn = () => new Promise(resolve => setImmediate(resolve));

/** A store that logs its calls and can be slow or fail. */
class LoggingStore {
  constructor(memory = {}) {
    this.memory = new Map(Object.entries(memory).map(([key, json]) => [key, JSON.stringify(json)]));
    this.calls = [];
    this.turns = 1;
    this.failures = new Map();
  }

  async #call(method, key, ...args) {
    this.calls.push([method, key, ...args]);
    for (let i = 0; i < this.turns; i++) await turn();
    const error = this.failures.get(method);
    if (error) throw error;
  }

  async get(key, maxAge, options) {
    await this.#call('get', key, maxAge, options);
    return this.memory.has(key) ? JSON.parse(this.memory.get(key)) : undefined;
  }

  async set(key, json, maxAge, options) {
    const text = JSON.stringify(json);
    await this.#call('set', key, text, maxAge, options);
    this.memory.set(key, text);
  }

  async destroy(key, options) {
    await this.#call('destroy', key, options);
    this.memory.delete(key);
  }

  /** Names and keys of the calls since the last time. */
  take() {
    return this.calls.splice(0).map(([method, key]) => `${method} ${key}`);
  }
}

/** An app with a session of `{ a: 1 }` stored as `id-0`, ids counted. */
function storeApp(create, options = {}) {
  const app = new Koa();
  app.silent = true;
  let ids = 0;
  const store = new LoggingStore({ 'id-0': { a: 1, _expire: Date.now() + DAY_MS, _maxAge: DAY_MS } });
  const middleware = create({ store, signed: false, genid: () => `id-${++ids}`, ...options }, app);
  return { store, run: (handle, more) => exchange(app, middleware, handle, { headers: { cookie: 'koa.sess=id-0' }, ...more }) };
}

function cookieApp(create, options = {}) {
  const app = new Koa();
  app.silent = true;
  const middleware = create({ signed: false, ...options }, app);
  return { app, run: (handle, cookie) => exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} }) };
}

/** The JSON that a Set-Cookie of cookie mode carries. */
const savedIn = line => JSON.parse(Buffer.from(line.split(';')[0].split('=').slice(1).join('='), 'base64').toString());
const cookieOf = json => `koa.sess=${Buffer.from(JSON.stringify(json)).toString('base64')}`;

module.exports = { LoggingStore, storeApp, cookieApp, savedIn, cookieOf };
