'use strict';

const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { MAJORS, MockApps } = require('./mock_apps');

const BASE_DIR = path.join(__dirname, '../fixtures/app');
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const base64 = json => Buffer.from(JSON.stringify(json)).toString('base64');

/**
 * The tests of an app that uses egg-mock, once with the original plugin and once with ours: both must see the same.
 *
 * @param {string} title
 * @param {3 | 4} major of Egg
 */
function eggMockSuite(title, major) {
  const { mm } = MAJORS[major];
  const mockApps = new MockApps();
  const apps = [];
  const { now } = Date;

  before(async () => {
    process.env.FIXTURE_VARIANT = JSON.stringify({ session: { genid: 'fn:genid' } });
    for (const implementation of ['original', 'ours']) apps.push(await mockApps.start({ major, implementation, baseDir: BASE_DIR }));
    Date.now = () => NOW_MS;
  });
  after(async () => {
    Date.now = now;
    await mockApps.stop();
  });

  /** Runs the claim on both apps, and demands the same outcome. */
  function claim(name, run, check) {
    test(name, async () => {
      const outcomes = [];
      for (const app of apps) {
        require('../fixtures/app/lib/functions').resetIds();
        require('../fixtures/app/lib/stores').reset();
        try {
          outcomes.push(await run(app));
        } finally {
          await mm.restore();
          app.sessionStore = null;
        }
      }
      assert.deepEqual(outcomes[1], outcomes[0]);
      if (check) check(outcomes[1]);
    });
  }

  /** One request over HTTP, with operations of fixtures/app/lib/operations.js. */
  async function ask(app, operations, cookie, headers = {}) {
    const request = app.httpRequest().post('/').set(headers);
    if (cookie) request.set('Cookie', cookie);
    const { status, body, headers: answered } = await request.send(operations);
    const setCookie = answered['set-cookie'] || [];
    return { status, results: body.results, setCookie, cookie: setCookie.map(line => line.split(';')[0]).join('; ') };
  }
  const read = [['read']];
  const login = [['set', 'user', 'ann']];

  describe(title, () => {
    claim('httpRequest() keeps a session over requests', async app => {
      const first = await ask(app, login);
      return [first, await ask(app, [['read'], ['isNew']], first.cookie), await ask(app, [['destroy']], first.cookie)];
    }, ([, second]) => assert.deepEqual(second.results, ['{"user":"ann"}', false]));

    claim('mockSession() is the session of the next requests, and nothing is saved', async app => {
      app.mockSession({ user: 'mocked', nested: { a: 1 } });
      const mocked = [await ask(app, [['read'], ['get', 'nested'], ['set', 'more', 1], ['read'], ['save']]), await ask(app, read)];
      app.mockSession({ user: 'again' });
      mocked.push(await ask(app, read));
      app.mockSession(undefined).mockSession(null);
      mocked.push(await ask(app, read));
      await mm.restore();
      return [...mocked, await ask(app, [['read'], ['set', 'a', 1]])];
    }, outcomes => {
      assert.equal(outcomes[0].results[0], '{"user":"mocked","nested":{"a":1}}');
      assert.deepEqual(outcomes.slice(0, 4).flatMap(({ setCookie }) => setCookie), []);
      assert.equal(outcomes[4].results[0], '{}');
    });

    claim('mockSession() with a session cookie beside it', async app => {
      const { cookie } = await ask(app, login);
      app.mockSession({ user: 'mocked' });
      return [await ask(app, read, cookie), await ask(app, [['set', 'user', 'ben']], cookie)];
    });

    claim('mockCookies() gives the session\'s cookie as it is under encryption', async app => {
      app.mockCookies({ EGG_SESS: base64({ user: 'from mockCookies' }) });
      return [await ask(app, [['read'], ['isNew']]), await ask(app, [['set', 'n', 1], ['read']])];
    }, ([first]) => assert.deepEqual(first.results, ['{"user":"from mockCookies"}', false]));

    claim('mockCookies() counts before a cookie that came, and only while it is mocked', async app => {
      const { cookie } = await ask(app, login);
      const mock = () => app.mockCookies({ EGG_SESS: base64({ user: 'mocked' }) });
      const outcomes = [await ask(app, read, cookie)];
      for (let i = 0; i < 3; i++) {
        mock();
        outcomes.push(await ask(app, read, cookie), await ask(app, [['set', 'n', i]], cookie));
        await mm.restore();
        outcomes.push(await ask(app, read, cookie), await ask(app, read), await ask(app, [['set', 'n', i]], cookie));
      }
      return outcomes;
    }, outcomes => assert.deepEqual(outcomes.slice(0, 5).map(({ results }) => results[0]), ['{"user":"ann"}', '{"user":"mocked"}', '(undefined)', '{"user":"ann"}', '{}']));

    claim('mockCookies() of another cookie leaves the session alone', async app => {
      const { cookie } = await ask(app, login);
      app.mockCookies({ theme: 'dark' });
      return [await ask(app, [['read'], ['get cookie', 'theme']], cookie), await ask(app, [['set', 'n', 1]], cookie)];
    }, ([first]) => assert.deepEqual(first.results, ['{"user":"ann"}', 'dark']));

    claim('mockCookies() of garbage is a new session', async app => {
      const outcomes = [];
      for (const value of ['garbage', base64('text'), base64(null), '%', base64({ _expire: 1, a: 1 })]) {
        app.mockCookies({ EGG_SESS: value });
        outcomes.push(await ask(app, [['read'], ['set', 'n', 1]]));
        await mm.restore();
      }
      return outcomes;
    });

    claim('mockCookies() gives a store\'s key', async app => {
      app.sessionStore = { get: async key => ({ key }), set: async () => {}, destroy: async () => {} };
      app.mockCookies({ EGG_SESS: 'mocked-key' });
      return [await ask(app, [['read'], ['externalKey']])];
    }, ([first]) => assert.deepEqual(first.results, ['{"key":"mocked-key"}', 'mocked-key']));

    claim('mockHeaders() brings a real session cookie', async app => {
      const { cookie } = await ask(app, login);
      app.mockHeaders({ cookie });
      const mocked = [await ask(app, read), await ask(app, [['set', 'n', 1]])];
      await mm.restore();
      return [...mocked, await ask(app, read)];
    }, ([first, , last]) => assert.deepEqual([first.results, last.results], [['{"user":"ann"}'], ['{}']]));

    claim('mockContext({ session }) and mm(ctx, "session") give what they were given', async app => {
      const ctx = app.mockContext({ session: { user: 'mocked' } });
      const seen = [ctx.session.user];
      ctx.session.more = 1;
      seen.push(JSON.stringify(ctx.session));
      await mm.restore();
      const other = app.mockContext({}, { reuseCtxStorage: false });
      seen.push(JSON.stringify(other.session));
      mm(other, 'session', { user: 'by mm' });
      seen.push(JSON.stringify(other.session));
      await mm.restore();
      return [...seen, JSON.stringify(other.session)];
    }, seen => assert.deepEqual(seen, ['mocked', '{"user":"mocked","more":1}', '{}', '{"user":"by mm"}', '{}']));

    claim('a ctx of mockContext() has a session of its own that can be saved', async app => {
      const { cookie } = await ask(app, login);
      const one = app.mockContext({ headers: { cookie } }, { reuseCtxStorage: false });
      const two = app.mockContext({}, { reuseCtxStorage: false });
      one.session.n = 1;
      two.session.n = 2;
      await one.session.save();
      await two.session.manuallyCommit();
      return [one, two].map(ctx => [JSON.stringify(ctx.session), Boolean(ctx.session.isNew), ctx.response.get('set-cookie')]);
    }, ([[json]]) => assert.equal(json, '{"user":"ann","n":1}'));

    claim('mm(ctx.cookies, "set") sees every write, mm(ctx.cookies, "get") every read', async app => {
      const calls = [];
      for (const handle of [
        ctx => { ctx.session.n = 1; return ctx.session.save(); },
        ctx => { ctx.session = null; return ctx.session; },
        ctx => ctx.session.regenerate(),
        ctx => ctx.session.isNew,
      ]) {
        const ctx = app.mockContext({}, { reuseCtxStorage: false });
        mm(ctx.cookies, 'get', (name, options) => { calls.push(['get', name, options.encrypt, options.key]); return base64({ from: 'get' }); });
        mm(ctx.cookies, 'set', (name, value, options) => { calls.push(['set', name, value, options.maxAge, options.expires, options.httpOnly]); });
        await handle(ctx);
        calls.push(JSON.stringify(ctx.session), ctx.response.get('set-cookie'));
        await mm.restore();
      }
      return calls;
    }, calls => assert.equal(calls.filter(([name]) => name === 'set').length, 3));

    claim('a store\'s methods can be mocked after it was set', async app => {
      app.sessionStore = { get: async () => ({ from: 'store' }), set: async () => {}, destroy: async () => {} };
      const sets = [];
      const outcomes = [await ask(app, read, 'EGG_SESS=id')];
      app.mockCookies({ EGG_SESS: 'id' });
      outcomes.push(await ask(app, read));
      mm(app.sessionStore, 'get', async () => ({ from: 'mock' }));
      mm(app.sessionStore, 'set', async (key, json, maxAge, options) => { sets.push([key, json, maxAge, Object.keys(options).sort(), options.changed]); });
      outcomes.push(await ask(app, read), await ask(app, [['set', 'n', 1]]), sets);
      mm.error(app.sessionStore, 'get', 'store is down');
      outcomes.push((await ask(app, read)).status);
      return outcomes;
    }, outcomes => assert.deepEqual([outcomes[1].results, outcomes[2].results, outcomes.at(-1)], [['{"from":"store"}'], ['{"from":"mock"}'], 500]));

    claim('config.session is read live: mm(app.config.session, …)', async app => {
      const outcomes = [];
      for (const [name, value] of [['maxAge', 5000], ['key', 'OTHER'], ['encrypt', false], ['httpOnly', false], ['rolling', true], ['beforeSave', (ctx, session) => { session.hooked = 1; }]]) {
        const { cookie } = await ask(app, login);
        mm(app.config.session, name, value);
        outcomes.push(await ask(app, login), await ask(app, read, cookie));
        await mm.restore();
      }
      return outcomes;
    });

    claim('app.keys can be mocked', async app => {
      const { cookie } = await ask(app, login);
      const outcomes = [];
      for (const keys of [['mocked'], ['mocked', ...app.keys], [...app.keys, 'mocked']]) {
        Object.defineProperty(app._app, 'keys', { get: () => keys, set() {}, configurable: true });
        outcomes.push(await ask(app, read, cookie), await ask(app, login));
        delete app._app.keys;
        outcomes.push(await ask(app, read, cookie), await ask(app, login));
      }
      return outcomes;
    }, outcomes => assert.deepEqual(outcomes.map(({ results }) => results[0]).filter(result => result !== '(undefined)').slice(0, 2), ['{}', '{"user":"ann"}']));
  });
}

module.exports = { eggMockSuite };
