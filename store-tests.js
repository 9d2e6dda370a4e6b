'use strict';

module.exports = require('./lib/store_tests');
