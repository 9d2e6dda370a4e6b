'use strict';

/** A Koa app with our session behind a real HTTP server, and a browser that visits it. */

const http = require('node:http');
const { Readable } = require('node:stream');
const Koa = require('koa');
const createSession = require('../..');
const { createEggApp } = require('./egg_context');
const { BrowserJar } = require('./browser_jar');

const MAX_HEADER_BYTES = 65536;

/** @typedef {import('./egg_context').CookieSource} CookieSource */

class SessionServer {
  /**
   * @param {any} options of the session
   * @param {{ source?: CookieSource, keys?: string[], cookies?: object }} [how] source: the `ctx.cookies` of Egg; without, Koa's own.
   *   cookies: `config.cookies` of Egg
   */
  constructor(options, { source, keys = ['first key'], cookies = {} } = {}) {
    this.app = source ? createEggApp(source, { keys, cookies }) : new Koa();
    this.app.keys = keys;
    this.app.silent = true;
    /** @type {any[]} name and payload of each event of the session */
    this.events = [];
    /** @type {any[]} */
    this.errors = [];
    for (const event of ['session:oversized', 'session:unsaved', 'cookieLimitExceed', 'session:changed']) {
      this.app.on(event, ({ ctx: _ctx, ...payload }) => this.events.push([event, payload]));
    }
    this.app.on('error', error => this.errors.push(error));
    this.options = options;
    this.app.use(createSession(options, this.app));
    /** @type {(ctx: any) => any} what the app does in the next request */
    this.handle = () => {};
    this.app.use(async ctx => {
      const result = await this.handle(ctx);
      if (ctx.respond !== false) ctx.body = result instanceof Readable ? result : { result };
    });
    const handle = this.app.callback();
    this.server = http.createServer({ maxHeaderSize: MAX_HEADER_BYTES }, handle);
  }

  async start() {
    await new Promise(resolve => this.server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  /**
   * @param {BrowserJar} jar
   * @param {(ctx: any) => any} handle
   * @param {{ path?: string, keep?: boolean }} [how] keep: whether the browser takes what comes back
   * @returns {Promise<{ result: any, setCookie: string[], status: number }>}
   */
  async visit(jar, handle, { path = '/', keep = true } = {}) {
    this.handle = handle;
    const cookie = jar.header({ path });
    const answer = await get(this.server, path, cookie ? { cookie } : {});
    if (keep) jar.store(answer.setCookie, { path });
    return answer;
  }
}

/**
 * @param {http.Server} server
 * @param {string} path
 * @param {Record<string, string>} headers
 * @returns {Promise<{ result: any, setCookie: string[], status: number }>}
 */
function get(server, path, headers) {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers, agent: false, maxHeaderSize: MAX_HEADER_BYTES }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => { text += chunk; });
      response.on('error', reject);
      response.on('end', () => {
        const { result } = text.startsWith('{') ? JSON.parse(text) : { result: text };
        resolve({ result, setCookie: response.headers['set-cookie'] || [], status: /** @type {number} */ (response.statusCode) });
      });
    });
    request.on('error', reject);
    request.setTimeout(6000, () => request.destroy(new Error('no answer')));
  });
}

/** Events are emitted in a later turn. */
async function settle() {
  for (let i = 0; i < 5; i++) await new Promise(resolve => { setImmediate(resolve); });
}

/** @param {string[]} setCookie @returns {string[]} names, those that are expired in parentheses */
function namesSet(setCookie) {
  return setCookie.map(line => {
    const [pair] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    return pair === `${name}=` ? `(${name})` : name;
  });
}

module.exports = { SessionServer, BrowserJar, settle, namesSet };
