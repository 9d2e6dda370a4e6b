'use strict';

const path = require('node:path');
const { eggMockSuite } = require('./support/egg_mock_suite');

eggMockSuite({
  title: 'egg-mock in Egg 3 sees of ours what it sees of egg-session',
  mm: require('egg-mock'),
  framework: path.dirname(require.resolve('egg/package.json')),
  original: path.dirname(require.resolve('egg-session/package.json')),
});
