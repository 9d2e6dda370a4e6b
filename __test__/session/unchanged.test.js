'use strict';

// A request that changes nothing costs no JSON text, whichever Egg's keys the session has; what cannot be saved is tried once.

const { test } = require('node:test');
const assert = require('node:assert/strict');
const createSession = require('../..');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');

for (const egg of [3, 4]) {
  test(`an unchanged session is compared without JSON.stringify, and a change is seen (Egg ${egg})`, async t => {
    const [[, source]] = await knownSources();
    const app = createEggApp(source);
    if (egg === 4) app.ContextClass = class {};
    const middleware = createSession({ encrypt: true }, app);
    const user = { id: 7, roles: ['admin'], name: 'Ada' };
    const { setCookie } = await exchange(app, middleware, ctx => { ctx.session = { user, visits: 1 }; });
    const request = { headers: { cookie: cookieHeader(setCookie) } };

    // Once to remember the cookie, once to find it.
    for (let i = 0; i < 3; i++) {
      const stringify = t.mock.method(JSON, 'stringify');
      const read = await exchange(app, middleware, ctx => ({ ...ctx.session.user }), request);
      const count = stringify.mock.callCount();
      stringify.mock.restore();
      assert.deepEqual([read.result, read.setCookie, count], [user, [], 0]);
    }
    for (const change of [
      session => { session.visits++; }, session => { session.user.roles.push('x'); }, session => { session.more = null; }, session => { delete session.user; },
    ]) {
      const changed = await exchange(app, middleware, ctx => { change(ctx.session); return ctx.session.toJSON(); }, request);
      const again = await exchange(app, middleware, ctx => ctx.session.toJSON(), { headers: { cookie: cookieHeader(changed.setCookie) } });
      assert.deepEqual(again.result, changed.result);
      assert.notDeepEqual(again.result, { user, visits: 1 });
    }
  });

  test(`a key that somebody has put into the prototype of sessions is none of theirs (Egg ${egg})`, async () => {
    const [[, source]] = await knownSources();
    const app = createEggApp(source);
    if (egg === 4) app.ContextClass = class {};
    const middleware = createSession({ encrypt: true }, app);
    const { setCookie } = await exchange(app, middleware, ctx => { ctx.session = { a: 1 }; });
    const request = { headers: { cookie: cookieHeader(setCookie) } };
    const { ctx } = await exchange(app, middleware, () => {}, request);
    const prototype = Object.getPrototypeOf(ctx.session);
    prototype.inherited = 1;
    try {
      const read = await exchange(app, middleware, other => [other.session.inherited, other.session.toJSON()], request);
      assert.deepEqual([read.result, read.setCookie], [[1, { a: 1 }], []]);
      const changed = await exchange(app, middleware, other => { other.session.b = 2; }, request);
      assert.equal(changed.setCookie.length, 1);
    } finally {
      delete prototype.inherited;
    }
  });
}

test('a session that is too large for its pieces is tried once in a request, though it is saved twice', async () => {
  const [[, source]] = await knownSources();
  const app = createEggApp(source);
  const oversized = [];
  app.on('session:oversized', ({ key }) => oversized.push(key));
  const middleware = createSession({ encrypt: 'sealed', acceptLegacy: false, chunks: 2 }, app);
  const { setCookie } = await exchange(app, middleware, async ctx => {
    ctx.session = { text: 'x'.repeat(20_000) };
    await ctx.session.save();
  });
  await new Promise(setImmediate);
  assert.deepEqual([setCookie.filter(line => !/=;/.test(line)), oversized], [[], ['koa.sess']]);
});
