'use strict';

/** A real, headless Chromium, played by playwright-core. */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { TOOLS, adviceFor, findInPath } = require('../../scripts/system_tools');

/** For a machine that does much else: whatever is waited for comes sooner. */
const DEADLINE_MS = 60_000;

/** @param {string[]} args of the browser */
function launchOptions(args) {
  const tool = /** @type {import('../../scripts/system_tools').Tool} */ (TOOLS.find(({ name }) => name === 'browser'));
  const executablePath = [tool.command, ...tool.others ?? []].map(findInPath).find(file => file !== undefined);
  if (executablePath === undefined) throw new Error(adviceFor([tool]));
  // Its sandbox is not for root; /dev/shm is small in containers.
  const isRoot = process.getuid?.() === 0;
  return { executablePath, timeout: DEADLINE_MS, args: [...isRoot ? ['--no-sandbox'] : [], '--disable-dev-shm-usage', ...args] };
}

/**
 * @param {string[]} [args] of the browser
 * @returns {Promise<import('playwright-core').Browser>} its contexts are incognito, and block cookies of other sites
 */
function startBrowser(args = []) {
  return chromium.launch(launchOptions(args));
}

/**
 * A browser that takes cookies of other sites, as Chromium does where its distributor or its user have not turned that off.
 * @param {string[]} args of the browser
 * @returns {Promise<{ context: import('playwright-core').BrowserContext, close: () => Promise<void> }>}
 */
async function startLenientBrowser(args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'session-browser-'));
  fs.mkdirSync(path.join(folder, 'Default'));
  fs.writeFileSync(path.join(folder, 'Default/Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
  const context = await chromium.launchPersistentContext(folder, { ...launchOptions(args), ignoreHTTPSErrors: true });
  context.setDefaultTimeout(DEADLINE_MS);
  async function close() {
    await context.close();
    // Its processes may write for a moment more.
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  return { context, close };
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 * @returns {Promise<import('playwright-core').Page & { errors: string[] }>} in a profile of its own; `errors` of its scripts and its console
 */
async function openPage(browser, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(DEADLINE_MS);
  const page = Object.assign(await context.newPage(), { errors: /** @type {string[]} */ ([]) });
  page.on('pageerror', error => page.errors.push(error.message));
  page.on('console', message => {
    if (message.type() === 'error') page.errors.push(message.text());
  });
  return page;
}

module.exports = { openPage, startBrowser, startLenientBrowser };
