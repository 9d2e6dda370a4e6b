'use strict';

// What a class is asked for where sealed cookies are read besides: a class that holds a cookie of its own format sees the calls of
// koa-session, and a mocked get is believed.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const shimmer = require('shimmer');
const sinon = require('sinon');
const { mm, restore } = require('mm');
const createSession = require('../..');
const { HOSTS, STEP_1, instance } = require('../support/cookies_classes');
const { exchange } = require('../support/egg_context');

const SEALED = { encrypt: 'sealed' };
const LARGE = Array.from({ length: 700 }, (_, i) => `word ${i}`).join(' ');
const login = user => ctx => { ctx.session.user = user; };
const read = ctx => ctx.session.user;

describe('what the class is asked', () => {
  /** Notes each call of `get` and its arguments, and calls through. */
  const TOOLS = {
    sinon: (Class, note) => {
      const { get } = Class.prototype;
      const stub = sinon.stub(Class.prototype, 'get').callsFake(function(...args) { note(args); return get.apply(this, args); });
      return () => stub.restore();
    },
    mm: (Class, note) => {
      const { get } = Class.prototype;
      mm(Class.prototype, 'get', function(...args) { note(args); return get.apply(this, args); });
      return restore;
    },
    shimmer: (Class, note) => {
      shimmer.wrap(Class.prototype, 'get', get => function(...args) { note(args); return get.apply(this, args); });
      return () => shimmer.unwrap(Class.prototype, 'get');
    },
  };

  /** The calls of `get` for the session's cookie in one request. @returns {Promise<{ calls: any[], result: any }>} */
  async function asked(tool, host, visit, cookie) {
    const calls = [];
    const undo = TOOLS[tool](host.Class, ([name, opts]) => { if (/^s(?:\.\d)?$/.test(name)) calls.push([name, { ...opts }]); });
    try {
      const { result } = await visit(cookie, read);
      return { calls, result };
    } finally {
      undo();
    }
  }

  const comparable = calls => calls.map(([name, { encrypt, signed, overwrite, httpOnly, maxAge, key }]) => [name, { encrypt, signed, overwrite, httpOnly, maxAge, key }]);
  const RAW = ['s', { signed: false, encrypt: false }];

  for (const host of HOSTS.filter(({ title }) => /native$|own$|turned off$/.test(title))) {
    for (const tool of Object.keys(TOOLS)) {
      for (const [format, options] of Object.entries(STEP_1[host.family])) {
        test(`${host.title}, ${tool}, ${format}: once for a cookie of its own format, with the arguments of koa-session, and once for a sealed one`, async () => {
          const [theirs, ours] = [koaSession, createSession].map(create => instance(host, options, create));
          const { cookie } = await ours(undefined, login('ada'));
          const neighbour = 'other=v1=abcdef; admin.sig="v1=x"';
          for (const header of [cookie, `${neighbour}; ${cookie}`, `${cookie}; ${neighbour}`]) {
            const [expected, seen] = [await asked(tool, host, theirs, header), await asked(tool, host, ours, header)];
            assert.equal(expected.calls.length, 1);
            assert.equal(seen.result, 'ada');
            assert.deepEqual(comparable(seen.calls), comparable(expected.calls));
          }
          for (const header of [undefined, 's=junk', `s=${'A'.repeat(80)}; s.sig=junk`, 'csrf_v1=abc']) {
            const [expected, seen] = [await asked(tool, host, theirs, header), await asked(tool, host, ours, header)];
            assert.deepEqual(comparable(seen.calls), comparable(expected.calls), header);
          }
          const sealed = (await instance(host, SEALED)(undefined, login('bob'))).cookie;
          const { calls, result } = await asked(tool, host, ours, sealed);
          assert.equal(result, 'bob');
          assert.equal(calls.length, 1);
          if (format !== 'unsigned') assert.deepEqual(calls, [RAW]);
        });
      }
    }
  }

  test('a value is asked for with both options named, pieces too', async () => {
    for (const host of HOSTS.filter(({ title }) => title.endsWith('own') || title.endsWith('autoChips'))) {
      for (const options of [SEALED, { ...SEALED, acceptLegacy: false }, { encrypt: host.family === 'egg' }]) {
        const large = (await instance(host, { ...SEALED, chunks: 3 })(undefined, login(LARGE))).cookie;
        // Only the partitioned twin came, which egg-cookies finds by another name.
        const cookie = host.title.endsWith('autoChips') ? large.replace(/(^|; )s/g, '$1_CHIPS-s') : large;
        const { calls, result } = await asked('shimmer', host, instance(host, options), cookie);
        assert.equal(result, LARGE);
        assert.ok(calls.length > 0, host.title);
        for (const [name, { signed, encrypt }] of calls) if (signed === false) assert.equal(encrypt, false, name);
      }
    }
  });
});

describe('a mocked get', () => {
  for (const host of HOSTS.filter(({ title }) => title.endsWith('native'))) {
    const formats = { ...STEP_1[host.family], sealed: SEALED };

    test(`${host.title}: what it gives is read without a header, in one cookie and in pieces`, async () => {
      for (const [format, options] of Object.entries(formats)) {
        for (const user of ['ada', LARGE]) {
          const { cookie } = await instance(host, { ...SEALED, chunks: 3 })(undefined, login(user));
          const values = Object.fromEntries(cookie.split('; ').map(pair => /^(.*?)=(.*)$/s.exec(pair).slice(1)));
          const { result } = await instance(host, options)(undefined, read, ctx => {
            const { get } = ctx.cookies;
            ctx.cookies.get = function(name, opts) { return values[name] || get.call(this, name, opts); };
          });
          assert.equal(result, user, format);
        }
      }
    });

    test(`${host.title}: what it does not give is not looked for in the header`, async () => {
      for (const [format, options] of Object.entries(formats)) {
        const { cookie } = await instance(host, { ...SEALED, chunks: 3 })(undefined, login(LARGE));
        const [, first] = /^s=([^;]+)/.exec(cookie);
        for (const get of [() => undefined, name => (name === 's' ? first : undefined)]) {
          const { result } = await instance(host, options)(cookie, ctx => ctx.session.user ?? 'nobody', ctx => { ctx.cookies.get = get; });
          assert.equal(result, 'nobody', format);
        }
      }
    });

    test(`${host.title}: what fails is the mock's own matter`, async () => {
      // Without cookies of the former format, nothing is asked for after the sealed cookie.
      for (const options of [...Object.values(formats), { ...SEALED, acceptLegacy: false }]) {
        const app = host.createApp();
        const middleware = createSession({ key: 's', ...options }, app);
        const failing = await exchange(app, middleware, read, { headers: { cookie: 's=v1=abc' }, before: ctx => { ctx.cookies.get = () => { throw new RangeError('mocked'); }; } });
        assert.equal(failing.error.message, 'mocked');
      }
    });
  }
});
