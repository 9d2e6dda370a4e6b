'use strict';

const path = require('node:path');

module.exports = () => ({
  keys: process.env.BENCH_KEYS,
  // A store loads before the app's code does, wanted or not: this keeps the route without a session free of it.
  ...(process.env.BENCH_STORE && { session: { ignore: '/none' } }),
  logger: { dir: path.join(process.env.BENCH_SCRATCH, 'logs'), consoleLevel: 'NONE' },
  rundir: path.join(process.env.BENCH_SCRATCH, 'run'),
});
