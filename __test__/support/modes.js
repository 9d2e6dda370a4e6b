'use strict';

/** The ways a session can be kept, each as the variant of the fixture app that makes it so. */
const MODES = {
  'encrypted': { session: { encrypt: true } },
  'signed': { session: { encrypt: false } },
  'unsigned': { session: { encrypt: false, signed: false } },
  'store with encrypted key': { store: 'async', session: { encrypt: true, genid: 'fn:genid' } },
  'store with signed key': { store: 'async', session: { encrypt: false, genid: 'fn:genid' } },
  'store with plain key': { store: 'async', session: { encrypt: false, signed: false, genid: 'fn:genid' } },
};

const COOKIE_MODES = ['encrypted', 'signed', 'unsigned'];
const STORE_MODES = ['store with encrypted key', 'store with signed key', 'store with plain key'];

/** @returns {object} the variant of the mode with what the scenario and the step change in it */
function variantOf(mode, ...changes) {
  return [MODES[mode], ...changes].reduce((variant, change = {}) => ({
    ...variant,
    ...change,
    session: { ...variant.session, ...change.session },
  }), { session: {} });
}

module.exports = { MODES, COOKIE_MODES, STORE_MODES, ALL_MODES: [...COOKIE_MODES, ...STORE_MODES], variantOf };
