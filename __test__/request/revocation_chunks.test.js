'use strict';

/** Sessions in several cookies that are ended before their time: over real HTTP, by whoever kept a copy of all the pieces. */

const { describe, test, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { knownSources } = require('../support/egg_context');
const { OPTIONS, Revoked } = require('../support/revocation_apps');
const { BrowserJar, SessionServer } = require('../support/session_server');

const PIECES = ['EGG_SESS', 'EGG_SESS.1', 'EGG_SESS.2'];
const login = ctx => { ctx.session = { user: 'ada', text: 'x'.repeat(8000) }; };
const whoami = ctx => [ctx.session.user, (ctx.session.text || '').length];
const ADA = ['ada', 8000];
const NOBODY = [null, 0];

for (const way of ['the fast way', 'plain Koa']) {
  describe(`a session in pieces can be revoked, ${way}`, () => {
    /** @type {SessionServer} */
    let server;
    let revoked;
    beforeEach(async () => {
      const [[, source]] = await knownSources();
      revoked = new Revoked();
      server = await new SessionServer({ ...OPTIONS, chunks: 4, revocation: revoked }, way === 'plain Koa' ? {} : { source }).start();
    });
    afterEach(() => server.stop());

    /** @returns {Promise<[BrowserJar, BrowserJar]>} a browser that has logged in, and a copy of its cookies */
    async function logIn() {
      const jar = new BrowserJar();
      await server.visit(jar, login);
      assert.deepEqual(jar.names, PIECES);
      const copy = jar.copy();
      for (const each of [jar, copy]) assert.deepEqual((await server.visit(each, whoami)).result, ADA);
      return [jar, copy];
    }

    test('after a logout no copy of the pieces opens, and the browser has none left', async () => {
      const [jar, copy] = await logIn();
      await server.visit(jar, ctx => { ctx.session = null; });
      assert.deepEqual(jar.names, []);
      assert.equal(revoked.ids.size, 1);
      assert.deepEqual((await server.visit(copy, whoami)).result, NOBODY);
      assert.deepEqual(server.errors, []);
    });

    test('regenerate() gives pieces of a new id, and the old ones do not open', async () => {
      const [jar, copy] = await logIn();
      await server.visit(jar, ctx => ctx.session.regenerate());
      assert.deepEqual(jar.names, PIECES);
      assert.deepEqual((await server.visit(jar, whoami)).result, ADA);
      assert.deepEqual((await server.visit(copy, whoami)).result, NOBODY);
      // the same pieces, but for one of the copy's
      copy.store((await server.visit(jar, ctx => ctx.session.save(), { keep: false })).setCookie.slice(1));
      assert.deepEqual((await server.visit(copy, whoami)).result, NOBODY);
    });

    test('a change that spreads the session over other pieces keeps its id, so that one logout ends them all', async () => {
      const [jar, copy] = await logIn();
      await server.visit(jar, ctx => { ctx.session.text = 'x'.repeat(10); });
      assert.deepEqual(jar.names, PIECES.slice(0, 1));
      assert.deepEqual((await server.visit(copy, whoami)).result, ADA);
      await server.visit(jar, ctx => { ctx.session = null; });
      assert.equal(revoked.ids.size, 1);
      assert.deepEqual((await server.visit(copy, whoami)).result, NOBODY);
    });

    test('notBefore ends them as it ends sessions in one cookie', async () => {
      const [jar, copy] = await logIn();
      revoked.notBefore = async session => (session.user === 'ada' ? Date.now() + 1 : undefined);
      for (const each of [jar, copy]) assert.deepEqual((await server.visit(each, whoami)).result, NOBODY);
    });
  });
}
