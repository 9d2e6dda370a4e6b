'use strict';

module.exports = () => ({
  // The first key encrypts; all keys decrypt. In your own app, read the keys from a secret store, never from source code.
  keys: process.env.EXAMPLE_KEYS || 'anyone can read this key in the example',

  session: {
    key: 'SHOP_SESS',
    maxAge: 30 * 60 * 1000, // in ms: half an hour
    renew: true, // sends the cookie again when less than half of maxAge is left
    sameSite: 'lax',
  },

  // The demo page's other sessions: app/middleware/demo_sessions.js.
  middleware: ['demoSessions'],
  demoSessions: { match: '/demo' },

  // egg-security: accept a POST only from a page of this app, by its Referer or Origin header.
  security: { csrf: { type: 'referer' } },
});
