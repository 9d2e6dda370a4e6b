'use strict';

// node fuzz/header.js [seconds] [seed]
//
// The scan for our cookie in a Cookie header, which is JS, against the regular expression that egg-cookies reads with.

const { findCookie, findSignature } = require('../lib/cookie/request_header');
const { Prng } = require('../__test__/generate/prng');

const ROUNDS_A_LOOK = 10_000;
const NAMES = ['EGG_SESS', 'EGG_SESS.sig', 'a', 'aa', '__Host-s', 'x.y$z'];
/** What makes and unmakes a match, beside the names themselves. */
const PIECES = ['=', ';', ' ', '; ', '==', ';;', '  ', '\t', ',', '"', '\r\n', '\0', '\u00a0', '\u2028', '\u0141', '\ud800', '.sig', '_', 'a', 'A', '%3D', 'x.y', '$z'];

/** @param {Prng} prng @param {string} name @returns {string} */
function makeHeader(prng, name) {
  let header = '';
  for (let pieces = prng.below(16); pieces > 0; pieces--) {
    const kind = prng.below(4);
    if (kind === 0) header += name;
    else if (kind === 1) header += `${prng.pick(['', ';', '; ', ' ', 'x'])}${name}${prng.pick(['', '', '.sig'])}=`;
    else if (kind === 2) header += prng.pick(PIECES);
    else header += String.fromCharCode(prng.chance(0.9) ? prng.below(128) : prng.bits() & 0xffff);
  }
  return header;
}

/** @param {string} name */
function oracleFor(name) {
  const pattern = new RegExp(`(?:^|;) *${name.replace(/[.$]/g, '\\$&')}=([^;]*)`);
  return (/** @type {string} */ header) => pattern.exec(header)?.[1];
}

/**
 * @param {number} seconds
 * @param {number} seed
 * @returns {{ executions: number, found: number }} found: headers with the cookie in them
 */
function fuzzHeader(seconds, seed) {
  const prng = new Prng(seed);
  const oracles = NAMES.map(name => ({ name, read: oracleFor(name), readSignature: oracleFor(`${name}.sig`) }));
  const until = Date.now() + seconds * 1000;
  let executions = 0;
  let found = 0;
  do {
    for (let i = 0; i < ROUNDS_A_LOOK; i++, executions++) {
      const { name, read, readSignature } = prng.pick(oracles);
      const header = makeHeader(prng, name);
      const expected = [read(header), readSignature(header)];
      const value = findCookie(header, name);
      if (value !== expected[0] || findSignature(header, name) !== expected[1]) {
        throw new Error(`${JSON.stringify({ header, name, expected })} (seed ${seed}, execution ${executions})`);
      }
      if (value !== undefined) found++;
    }
  } while (Date.now() < until);
  return { executions, found };
}

module.exports = { fuzzHeader };

if (require.main === module) {
  const [seconds = 60, seed = Date.now() % 2 ** 32] = process.argv.slice(2).map(Number);
  const { executions, found } = fuzzHeader(seconds, seed);
  console.log(`Done ${executions} runs in ${seconds} second(s), ${found} of them with the cookie, seed ${seed}`);
}
