'use strict';

/** example/devices and the Koa app of docs/sessions.md, as a browser meets them. */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Module = require('node:module');
const createSession = require('../..');
const { BrowserJar } = require('../support/browser_jar');
const { MockApps } = require('../support/mock_apps');
const { PLACES } = require('../support/registry_apps');

const ROOT = path.join(__dirname, '../..');
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

for (const major of /** @type {const} */ ([3, 4])) {
  describe(`example/devices in Egg ${major}`, () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'example-devices-'));
    const mockApps = new MockApps();
    /** @type {any} */ let app;
    before(async () => {
      process.env.EXAMPLE_DIRECTORY = folder;
      app = await mockApps.start({ major, implementation: 'ours', baseDir: path.join(ROOT, 'example/devices') });
    });
    after(async () => {
      await mockApps.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    });

    class Browser {
      jar = new BrowserJar();

      constructor(agent) {
        this.agent = agent;
      }

      async send(method, url, body, origin = 'http://127.0.0.1') {
        const request = app.httpRequest()[method](url).set('user-agent', this.agent).redirects(0).ok(() => true);
        const cookie = this.jar.header({ path: '/' });
        if (cookie) request.set('cookie', cookie);
        // A browser's Referer has the host that it asked.
        if (method === 'post') request.set('referer', origin === 'http://127.0.0.1' ? `${request.url.replace(/\/[^/]*$/, '')}/` : origin).type('form');
        const { status, text, headers } = await request.send(body);
        this.jar.store(headers['set-cookie'] || []);
        return { status, text };
      }

      async page() {
        const { status, text } = await this.send('get', '/');
        assert.equal(status, 200);
        return text;
      }
    }
    const logIn = (browser, name) => browser.send('post', '/login', { name });
    const rowsIn = html => html.split('<tr>').slice(2);

    test('a user sees devices, ends one, logs out everywhere else, and logs out', async () => {
      const [laptop, phone, desk] = [new Browser(FIREFOX), new Browser(SAFARI), new Browser(FIREFOX)];
      assert.match(await laptop.page(), /action="\/login"/);
      for (const each of [laptop, phone, desk]) assert.equal((await logIn(each, 'ada')).status, 302);
      const rows = rowsIn(await laptop.page());
      assert.equal(rows.length, 3);
      assert.match(rows[0], /<td>Firefox, Linux<\/td><td>127\.0\.0\.0\/24<\/td>[^]*this one/);
      const phoneRow = rows.find(row => row.includes('Safari, iOS'));
      const [, id] = /name="id" value="([\w-]+)"/.exec(phoneRow);
      assert.equal((await laptop.send('post', '/end', { id })).status, 302);
      assert.match(await phone.page(), /action="\/login"/);
      assert.equal(rowsIn(await laptop.page()).length, 2);
      assert.equal((await laptop.send('post', '/end-others')).status, 302);
      assert.match(await desk.page(), /action="\/login"/);
      assert.equal(rowsIn(await laptop.page()).length, 1);
      assert.equal((await laptop.send('post', '/logout')).status, 302);
      assert.match(await laptop.page(), /action="\/login"/);
      assert.deepEqual(await app.registry.list('ada'), []);
    });

    test('another user\'s id, no id, and a page of another site end nothing', async () => {
      const [ada, eve] = [new Browser(FIREFOX), new Browser('<script>alert(1)</script> Firefox/1')];
      await logIn(ada, 'ada');
      await logIn(eve, '<script>alert(1)</script>');
      const [{ id }] = await app.registry.list('ada');
      for (const body of [{ id }, {}, { id: ['x', 'y'] }, { id: { __proto__: id } }, 'id[__proto__]=1']) assert.equal((await eve.send('post', '/end', body)).status, 404);
      assert.equal((await new Browser(FIREFOX).send('post', '/end', { id })).status, 404);
      assert.equal((await ada.send('post', '/end-others', {}, 'http://evil.example/')).status, 403);
      assert.equal(rowsIn(await ada.page()).length, 1);
      assert.doesNotMatch(await eve.page(), /<script>/);
    });

    test('the same with other stores in its place', async t => {
      const { sessionStore, config: { session }, registry } = app;
      t.after(() => {
        app.sessionStore = sessionStore;
        Object.assign(session, { revocation: undefined, absoluteMaxAge: undefined, encrypt: true, registry });
        app.registry = registry;
      });
      for (const [name, create] of Object.entries(PLACES)) {
        const { source, session: options } = await create(t);
        app.sessionStore = options.store;
        app.registry = new createSession.SessionRegistry({ ...source, label: ctx => ctx.get('user-agent').slice(0, 20) });
        Object.assign(session, { encrypt: true, revocation: undefined, absoluteMaxAge: undefined, ...options, registry: app.registry });
        await createSession.checkAccess(app);
        const [laptop, phone] = [new Browser(FIREFOX), new Browser(SAFARI)];
        for (const each of [laptop, phone]) await logIn(each, 'ada');
        assert.equal(rowsIn(await laptop.page()).length, 2, name);
        await laptop.send('post', '/end-others');
        assert.match(await phone.page(), /action="\/login"/);
        assert.equal(rowsIn(await laptop.page()).length, 1, name);
        await laptop.send('post', '/logout');
      }
    });
  });
}

