'use strict';

/** A session that is saved after the headers went out does not reach the browser, and the app is told. */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { setTimeout: sleep } = require('node:timers/promises');
const { knownSources } = require('../support/egg_context');
const { BrowserJar, SessionServer, settle } = require('../support/session_server');

const DEADLINE_MS = 5000;

/** Ends the headers as an app does that answers by itself. */
const answerByHand = ctx => {
  ctx.respond = false;
  ctx.res.end('by hand');
};
const unsaved = server => server.events.filter(([event]) => event === 'session:unsaved').map(([, payload]) => payload);

/** @param {SessionServer} server @param {number} count */
async function untilUnsaved(server, count) {
  for (const end = Date.now() + DEADLINE_MS; unsaved(server).length < count && Date.now() < end;) await sleep(5);
  await settle();
  return unsaved(server);
}

/** A visit whose handler goes on after the answer. @param {SessionServer} server @param {BrowserJar} jar @param {(ctx: any) => any} handle */
async function visitToItsEnd(server, jar, handle) {
  let ended = false;
  await server.visit(jar, async ctx => {
    await handle(ctx);
    ended = true;
  });
  for (const end = Date.now() + DEADLINE_MS; !ended && Date.now() < end;) await sleep(5);
  await settle();
}

for (const mode of [{ encrypt: true }, { encrypt: false }, { encrypt: 'sealed', chunks: 3 }]) {
  describe(`sessions in cookies, ${JSON.stringify(mode)}`, () => {
    /** @type {SessionServer} */
    let server;
    before(async () => {
      const [[, source]] = await knownSources();
      server = await new SessionServer(mode, { source }).start();
    });
    after(() => server.stop());

    /** @param {(ctx: any) => any} handle */
    async function told(handle, jar = new BrowserJar()) {
      await settle();
      server.events.length = 0;
      const answer = await server.visit(jar, handle);
      await settle();
      return { answer, unsaved: unsaved(server), events: server.events.map(([event]) => event) };
    }

    test('a change behind an answer by hand', async () => {
      const { answer, unsaved: reports, events } = await told(ctx => {
        answerByHand(ctx);
        ctx.session.n = 1;
      });
      assert.deepEqual(answer.setCookie, []);
      assert.deepEqual(reports, [{ operation: 'save', key: undefined }]);
      assert.deepEqual(events, ['session:unsaved'], 'nothing is said to have changed');
    });

    test('a change behind flushed headers', async () => {
      const { unsaved: reports } = await told(ctx => {
        ctx.session.n = 1;
        ctx.status = 200;
        ctx.res.flushHeaders();
      });
      assert.equal(reports.length, 1);
    });

    test('the end of a session, which the browser then keeps', async () => {
      const jar = new BrowserJar();
      await server.visit(jar, ctx => { ctx.session.n = 1; });
      const { unsaved: reports } = await told(ctx => {
        answerByHand(ctx);
        ctx.session = null;
      }, jar);
      assert.deepEqual(reports, [{ operation: 'remove', key: undefined }]);
      assert.equal((await server.visit(jar, ctx => ctx.session.n)).result, 1);
    });

    test('a save() that nobody waits for, long after the answer', async () => {
      server.events.length = 0;
      let release = () => {};
      const answered = new Promise(resolve => { release = () => resolve(undefined); });
      await server.visit(new BrowserJar(), ctx => {
        void ctx.session;
        answered.then(() => {
          ctx.session.late = true;
          ctx.session.save();
        });
      });
      release();
      assert.deepEqual(await untilUnsaved(server, 1), [{ operation: 'save', key: undefined }]);
    });

    test('a streamed body begins after the session was saved: nothing is told', async () => {
      const jar = new BrowserJar();
      const { answer, unsaved: reports } = await told(ctx => {
        ctx.session.n = 5;
        return Readable.from(['{"result":', '"streamed"}']);
      }, jar);
      assert.equal(answer.result, 'streamed');
      assert.deepEqual(reports, []);
      assert.equal((await server.visit(jar, ctx => ctx.session.n)).result, 5);
    });

    test('what is unchanged, not touched or saved in time is no event', async () => {
      const jar = new BrowserJar();
      await server.visit(jar, ctx => { ctx.session.n = 1; });
      for (const handle of [
        ctx => { void ctx.session.n; answerByHand(ctx); },
        ctx => answerByHand(ctx),
        ctx => { ctx.session.m = (ctx.session.m || 0) + 1; },
        async ctx => { ctx.session.m++; await ctx.session.save(); answerByHand(ctx); },
      ]) {
        assert.deepEqual((await told(handle, jar)).unsaved, []);
      }
    });
  });
}

describe('sessions in a store', () => {
  /** @type {SessionServer} */
  let server;
  const entries = new Map();
  const store = { get: async key => entries.get(key), set: async (key, session) => void entries.set(key, session), destroy: async key => void entries.delete(key) };
  before(async () => {
    const [[, source]] = await knownSources();
    server = await new SessionServer({ encrypt: true, store, genid: () => 'the-key' }, { source }).start();
  });
  after(() => server.stop());

  test('a new one whose key does not reach the browser', async () => {
    await server.visit(new BrowserJar(), ctx => {
      answerByHand(ctx);
      ctx.session.n = 1;
    });
    assert.deepEqual(await untilUnsaved(server, 1), [{ operation: 'save', key: 'the-key' }]);
  });

  test('one whose key the browser has is saved in the store: nothing is told', async () => {
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { ctx.session.n = 1; });
    server.events.length = 0;
    await visitToItsEnd(server, jar, async ctx => {
      answerByHand(ctx);
      ctx.session.n = 2;
      await ctx.session.save();
    });
    assert.deepEqual(unsaved(server), []);
    assert.equal((await server.visit(jar, ctx => ctx.session.n)).result, 2);
  });

  test('one that was handed out in time may be saved again later', async () => {
    server.events.length = 0;
    await visitToItsEnd(server, new BrowserJar(), async ctx => {
      ctx.session.n = 1;
      await ctx.session.save();
      answerByHand(ctx);
      ctx.session.n = 2;
      await ctx.session.save();
    });
    assert.deepEqual(unsaved(server), []);
    assert.equal(entries.get('the-key').n, 2);
  });

  test('a key that regenerate() made does not reach the browser', async () => {
    const jar = new BrowserJar();
    await server.visit(jar, ctx => { ctx.session.n = 1; });
    server.events.length = 0;
    server.options.genid = () => 'the-next-key';
    await server.visit(jar, async ctx => {
      answerByHand(ctx);
      await ctx.session.regenerate();
    });
    assert.deepEqual(await untilUnsaved(server, 1), [{ operation: 'save', key: 'the-next-key' }]);
  });
});

test('with Koa\'s own cookies it is an error besides, as with koa-session', async () => {
  const server = await new SessionServer({}).start();
  try {
    await server.visit(new BrowserJar(), ctx => {
      answerByHand(ctx);
      ctx.session.n = 1;
    });
    assert.deepEqual(await untilUnsaved(server, 1), [{ operation: 'save', key: undefined }]);
    assert.deepEqual(server.errors.map(({ code }) => code), ['ERR_HTTP_HEADERS_SENT']);
  } finally {
    await server.stop();
  }
});
