'use strict';

// No kind of row in the probe's tables is superfluous: for each there is an edited copy of the class that rows of no other kind notice.

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { differingRow, throwaways } = require('../../lib/cookie/probe');
const { egg3 } = require('../generate/originals');
const { EditedCopies } = require('../support/edited_copies');
const { EGG, KOA } = require('../support/probe_kinds');

/** @param {any} Cookies @returns {() => any} as Koa has it */
const koaGetter = Cookies => function() {
  return this[Symbol.for('made')] ??= new Cookies(this.req, this.res, { keys: this.app.keys, secure: this.request.secure });
};

for (const { name, dialect, rows, kinds, start } of [
  {
    name: 'egg-cookies', dialect: require('../../lib/cookie/egg'), rows: require('../../lib/cookie/probe_rows_egg'), kinds: EGG,
    start: Cookies => throwaways(egg3.cookiesProperty().get, Cookies),
  },
  {
    name: 'cookies', dialect: require('../../lib/cookie/koa'), rows: require('../../lib/cookie/probe_rows_koa'), kinds: KOA,
    start: Cookies => throwaways(koaGetter(Cookies), undefined),
  },
]) {
  describe(`the table of ${name}`, () => {
    const copies = new EditedCopies();
    after(() => copies.remove());
    const all = rows.slice();
    after(() => all.forEach((row, i) => { rows[i] = row; }));

    /** @param {any} Cookies @returns {any[]} the rows that notice a difference, each alone in the table */
    function noticing(Cookies) {
      return all.filter(row => {
        rows.length = 0;
        rows.push(row);
        return differingRow(dialect, start(Cookies)) !== undefined;
      });
    }

    for (const { title, has, edits } of kinds) {
      for (const edit of edits) {
        test(`${title}: "${edit.title}" is noticed, and by no row of another kind`, () => {
          const found = noticing(copies.load(name, __dirname, edit));
          assert.notEqual(found.length, 0);
          assert.deepEqual(found.filter(row => !has(row)).map(row => row.title), []);
        });
      }
    }

    test('each row is of a kind', () => {
      assert.deepEqual(all.filter(row => !kinds.some(({ has }) => has(row))).map(row => row.title), []);
    });
  });
}
