'use strict';

const path = require('node:path');

/** BENCH_STORE: sessions in an SQLite file. */
module.exports = (app) => {
  if (!process.env.BENCH_STORE) return;
  const { SqliteStore } = require(process.env.BENCH_PLUGIN);
  app.sessionStore = new SqliteStore({ path: path.join(process.env.BENCH_SCRATCH, 'sessions.db') }).closeWith(app);
};