test('the Koa app of docs/sessions.md works as it stands there', async t => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'docs-sessions-'));
  const text = fs.readFileSync(path.join(ROOT, 'docs/sessions.md'), 'utf8');
  const [, code] = /```js\n(const Koa = require\('koa'\);\n[^]*?)```/.exec(text);
  const module = new Module('docs-sessions');
  module.paths = Module._nodeModulePaths(ROOT);
  const original = module.require;
  module.require = id => (id === 'egg-session-native' ? createSession : original.call(module, id));
  process.env.COOKIE_KEY = 'a key for the tests, 32 characters';
  const source = code.replace('\'sessions.db\'', JSON.stringify(path.join(folder, 'sessions.db')));
  module._compile(`${source}\nmodule.exports = { app, store };`, path.join(folder, 'app.js'));
  const { app, store } = module.exports;
  // A login, which the page leaves to the app.
  app.middleware.splice(1, 0, async (ctx, next) => {
    if (ctx.path !== '/login') return next();
    ctx.session.userId = ctx.query.user;
    ctx.body = 'ok';
    return undefined;
  });
  app.silent = true;
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    await store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const visitor = () => {
    const jar = new BrowserJar();
    return async (method, url) => {
      const response = await fetch(`http://127.0.0.1:${server.address().port}${url}`, { method, headers: { cookie: jar.header({ path: '/' }) } });
      jar.store(response.headers.getSetCookie());
      return response.headers.get('content-type')?.includes('json') ? response.json() : response.status;
    };
  };
  const [one, two, bob] = [visitor(), visitor(), visitor()];
  for (const [each, user] of [[one, 'ada'], [two, 'ada'], [bob, 'bob']]) await each('GET', `/login?user=${user}`);
  const sessions = await one('GET', '/sessions');
  assert.deepEqual(sessions.map(({ current, address }) => [current, address]), [[true, '127.0.0.0/24'], [false, '127.0.0.0/24']]);
  assert.deepEqual(await bob('POST', `/sessions/end?id=${sessions[1].id}`), { ended: false });
  assert.deepEqual(await bob('POST', '/sessions/end?id=a&id=b'), { ended: false });
  assert.deepEqual(await one('POST', `/sessions/end?id=${sessions[1].id}`), { ended: true });
  assert.equal(await two('GET', '/sessions'), 401);
  await two('GET', '/login?user=ada');
  assert.deepEqual(await one('POST', '/sessions/end-others'), { ended: true });
  assert.equal(await two('GET', '/sessions'), 401);
  assert.equal((await one('GET', '/sessions')).length, 1);
  assert.equal((await bob('GET', '/sessions')).length, 1);
});
