'use strict';

// Koa 2 and 3 over each version of the package cookies, over HTTP: the engine does the cookies' work, and every byte is koa-session's.

require('../support/frozen_clock');

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const { compareRecords } = require('../support/compare');
const { KoaHost } = require('../support/koa_host');
const { KoaCopies, VERSIONS } = require('../support/koa_with');
const { variantOf } = require('../support/modes');
const { runScript } = require('../support/run_script');
const { scenarios } = require('../support/koa_scenarios');
const createSession = require('../..');

const COOKIE_MODES = ['signed', 'unsigned'];
const STORE_MODES = ['store with signed key', 'store with plain key'];

const copies = new KoaCopies();
const apps = VERSIONS.koa.flatMap(koa => VERSIONS.cookies.map(cookies => copies.make(koa, cookies)));
after(() => copies.remove());

for (const { title: versions, Koa: KoaClass } of apps) {
  describe(versions, () => {
    const ours = new KoaHost(createSession, KoaClass);
    const originals = [
      { version: '6.4.0', major: 3, host: new KoaHost(require('koa-session'), KoaClass) },
      { version: '7.0.2', major: 4, host: new KoaHost(require('koa-session7').createSession, KoaClass) },
    ];
    after(() => Promise.all([ours, ...originals.map(({ host }) => host)].map(host => host.stop())));

    test('cookies are native', () => {
      const app = new KoaClass();
      createSession({}, app);
      const { native, family, class: name } = createSession.status(app).cookies;
      assert.deepEqual({ native, family, name }, { native: true, family: 'cookies', name: versions.replace(/.*with /, '') });
    });

    for (const { version, major, host } of originals) {
      // What an older Koa does with the newest koa-session is koa-session 6's answer, too.
      if (version === '7.0.2' && KoaClass !== Koa && !versions.startsWith('Koa 3')) continue;
      for (const scenario of scenarios) {
        if (version === '7.0.2' && scenario.koa7Differs) continue;
        // Version 0.9.0 refuses every value with padding: where nobody awaits the save, the originals' promises are rejected unheard.
        if (versions.endsWith('0.9.0') && /not awaited|returns/.test(JSON.stringify(scenario.steps))) continue;
        const modes = { cookie: COOKIE_MODES, store: STORE_MODES, all: [...COOKIE_MODES, ...STORE_MODES] }[scenario.kept];
        for (const mode of modes) {
          const title = `${scenario.title}: as koa-session ${version}, ${mode}`;
          test(title, async () => {
            // one after the other: they share the clock, the stores and the log
            const theirs = await runScript(host, scenario, mode);
            const our = await runScript(ours, scenario, mode);
            compareRecords(scenario, theirs, our, { title, majors: [major, major] });
          });
        }
      }
    }
  });
}

describe('the session middleware of plain Koa', () => {
  test('takes (opts, app) and (app, opts), and needs an app', () => {
    for (const create of [createSession, require('koa-session')]) {
      assert.equal(create({}, new Koa()).length, 2);
      assert.equal(create(new Koa(), {}).length, 2);
      assert.equal(create(new Koa()).length, 2);
      for (const args of [[], [{}], [undefined, {}], [{ use: 1 }, null], ['app']]) {
        assert.throws(() => create(...args), { name: 'TypeError', message: 'app instance required: `session(opts, app)`' });
      }
    }
  });

  test('a second session() on one app: the options of the first win', async () => {
    for (const create of [createSession, require('koa-session')]) {
      const app = new Koa();
      create({ key: 'first' }, app);
      create({ key: 'second' }, app);
      const { ctx } = contextOf(app);
      assert.equal(ctx.sessionOptions.key, 'first');
    }
  });

  test('an id is a random UUID of version 4, and none comes twice', () => {
    const store = { get() {}, set() {}, destroy() {} };
    for (const create of [createSession, require('koa-session')]) {
      for (const prefix of [undefined, 'app-']) {
        const app = new Koa();
        create({ store, prefix }, app);
        const ids = Array.from({ length: 500 }, () => contextOf(app).ctx.session.externalKey);
        assert.equal(new Set(ids).size, 500);
        for (const id of ids) {
          assert.match(id, new RegExp(`^${prefix || ''}[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`));
        }
        // 122 random bits: in 500 ids every hex place that is random takes many values
        const uuids = ids.map(id => id.slice((prefix || '').length));
        for (let place = 0; place < 36; place++) {
          const values = new Set(uuids.map(id => id[place])).size;
          assert.ok([8, 13, 18, 23, 14].includes(place) ? values === 1 : values >= (place === 19 ? 4 : 15), `place ${place}: ${values} values`);
        }
      }
    }
  });

  test('a request that does not touch the session costs it nothing', async () => {
    const app = new Koa();
    const session = createSession({ decode() { throw new Error('decoded'); } }, app);
    const { ctx } = contextOf(app, { cookie: 'koa.sess=e30=' });
    Object.defineProperty(ctx, 'cookies', { get() { throw new Error('cookies were asked for'); } });
    await session(ctx, async () => {});
    assert.equal(ctx.response.get('set-cookie').length, 0);
  });

  function contextOf(app, headers = {}) {
    const http = require('node:http');
    const request = new http.IncomingMessage(null);
    Object.assign(request, { method: 'GET', url: '/', headers });
    return { ctx: app.createContext(request, new http.ServerResponse(request)) };
  }
});

test('the modes of the fixture say what they are', () => {
  for (const mode of COOKIE_MODES) assert.equal(variantOf(mode).store, undefined);
  for (const mode of STORE_MODES) assert.equal(variantOf(mode).store, 'async');
});
