'use strict';

/**
 * The value of the first cookie of that name: `(?:^|;) *NAME=([^;]*)`.
 *
 * @param {string} header
 * @param {string} name
 * @returns {string | undefined}
 */
function findCookie(header, name) {
  const assignment = `${name}=`;
  for (let at = header.indexOf(assignment); at !== -1; at = header.indexOf(assignment, at + 1)) {
    let before = at - 1;
    while (before >= 0 && header.charCodeAt(before) === 0x20) before--;
    if (before < 0 || header.charCodeAt(before) === 0x3b /* ; */) {
      const start = at + assignment.length;
      const end = header.indexOf(';', start);
      return end === -1 ? header.slice(start) : header.slice(start, end);
    }
  }
  return undefined;
}

module.exports = { findCookie };
