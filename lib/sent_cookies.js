'use strict';

/**
 * @param {any} ctx
 * @returns {string[]} what the response sends as `Set-Cookie`, as far as it goes now
 */
function sentCookies(ctx) {
  return /** @type {string[]} */ ([]).concat(ctx.response.get('set-cookie') || []);
}

module.exports = { sentCookies };
