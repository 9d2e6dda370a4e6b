'use strict';

const createSession = require('../../..');

const HOUR_MS = 3600 * 1000;

/**
 * The sessions of the demo page beside `ctx.session`, each in another format; docs/several.md.
 *
 * @param {object} _options
 * @param {any} app
 */
module.exports = (_options, app) => {
  const { sessions, revocation, registry, forgeryKey } = app.demo;
  const common = { maxAge: HOUR_MS, sameSite: 'lax' };
  const all = [
    { as: 'signedSession', key: 'SIGNED_SESS', encrypt: false },
    { as: 'sealedSession', key: 'SEALED_SESS', encrypt: 'sealed', absoluteMaxAge: 24 * HOUR_MS, revocation, registry },
    { as: 'storedSession', key: 'STORED_SESS', encrypt: 'sealed', store: sessions },
    { as: 'forgeableSession', key: 'FORGEABLE_SESS', encrypt: true, keys: [forgeryKey] },
    { as: 'unforgeableSession', key: 'UNFORGEABLE_SESS', encrypt: 'sealed', keys: [`${forgeryKey} sealed`] },
    { as: 'cartSession', key: 'CART_SESS', encrypt: 'sealed', store: sessions },
  ].map(options => createSession(/** @type {any} */ ({ ...common, ...options }), app));
  return (/** @type {any} */ ctx, /** @type {() => Promise<any>} */ next) => all.reduceRight((rest, each) => () => each(ctx, rest), next)();
};
