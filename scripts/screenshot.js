'use strict';

// npm run screenshot: plays the demo page in a real Chromium, and writes docs/demo.png.

const fs = require('node:fs');
const path = require('node:path');
const { ROOT, setup, main } = require('./setup');

const FILE = path.join(ROOT, 'docs/demo.png');
const WIDTH = 1200;
const MOST_BYTES = 200_000;

/** @param {any} page a page of playwright-core @param {string} button @param {string} sign what shows that the work is done */
async function press(page, button, sign) {
  await page.click(button);
  await page.waitForSelector(sign);
  await page.locator(`${button}:enabled`).waitFor();
}

async function screenshot() {
  setup();
  const { openPage, startBrowser } = require('../__test__/support/browser');
  const { url, close } = await require('../example/start').start({ port: 0 });
  const browser = await startBrowser();
  const page = await openPage(browser, { viewport: { width: WIDTH, height: 800 }, locale: 'en', colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(url);
  await page.waitForSelector('html[data-ready]');
  await press(page, '#flip', '#verdict-sealed:not(:empty)');
  await press(page, '#race', '#kept-ours:not(:empty)');

  // Relative to what is in view, and so is the body.
  const [body, first, last] = await Promise.all(['body', '#forgery', '#carts'].map(async selector => /** @type {{ y: number, height: number }} */
    (await page.locator(selector).boundingBox())));
  // Without the line above the first.
  const [y, height] = [first.y - body.y + 1, last.y + last.height - first.y - 1];
  const picture = await page.screenshot({ fullPage: true, clip: { x: 0, y, width: WIDTH, height } });
  if (picture.length > MOST_BYTES) throw new Error(`${picture.length} bytes are too many for a README`);
  fs.writeFileSync(FILE, picture);
  console.log(`wrote ${path.relative(ROOT, FILE)}, ${picture.length} bytes`);
  await browser.close();
  await close();
  process.exit(0);
}

main(screenshot);
