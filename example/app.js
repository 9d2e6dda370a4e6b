'use strict';

/** What the demo page needs beside the sessions' options: stores in a temporary folder, and the originals to compare with. */

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
// In your own app: require('egg-session-native').
const { Revocations, SessionRegistry, SqliteStore, engine } = require('..');
const { labelOf } = require('./lib/device');
const { loadOriginals } = require('./lib/originals');
const { PlainStore } = require('./lib/plain_store');

class AppBoot {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-demo-'));
    /** @type {any[]} */
    this.stores = [];
  }

  configDidLoad() {
    const { app } = this;
    // SQLite is in the native engine only.
    const hasSqlite = engine.name === 'native';
    const userOf = (/** @type {any} */ session) => session.user;
    const [sessions, revoked] = ['sessions.db', 'revoked.db']
      .map(file => (hasSqlite ? new SqliteStore({ path: path.join(this.folder, file), userOf }) : new PlainStore()));
    this.stores = [sessions, revoked];
    // Forgeries are tried on sessions under this key, which nothing else has and which goes with the process.
    const forgeryKey = crypto.randomBytes(32).toString('base64');
    const revocation = new Revocations({ store: revoked, userOf });
    app.demo = {
      hasSqlite, sessions, revocation, forgeryKey,
      // It needs a store that compares and sets.
      registry: hasSqlite ? new SessionRegistry({ revocation, label: labelOf, touchAfterMs: 1000 }) : undefined,
      originals: loadOriginals(forgeryKey),
    };
  }

  async beforeClose() {
    for (const store of this.stores) await store.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = AppBoot;
