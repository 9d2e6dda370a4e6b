'use strict';

/** The session cookie's attributes as a real Chromium enforces them, on two sites and over TLS. */

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { openPage, startBrowser, startLenientBrowser } = require('../support/browser');
const { BROWSER_ARGS, BrowserSite, visit } = require('../support/browser_site');

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof startLenientBrowser>>} */
let lenient;
before(async () => {
  [browser, lenient] = await Promise.all([startBrowser(BROWSER_ARGS), startLenientBrowser(BROWSER_ARGS)]);
});
after(() => Promise.all([browser?.close(), lenient?.close()]));

/**
 * @param {import('node:test').TestContext} t
 * @param {object} options of the session
 * @param {{ isLenient?: boolean }} [how] isLenient: in the browser that takes cookies of other sites
 */
async function open(t, options, { isLenient = false } = {}) {
  const site = await new BrowserSite(options).start();
  const page = isLenient ? await lenient.context.newPage() : await openPage(browser, { ignoreHTTPSErrors: true });
  t.after(async () => {
    if (isLenient) await lenient.context.clearCookies();
    await (isLenient ? page : page.context()).close();
    await site.stop();
  });
  return { site, page };
}

/**
 * A page of another site sends the browser to ours.
 * @param {import('playwright-core').Page} page
 * @param {BrowserSite} site
 * @param {'link' | 'form'} how
 */
async function sendFromElsewhere(page, site, how) {
  await page.goto(site.url('elsewhere.test', '/blank'));
  const target = site.url('shop.test', '/read');
  const [response] = await Promise.all([
    page.waitForResponse(target),
    page.evaluate(([url, way]) => {
      const element = way === 'link' ? Object.assign(document.createElement('a'), { href: url }) : Object.assign(document.createElement('form'), { action: url, method: 'post' });
      document.body.append(element);
      if (element instanceof HTMLFormElement) element.submit();
      else element.click();
    }, [target, how]),
  ]);
  return response.json();
}

/** A page of another site asks ours in the background. @returns {Promise<string[]>} the names of the cookies that came */
async function askFromElsewhere(page, site) {
  await page.goto(site.url('elsewhere.test', '/blank'));
  const target = site.url('shop.test', '/read');
  await page.evaluate(url => fetch(url, { mode: 'no-cors', credentials: 'include' }).then(() => undefined), target);
  return site.lastNames;
}

/** @param {import('playwright-core').Page} page @param {string} url of a frame @param {string} top */
async function frameIn(page, url, top) {
  await page.goto(top);
  const [response] = await Promise.all([
    page.waitForResponse(url),
    page.evaluate(src => { document.body.append(Object.assign(document.createElement('iframe'), { src })); }, url),
  ]);
  return response.json();
}

test('HttpOnly: no script of the page can read the cookie or put another in its place', async t => {
  const { site, page } = await open(t, {});
  await visit(page, site.url('shop.test', '/count'));
  await page.evaluate(() => { document.cookie = 'SESS=planted; path=/'; });
  assert.equal(await page.evaluate(() => document.cookie), '');
  assert.equal((await visit(page, site.url('shop.test', '/read'))).count, 1);
});

test('with httpOnly: false a script reads it, so that the test above can fail', async t => {
  const { site, page } = await open(t, { httpOnly: false });
  await visit(page, site.url('shop.test', '/count'));
  assert.match(await page.evaluate(() => document.cookie), /^SESS=/);
});

for (const { sameSite, link, form, fetch } of [
  { sameSite: 'strict', link: false, form: false, fetch: false },
  { sameSite: 'lax', link: true, form: false, fetch: false },
  { sameSite: 'none', link: true, form: true, fetch: true },
  // Chromium takes it for lax, but lets a POST through while the cookie is younger than two minutes: say `lax`.
  { sameSite: undefined, link: true, form: true, fetch: false },
]) {
  test(`SameSite ${sameSite}: from another site it comes ${link ? '' : 'not '}with a link, ${form ? '' : 'not '}with a POST, ${fetch ? '' : 'not '}with a fetch`, async t => {
    const { site, page } = await open(t, { sameSite }, { isLenient: true });
    assert.equal((await visit(page, site.url('shop.test', '/count'))).count, 1);
    const expected = isSent => ({ names: isSent ? ['SESS'] : [], count: isSent ? 1 : null, length: null });
    assert.deepEqual(await sendFromElsewhere(page, site, 'link'), expected(link));
    assert.deepEqual(await sendFromElsewhere(page, site, 'form'), expected(form));
    assert.deepEqual(await askFromElsewhere(page, site), fetch ? ['SESS'] : []);
    assert.equal((await visit(page, site.url('shop.test', '/read'))).count, 1, 'at home it is there all the time');
  });
}

test('Secure: a cookie that was set over TLS does not go over plain HTTP, and nothing there can replace it', async t => {
  const { site, page } = await open(t, {});
  await visit(page, site.url('shop.test', '/count'));
  assert.deepEqual((await visit(page, site.url('shop.test', '/read', 'http'))).names, []);
  await visit(page, site.url('shop.test', `/plant?line=${encodeURIComponent('SESS=planted; path=/')}`, 'http'));
  const { names, count } = await visit(page, site.url('shop.test', '/read'));
  assert.deepEqual([names, count], [['SESS'], 1]);
});

test('__Host-: no other host of the domain can plant one, and a name without it does not help', async t => {
  for (const [key, expected] of /** @type {const} */ ([['__Host-SESS', ['__Host-SESS']], ['SESS', ['SESS', 'SESS']]])) {
    const { site, page } = await open(t, { key, secure: true });
    await visit(page, site.url('shop.test', '/count'));
    const [{ secure, path: where, domain }] = await page.context().cookies();
    assert.deepEqual([secure, where, domain], [true, '/', 'shop.test']);
    const line = `${key}=planted; path=/; domain=shop.test; secure`;
    await visit(page, site.url('evil.shop.test', `/plant?line=${encodeURIComponent(line)}`));
    const { names, count } = await visit(page, site.url('shop.test', '/read'));
    assert.deepEqual([names, count], [expected, 1]);
  }
});

test('Partitioned: in a frame, each embedding site has a session of its own', async t => {
  const { site, page } = await open(t, { key: '__Host-SESS', secure: true, sameSite: 'none', partitioned: true });
  const count = site.url('shop.test', '/count');
  const [one, two] = ['one.test', 'two.test'].map(host => site.url(host, '/blank'));
  assert.deepEqual((await frameIn(page, count, one)), { names: [], count: 1, length: null });
  assert.deepEqual((await frameIn(page, count, one)), { names: ['__Host-SESS'], count: 2, length: null });
  assert.deepEqual((await frameIn(page, count, two)), { names: [], count: 1, length: null });
  assert.deepEqual((await visit(page, count)), { names: [], count: 1, length: null });
  assert.deepEqual((await frameIn(page, count, one)), { names: ['__Host-SESS'], count: 3, length: null });
});

test('without it all frames share one session, or have none where the browser blocks cookies of other sites', async t => {
  for (const isLenient of [true, false]) {
    const { site, page } = await open(t, { secure: true, sameSite: 'none' }, { isLenient });
    const count = site.url('shop.test', '/count');
    const [one, two] = ['one.test', 'two.test'].map(host => site.url(host, '/blank'));
    assert.equal((await visit(page, count)).count, 1);
    assert.equal((await frameIn(page, count, one)).count, isLenient ? 2 : 1);
    assert.equal((await frameIn(page, count, two)).count, isLenient ? 3 : 1);
  }
});
