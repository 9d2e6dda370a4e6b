'use strict';

/** Two apps that share cookies, ours and the original: each reads the sessions that the other saved, and saves the same. */

const test = require('node:test');
const assert = require('node:assert');
const { Prng, seed } = require('../generate/prng');
const { makeSession } = require('../generate/sessions');
const { originals, MODE_OPTIONS } = require('../generate/originals');
const { createApp, dispatch, cookieHeader } = require('../generate/koa_context');
const { atFrozenClock } = require('../golden/record');
const createSession = require('../..');

const SESSIONS = 1_500;
const NAME = 'EGG_SESS';
const KEYS = ['test-only key', 'an older test-only key'];
/** Where the session model of the originals, not the cookie, stands in the way: see hostile_middleware.test.js. */
const DEFECT_KEYS = ['length', 'populated', 'externalKey', 'maxAge', 'toJSON'];

const prng = new Prng(seed);
/** As much as a session holds: `isNew` and keys that start with `_` are never saved. */
const sessions = Array.from({ length: SESSIONS }, () => Object.fromEntries(Object.entries(makeSession(prng)).filter(([key]) =>
  key[0] !== '_' && key !== 'isNew' && !DEFECT_KEYS.includes(key))));

/**
 * @param {import('../generate/originals').Original} original
 * @param {any} implementation
 * @param {'encrypted' | 'signed' | 'plain'} mode
 */
function makeApp(original, implementation, mode) {
  const app = createApp(original, KEYS);
  /** @type {{ save?: object, read?: string }} */
  const exchange = {};
  app.use(implementation({ key: NAME, ...MODE_OPTIONS[mode], maxAge: 3_600_000 }, app));
  app.use(async (/** @type {any} */ ctx) => {
    if (exchange.save) ctx.session = exchange.save;
    else exchange.read = JSON.stringify(ctx.session.toJSON());
    ctx.body = 'ok';
  });
  const callback = app.callback();
  return {
    /** @param {object} session @returns {Promise<string[]>} */
    async save(session) {
      exchange.save = session;
      return (await dispatch(callback)).setCookie;
    },
    /** @param {string[]} setCookie */
    async read(setCookie) {
      exchange.save = undefined;
      exchange.read = undefined;
      const [value, signature] = setCookie.map(line => line.slice(line.indexOf('=') + 1, line.indexOf('; path=')));
      const { status } = await dispatch(callback, cookieHeader(NAME, value, signature));
      return status === 200 ? exchange.read : status;
    },
  };
}

for (const original of originals) {
  for (const mode of /** @type {const} */ (['encrypted', 'signed', 'plain'])) {
    test(`${mode} sessions pass between ours and ${original.writer}, in equal Set-Cookie headers`, () => atFrozenClock(async () => {
      const [ours, theirs] = [makeApp(original, createSession, mode), makeApp(original, original.createSession, mode)];
      for (const [index, session] of sessions.entries()) {
        const text = JSON.stringify(session);
        const where = `session ${index} of TEST_SEED=${seed}: ${text.slice(0, 300)}`;
        const setCookie = await theirs.save(session);
        assert.deepStrictEqual(await ours.save(session), setCookie, where);
        // Nothing is saved of an empty new session.
        if (setCookie.length === 0) continue;
        assert.strictEqual(await ours.read(setCookie), text, where);
        assert.strictEqual(await theirs.read(setCookie), text, where);
      }
    }));
  }
}
