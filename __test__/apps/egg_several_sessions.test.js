'use strict';

// docs/several.md, in an Egg app: a customer's session of the plugin, and an admin's of a middleware of the app.

const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { format } = require('node:util');
const createSession = require('../..');
const { MAJORS, MockApps } = require('../support/mock_apps');

const BASE_DIR = path.join(__dirname, '../fixtures/admin_app');

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`two sessions, Egg ${major}`, () => {
    const mockApps = new MockApps();
    const { mm } = MAJORS[major];
    /** @type {any} */ let app;
    before(async () => { app = await mockApps.start({ major, implementation: 'ours', baseDir: BASE_DIR }); });
    after(() => mockApps.stop());

    class Browser {
      cookies = new Map();

      async get(url) {
        const request = app.httpRequest().get(url);
        const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        if (cookie) request.set('cookie', cookie);
        const { status, body, headers: { 'set-cookie': setCookie = [] } } = await request;
        assert.equal(status, 200);
        for (const line of setCookie) {
          const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
          if (value === '') this.cookies.delete(name);
          else this.cookies.set(name, value);
        }
        return { body, names: setCookie.map(line => line.split('=')[0]) };
      }
    }

    /** @param {any} store @param {() => Promise<void>} run */
    async function withStore(store, run) {
      app.config.adminSession.store = store;
      try {
        await run();
      } finally {
        app.config.adminSession.store = app.adminStore;
      }
    }

    for (const kind of ['in a store', 'in a cookie']) {
      const inStore = run => () => withStore(kind === 'in a store' ? app.adminStore : undefined, run);

      test(`${kind}: one browser has both, and ends one of them`, inStore(async () => {
        const browser = new Browser();
        assert.deepEqual((await browser.get('/login?user=ann')).names, ['EGG_SESS']);
        assert.deepEqual((await browser.get('/admin/login?user=root')).names, ['ADMIN_SESS']);
        assert.deepEqual((await browser.get('/admin')).body, { session: { user: 'ann' }, adminSession: { admin: 'root' }, maxAges: [60000, 5000] });
        assert.deepEqual((await browser.get('/admin/logout')).names, ['ADMIN_SESS']);
        assert.deepEqual((await browser.get('/admin')).body, { session: { user: 'ann' }, adminSession: {}, maxAges: [60000, 5000] });
      }));

      test(`${kind}: neither takes a copy of the other's cookie`, inStore(async () => {
        const browser = new Browser();
        await browser.get('/login?user=ann');
        await browser.get('/admin/login?user=root');
        const [user, admin] = ['EGG_SESS', 'ADMIN_SESS'].map(name => browser.cookies.get(name));
        browser.cookies = new Map([['EGG_SESS', admin], ['ADMIN_SESS', user]]);
        const { session, adminSession } = (await browser.get('/admin')).body;
        assert.deepEqual([session, adminSession], [{}, {}]);
      }));
    }

    test('the store of each was asked before the app was ready', () => {
      assert.deepEqual(app.asked, ['']);
    });

    test('an entry carries the name', async () => {
      const { body: { key } } = await new Browser().get('/admin/login?user=root');
      assert.deepEqual({ ...app.entries.get(key), _expire: 0 }, { admin: 'root', _as: 'adminSession', _expire: 0, _maxAge: 5000 });
    });

    test('status tells of each', () => {
      for (const as of [undefined, 'adminSession']) assert.equal(createSession.status(app._app || app, as).cookies.family, 'egg-cookies');
    });

    test('mockSession of egg-mock mocks ctx.session alone', async () => {
      app.mockSession({ user: 'mocked' });
      try {
        const { session, adminSession } = (await new Browser().get('/admin')).body;
        assert.deepEqual([session, adminSession], [{ user: 'mocked' }, {}]);
      } finally {
        await mm.restore();
      }
    });

    describe('the log', () => {
      /** @param {string} event @param {any} payload @param {any} [options] of the second session */
      const linesOf = (event, payload, options) => {
        const lines = [];
        const log = (...args) => lines.push(format(...args));
        app.emit(event, { ctx: { coreLogger: { warn: log, error: log }, adminSessionOptions: options }, ...payload });
        return lines;
      };
      const as = 'adminSession';

      test('names the session of a line', () => {
        const key = 'K';
        assert.deepEqual(linesOf('session:missed', { key }), ['[session][missed] key(K)']);
        assert.deepEqual(linesOf('session:missed', { key, as }), ['[adminSession][missed] key(K)']);
        assert.deepEqual(linesOf('session:revoked', { as }), ['[adminSession][revoked]']);
        assert.match(linesOf('session:unsaved', { operation: 'save', as })[0], /^\[adminSession\]\[unsaved\] operation\(save\)/);
        assert.match(linesOf('session:oversized', { key, octets: 5000, limit: 4096, over: 904, as }, {})[0], /^\[adminSession\]\[oversized\] name and value of cookie K/);
      });

      test('follows the options of that session', () => {
        const value = { a: 1 };
        assert.deepEqual(linesOf('session:expired', { value, as }, { logValue: false }), ['[adminSession][expired] key(undefined) value("")']);
        assert.deepEqual(linesOf('session:expired', { value, as }, {}), ['[adminSession][expired] key(undefined) value({"a":1})']);
        const error = { code: 'E' };
        assert.deepEqual(linesOf('session:store_error', { operation: 'get', error, as }, { storeTimeout: 5 }), ['[adminSession][store_error] operation(get) code(E)']);
        assert.deepEqual(linesOf('session:store_error', { operation: 'get', error, as }, {}), []);
      });
    });
  });
}
