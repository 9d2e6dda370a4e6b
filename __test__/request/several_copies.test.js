'use strict';

/** Two sessions in one app never accept each other's cookies or keys, in whatever way each of them is kept. */

const { test } = require('node:test');
const assert = require('node:assert/strict');
const { hosts, LARGE, MODES, optionsOf, STORES, swapped, TwoSessions } = require('../support/two_sessions');

const dataOf = session => JSON.parse(JSON.stringify(session));

/** @param {TwoSessions} two @param {string} label @param {string[]} modes */
async function copyCookies(two, label, modes) {
  const contents = modes.map((mode, i) => ({ user: `user ${i}`, ...MODES[mode].isLarge && { LARGE } }));
  const { cookie } = await two.request(undefined, (first, second) => {
    Object.assign(first, contents[0]);
    Object.assign(second, contents[1]);
  });
  // Three times: from the second read on, opened cookies are remembered.
  for (let n = 0; n < 3; n++) {
    const own = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
    assert.deepEqual(own.result, contents, `${label}: each reads its own`);
    assert.deepEqual(own.setCookie, [], `${label}: nothing is sent again`);
    const copied = await two.request(swapped(cookie), (first, second) => [dataOf(first), dataOf(second), first.isNew, second.isNew]);
    assert.deepEqual(copied.result, [{}, {}, true, true], `${label}: each refuses the other's cookie`);
  }
  const again = await two.request(cookie, (first, second) => [dataOf(first), dataOf(second)]);
  assert.deepEqual(again.result, contents, `${label}: neither was harmed by it`);
}

for (const firstAs of [undefined, 'one']) {
  for (const first of Object.keys(MODES)) {
    test(`each refuses a copy of the other's cookie: ${firstAs || 'ctx.session'} is ${first}`, async () => {
      for (const [host, createApp] of await hosts()) {
        // Each pair of modes on one class of Egg and on Koa's, and equal modes on all.
        const isMain = host.startsWith('egg-cookies') || (host.startsWith('cookies') && !firstAs);
        for (const second of isMain ? Object.keys(MODES) : [first]) {
          for (const [kind, Store] of Object.entries(STORES)) {
            for (const isShared of [true, false]) {
              if (!MODES[first].store && !MODES[second].store && !(isShared && kind === 'a plain store')) continue;
              const [one, other] = isShared ? Array(2).fill(new Store()) : [new Store(), new Store()];
              const two = new TwoSessions(createApp(), optionsOf(first, { key: 'EGG_SESS', as: firstAs }, one), optionsOf(second, { key: 'ADMIN_SESS', as: 'adminSession' }, other));
              await copyCookies(two, `${host}, ${first} and ${second}, ${kind}, ${isShared ? 'shared' : 'two'}`, [first, second]);
            }
          }
        }
      }
    });
  }
}
