'use strict';

// Koa 2.16 and its own cookies 0.9.1, over HTTP: the engine does the cookies' work, and every byte is koa-session's.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const { COOKIE_MODES, STORE_MODES, koaSuite } = require('../support/koa_suite');
const { exchange } = require('../support/egg_context');
const { variantOf } = require('../support/modes');
const createSession = require('../..');

koaSuite({ title: 'Koa 2.16.4 with cookies 0.9.1', Koa });

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

  test('an app that is mounted in another has the session of the outer one', async () => {
    for (const create of [createSession, require('koa-session')]) {
      const [outer, mounted] = [new Koa(), new Koa()];
      const middlewares = [create({ key: 'outer', signed: false }, outer), create({ key: 'mounted', signed: false }, mounted)];
      const both = (ctx, next) => middlewares[0](ctx, () => middlewares[1](ctx, next));
      const { setCookie } = await exchange(outer, both, ctx => { ctx.session.a = 1; });
      assert.deepEqual(setCookie.map(line => line.split('=')[0]), ['outer']);
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
