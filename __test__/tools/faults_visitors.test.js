'use strict';

/** What a browser of the fault runs expects of a slow request, when it has logged in again and logged out everywhere meanwhile. */

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setImmediate: turn } = require('node:timers/promises');
const { Ledger } = require('../faults/ledger');
const { Browser } = require('../faults/visitors');

/** Where each action is among the shares of the habit `everywhere`. Without a session, any of them is a login. */
const PICKS = { update: 0, regenerate: 0.45, everywhere: 0.55, read: 0.99 };
/** The second lane has nothing to do while the first one logs in. */
const LOGIN = ['read', 'read'];

/**
 * Two lanes take the next action each. A read that began before the end of `regenerate` finds the session gone, so the browser logs in
 * again. An update that was sent after `regenerate` finds it gone, too, and is answered last.
 *
 * @param {(keyof typeof PICKS)[]} afterwards what the browser does after the read
 * @returns {Promise<string[]>}
 */
async function breachesWith(afterwards) {
  const picks = [...LOGIN, 'regenerate', 'read', 'update', ...afterwards];
  const sends = picks.length - 1;
  const sent = [];
  const until = async isSo => { while (!isSo()) await turn(); };
  let session;
  const ended = { status: 200, setCookie: [], session: null };
  const alive = () => ({ status: 200, setCookie: ['sid=a; path=/'], session });
  const answers = {
    login({ user, life }) {
      session = { user, life, role: 'user', slots: {} };
      return alive();
    },
    regenerate: () => until(() => sent.includes('read')).then(alive),
    read: () => until(() => sent.includes('update')).then(() => ended),
    update: () => until(() => sent.length === sends).then(() => ended),
    everywhere: alive,
  };
  const breaches = [];
  const traffic = {
    ledger: new Ledger(breach => breaches.push(breach)),
    clock: { epoch: 0 },
    bury() {},
    async send(action, _cookie, details) {
      sent.push(action);
      return answers[action](details);
    },
  };
  const prng = { bits: () => PICKS[picks.shift()] * 2 ** 32, below: () => 0 };
  await new Browser({ habit: 'everywhere', user: 'ada', prng, traffic }).browse(() => picks.length === 0);
  assert.equal(sent.length, sends);
  return breaches;
}

test('a logout everywhere ends a session that the browser has left, so a slow request need not find it', async () => {
  assert.deepEqual(await breachesWith(['read', 'everywhere']), []);
});

test('without one, the slow request must find it', async () => {
  assert.deepEqual(await breachesWith(['read']), ['lost session']);
});
