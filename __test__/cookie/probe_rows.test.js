'use strict';

// The probe's table has the engine's answers as constants. The engine in use gives each of them, byte for byte, and leaves to
// the class what the table says it leaves. Every version of the classes gives them too.

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const byEngine = require('../../lib/cookie/by_engine');
const CurrentKeyring = require('../../lib/cookie/keyring');
const { canCarry } = require('../../lib/cookie/mode');
const { differingRow, throwaways } = require('../../lib/cookie/probe');
const { knownSources } = require('../support/egg_context');
const { VERSIONS } = require('../support/koa_with');

const NOW = 1767323045678;
const NAMES = { egg: ['egg-cookies 2.10.1', '@eggjs/cookies 3.1.0, CommonJS', '@eggjs/cookies 3.1.0, ES module'], koa: VERSIONS.cookies };
const { now } = Date;

/** @param {any} Cookies @returns {() => any} as Koa has it */
const koaGetter = Cookies => function() {
  return this[Symbol.for('made')] ??= new Cookies(this.req, this.res, { keys: this.app.keys, secure: this.request.secure });
};

/** @param {'egg' | 'koa'} family @param {string} name of a class @returns {Promise<any>} makes throwaway requests */
async function startOf(family, name) {
  if (family === 'koa') return throwaways(koaGetter(require(name)), undefined);
  const [, source] = (await knownSources()).find(([title]) => title === name);
  return throwaways(source.cookiesProperty().get, source.Cookies);
}

/** What the engine does with a row, or 'left to the class'. @param {any} dialect @param {any} ring @param {any} request @param {any} row */
function answerOf(dialect, ring, { ctx, cookies, events }, { name = 'probe', read, write, value }) {
  let returned;
  if (read !== undefined) {
    if (!dialect.reads(read)) return 'left to the class';
    const opened = byEngine.read(dialect, ring, ctx, { ...read, key: name }, false);
    // The class renews a signature with no attribute but its defaults; the engine's has those of the session.
    if (opened !== null && opened.keyIndex > 0) byEngine.refreshSignature(dialect, ring, ctx, { key: name }, undefined);
    returned = opened === null ? undefined : opened.value;
  } else {
    const attributes = dialect.attributesFor(ctx, cookies, write);
    if (!dialect.canWrite(ctx, name, attributes) || !canCarry(dialect, attributes, value)) return 'left to the class';
    byEngine.writeValue(dialect, ring, ctx, { ...write, key: name }, attributes, value);
  }
  return { returned, lines: ctx.res.getHeader('set-cookie'), events };
}

/** @param {any} row */
function recorded({ own, returned, lines, events = [], write }) {
  if (own) return 'left to the class';
  return { returned, lines: lines && lines.map(line => line.replace('DATE', new Date(NOW + write?.maxAge).toUTCString())), events };
}

for (const [family, dialect, rows, asKeygrip] of /** @type {Array<['egg' | 'koa', any, any[], (keyring: any) => any]>} */ ([
  ['egg', require('../../lib/cookie/egg'), require('../../lib/cookie/probe_rows_egg'), keyring => keyring],
  ['koa', require('../../lib/cookie/koa'), require('../../lib/cookie/probe_rows_koa'), keyring => ({
    sign: data => keyring.signSha1(data), index: (data, digest) => keyring.verifySha1(data, digest),
  })],
])) {
  describe(`the table of ${dialect.name}`, () => {
    before(() => { Date.now = () => NOW; });
    after(() => { Date.now = now; });

    for (const name of NAMES[family]) {
      test(`${name}: no row differs`, async () => {
        assert.equal(differingRow(dialect, await startOf(family, name)), undefined);
      });

      test(`${name}: the engine's answer to each row is the recorded one`, async () => {
        const start = await startOf(family, name);
        const ring = new CurrentKeyring(0).of(start({}).ctx.app.keys);
        for (const row of rows.filter(({ holds }) => !holds)) {
          assert.deepEqual(answerOf(dialect, ring, start(row), row), recorded(row), row.title);
        }
      });

      test(`${name}: a second that passes within a row makes no difference`, async () => {
        const start = await startOf(family, name);
        let calls = 0;
        Date.now = () => (calls++ === 0 ? 1767323045999 : 1767323046000);
        assert.equal(differingRow(dialect, start), undefined);
        assert.ok(calls > 1);
        Date.now = () => NOW;
      });
    }

    test('its Keygrip signs and verifies as the engine does', async () => {
      const { ctx } = (await startOf(family, NAMES[family][0]))({});
      const { keyring } = new CurrentKeyring(0).of(ctx.app.keys);
      assert.equal(rows.find(({ title }) => title === 'its Keygrip').holds({ keys: asKeygrip(keyring) }), true);
    });

    test('no two rows have one title', () => {
      assert.equal(new Set(rows.map(({ title }) => title)).size, rows.length);
    });
  });
}
