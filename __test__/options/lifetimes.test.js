'use strict';

// How options about lifetimes are checked, what is warned of, and when `renew` saves.

require('../support/frozen_clock');

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { AppProcess } = require('../support/app_process');
const { cookieApp, cookieOf, storeApp } = require('../support/logging_store');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 10, 23);

describe('what cannot work is refused at start', () => {
  const refused = {
    absoluteMaxAge: [0, -1, 1.5, '3600000', 'session', Infinity, NaN, true, {}, 100 * 365 * DAY_MS + 1],
    renewThreshold: [0, 1, -0.5, 2, '0.5', NaN, true, {}],
  };
  for (const [option, values] of Object.entries(refused)) {
    for (const value of values) {
      test(`${option}: ${typeof value} ${String(value)}`, () => {
        assert.throws(() => createSession({ [option]: value }, new Koa()), { code: 'ERR_SESSION_OPTION', option });
      });
    }
    test(`${option}: null means "not set"`, () => {
      for (const value of [null, undefined]) createSession({ [option]: value }, new Koa());
    });
  }
  test('the bounds themselves can work', () => {
    createSession({ absoluteMaxAge: 1, renewThreshold: 0.001 }, new Koa());
    createSession({ absoluteMaxAge: 100 * 365 * DAY_MS, renewThreshold: 0.999 }, new Koa());
  });
});

describe('renewThreshold', () => {
  const loaded = cookieOf({ a: 1, _expire: START_MS + 10 * HOUR_MS, _maxAge: 10 * HOUR_MS });
  const savesAt = async (options, elapsedMs) => {
    clock.set(START_MS + elapsedMs);
    const { run } = cookieApp(createSession, options);
    return (await run((ctx) => ctx.session.a, loaded)).setCookie.length > 0;
  };

  for (const [threshold, share] of [[undefined, 0.5], [null, 0.5], [0.9, 0.9], [0.1, 0.1]]) {
    test(`${threshold}: saves when less than ${share} of maxAge is left, and not when just that is`, async () => {
      const options = { renew: true, renewThreshold: threshold };
      const elapsedMs = Math.round((1 - share) * 10 * HOUR_MS);
      assert.equal(await savesAt(options, elapsedMs), false);
      assert.equal(await savesAt(options, elapsedMs + 1), true);
    });
  }

  test('does nothing without renew', async () => {
    assert.equal(await savesAt({ renewThreshold: 0.9 }, 9 * HOUR_MS), false);
  });

  test('counts with a store too', async () => {
    clock.set(START_MS);
    const { store, run } = storeApp(createSession, { renew: true, renewThreshold: 0.9 });
    for (const [elapsedMs, calls] of [[2 * HOUR_MS, ['get id-0']], [3 * HOUR_MS, ['get id-0', 'set id-0']]]) {
      clock.set(START_MS + elapsedMs);
      await run((ctx) => ctx.session.a);
      assert.deepEqual(store.take(), calls);
    }
  });
});

describe('a lifetime that no browser keeps is warned of at start', () => {
  const LONG = { maxAge: 400 * DAY_MS + 1, absoluteMaxAge: 401 * DAY_MS };
  const processes = /** @type {const} */ ([3, 4]).map((major) => [major, new AppProcess({ major, implementation: 'ours' })]);
  after(() => Promise.all(processes.map(([, app]) => app.stop())));

  for (const [major, app] of processes) {
    test(`in the log of Egg ${major}`, async () => {
      const linesOf = async (session) => {
        const { log } = await app.app({ session });
        return JSON.stringify(log).match(/session option [^:]* is over 400 days/g) || [];
      };
      assert.deepEqual(await linesOf({ maxAge: 400 * DAY_MS, absoluteMaxAge: 400 * DAY_MS }), []);
      assert.deepEqual(await linesOf(LONG),
        ['session option `maxAge` is over 400 days', 'session option `absoluteMaxAge` is over 400 days']);
    });
  }

  test('in plain Koa by a warning of the process', async () => {
    const warnings = [];
    const listen = (warning) => warnings.push(warning);
    process.on('warning', listen);
    createSession({ ...LONG }, new Koa());
    createSession({ maxAge: 'session', absoluteMaxAge: DAY_MS }, new Koa());
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    assert.deepEqual(warnings.filter(({ code }) => code === 'SESSION_LONG_LIFETIME').map(({ message }) => /`(\w+)`/.exec(message)[1]),
      ['maxAge', 'absoluteMaxAge']);
  });
});
