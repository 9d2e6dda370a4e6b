'use strict';

/**
 * A line for whoever starts the app: in Egg's log, elsewhere a warning of the process, on stderr unless `--no-warnings` or a
 * listener of 'warning' has it otherwise.
 *
 * @param {any} app
 * @param {string} message
 * @param {string} code of the warning of the process
 */
function warn({ coreLogger }, message, code) {
  if (coreLogger) coreLogger.warn(`[egg-session-native] ${message}`);
  else process.emitWarning(message, { type: 'egg-session-native', code });
}

module.exports = { warn };
