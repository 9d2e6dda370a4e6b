'use strict';

/** The options of MemcachedStore are checked at start. */

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { MemcachedStore } = require('../../..');

describe('options', () => {
  const client = { gets() {}, set() {}, add() {}, cas() {}, del() {} };
  const REFUSED = {
    client: [undefined, null, {}, '127.0.0.1:11211', { get() {}, set() {}, add() {}, delete() {} }],
    prefix: [5, {}],
    timeoutMs: [0, '5', Infinity],
    defaultMaxAgeMs: [0, 'session'],
    maxPendingBytes: [0, 1023, 1.5, '67108864', Infinity],
    maxValueBytes: [0, 1.5, Infinity],
    userOf: [() => 1],
  };
  for (const [option, values] of Object.entries(REFUSED)) {
    test(`a wrong ${option} is refused at start, by its name`, () => {
      for (const value of values) {
        assert.throws(() => new MemcachedStore({ client, [option]: value }), { name: 'TypeError', code: 'ERR_SESSION_OPTION', option });
      }
    });
  }

  test('null means not set, and a client of memjs is told why it will not do', () => {
    new MemcachedStore({ client, prefix: null, timeoutMs: null, defaultMaxAgeMs: null, maxPendingBytes: null, maxValueBytes: null });
    assert.throws(() => new MemcachedStore({ client: { get() {}, set() {}, add() {}, delete() {} } }), /memjs/);
  });
});
