'use strict';

/** The demo page, played by a real Chromium: each part in English and Chinese, in light and dark, at a desk and on a phone. */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { openPage, startBrowser } = require('../support/browser');
const { DemoProcess } = require('../support/demo_process');

const ROOT = path.join(__dirname, '../..');
const PHONE = { width: 360, height: 740 };
const DESK = { width: 1200, height: 900 };

const demo = new DemoProcess();
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  [browser] = await Promise.all([startBrowser(), demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo.stop();
});

/** @param {string} language @returns {(key: string, values?: Record<string, unknown>) => string} the page's texts */
function textsOf(language) {
  const texts = JSON.parse(fs.readFileSync(path.join(ROOT, `example/app/texts/${language}.json`), 'utf8'));
  return (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {import('playwright-core').BrowserContextOptions} options */
async function openDemo(options) {
  const page = await openPage(browser, options);
  await page.goto(demo.url);
  await page.waitForSelector('html[data-ready]');
  return page;
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function logIn(page, name) {
  await page.fill('#name', name);
  await page.press('#name', 'Enter');
  await page.waitForSelector('#logged-in:not([hidden])');
}

/** What WCAG 2 calls the contrast of an element's text, against the ground behind it. */
function contrastIn(page) {
  return page.evaluate(() => {
    const channels = color => color.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const groundOf = element => {
      for (let at = element; at; at = at.parentElement) {
        const found = channels(getComputedStyle(at).backgroundColor);
        if (found[3] === undefined || found[3] === 1) return found;
      }
      return [255, 255, 255];
    };
    return [...document.querySelectorAll('body *')]
      .filter(element => element.checkVisibility() && !element.disabled && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
      .map(element => {
        const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(groundOf(element))].sort((x, y) => y - x);
        return { ratio: (a + 0.05) / (b + 0.05), what: `${element.tagName} ${element.className} ${element.textContent.slice(0, 30)}` };
      })
      .filter(({ ratio }) => ratio < 4.5);
  });
}

for (const { locale, language, colorScheme, viewport } of /** @type {const} */ ([
  { locale: 'en-GB', language: 'en', colorScheme: 'light', viewport: DESK },
  { locale: 'zh-CN', language: 'zh', colorScheme: 'dark', viewport: PHONE },
])) {
  describe(`the demo in ${language}, ${colorScheme}, ${viewport.width} pixels wide`, () => {
    const text = textsOf(language);
    /** @type {Awaited<ReturnType<typeof openDemo>>} */
    let page;
    before(async () => {
      page = await openDemo({ locale, colorScheme, viewport });
    });
    after(() => page?.context().close());

    /** @param {string} selector */
    const textOf = selector => page.textContent(selector);
    /** @param {string} selector @param {string | RegExp} expected */
    const waitForText = (selector, expected) => page.locator(selector).filter({ hasText: expected }).first().waitFor();

    test('it is in the browser\'s language', async () => {
      assert.equal(await page.getAttribute('html', 'lang'), language);
      assert.equal(await textOf('h1'), text('headline'));
      assert.equal(await textOf('#login button'), text('logIn'));
    });

    test('a login that fails says why', async () => {
      await page.fill('#name', ' ');
      await page.press('#name', 'Enter');
      await waitForText('#login-news', text('nameMissing'));
      await page.route('**/demo/login', route => route.fulfill({ body: 'no JSON' }));
      await page.fill('#name', 'Ada');
      await page.press('#name', 'Enter');
      await waitForText('#login-news', text('failed', { reason: '' }));
      await page.unroute('**/demo/login');
    });

    test('a login sets four cookies, and each is shown beside what it holds', async () => {
      await logIn(page, '<b>Ada</b> & "李雷"');
      assert.equal(await textOf('#who'), text('loggedInAs', { name: '<b>Ada</b> & "李雷"' }));
      for (const [format, cookie] of [['encrypted', /^SHOP_SESS=[\w-]+=*; path=\/.*httponly$/], ['signed', /^SIGNED_SESS=eyJ[^]*\nSIGNED_SESS\.sig=/],
        ['sealed', /^SEALED_SESS=v1=/], ['stored', /^STORED_SESS=v1=/]]) {
        await page.check(`input[value="${format}"]`, { force: true });
        assert.match(await textOf('#cookie'), cookie);
        const holds = JSON.parse(await textOf('#holds'));
        assert.deepEqual([holds.user, holds.count], ['<b>Ada</b> & "李雷"', 0]);
      }
      const kept = (await page.context().cookies()).filter(({ name }) => /^(SHOP|SIGNED|SEALED|STORED)_SESS$/.test(name));
      assert.deepEqual(kept.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]), Array(4).fill([true, 'Lax']));
    });

    test('after a change the encrypted cookie begins as before, and nothing of the sealed one is as before', async () => {
      await page.click('#count');
      await waitForText('#holds', '"count": 1');
      const marked = async () => [await page.textContent('#cookie mark'), await textOf('#cookie')];
      const [sealedMark, sealed] = await marked().then(() => page.check('input[value="sealed"]', { force: true })).then(marked);
      await page.check('input[value="encrypted"]', { force: true });
      const [encryptedMark, encrypted] = await marked();
      const share = (mark, line) => mark.length / line.split(';')[0].length;
      assert.ok(share(sealedMark, sealed) > 0.9, sealedMark);
      assert.ok(share(encryptedMark, encrypted) < 0.9, encryptedMark);
    });

    test('one flipped bit makes the encrypted cookie another user\'s, and the sealed one is refused', async () => {
      await page.click('#flip');
      await waitForText('#verdict-encrypted', text('wasUser', { uid: 9001 }));
      assert.equal(await textOf('#verdict-sealed'), text('refused'));
      assert.equal(await textOf('#verdict-original'), text('originalToo', { version: '3.3.0', uid: 9001 }));
      assert.equal(await page.locator('mark.bit').count(), 2);
      const [, cookie] = /-b '([^']+)'/.exec(await textOf('#forgery-curl'));
      const answer = await fetch(`${demo.url}/demo/forgery`, { headers: { cookie } });
      assert.deepEqual(await answer.json(), { encrypted: 9001, sealed: null });
    });

    test('of a hundred things added at once egg-session\'s cart keeps some, and ours all', async () => {
      await page.click('#race');
      await waitForText('#kept-ours', text('kept', { kept: 100, all: 100 }));
      assert.equal(await page.locator('#dots-ours .kept').count(), 100);
      const lost = await page.locator('#dots-original i:not(.kept)').count();
      assert.ok(lost > 0 && lost < 100, `${lost} lost`);
      assert.equal(await textOf('#kept-original'), text('kept', { kept: 100 - lost, all: 100 }));
      assert.equal(await page.getAttribute('#dots-original', 'aria-label'), text('dots', { kept: 100 - lost, all: 100 }));
    });

    test('devices are listed, one is ended, then all others', async () => {
      const rows = page.locator('#device-list li');
      const waitForRows = count => page.waitForFunction(n => document.querySelectorAll('#device-list li').length === n, count);
      await waitForRows(1);
      assert.match(await rows.first().innerText(), new RegExp(`Chrome, \\w+\\n.*${text('thisDevice')}`));
      for (const [device, label] of [['phone', 'Safari, iOS'], ['laptop', 'Firefox, Windows'], ['phone', 'Safari, iOS']]) {
        await page.click(`#add-${device}`);
        await waitForText('#device-news', text('deviceAdded', { device: label }));
        await page.locator(`#add-${device}:enabled`).waitFor();
      }
      await waitForRows(4);
      assert.equal(await rows.filter({ hasText: text('cookieWorks') }).count(), 3);

      await rows.filter({ hasText: 'Firefox' }).getByRole('button').click();
      await waitForText('#device-news', text('ended', { device: 'Firefox, Windows' }));
      assert.match(await rows.filter({ hasText: 'Firefox' }).innerText(), new RegExp(text('cookieRefused')));
      assert.equal(await rows.filter({ hasText: text('cookieWorks') }).count(), 2);

      await page.click('#end-others');
      await waitForText('#device-news', text('othersEnded'));
      assert.equal(await rows.filter({ hasText: text('cookieRefused') }).count(), 3);
      assert.equal(await rows.filter({ hasText: text('thisDevice') }).count(), 1);
    });

    test('the cost is measured here and now, with the machine\'s name', async () => {
      await page.click('#measure');
      await waitForText('#cost-news', 'egg-session 3.3.0');
      assert.equal(await page.locator('.bars .fill').count(), 6);
      for (const figure of await page.locator('.bars .figure').allInnerTexts()) assert.match(figure, /^\d+\.\d /);
      assert.ok((await textOf('#cost-news')).includes(os.cpus()[0].model.trim()));
      assert.deepEqual(await contrastIn(page), [], 'with all of its answers');
    });

    test('after the logout copies of the cookies work where nothing is kept on the server, and are refused elsewhere', async () => {
      await page.click('#copy-and-leave');
      await waitForText('#replayed-list', text('stored'));
      const name = '<b>Ada</b> & "李雷"';
      assert.deepEqual(await page.locator('#replayed-list li').allInnerTexts(), [
        text('stillLoggedIn', { format: text('encrypted'), name }), text('stillLoggedIn', { format: text('signed'), name }),
        text('isRefused', { format: text('sealed') }), text('isRefused', { format: text('stored') }),
      ]);
      await page.reload();
      await page.waitForSelector('html[data-ready]');
      assert.equal(await page.isVisible('#login'), true);
    });

    test('nothing overflows, every text has contrast, every control a name, and no script has failed', async () => {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it scrolls sideways');
      assert.deepEqual(await contrastIn(page), []);
      const controls = page.locator('button, input, a, summary');
      assert.deepEqual(await controls.evaluateAll(all => all.filter(one => !(one.labels?.length || one.textContent.trim() || one.getAttribute('aria-label'))).length), 0);
      assert.deepEqual(page.errors, []);
    });
  });
}

test('with the keyboard alone: the login, the formats and the buttons are in order, and the focus shows', async t => {
  const page = await openDemo({ locale: 'en', viewport: DESK });
  t.after(() => page.context().close());
  const focused = () => page.evaluate(() => [document.activeElement.id || document.activeElement.name || document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]);
  const order = [];
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press('Tab');
    order.push((await focused())[0]);
  }
  assert.deepEqual(order, ['A', 'name', 'BUTTON', 'format', 'flip']);
  assert.equal((await focused())[1], 'solid');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.isChecked('input[value="signed"]'), true);
});
