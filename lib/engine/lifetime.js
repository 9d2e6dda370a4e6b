'use strict';

/**
 * How long a session lives, as egg-session keeps it: in the last two members of the session's own JSON.
 *
 * @param {string} text JSON of an object, without white space
 * @param {number} expire in ms since 1970; NaN where the text says all that it has to
 * @param {number} maxAge in ms
 * @returns {string}
 */
function withLifetime(text, expire, maxAge) {
  if (Number.isNaN(expire)) return text;
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"_expire":${expire},"_maxAge":${maxAge}}`;
}

module.exports = { withLifetime };
