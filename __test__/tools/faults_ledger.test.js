'use strict';

/** What the ledger of the fault runs takes for a breach, and what for a request that nobody can be sure of. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Ledger } = require('../faults/ledger');

function setUp(options) {
  const breaches = [];
  const ledger = new Ledger(breach => breaches.push(breach));
  const life = ledger.open('ada', 'ada.1', options);
  return { breaches, ledger, life };
}

const view = (slots = {}, role = 'user', rest = {}) => ({
  user: 'ada', life: 'ada.1', role, ...rest, slots: Object.fromEntries(Object.entries(slots).map(([name, number]) => [name, `ada.1:${number}`])),
});

/** An update that saw the slot at `seen`. */
function update({ ledger, life }, seen = {}) {
  ledger.nextValue(life, 'slot0');
  const ticket = ledger.begin(life, { slot: 'slot0' });
  return { acknowledge: () => ledger.answered(ticket, view(seen)), doubt: () => ledger.inDoubt(ticket) };
}

function read({ ledger, life }, seen, role) {
  return ledger.answered(ledger.begin(life), seen === null ? null : view(seen, role));
}

test('an update that was acknowledged must be seen', () => {
  const run = setUp();
  update(run).acknowledge();
  read(run, { slot0: 1 });
  assert.deepEqual(run.breaches, []);
  read(run, {});
  assert.deepEqual(run.breaches, ['lost update']);
});

test('an update without an answer may be seen or not, but once seen it stays', () => {
  const run = setUp();
  update(run).acknowledge();
  update(run, { slot0: 1 }).doubt();
  for (const seen of [1, 1, 2, 2]) read(run, { slot0: seen });
  assert.deepEqual(run.breaches, []);
  read(run, { slot0: 1 });
  assert.deepEqual(run.breaches, ['lost update']);
});

test('an update without an answer may not come after one that was acknowledged later', () => {
  const run = setUp();
  update(run).doubt();
  update(run).acknowledge();
  read(run, { slot0: 1 });
  assert.deepEqual(run.breaches, ['lost update']);
});

test('a read that began before the answer to an update need not show it', () => {
  const run = setUp();
  const early = run.ledger.begin(run.life);
  update(run).acknowledge();
  run.ledger.answered(early, view({}));
  assert.deepEqual(run.breaches, []);
});

test('what nobody wrote is mixed state, and so is a value of another session', () => {
  const run = setUp();
  update(run).acknowledge();
  read(run, { slot0: 7 });
  run.ledger.answered(run.ledger.begin(run.life), { ...view(), slots: { slot0: 'ada.0:1' } });
  run.ledger.answered(run.ledger.begin(run.life), view({}, 'user', { life: 'ada.0' }));
  assert.deepEqual(run.breaches, ['mixed state', 'mixed state', 'mixed state']);
});

test('another user\'s session is never excused', () => {
  const run = setUp();
  run.life.mayVanish = true;
  const account = run.ledger.begin(run.life, { isAccount: true });
  run.ledger.answered(run.ledger.begin(run.life), view({}, 'user', { user: 'eve' }));
  run.ledger.answered(account, view({}, 'user', { user: 'eve' }));
  run.ledger.buried(run.life, view({}, 'user', { user: 'eve' }), 'later');
  assert.deepEqual(run.breaches, ['other user', 'other user', 'other user']);
});

test('an empty session is lost, unless a logout or regenerate runs or ran without an answer', () => {
  const run = setUp();
  read(run, null);
  assert.deepEqual(run.breaches.splice(0), ['lost session']);
  const account = run.ledger.begin(run.life, { isAccount: true });
  read(run, null);
  run.ledger.inDoubt(account);
  read(run, null);
  assert.deepEqual(run.breaches, []);
});

test('a read under way while the session moved is in doubt, the next one is not', () => {
  const run = setUp();
  const early = run.ledger.begin(run.life);
  const account = run.ledger.begin(run.life, { isAccount: true });
  run.ledger.answered(account, view());
  run.ledger.answered(early, null);
  assert.deepEqual(run.breaches, []);
  read(run, null);
  assert.deepEqual(run.breaches, ['lost session']);
});

test('an update that overlaps a regenerate binds nobody, and what was acknowledged before goes along', () => {
  const run = setUp();
  update(run).acknowledge();
  const overlapping = update(run, { slot0: 1 });
  const account = run.ledger.begin(run.life, { isAccount: true });
  run.ledger.answered(account, view({ slot0: 1 }));
  overlapping.acknowledge();
  read(run, { slot0: 1 });
  assert.deepEqual(run.breaches, []);
  read(run, {});
  assert.deepEqual(run.breaches, ['lost update']);
});

test('a logout that finds no session, or another user\'s, tells of it', () => {
  for (const [found, breaches] of [[null, ['lost session']], [view({}, 'user', { user: 'eve' }), ['other user']], [view(), []]]) {
    const run = setUp();
    run.ledger.ended(run.ledger.begin(run.life, { isAccount: true }), found);
    assert.deepEqual(run.breaches, breaches);
  }
  const run = setUp();
  run.ledger.inDoubt(run.ledger.begin(run.life, { isAccount: true }));
  run.ledger.ended(run.ledger.begin(run.life, { isAccount: true }), null);
  assert.deepEqual(run.breaches, [], 'an earlier logout had no answer');
});

test('any session under a cookie that has ended is revived', () => {
  const run = setUp();
  run.ledger.ended(run.ledger.begin(run.life, { isAccount: true }), view());
  run.ledger.buried(run.life, null, 'at once');
  assert.deepEqual(run.breaches, []);
  run.ledger.buried(run.life, view(), 'later');
  assert.deepEqual(run.breaches, ['revived']);
});

test('a role that was toggled and acknowledged stays, however often its text was the same before', () => {
  const run = setUp();
  const toggle = role => run.ledger.answered(run.ledger.begin(run.life, { isToggle: true }), view({}, role));
  toggle('admin');
  toggle('user');
  read(run, {}, 'user');
  assert.deepEqual(run.breaches, []);
  read(run, {}, 'admin');
  assert.deepEqual(run.breaches.splice(0), ['undone by a late write']);
  toggle('admin');
  assert.deepEqual(run.breaches, ['undone by a late write'], 'the role was admin already, without a request');
});

test('a toggle without an answer may be done or not, until the next one is acknowledged', () => {
  const run = setUp();
  run.ledger.inDoubt(run.ledger.begin(run.life, { isToggle: true }));
  for (const role of ['user', 'admin', 'user']) read(run, {}, role);
  run.ledger.answered(run.ledger.begin(run.life, { isToggle: true }), view({}, 'user'));
  assert.deepEqual(run.breaches, []);
  read(run, {}, 'admin');
  assert.deepEqual(run.breaches, ['undone by a late write']);
});

test('in cookies the later of two answers wins, and the rest is checked as ever', () => {
  const run = setUp({ isMerged: false });
  update(run).acknowledge();
  read(run, {});
  assert.deepEqual(run.breaches, []);
  read(run, { slot0: 3 });
  assert.deepEqual(run.breaches, ['mixed state']);
});
