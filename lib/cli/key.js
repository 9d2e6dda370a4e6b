'use strict';

/** `key`: a new app key. */

const { randomBytes } = require('node:crypto');
const { parse } = require('./usage');

const KEY_BYTES = 32;

/** @param {string[]} args @returns {import('./index').Answer} */
function run(args) {
  parse(args, {});
  return { code: 0, output: `${randomBytes(KEY_BYTES).toString('base64url')}\n` };
}

module.exports = { run };
