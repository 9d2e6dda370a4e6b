'use strict';

// How options about lifetimes are checked, what is warned of, and when `renew` saves.

require('../support/frozen_clock');

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { AppProcess } = require('../support/app_process');
const { cookieApp, cookieOf, storeApp } = require('../support/logging_store');

const clock = globalThis[Symbol.for('egg-session-native.test.clock')];
const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 10, 23);

describe('what cannot work is refused at start', () => {
  const refused = {
    absoluteMaxAge: [0, -1, 1.5, '0', '1.5', '1h', '3600000 ', 'session', Infinity, NaN, true, {}, 100 * 365 * DAY_MS + 1],
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

describe('text of digits, as an environment variable holds it, becomes a number once', () => {
  const logIn = ctx => { ctx.session.user = 'Ann'; };
  for (const option of ['maxAge', 'maxage', 'absoluteMaxAge']) {
    test(`${option}: the same cookie and the same entry in a store as with the number`, async () => {
      clock.set(START_MS);
      const cookies = [];
      const entries = [];
      for (const value of [HOUR_MS, String(HOUR_MS), `00${HOUR_MS}`]) {
        const options = { [option]: value };
        cookies.push((await cookieApp(createSession, options).run(logIn)).setCookie);
        const { store, run } = storeApp(createSession, options);
        await run(logIn);
        entries.push(store.calls.filter(([method]) => method === 'set').map(([, key, text, maxAge]) => [key, text, maxAge]));
      }
      assert.equal(cookies[0].length, 1);
      assert.equal(entries[0].length, 1);
      assert.deepEqual(cookies.slice(1), [cookies[0], cookies[0]]);
      assert.deepEqual(entries.slice(1), [entries[0], entries[0]]);
    });
  }

  test('the app reads the number in its options', () => {
    const options = { maxAge: '3600000', absoluteMaxAge: '7200000' };
    createSession(options, new Koa());
    assert.deepEqual([options.maxAge, options.absoluteMaxAge], [HOUR_MS, 2 * HOUR_MS]);
  });

  test('text that is empty or zero, and a lifetime that gives no date, are refused; the longest one is a date', () => {
    const tooLong = ['4000000000000001', '99999999999999999999', '9'.repeat(400), Number.MAX_SAFE_INTEGER, 8.64e15, 1e20];
    for (const option of ['maxAge', 'maxage']) {
      for (const value of ['', '0', '000', ...tooLong]) {
        assert.throws(() => createSession({ [option]: value }, new Koa()), { code: 'ERR_SESSION_OPTION', option }, String(value));
      }
      for (const value of [0, false, null, undefined, '4000000000000000', 4e15]) createSession({ [option]: value }, new Koa());
    }
    assert.equal(Number.isNaN(new Date(START_MS + 4e15).getTime()), false);
  });

  test('the setter refuses the same, and a negative one that gives no date; the session stays as it was', async () => {
    for (const value of ['0', '000', 1e20, -1e20, '99999999999999999999', Number.MAX_SAFE_INTEGER]) {
      const { setCookie } = await cookieApp(createSession, { maxAge: HOUR_MS }).run(ctx => {
        ctx.session.user = 'Ann';
        assert.throws(() => { ctx.session.maxAge = value; }, { code: 'ERR_SESSION_ARGUMENT' }, String(value));
        assert.equal(ctx.session.maxAge, HOUR_MS);
      });
      assert.doesNotMatch(setCookie[0], /Invalid Date/);
    }
  });

  const ways = {
    'session.maxAge': ctx => { ctx.session.maxAge = '3600000'; },
    'new content': ctx => { ctx.session = { user: 'Ann', maxAge: '3600000' }; },
    'ctx.sessionOptions': ctx => { ctx.sessionOptions.maxAge = '3600000'; },
  };
  for (const [what, set] of Object.entries(ways)) {
    test(`also in ${what}`, async () => {
      clock.set(START_MS);
      for (const make of [cookieApp, storeApp]) {
        const { run, store } = make(createSession);
        const { setCookie } = await run(ctx => {
          ctx.session.user = 'Ann';
          set(ctx);
        });
        const text = store ? store.calls.find(([method]) => method === 'set')[2] : Buffer.from(/=([^;]*)/.exec(setCookie[0])[1], 'base64').toString();
        const { _expire, _maxAge } = JSON.parse(text);
        assert.deepEqual({ _expire, _maxAge }, { _expire: START_MS + HOUR_MS, _maxAge: HOUR_MS });
        assert.match(setCookie[0], new RegExp(`; expires=${new Date(START_MS + HOUR_MS).toUTCString()};`));
      }
    });
  }

  test('also in a session that egg-session saved under such an option', async () => {
    clock.set(START_MS);
    const { run } = cookieApp(createSession);
    const { result, setCookie } = await run(ctx => {
      ctx.session.a = 2;
      return ctx.session.maxAge;
    }, cookieOf({ a: 1, _expire: `3600000${START_MS}`, _maxAge: '3600000' }));
    assert.equal(result, HOUR_MS);
    assert.equal(setCookie[0].split(';')[0], cookieOf({ a: 2, _expire: START_MS + HOUR_MS, _maxAge: HOUR_MS }));
  });
});

describe('session.maxAge takes a lifetime, or what koa-session takes for none', () => {
  for (const value of ['soon', '1h', '1.5', '-1', ' 1000', NaN, Infinity, -Infinity, true, {}, [1000], 1000n, () => 1000, Symbol('1000')]) {
    test(`${typeof value} ${String(value)} is an error with a code, and the session stays as it was`, async () => {
      const { run } = cookieApp(createSession);
      const { result, error, setCookie } = await run(ctx => {
        const { maxAge } = ctx.session;
        for (const set of [() => { ctx.session.maxAge = value; }, () => { ctx.session = { b: 1, maxAge: value }; }]) {
          assert.throws(set, err => err instanceof TypeError && err.code === 'ERR_SESSION_ARGUMENT' && !err.message.includes('soon'));
        }
        assert.equal(ctx.session.maxAge, maxAge);
        return JSON.stringify(ctx.session);
      }, cookieOf({ a: 1, _expire: Date.now() + HOUR_MS, _maxAge: HOUR_MS }));
      assert.deepEqual([error, result, setCookie], [undefined, '{"a":1}', []]);
    });
  }

  for (const value of [undefined, null, 0, false, '', 'session', 1, 0.5, -1, -DAY_MS, 4e15]) {
    test(`${typeof value} ${String(value)} gives the bytes of koa-session, in cookie and store`, async () => {
      clock.set(START_MS);
      const setIt = ctx => {
        ctx.session.a = 2;
        ctx.session.maxAge = value;
        return ctx.session.maxAge;
      };
      for (const make of [cookieApp, storeApp]) {
        const outcomes = [];
        for (const create of [koaSession, createSession]) {
          const { run, store } = make(create);
          const { result, error, setCookie } = await run(setIt);
          const calls = (store ? store.calls : []).map(([method, key, ...args]) => [method, key, ...args.filter(arg => typeof arg !== 'object')]);
          outcomes.push({ result, error, setCookie, calls });
        }
        assert.equal(outcomes[0].error, undefined);
        assert.deepEqual(outcomes[1], outcomes[0]);
      }
    });
  }
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
