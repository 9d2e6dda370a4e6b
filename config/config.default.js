'use strict';

// The defaults of egg-session 3.3.0. index.d.ts explains each option.
exports.session = {
  maxAge: 24 * 3600 * 1000, // ms
  key: 'EGG_SESS',
  httpOnly: true,
  encrypt: true,
  logValue: true,
};
