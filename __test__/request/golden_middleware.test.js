'use strict';

/** The whole middleware against the golden cookies: the same app and requests as the recorder's, with our session. */

const test = require('node:test');
const { mock } = test;
const assert = require('node:assert');
const golden = require('../golden/cookies.json');
const { atFrozenClock, cookieHeader } = require('../golden/record');
const { write, read } = require('../golden/koa_app');
const { originals } = require('../generate/originals');
const createSession = require('../..');

/** The cookies that pass through a session middleware: the others show `ctx.cookies` with a codec of the app's own. */
const throughSession = golden.cookies.filter(cookie => cookie.encoded === undefined);

/**
 * A signature that is sent again after a rotation lives as long as the session cookie it belongs to: the originals
 * forget its attributes, and ours forgets them only where `ctx.cookies` does the work.
 * @param {any} cookie @param {boolean} foreign @returns {string[]}
 */
function expectedResent(cookie, foreign) {
  const lifetime = cookie.text && JSON.parse(cookie.text)._maxAge;
  if (!cookie.resent || !lifetime || foreign) return cookie.resent || [];
  const expires = new Date(golden.clockMs + lifetime).toUTCString();
  return cookie.resent.map((/** @type {string} */ header) => header.replace('; path=/', `$&; max-age=${lifetime / 1000}; expires=${expires}`));
}

/**
 * Counts what the engine does during some work.
 * @param {() => Promise<unknown>} work
 */
async function engineCalls(work) {
  const { prototype } = createSession.Keyring;
  const methods = /** @type {const} */ (['openSession', 'open', 'openValue', 'seal', 'sealCookie', 'sealValue']);
  const mocks = methods.map(method => mock.method(prototype, method));
  try {
    await work();
    return mocks.reduce((sum, mocked) => sum + mocked.mock.callCount(), 0);
  } finally {
    mocks.forEach(mocked => mocked.mock.restore());
  }
}

test('with Egg\'s own ctx.cookies the engine opens and seals, and with any other it does not', async () => {
  for (const original of originals) {
    for (const cookie of throughSession) {
      const header = cookieHeader(cookie.cookie, cookie.value, cookie.signature);
      const parts = { original, createSession, golden: cookie };
      for (const foreign of [false, true]) {
        const calls = [
          await engineCalls(() => write({ ...parts, keys: cookie.keys, foreign })),
          await engineCalls(() => read({ ...parts, keys: cookie.openKeys, foreign }, header)),
        ];
        assert.deepStrictEqual(calls.map(count => count > 0), foreign ? [false, false] : [true, true], `${cookie.name}, ${original.writer}`);
      }
    }
  }
});

for (const original of originals) {
  const { writer } = original;
  for (const foreign of [false, true]) {
    const where = foreign ? 'through any ctx.cookies' : 'in Egg';

    test(`${where}: writes the Set-Cookie headers of ${writer}`, () => atFrozenClock(async () => {
      for (const cookie of throughSession) {
        const sent = await write({ original, createSession, golden: cookie, keys: cookie.keys, foreign });
        assert.deepStrictEqual({ status: sent.status, setCookie: sent.setCookie }, { status: 200, setCookie: cookie.setCookie }, cookie.name);
      }
    }));

    test(`${where}: reads the sessions of ${writer}`, () => atFrozenClock(async () => {
      for (const cookie of throughSession) {
        // What the original's store was given in the recording.
        const stored = new Map([[cookie.externalKey, { in: 'the store' }]]);
        const header = cookieHeader(cookie.cookie, cookie.value, cookie.signature);
        const seen = await read({ original, createSession, golden: cookie, keys: cookie.openKeys, stored, foreign }, header);
        assert.deepStrictEqual({ status: seen.status, session: seen.body.session }, { status: 200, session: cookie.sessionRead }, cookie.name);
        assert.deepStrictEqual(seen.setCookie, expectedResent(cookie, foreign), cookie.name);
      }
    }));
  }
}
