'use strict';

/** Names a device by its user agent: two words that a user knows again. An app may take a library for it. */

/** The first that fits; some browsers name others too. @type {[RegExp, string][]} */
const BROWSERS = [
  [/\bMicroMessenger\//, '微信'], [/\bEdg(?:A|iOS)?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrome\/|\bCriOS\//, 'Chrome'], [/\bSafari\//, 'Safari'], [/\bcurl\//, 'curl'],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bAndroid\b/, 'Android'], [/\bHarmonyOS\b/, 'HarmonyOS'],
  [/\bWindows\b/, 'Windows'], [/\bMacintosh\b/, 'macOS'], [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux'],
];

/** @param {any} ctx @returns {string | undefined} */
function labelOf(ctx) {
  const agent = ctx.get('user-agent').slice(0, 500);
  const found = [BROWSERS, SYSTEMS].flatMap(names => names.find(([pattern]) => pattern.test(agent))?.[1] ?? []);
  return found.join(' · ') || undefined;
}

/** What the demo's pretended devices send. */
const USER_AGENTS = {
  phone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  laptop: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

module.exports = { labelOf, USER_AGENTS };
