'use strict';

const path = require('node:path');

// In your own app: `exports.session = { enable: true, package: 'egg-session-native' };`
exports.session = { enable: true, path: path.join(__dirname, '../../..') };
