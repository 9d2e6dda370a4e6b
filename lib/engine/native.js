'use strict';

const loadBinding = require('./load_binding');

const binding = loadBinding();

module.exports = { name: 'native', Keyring: binding.Keyring };
