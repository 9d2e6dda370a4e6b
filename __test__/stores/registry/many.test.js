'use strict';

/** Users with many sessions. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { PLACES, logIn, serve, whoAmI } = require('../../support/registry_apps');

const COUNT = 1000;

// One for each place of a list; the fourth would only take longer.
for (const [name, create] of Object.entries(PLACES).slice(0, 3)) {
  test(`${name}: a list of 1,000 sessions, of which any can be ended`, async t => {
    const place = await create(t);
    const { registry, visitor, server } = await serve(t, place, { registry: place.session.store ? {} : { maxSessions: COUNT } });
    const visitors = Array.from({ length: COUNT }, (_, i) => visitor(`device ${i}`));
    for (let i = 0; i < COUNT; i += 50) await Promise.all(visitors.slice(i, i + 50).map(each => each.does(logIn('ada'))));
    const began = performance.now();
    const sessions = await registry.list('ada');
    const tookMs = performance.now() - began;
    assert.equal(sessions.length, COUNT);
    assert.equal(new Set(sessions.map(({ id }) => id)).size, COUNT);
    assert.ok(tookMs < 5000, `${tookMs} ms`);
    t.diagnostic(`list: ${tookMs.toFixed(0)} ms`);
    for (const n of [0, 499, 999]) {
      const { id, label } = sessions[n];
      assert.equal(await registry.end('ada', id), true);
      assert.equal(await visitors[Number(label.split(' ')[1])].does(whoAmI), undefined);
    }
    assert.equal((await registry.list('ada')).length, COUNT - 3);
    assert.equal((await registry.list('ada', { limit: 10 })).length, 10);
    assert.equal(await registry.end('ada', sessions[0].id), false);
    assert.deepEqual(server.errors, []);
  });
}

test('in cookies the sessions seen last are listed, as many as maxSessions says, and all of them end', async t => {
  for (const [name, create] of Object.entries(PLACES)) {
    if (!name.startsWith('sealed')) continue;
    const { registry, visitor } = await serve(t, await create(t), { registry: { maxSessions: 3 } });
    const visitors = [];
    for (let i = 0; i < 5; i++) {
      visitors.push(visitor(`device ${i}`));
      await visitors[i].does(logIn('ada'));
      await new Promise(resolve => { setTimeout(resolve, 2); });
    }
    assert.deepEqual((await registry.list('ada')).map(({ label }) => label), ['device 4', 'device 3', 'device 2']);
    await visitors[4].does(ctx => registry.endOthers(ctx));
    assert.deepEqual(await Promise.all(visitors.map(each => each.does(whoAmI))), [undefined, undefined, undefined, undefined, 'ada']);
  }
});
