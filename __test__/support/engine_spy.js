'use strict';

const { Keyring } = require('../..');

const ENGINE_METHODS = ['openSession', 'open', 'openSealed', 'openValue', 'seal', 'sealCookie', 'sealValue'];
const KEYGRIP_METHODS = ['encrypt', 'decrypt', 'sign', 'verify'];

/**
 * Counts the calls of some methods of a prototype until `restore`.
 *
 * @param {any} prototype
 * @param {string[]} names
 */
function spyOn(prototype, names) {
  const originals = Object.fromEntries(names.map(name => [name, prototype[name]]));
  const counts = Object.fromEntries(names.map(name => [name, 0]));
  for (const name of names) {
    prototype[name] = function(...args) {
      counts[name]++;
      return originals[name].apply(this, args);
    };
  }
  return {
    counts,
    total: () => names.reduce((sum, name) => sum + counts[name], 0),
    reset: () => { for (const name of names) counts[name] = 0; },
    restore: () => Object.assign(prototype, originals),
  };
}

/** What the engine is asked to do with cookies. */
const spyOnEngine = () => spyOn(Keyring.prototype, ENGINE_METHODS);

/** What egg's own Keygrip does: a spy on ctx.cookies itself would end the fast way. @param {any} keygrip one of them */
const spyOnKeygrip = keygrip => spyOn(Object.getPrototypeOf(keygrip), KEYGRIP_METHODS);

module.exports = { spyOnEngine, spyOnKeygrip };
