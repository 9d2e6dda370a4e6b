'use strict';

/** An app with a session, over HTTP and over TLS, under any name that ends in `.test`: the browser is told where these are. */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const createSession = require('../..');
const { egg3 } = require('../generate/originals');
const { createEggApp } = require('./egg_context');

/** `a.test` and `b.test` are different sites, `x.a.test` and `a.test` are one: no suffix of `.test` is public. */
const BROWSER_ARGS = ['--host-resolver-rules=MAP *.test 127.0.0.1', '--ignore-certificate-errors'];

/** @returns {{ key: Buffer, cert: Buffer }} of this test alone: the browser is told to ask nobody about it */
function makeCertificate() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-certificate-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map(name => path.join(folder, name));
  try {
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=a.test', '-keyout', key, '-out', cert,
    ], { stdio: 'ignore' });
    return { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {{ key: Buffer, cert: Buffer } | undefined} */
let certificate;

class BrowserSite {
  /** @type {any[]} */
  oversized = [];
  /** Of the cookies of the latest request. @type {string[]} */
  lastNames = [];

  /** @param {object} options of the session */
  constructor(options) {
    const app = createEggApp(egg3, { keys: ['the key of the test, 32 characters'] });
    app.on('session:oversized', ({ octets, limit, over }) => this.oversized.push({ octets, limit, over }));
    app.use(createSession(/** @type {any} */ ({ key: 'SESS', maxAge: 3600000, encrypt: true, ...options }), app));
    app.use(ctx => {
      this.lastNames = ctx.get('cookie').split('; ').filter(Boolean).map((/** @type {string} */ pair) => pair.split('=')[0]);
      answer(ctx, this.lastNames);
    });
    certificate ??= makeCertificate();
    this.servers = { http: http.createServer(app.callback()), https: https.createServer({ ...certificate, maxHeaderSize: 65536 }, app.callback()) };
  }

  async start() {
    for (const server of Object.values(this.servers)) await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return this;
  }

  async stop() {
    for (const server of Object.values(this.servers)) {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  }

  /** @param {string} host @param {string} where @param {'http' | 'https'} [scheme] */
  url(host, where, scheme = 'https') {
    return `${scheme}://${host}:${/** @type {import('node:net').AddressInfo} */ (this.servers[scheme].address()).port}${where}`;
  }
}

/** @param {any} ctx @param {string[]} names of the cookies that came */
function answer(ctx, names) {
  const { path: where, query } = ctx;
  if (where === '/blank') {
    ctx.type = 'html';
    ctx.body = '<!doctype html><title>blank</title>';
    return;
  }
  if (where === '/count') ctx.session.count = (ctx.session.count || 0) + 1;
  if (where === '/fill') ctx.session.text = 'x'.repeat(Number(query.length));
  if (where === '/end') ctx.session = null;
  // What another host of the domain may send.
  if (where === '/plant') ctx.set('set-cookie', query.line);
  ctx.body = { names, count: ctx.session?.count ?? null, length: ctx.session?.text?.length ?? null };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @returns {Promise<{ names: string[], count: number | null, length: number | null }>} what the site answered to this navigation
 */
async function visit(page, url) {
  return (await page.goto(url)).json();
}

module.exports = { BROWSER_ARGS, BrowserSite, visit };
