'use strict';

/** For sessions in cookies: the list shows what is let in, and whether one is let in never depends on the list. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { setTimeout: sleep } = require('node:timers/promises');
const { sessionId } = require('../../..');
const { DAY_MS, PLACES, logIn, logOut, serve, whoAmI } = require('../../support/registry_apps');

for (const [name, create] of Object.entries(PLACES).filter(([each]) => each.startsWith('sealed'))) {
  describe(name, () => {
    test('a session that was revoked without the registry is on no list', async t => {
      const place = await create(t);
      const { revocation } = place.session;
      const [{ registry, visitor }, older] = [await serve(t, place), await serve(t, place, { registry: null })];
      const endings = [
        phone => phone.does(async ctx => revocation.revoke(sessionId(ctx), Date.now() + DAY_MS)),
        async () => {
          await sleep(2);
          await revocation.revokeUser('ada');
          await sleep(2);
        },
        phone => {
          phone.server = older.server;
          return phone.does(logOut);
        },
      ];
      for (const [n, end] of endings.entries()) {
        const [phone, other] = [visitor('phone'), visitor('other')];
        await phone.does(logIn('ada'));
        assert.equal((await registry.list('ada')).length, 1, `before ${n}`);
        await end(phone);
        assert.deepEqual(await registry.list('ada'), [], String(n));
        await other.does(logIn('ada'));
        assert.equal((await registry.list('ada')).length, 1);
        await other.does(logOut);
      }
    });

    test('after endAll() nothing is kept of the devices', async t => {
      const place = await create(t);
      const { registry, visitor } = await serve(t, place, { registry: { address: 'full' } });
      const keys = new Set();
      const { compareAndSet } = place.store;
      place.store.compareAndSet = function (key, ...args) {
        keys.add(key);
        return compareAndSet.call(this, key, ...args);
      };
      const phone = visitor('Unmistakable');
      await phone.does(logIn('ada'));
      const [key] = [...keys].filter(each => each.startsWith('living:'));
      assert.doesNotMatch(key, /ada/);
      assert.match(await place.store.getText(key), /Unmistakable.*127\.0\.0\.1/);
      await registry.endAll('ada');
      assert.doesNotMatch(await place.store.getText(key), /Unmistakable|127\.0\.0\.1/);
    });

    test('a list that is lost or broken lets nobody in and keeps nobody out', async t => {
      const place = await create(t);
      const { registry, visitor } = await serve(t, place, { registry: { touchAfterMs: 0 } });
      const keys = new Set();
      const { compareAndSet } = place.store;
      place.store.compareAndSet = function (key, ...args) {
        keys.add(key);
        return compareAndSet.call(this, key, ...args);
      };
      const [phone, ended] = [visitor('phone'), visitor('ended')];
      for (const each of [phone, ended]) await each.does(logIn('ada'));
      const copy = ended.copy();
      await ended.does(logOut);
      const [key] = [...keys].filter(each => each.startsWith('living:'));
      const kept = await place.store.getText(key);
      for (const text of ['{}', '[]', 'null', '"x"', '{"sessions":7}', '{"sessions":[null,7,{"id":7},{"id":"x"},{"__proto__":1}]}', 'no JSON', kept.replaceAll('"isEnded":true', '"isEnded":false')]) {
        await place.store.setText(key, text, DAY_MS);
        await registry.list('ada');
        assert.equal(await registry.end('ada', 'A'.repeat(22)), false);
        assert.equal(await copy.does(whoAmI), undefined, text);
        assert.equal(await phone.does(whoAmI), 'ada', text);
        assert.deepEqual((await registry.list('ada')).map(({ label }) => label), ['phone'], text);
      }
      await place.store.destroy(key);
      assert.deepEqual(await registry.list('ada'), []);
      assert.equal(await phone.does(whoAmI), 'ada');
      assert.equal((await registry.list('ada')).length, 1);
    });
  });
}
