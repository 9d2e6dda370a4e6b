'use strict';

/** Refuses at start `formerCookies` that name no former place of the session's cookie. */

const { checkCookie } = require('./cookie');
const { isCookieName, isFieldContent } = require('../cookie/limits');
const { optionsAt, slotOf } = require('../cookie/slot');
const { optionError } = require('../errors');

const NAMES = ['key', 'path', 'domain'];

/**
 * @param {any} opts
 * @param {any} [defaults] `config.cookies` of Egg
 * @throws ERR_SESSION_OPTION
 */
function checkFormerCookies(opts, defaults) {
  const { formerCookies } = opts;
  if (formerCookies == null) return;
  if (!Array.isArray(formerCookies)) throw refusal('expected an array of places `{ key, domain, path }`');
  for (const [i, place] of Array.from(formerCookies).entries()) {
    checkPlace(place, i);
    const former = optionsAt(opts, place);
    checkAsCookie(former, defaults, i);
    const slot = slotOf({ ...defaults, ...former });
    if (slot !== undefined && slot === slotOf({ ...defaults, ...opts })) {
      throw refusal(`expected places where the cookie is no longer, but [${i}] is where it is now. `
        + 'What a place does not name is as now; `domain: null` is a cookie without domain');
    }
  }
}

/**
 * @param {any} place
 * @param {number} i
 */
function checkPlace(place, i) {
  if (typeof place !== 'object' || place === null || Array.isArray(place)) throw refusal(`expected an object in [${i}]`);
  const unknown = Object.keys(place).filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw refusal(`expected only \`key\`, \`domain\` and \`path\` in [${i}]`);
  const { key, path, domain } = place;
  if (key != null && !isCookieName(key)) throw refusal(`expected a string that can name a cookie for \`key\` in [${i}]`);
  if (path != null && !isFieldContent(path)) throw refusal(`expected a string that begins with \`/\` for \`path\` in [${i}]`);
  if (domain && typeof domain !== 'function' && !isFieldContent(domain)) {
    throw refusal(`expected a string, a function that returns one, or null for \`domain\` in [${i}]`);
  }
}

/**
 * @param {any} former
 * @param {any} defaults
 * @param {number} i
 */
function checkAsCookie(former, defaults, i) {
  try {
    checkCookie(former, defaults);
  } catch (err) {
    throw refusal(`[${i}] can be no cookie: ${/** @type {Error} */ (err).message}`);
  }
}

/** @param {string} expected */
function refusal(expected) {
  return optionError('formerCookies', expected);
}

module.exports = { checkFormerCookies };
