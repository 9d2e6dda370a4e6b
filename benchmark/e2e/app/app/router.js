'use strict';

const floor = require('../../floor');

/** What a request does with its session; the answers say whether it did. */
module.exports = (app) => {
  app.router.get('/none', async (ctx) => {
    ctx.body = { userId: 0 };
  });
  app.router.get('/read', async (ctx) => {
    ctx.body = { userId: ctx.session.userId };
  });
  app.router.get('/write', async (ctx) => {
    ctx.session.visits = (ctx.session.visits || 0) + 1;
    ctx.body = { userId: ctx.session.userId };
  });
  // What no session layer can do without: the floor of a first reading, and of a write.
  app.router.get('/floor/read', async (ctx) => {
    ctx.body = { userId: floor.read() };
  });
  app.router.get('/floor/write', async (ctx) => {
    ctx.body = { userId: floor.write(ctx) };
  });
  app.router.post('/login', async (ctx) => {
    ctx.session = ctx.request.body;
    ctx.body = { userId: ctx.session.userId };
  });
};
