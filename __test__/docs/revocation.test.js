'use strict';

/** What docs/revocation.md adds to `Revocations` leaves what it has. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const vm = require('node:vm');
const { Revocations } = require('../..');
const { blockWith } = require('../support/documents');
const { MemoryStore } = require('../support/memory_store');

test('refusing cookies without an id by their age leaves `revokeUser` in force', async () => {
  const revocation = new Revocations({ store: new MemoryStore(), userOf: session => session.user });
  vm.runInNewContext(blockWith('docs/revocation.md', 'revocation.notBefore ='), { revocation });
  const before = Date.now();
  await revocation.revokeUser('ada', { except: 'spared' });
  assert.ok(/** @type {number} */ (await revocation.notBefore({ user: 'ada' }, 'id')) >= before);
  for (const [user, id] of [['ada', 'spared'], ['grace', 'id'], [undefined, 'id']]) {
    assert.equal(await revocation.notBefore({ user }, id), Date.UTC(2026, 10, 23));
  }
});
