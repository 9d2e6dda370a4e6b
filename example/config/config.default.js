'use strict';

module.exports = () => ({
  // The first key encrypts, all of them decrypt. An app of yours takes them from a secret store, never from its sources.
  keys: process.env.EXAMPLE_KEYS || 'anyone can read this key in the example',

  session: {
    key: 'SHOP_SESS',
    maxAge: 30 * 60 * 1000, // half an hour in ms …
    renew: true, // … which begins anew when half of it is over
    sameSite: 'lax',
  },

  // A POST must come from a page of ours.
  security: { csrf: { type: 'referer' } },
});
