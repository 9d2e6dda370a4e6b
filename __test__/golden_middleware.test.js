'use strict';

/** The whole middleware against the golden cookies: the same app and requests as the recorder's, with our session. */

const test = require('node:test');
const assert = require('node:assert');
const golden = require('./golden/cookies.json');
const { atFrozenClock, cookieHeader } = require('./golden/record');
const { write, read } = require('./golden/koa_app');
const { originals } = require('./generate/originals');
const createSession = require('../index');

/** The cookies that pass through a session middleware: the others show `ctx.cookies` with a codec of the app's own. */
const throughSession = golden.cookies.filter(cookie => cookie.encoded === undefined);

for (const { writer, Cookies } of originals) {
  test(`writes the Set-Cookie headers of ${writer}`, () => atFrozenClock(async () => {
    for (const cookie of throughSession) {
      const sent = await write({ Cookies, createSession, golden: cookie, keys: cookie.keys });
      assert.deepStrictEqual({ status: sent.status, setCookie: sent.setCookie }, { status: 200, setCookie: cookie.setCookie }, cookie.name);
    }
  }));

  test(`reads the sessions of ${writer}`, () => atFrozenClock(async () => {
    for (const cookie of throughSession) {
      // What the original's store was given in the recording.
      const stored = new Map([[cookie.externalKey, { in: 'the store' }]]);
      const header = cookieHeader(cookie.cookie, cookie.value, cookie.signature);
      const seen = await read({ Cookies, createSession, golden: cookie, keys: cookie.openKeys, stored }, header);
      assert.deepStrictEqual({ status: seen.status, session: seen.body.session }, { status: 200, session: cookie.sessionRead }, cookie.name);
      // A signature by an older key is sent again; here the attributes are the session cookie's and the defaults at once.
      assert.deepStrictEqual(seen.setCookie, cookie.resent || [], cookie.name);
    }
  }));
}
