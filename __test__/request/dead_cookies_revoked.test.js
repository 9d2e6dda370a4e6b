'use strict';

/** A revoked session hides no live one that comes behind it, and a logout ends both. At most two are asked about. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Revoked } = require('../support/revocation_apps');
const { DEATHS, HOUR_MS, NAME, cookieOf, deadAndLive, logout, names, start, stop } = require('../support/several_cookies');

after(stop);

describe('revocation', () => {
  const sealed = { encrypt: 'sealed', absoluteMaxAge: 5 * HOUR_MS };
  const asked = revocation => revocation.take().map(([method]) => method);

  async function revokedAndLive() {
    const revocation = new Revoked();
    const visit = await start({ ...sealed, revocation });
    const { dead, live } = await deadAndLive(visit);
    revocation.take();
    return { revocation, visit, dead, live };
  }

  test('a revoked session hides no live one', async () => {
    const { visit, dead: [dead], live } = await revokedAndLive();
    assert.deepEqual([(await visit([dead, live])).result, (await visit([dead, live])).events], ['ada', []]);
    assert.deepEqual(names((await visit([dead])).events), ['revoked']);
    assert.deepEqual(names((await visit([dead, dead])).events), ['revoked']);
  });

  test('two are asked about at most', async () => {
    const { revocation, visit, dead, live } = await revokedAndLive();
    const { result, events } = await visit([dead[0], dead[1], live]);
    assert.deepEqual([result, names(events)], ['nobody', ['revoked']]);
    assert.deepEqual(asked(revocation), ['isRevoked', 'isRevoked']);
    const expired = await DEATHS.expired.make(sealed, 'egg');
    assert.deepEqual([(await visit([expired, dead[0], live])).result, asked(revocation).length], ['ada', 2]);
    assert.deepEqual(names((await visit([dead[0], expired, dead[1]])).events), ['revoked']);
  });

  test('the event is that of the first, whatever the others are', async () => {
    const { revocation, dead: [dead] } = await revokedAndLive();
    const visit = await start({ ...sealed, revocation, valid: (_ctx, { user }) => user !== 'bob' });
    const bob = await cookieOf(visit, 'bob');
    assert.deepEqual(names((await visit([bob, dead])).events), ['invalid']);
    assert.deepEqual(names((await visit([dead, bob])).events), ['revoked']);
  });

  test('the same session twice is asked about once', async () => {
    const { revocation, visit, dead: [dead], live } = await revokedAndLive();
    assert.equal((await visit([dead, `${NAME}=junk`, dead, live])).result, 'ada');
    assert.equal(asked(revocation).length, 2);
  });

  test('an error is no verdict', async () => {
    for (const [onStoreError, status] of [['throw', 500], ['readonly', 200]]) {
      const { dead: [dead], live } = await revokedAndLive();
      const revocation = new Revoked();
      revocation.isRevoked = async () => { revocation.calls.push(['isRevoked']); throw new Error('down'); };
      const visit = await start({ ...sealed, revocation, onStoreError });
      const { status: answered, events } = await visit([dead, live]);
      assert.deepEqual([answered, names(events), revocation.calls.length], [status, ['store_error'], 1]);
    }
  });

  test('a logout revokes the other live session of the header, too', async () => {
    const { revocation, visit, dead: [dead], live } = await revokedAndLive();
    const other = await cookieOf(visit, 'bob');
    assert.equal((await visit([live, other], logout)).status, 200);
    assert.deepEqual(asked(revocation), ['isRevoked', 'revoke', 'isRevoked', 'revoke']);
    assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'nobody']);
    const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
    revocation.take();
    await visit([dead, ada, bob], logout);
    assert.deepEqual(asked(revocation), ['isRevoked', 'isRevoked', 'revoke'], 'two were asked about already');
    assert.equal((await visit(bob)).result, 'bob');
    const [eve, fay] = [await cookieOf(visit, 'eve'), await cookieOf(visit, 'fay')];
    await visit([bob, eve, fay], logout);
    assert.deepEqual([(await visit(bob)).result, (await visit(eve)).result, (await visit(fay)).result], ['nobody', 'nobody', 'fay']);
  });

  test('a logout with one cookie asks no more than before', async () => {
    const { revocation, visit, live } = await revokedAndLive();
    await visit(live, logout);
    assert.deepEqual(asked(revocation), ['isRevoked', 'revoke']);
  });
});
