'use strict';

const path = require('node:path');
const { eggMockSuite } = require('./support/egg_mock_suite');

eggMockSuite({
  title: '@eggjs/mock in Egg 4 sees of ours what it sees of @eggjs/session',
  mm: require('@eggjs/mock').default,
  framework: path.dirname(require.resolve('egg4/package.json')),
  original: path.dirname(require.resolve('@eggjs/session/package.json')),
});
