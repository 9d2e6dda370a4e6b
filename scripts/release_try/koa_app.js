// @ts-nocheck The package cannot be imported by its name here.
'use strict';

// A Koa app as a reader of the README would write it. Copied by scripts/release_try.js into fresh apps, and run there by Node, bun and
// deno, inside bundles and test runners. Prints one line when it listens.

const http = require('node:http');
const Koa = require('koa');
const createSession = require('egg-session-native');

const app = new Koa();
app.keys = ['a key for the trial'];
app.use(createSession({ key: 'shop' }, app));
app.use(ctx => {
  if (ctx.path === '/login') { ctx.session.user = ctx.query.name; ctx.body = 'welcome'; }
  if (ctx.path === '/me') ctx.body = { user: ctx.session.user || null };
  if (ctx.path === '/logout') { ctx.session = null; ctx.body = 'bye'; }
});
const server = http.createServer(app.callback());
module.exports = new Promise(resolve => {
  server.listen(0, '127.0.0.1', () => {
    const told = { port: server.address().port, engine: createSession.engine.name, reason: createSession.engine.reason };
    console.log(JSON.stringify(told));
    resolve({ ...told, server });
  });
});
