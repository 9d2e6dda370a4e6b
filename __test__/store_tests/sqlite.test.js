'use strict';

/** SqliteStore keeps the contract of stores. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const storeTests = require('../../store-tests');
const { SqliteStore } = require('../..');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-store-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

storeTests({
  test,
  createStore: () => new SqliteStore({ path: path.join(folder, 'sessions.db') }),
  closeStore: store => store.close(),
  level: 'lateWrites',
});
