'use strict';

// egg-security with csrf.useSession keeps its secret in the session: every form of an app hangs on it.

const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { MAJORS, MockApps } = require('../support/mock_apps');

const BASE_DIR = path.join(__dirname, '../fixtures/security_app');

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`the CSRF secret in the session, Egg ${major}`, () => {
    const mockApps = new MockApps();
    const { mm } = MAJORS[major];
    /** @type {any} */ let original;
    /** @type {any} */ let ours;
    before(async () => {
      original = await mockApps.start({ major, implementation: 'original', baseDir: BASE_DIR });
      ours = await mockApps.start({ major, implementation: 'ours', baseDir: BASE_DIR });
    });
    after(() => mockApps.stop());

    /** A browser that may change servers between requests. */
    class Browser {
      #cookies = new Map();

      async send(app, method, url, { token, body, headers = {} } = {}) {
        const request = app.httpRequest()[method](url).set({ accept: 'application/json', ...headers });
        const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        if (cookie) request.set('cookie', cookie);
        if (token !== undefined) request.set('x-csrf-token', token);
        const { status, body: answer, headers: { 'set-cookie': setCookie = [] } } = await request.send(body);
        for (const line of setCookie) {
          const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
          if (/expires=Thu, 01 Jan 1970/.test(line)) this.#cookies.delete(name);
          else this.#cookies.set(name, value);
        }
        return { status, body: answer, cookies: setCookie.map(line => line.replace(/=[^;]*/, '').replace(/expires=[^;]*/, 'expires')) };
      }
    }

    /** The same visit to one app, or to two in turn; tokens are random, so they are told apart by their order. */
    async function visit(first, second = first) {
      const browser = new Browser();
      const records = [];
      const tokens = [];
      const record = ({ status, body, cookies }) => {
        const { token, message, ...rest } = body;
        if (token) tokens.push(token);
        records.push({ status, message, cookies, hasToken: Boolean(token), rest: status < 400 ? rest : undefined });
        return token;
      };
      record(await browser.send(first, 'get', '/untouched'));
      record(await browser.send(first, 'post', '/count'));
      const token = record(await browser.send(first, 'get', '/token'));
      record(await browser.send(second, 'post', '/count'));
      record(await browser.send(second, 'post', '/count', { token: 'wrong' }));
      record(await browser.send(second, 'post', '/count', { token }));
      record(await browser.send(first, 'post', '/count', { body: { _csrf: token } }));
      record(await browser.send(second, 'post', `/count?_csrf=${encodeURIComponent(token)}`));
      record(await browser.send(first, 'get', '/token'));
      record(await new Browser().send(second, 'post', '/count', { token }));
      const rotated = record(await browser.send(second, 'post', '/login', { token }));
      record(await browser.send(first, 'post', '/count', { token }));
      record(await browser.send(first, 'post', '/count', { token: rotated }));
      record(await browser.send(second, 'post', '/logout', { token: rotated }));
      record(await browser.send(first, 'post', '/count', { token: rotated }));
      assert.equal(new Set(tokens).size, tokens.length);
      return records;
    }

    test('a POST needs the token of its session, as with the original plugin', async () => {
      const records = await visit(ours);
      assert.deepEqual(records.map(({ status }) => status), [200, 403, 200, 403, 403, 200, 200, 200, 200, 403, 200, 403, 200, 200, 403]);
      assert.deepEqual(records, await visit(original));
      assert.deepEqual(records[2].rest.keys, ['csrfSecret']);
    });

    test('a token of the original plugin is good at ours, and the other way round', async () => {
      const alone = await visit(original);
      assert.deepEqual(await visit(original, ours), alone);
      assert.deepEqual(await visit(ours, original), alone);
    });

    test('with a store as well', async () => {
      const outcomes = [];
      for (const app of [original, ours]) {
        const memory = new Map();
        app.sessionStore = {
          get: async key => memory.get(key),
          set: async (key, json) => { memory.set(key, JSON.parse(JSON.stringify(json))); },
          destroy: async key => { memory.delete(key); },
        };
        try {
          outcomes.push([await visit(app), [...memory.values()].map(json => Object.keys(json))]);
        } finally {
          app.sessionStore = null;
        }
      }
      assert.deepEqual(outcomes[1], outcomes[0]);
    });

    test('mockCsrf() and mockSession() of egg-mock let a POST through', async () => {
      const outcomes = [];
      for (const app of [original, ours]) {
        try {
          app.mockCsrf();
          outcomes.push((await new Browser().send(app, 'post', '/count')).status);
          await mm.restore();
          app.mockSession({ csrfSecret: 'mocked' });
          outcomes.push((await new Browser().send(app, 'post', '/count', { token: 'mocked' })).status, (await new Browser().send(app, 'post', '/count')).status);
        } finally {
          await mm.restore();
        }
      }
      assert.deepEqual(outcomes, [200, 200, 403, 200, 200, 403]);
    });
  });
}
