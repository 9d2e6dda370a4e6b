'use strict';

const path = require('node:path');

// In your own app: `exports.session = { enable: true, package: 'egg-session-native' };`
exports.session = { enable: true, path: path.join(__dirname, '../../..') };

// The page needs none of these.
Object.assign(exports, {
  development: false, i18n: false, jsonp: false, logrotator: false, multipart: false,
  schedule: false, static: false, view: false, watcher: false,
});
