'use strict';

/**
 * The names of the options, to warn of a misspelled one: `{ acceptLegcy: false }` leaves cookies forgeable without a word.
 * Additions of others, for instance a plugin that reads `ctx.sessionOptions`, begin with `_`.
 */

// What docs/configuration.md and index.d.ts document. A test holds the three equal.
const NAMES = [
  'key', 'as', 'maxAge', 'maxage', 'rolling', 'renew', 'renewThreshold', 'absoluteMaxAge', 'nativeCookies', 'rememberedCookies', 'autoCommit',
  'beforeSave', 'valid', 'encode', 'decode', 'logValue', 'enable', 'match', 'ignore',
  'encrypt', 'acceptLegacy', 'keys', 'revocation', 'registry', 'chunks', 'signed', 'httpOnly', 'secure', 'sameSite', 'path', 'domain', 'formerCookies', 'priority',
  'overwrite', 'partitioned', 'removeUnpartitioned', 'ignoreSecureError',
  'store', 'ContextStore', 'genid', 'prefix', 'idBytes', 'hashKeys', 'externalKey', 'storeTimeout', 'onStoreError', 'cookieOnError',
  'saveWithHeaders',
];

// What works without a word of ours: attributes that `ctx.cookies` takes, and what Egg itself knows of a plugin.
const UNDOCUMENTED = ['expires', 'secureProxy', 'package', 'env'];

const known = new Set([...NAMES, ...UNDOCUMENTED]);

/**
 * @param {any} options
 * @returns {string[]} a sentence for each unknown option that is set; sentences have names and no values
 */
function unknownNames(options) {
  return Object.keys(options)
    .filter((name) => !known.has(name) && !name.startsWith('_') && options[name] != null)
    .map((name) => {
      const nearest = nearestTo(name);
      const hint = nearest === undefined ? '. If it is meant for other code, let its name begin with `_`' : `: did you mean \`${nearest}\`?`;
      return `session option \`${name}\` is unknown${hint}`;
    });
}

/**
 * @param {string} name
 * @returns {string | undefined} undefined if no option has a similar name
 */
function nearestTo(name) {
  let nearest;
  // A third of the name may be wrong, but not all of it.
  let least = Math.min(name.length, Math.max(1, Math.floor(name.length / 3)) + 1);
  for (const candidate of NAMES) {
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [nearest, least] = [candidate, edits];
  }
  return nearest;
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {number} how many characters have to be added, removed, replaced, or swapped with their neighbour
 */
function editsBetween(one, other) {
  /** @type {number[][]} by length of the two beginnings */
  const edits = [Array.from({ length: other.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= one.length; i++) {
    edits[i] = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = edits[i - 1][j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      edits[i][j] = Math.min(replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
    }
  }
  return edits[one.length][other.length];
}

module.exports = { NAMES, unknownNames };
