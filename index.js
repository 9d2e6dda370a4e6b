'use strict';

const { checkAccess, createSession, readSession, status } = require('./lib/middleware');
const engine = require('./lib/engine');
const { Revocations } = require('./lib/stores/revocations');
const { resolveStore } = require('./lib/store/resolve');
const { MemcachedStore } = require('./lib/stores/memcached/store');
const { RedisStore } = require('./lib/stores/redis/store');
const { SessionRegistry } = require('./lib/stores/registry/registry');
const { SqliteStore } = require('./lib/stores/sqlite/store');
const { sessionId } = require('./lib/request/life');

module.exports = createSession;
module.exports.createSession = createSession;
module.exports.status = status;
module.exports.checkAccess = checkAccess;
module.exports.readSession = readSession;
module.exports.Keyring = engine.Keyring;
module.exports.engine = engine;
module.exports.resolveStore = resolveStore;
module.exports.MemcachedStore = MemcachedStore;
module.exports.RedisStore = RedisStore;
module.exports.SqliteStore = SqliteStore;
module.exports.Revocations = Revocations;
module.exports.SessionRegistry = SessionRegistry;
module.exports.sessionId = sessionId;
module.exports.diff = engine.diff;
module.exports.merge = engine.merge;
