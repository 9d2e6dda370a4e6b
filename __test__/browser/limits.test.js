'use strict';

/** How large a cookie may be and how long it lives, as a real Chromium has it. */

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { openPage, startBrowser } = require('../support/browser');
const { BROWSER_ARGS, BrowserSite, visit } = require('../support/browser_site');

const LIMIT = 4096;
const DAY_MS = 86400 * 1000;

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await startBrowser(BROWSER_ARGS);
});
after(() => browser?.close());

/**
 * @param {import('node:test').TestContext} t
 * @param {object} options of the session
 */
async function open(t, options) {
  const site = await new BrowserSite(options).start();
  const page = await openPage(browser, { ignoreHTTPSErrors: true });
  t.after(async () => {
    await page.context().close();
    await site.stop();
  });
  const at = where => visit(page, site.url('shop.test', where));
  const names = async () => (await page.context().cookies()).map(({ name }) => name).sort();
  return { site, page, at, names };
}

test('a cookie of 4,096 bytes is kept; one byte more, and the browser keeps the session before, as session:oversized says', async t => {
  const { site, at } = await open(t, {
    encrypt: false, signed: false,
    // The value is the text alone, so that each byte counts.
    encode: session => session.text, decode: text => ({ text, _expire: Date.now() + 60000, _maxAge: 60000 }),
  });
  const most = LIMIT - 'SESS'.length;
  await at(`/fill?length=${most}`);
  assert.deepEqual(site.oversized, []);
  assert.equal((await at('/read')).length, most);
  await at(`/fill?length=${most + 1}`);
  assert.deepEqual(site.oversized, [{ octets: LIMIT + 1, limit: LIMIT, over: 1 }]);
  assert.equal((await at('/read')).length, most);
});

for (const encrypt of [true, 'sealed']) {
  test(`encrypt: ${encrypt}: what the browser drops is what session:oversized told`, async t => {
    const { site, at } = await open(t, { encrypt });
    let kept = 0;
    for (const length of [100, 2000, 2150, 2250, 2350, 2900, 2950, 3000, 3050, 4000]) {
      const told = site.oversized.length;
      await at(`/fill?length=${length}`);
      if (site.oversized.length === told) kept = length;
      assert.equal((await at('/read')).length, kept, `${length}`);
    }
    assert.ok(kept >= 2150 && kept < 3050 && site.oversized.length > 0);
  });
}

test('chunks: a session larger than a cookie is kept in several, grows, shrinks and ends without remains', async t => {
  const { site, at, names } = await open(t, { key: '__Host-SESS', secure: true, encrypt: 'sealed', acceptLegacy: false, chunks: 4 });
  const pieces = count => Array.from({ length: count }, (_, i) => `__Host-SESS${i ? `.${i}` : ''}`);
  for (const [length, count] of [[100, 1], [3000, 2], [8000, 3], [11000, 4], [4000, 2], [10, 1], [11000, 4]]) {
    await at(`/fill?length=${length}`);
    assert.deepEqual(await names(), pieces(count), `${length}`);
    assert.equal((await at('/read')).length, length);
  }
  await at('/fill?length=20000');
  assert.equal(site.oversized.length, 1);
  assert.equal((await at('/read')).length, 11000, 'too large for all of them: the session before stays');
  await at('/end');
  assert.deepEqual(await names(), []);
});

test('a lifetime of more than 400 days is cut to that; one of `session` has no end in the browser', async t => {
  for (const [maxAge, expected] of /** @type {const} */ ([[500 * DAY_MS, 400], [30 * DAY_MS, 30], ['session', null]])) {
    const { at, page } = await open(t, { maxAge });
    await at('/count');
    const [{ expires }] = await page.context().cookies();
    assert.equal(expires === -1 ? null : Math.round((expires * 1000 - Date.now()) / DAY_MS), expected);
  }
});
