'use strict';

/** Mutants of the command line. @type {import('./index').Mutant[]} */
module.exports = [
  {
    id: 'cli-values shown unasked',
    claim: 'values are shown with --show only',
    file: 'lib/cli/open.js',
    search: '...(isShown && text !== undefined && {',
    replacement: '...(text !== undefined && {',
    tests: ['cli/open'],
  },
  {
    id: 'cli-keys on the command line',
    claim: 'a key on the command line is refused, with the reason',
    file: 'lib/cli/usage.js',
    search: 'REFUSED.includes(name)',
    replacement: 'false',
    tests: ['cli/open'],
  },
  {
    id: 'cli-terminal steered',
    claim: 'control characters of a cookie are escaped',
    file: 'lib/cli/text.js',
    search: '/[\\p{C}\\p{Zl}\\p{Zp}]/gu',
    replacement: '/[\\p{Zl}\\p{Zp}]/gu',
    tests: ['cli/open'],
  },
  {
    id: 'cli-expiry with a clock',
    claim: 'an expired token tells that it has expired',
    file: 'lib/cli/cookie.js',
    search: 'keyring.openSealed(name, value, 0)',
    replacement: 'keyring.openSealed(name, value)',
    tests: ['cli/cookie'],
  },
  {
    id: 'cli-garbage of a wrong key',
    claim: 'what a wrong key makes of a cookie is no external key',
    file: 'lib/cli/cookie.js',
    search: "other.value === '' || IMPLAUSIBLE.test(other.value)",
    replacement: "other.value === ''",
    tests: ['cli/cookie'],
  },
  {
    id: 'cli-errors quoted',
    claim: 'doctor quotes no message of another package',
    file: 'lib/cli/boot.js',
    search: 'if (/^ERR_SESSION_/.test(String(code)))',
    replacement: 'if (message)',
    tests: ['cli/doctor'],
  },
];
