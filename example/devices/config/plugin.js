'use strict';

const path = require('node:path');

// In your own app: `exports.session = { enable: true, package: 'egg-session-native' };`
exports.session = { enable: true, path: path.join(__dirname, '../../..') };

// The page needs none of these.
for (const name of ['development', 'i18n', 'jsonp', 'logrotator', 'multipart', 'schedule', 'static', 'view', 'watcher']) exports[name] = false;
