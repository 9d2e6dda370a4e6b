'use strict';

/** Devices in the demo: how they are named, and what the pretended ones send. */

const Bowser = require('bowser');

/** @param {any} ctx @returns {string} such as "Firefox, Linux" */
function labelOf(ctx) {
  const { browser, os } = Bowser.parse(ctx.get('user-agent').slice(0, 500) || 'unknown');
  return [browser.name, os.name].filter(Boolean).join(', ');
}

const USER_AGENTS = {
  phone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  laptop: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

module.exports = { labelOf, USER_AGENTS };
