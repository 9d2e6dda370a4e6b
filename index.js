'use strict';

const createSession = require('./lib/create_session');
const engine = require('./lib/engine');
const { Revocations } = require('./lib/revocations');
const { resolveStore } = require('./lib/store');
const { MemcachedStore } = require('./lib/stores/memcached_store');
const { RedisStore } = require('./lib/stores/redis_store');
const { SqliteStore } = require('./lib/stores/sqlite_store');
const { sessionId } = require('./lib/track_life');

module.exports = createSession;
module.exports.createSession = createSession;
module.exports.Keyring = engine.Keyring;
module.exports.engine = engine;
module.exports.resolveStore = resolveStore;
module.exports.MemcachedStore = MemcachedStore;
module.exports.RedisStore = RedisStore;
module.exports.SqliteStore = SqliteStore;
module.exports.Revocations = Revocations;
module.exports.sessionId = sessionId;
module.exports.diff = engine.diff;
module.exports.merge = engine.merge;
