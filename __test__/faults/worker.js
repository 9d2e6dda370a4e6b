'use strict';

/** A Koa app in a process of its own, on the port that it is told. FAULTS_SPEC says which store; troubles go to the parent. */

const { randomUUID } = require('node:crypto');
const http = require('node:http');
const { setTimeout: sleep } = require('node:timers/promises');
const v8 = require('node:v8');
const vm = require('node:vm');
const Koa = require('koa');
const createSession = require('../..');
const { sessionOptions } = require('./worker_stores');

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');
const MOST_BODY = 10_000;

// Without its parent a worker has no business. One that was stopped meanwhile ends when it is killed or goes on.
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', error => tell('unhandled rejection', error));
process.on('uncaughtException', error => {
  tell('uncaught exception', error);
  setTimeout(() => process.exit(70), 100);
});

function tell(trouble, error) {
  if (process.connected) process.send({ trouble, details: String(error && error.stack || error).slice(0, 2000) }, () => {});
}

const { port, spec } = JSON.parse(process.env.FAULTS_SPEC);
const { session, revocations } = sessionOptions(spec);
const app = new Koa();
app.keys = ['a key of the fault runs'];
app.on('error', error => tell('error of the app', error));

/** @param {any} loaded ctx.session @returns {object | null} */
function viewOf(loaded) {
  if (!loaded || loaded.user === undefined) return null;
  const { user, life, role } = loaded;
  return { user, life, role, slots: Object.fromEntries(Object.keys(loaded).filter(name => name.startsWith('slot')).map(name => [name, loaded[name]])) };
}

/** @param {any} view @param {string | undefined} only the session that the request is about, if there may be another under its key */
const isMeant = (view, only) => view !== null && (only === undefined || view.life === only);

/** Each answers with the session as it was loaded, `toggle` with the role that it has set. */
const actions = {
  async login(ctx, { user, life, isBrowserSession }) {
    ctx.session = { user, life, role: 'user' };
    if (isBrowserSession) ctx.session.maxAge = 'session';
    // A session that was begun before revokeUser, without a user then, is another one's.
    if (spec.kind === 'sealed') await ctx.session.regenerate();
    return viewOf(ctx.session);
  },
  read: ctx => viewOf(ctx.session),
  async update(ctx, { slot, value, waitMs, only }) {
    const view = viewOf(ctx.session);
    if (waitMs > 0) await sleep(waitMs);
    if (isMeant(view, only)) ctx.session[slot] = value;
    return view;
  },
  toggle(ctx) {
    if (viewOf(ctx.session) !== null) ctx.session.role = ctx.session.role === 'user' ? 'admin' : 'user';
    return viewOf(ctx.session);
  },
  async regenerate(ctx, { only }) {
    const view = viewOf(ctx.session);
    // A session that ended meanwhile stays ended: then no cookie is sent, and the ledger looks whether that is right.
    if (isMeant(view, only)) await ctx.session.regenerate().catch((error) => { if (error.code !== 'ERR_SESSION_GONE') throw error; });
    return view;
  },
  logout(ctx, { only }) {
    const view = viewOf(ctx.session);
    if (only === undefined || isMeant(view, only)) ctx.session = null;
    return view;
  },
  async everywhere(ctx) {
    const view = viewOf(ctx.session);
    if (view !== null) await revocations.revokeUser(view.user);
    return view;
  },
};

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    // A store that fails is to be expected; anything else is not.
    if (!/^ERR_SESSION_STORE_/.test(error.code) || error.code === 'ERR_SESSION_STORE_CORRUPT') tell('strange error', error);
    ctx.status = 500;
    ctx.body = { code: error.code, reason: error.reason };
  }
});
app.use(async (ctx, next) => {
  if (ctx.path !== '/worker') return next();
  collectGarbage();
  try {
    const { heapUsed, rss } = process.memoryUsage();
    ctx.body = { pid: process.pid, heapUsed, rss, unhandledRejections: 0, errors: 0 };
  } catch {
    // Node reads a file for it, which a worker without file descriptors cannot open.
    ctx.status = 503;
  }
  return undefined;
});
if (spec.kind !== 'sealed') session.genid = ctx => ctx.get('x-device') || randomUUID();
app.use(createSession({ key: 'sid', signed: spec.kind !== 'sealed', ...session }, app));
app.use(async ctx => {
  const { action, ...details } = await bodyOf(ctx.req);
  ctx.body = { session: await actions[action](ctx, details) };
});

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MOST_BODY) throw new Error('too long');
  }
  return text === '' ? {} : JSON.parse(text);
}

// A server that closes an idle connection may do so in the moment in which a browser uses it again.
const server = http.createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 }, app.callback());
server.listen(port, '127.0.0.1', () => process.send({ ready: true }));
