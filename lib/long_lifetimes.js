'use strict';

const { warn } = require('./warn');

// Browsers cut a cookie's lifetime to this: RFC 6265bis, section 5.5.
const LONGEST_COOKIE_DAYS = 400;
const ONE_DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Says at start that no browser keeps a cookie as long as the app wants.
 *
 * @param {any} options
 * @param {any} app
 */
function warnOfLongLifetimes(options, app) {
  for (const option of ['maxAge', 'absoluteMaxAge']) {
    if (!(Number(options[option]) > LONGEST_COOKIE_DAYS * ONE_DAY_MS)) continue;
    warn(app, `session option \`${option}\` is over ${LONGEST_COOKIE_DAYS} days: browsers keep no cookie longer than that`, 'SESSION_LONG_LIFETIME');
  }
}

module.exports = { warnOfLongLifetimes };
