'use strict';

/** The routes of the Egg app in a Koa 3 app. BENCH_KOA is the package of its session middleware. */

const Koa = require('koa3');
const floor = require('./floor');

const loaded = require(/** @type {string} */ (process.env.BENCH_KOA));
const createSession = loaded.createSession || loaded;

const routes = {
  '/none': (ctx) => { ctx.body = { userId: 0 }; },
  '/read': (ctx) => { ctx.body = { userId: ctx.session.userId }; },
  '/write': (ctx) => {
    ctx.session.visits = (ctx.session.visits || 0) + 1;
    ctx.body = { userId: ctx.session.userId };
  },
  '/floor/read': (ctx) => { ctx.body = { userId: floor.read() }; },
  '/floor/write': (ctx) => { ctx.body = { userId: floor.write(ctx) }; },
};

const app = new Koa();
app.keys = [(process.env.BENCH_KEYS)];
app.use(createSession({ key: 'EGG_SESS', maxAge: 24 * 3600 * 1000 }, app));
app.use((ctx) => routes[ctx.path](ctx));

module.exports = app;
