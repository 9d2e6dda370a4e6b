'use strict';

/** Sealed tokens in pieces, against vectors that vectors/sealed_v1.py made: an implementation without any of our code. */

const test = require('node:test');
const assert = require('node:assert');
const createSession = require('../..');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { pieces, refusedPieces } = require('../vectors/sealed_v1.json');

/** @param {any} vector @returns {Promise<any>} what an app finds in its session */
async function open({ appKeys, cookie: key, cookies, nowMs }, t) {
  t.mock.method(Date, 'now', () => nowMs);
  const [[, source]] = await knownSources();
  const app = createEggApp(source, { keys: appKeys });
  const middleware = createSession({ key, encrypt: 'sealed', acceptLegacy: false, secure: true }, app);
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ');
  const { result, error } = await exchange(app, middleware, ctx => ctx.session.toJSON(), { headers: { cookie }, secure: true });
  assert.ifError(error);
  return result;
}

test('what the independent implementation sealed and split is opened', async t => {
  assert.ok(pieces.length >= 3);
  for (const vector of pieces) assert.deepStrictEqual(await open(vector, t), { user: 'alice', visits: 1 }, vector.name);
});

test('what the independent implementation refuses is refused', async t => {
  assert.ok(refusedPieces.length >= 12);
  for (const vector of refusedPieces) assert.deepStrictEqual(await open(vector, t), {}, vector.name);
});

test('in any other order of the header the same opens', async t => {
  for (const vector of pieces) {
    const cookies = Object.fromEntries(Object.entries(vector.cookies).reverse());
    assert.deepStrictEqual(await open({ ...vector, cookies }, t), { user: 'alice', visits: 1 }, vector.name);
  }
});
