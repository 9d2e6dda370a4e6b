'use strict';

const createSession = require('./lib/create_session');
const engine = require('./lib/engine');
const { resolveStore } = require('./lib/store');

module.exports = createSession;
module.exports.createSession = createSession;
module.exports.Keyring = engine.Keyring;
module.exports.engine = engine;
module.exports.resolveStore = resolveStore;
