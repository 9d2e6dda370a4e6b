'use strict';

/** The report of the fault runs: what was not tried is said as plainly as what was. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { linesOf, markdownOf } = require('../faults/report');

const REPORT = {
  name: 'sqlite', seed: 7, seconds: 60, requests: 10, acknowledged: 5, errors: 0, closed: 0,
  faults: { 'killed worker': 2 }, losses: {}, counts: {}, findings: [], samples: [], notes: [],
};

test('the lines and the tables name the faults that were left out, and why', () => {
  const leftOut = { 'full disk': 'this user may not mount a file system', 'clock step': 'no cc' };
  const expected = 'full disk (this user may not mount a file system), clock step (no cc)';
  assert.ok(linesOf({ ...REPORT, leftOut }).includes(`  left out: ${expected}`));
  assert.match(markdownOf([{ ...REPORT, leftOut }]), /killed worker 2\. Left out: full disk \(this user may not mount a file system\), clock step \(no cc\)\./);
});

test('and say so if none was', () => {
  assert.ok(linesOf({ ...REPORT, leftOut: {} }).includes('  left out: no fault'));
});
