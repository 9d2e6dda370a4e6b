'use strict';

/** A real, headless Chromium, played by playwright-core. */

const { chromium } = require('playwright-core');
const { TOOLS, adviceFor, findInPath } = require('../../scripts/system_tools');

/** For a machine that does much else: whatever is waited for comes sooner. */
const DEADLINE_MS = 60_000;

/**
 * @param {string[]} [args] of the browser
 * @returns {Promise<import('playwright-core').Browser>}
 */
async function startBrowser(args = []) {
  const tool = TOOLS.find(({ name }) => name === 'browser');
  const executablePath = [tool.command, ...tool.others].map(findInPath).find(file => file !== undefined);
  if (executablePath === undefined) throw new Error(adviceFor([tool]));
  // Its sandbox is not for root; /dev/shm is small in containers.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath, timeout: DEADLINE_MS, args: [...isRoot ? ['--no-sandbox'] : [], '--disable-dev-shm-usage', ...args],
  });
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 * @returns {Promise<import('playwright-core').Page & { errors: string[] }>} in a profile of its own; `errors` of its scripts, its console and its requests
 */
async function openPage(browser, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(DEADLINE_MS);
  const page = Object.assign(await context.newPage(), { errors: [] });
  page.on('pageerror', error => page.errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') page.errors.push(message.text());
  });
  return page;
}

module.exports = { DEADLINE_MS, openPage, startBrowser };
