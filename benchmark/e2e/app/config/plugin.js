'use strict';

/** BENCH_PLUGIN, when set, replaces the session plugin that Egg brings along. All other plugins are as Egg has them. */
if (process.env.BENCH_PLUGIN) exports.session = { enable: true, path: process.env.BENCH_PLUGIN };
