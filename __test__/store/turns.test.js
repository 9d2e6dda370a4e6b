'use strict';

/** Requests that compete for a session, one after another. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { inTurn } = require('../../lib/store/save');

test('tasks do not wait for each other any longer once one of them has failed', async () => {
  let begun = 0;
  let fail;
  const first = inTurn('key', () => new Promise((_, reject) => { fail = reject; }));
  const others = Array.from({ length: 3 }, () => inTurn('key', () => new Promise(resolve => { begun++; setImmediate(resolve); })));
  await new Promise(setImmediate);
  assert.equal(begun, 0);
  fail(new Error('down'));
  await assert.rejects(first, /down/);
  await new Promise(setImmediate);
  assert.equal(begun, 3, 'all of them at once');
  await Promise.all(others);
});

test('tasks wait one for another, in their order, and only where they have the same key', async () => {
  const log = [];
  const task = name => async () => {
    log.push(`${name} begins`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
  };
  await Promise.all([inTurn('a', task('a1')), inTurn('a', task('a2')), inTurn('b', task('b1'))]);
  assert.deepEqual(log.filter(line => line.startsWith('a')), ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends']);
  assert.ok(log.indexOf('b1 begins') < log.indexOf('a1 ends'));
});
