'use strict';

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { record, FILE } = require('../golden/record');

test('recording the golden cookies again gives the file that is checked in, byte for byte', async () => {
  const recorded = await record();
  const checkedIn = fs.readFileSync(FILE, 'utf8');
  if (recorded === checkedIn) return;
  // Entry by entry first: a diff of two 150 KB texts helps nobody.
  const [now, before] = [JSON.parse(recorded), JSON.parse(checkedIn)];
  now.cookies.forEach((/** @type {object} */ cookie, /** @type {number} */ i) => assert.deepStrictEqual(cookie, before.cookies[i]));
  assert.strictEqual(recorded, checkedIn);
});
