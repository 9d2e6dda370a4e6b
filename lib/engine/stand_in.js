'use strict';

/** Tells a plain Koa app, which has no logger, that the native engine could not be had. */

const engine = require('./index');

let hasWarned = false;

/** One line on stderr for a process; `--no-warnings` or a listener of 'warning' has it otherwise. */
function warnOfStandIn() {
  if (!engine.reason || hasWarned) return;
  hasWarned = true;
  process.emitWarning(`the portable engine stands in for the native one. ${engine.reason}`, {
    type: 'egg-session-native',
    code: 'SESSION_PORTABLE_ENGINE',
  });
}

module.exports = { warnOfStandIn };
