'use strict';

/**
 * Sessions that egg-session wrote with a `maxAge` of text: `_expire` is that text with the time of saving behind it. There they never end.
 * Here they end when the text says.
 */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { BrowserJar, SessionServer, settle } = require('../support/session_server');

const HOUR_MS = 3600_000;
const ago = ms => Date.now() - ms;
/** @type {[string, () => any, boolean][]} what was stored, and whether it lives */
const STORED = [
  ['text, saved half an hour ago', () => ({ _expire: `3600000${ago(HOUR_MS / 2)}`, _maxAge: '3600000' }), true],
  ['text, saved an hour and a second ago', () => ({ _expire: `3600000${ago(HOUR_MS + 1000)}`, _maxAge: '3600000' }), false],
  ['text, saved 30 days ago', () => ({ _expire: `3600000${ago(30 * 24 * HOUR_MS)}`, _maxAge: '3600000' }), false],
  ['text beside a number', () => ({ _expire: `3600000${ago(HOUR_MS / 2)}`, _maxAge: 3600000 }), true],
  ['text beside another lifetime', () => ({ _expire: `3600000${ago(0)}`, _maxAge: '60000' }), false],
  ['text without a lifetime', () => ({ _expire: `3600000${ago(0)}` }), false],
  ['a time that a store has made text', () => ({ _expire: String(Date.now() + HOUR_MS), _maxAge: '3600000' }), true],
  ['a time in the past that a store has made text', () => ({ _expire: String(ago(1000)), _maxAge: '3600000' }), false],
  ['1h', () => ({ _expire: `1h${ago(0)}`, _maxAge: '1h' }), false],
  ['no text', () => ({ _expire: '', _maxAge: '' }), true],
  ['words, as in egg-session', () => ({ _expire: 'never', _maxAge: '3600000' }), true],
  ['a number', () => ({ _expire: Date.now() + HOUR_MS, _maxAge: HOUR_MS }), true],
  ['a number in the past', () => ({ _expire: ago(1000), _maxAge: HOUR_MS }), false],
];
const MODES = {
  encrypted: () => ({ encrypt: true }),
  signed: () => ({ encrypt: false }),
  unsigned: () => ({ encrypt: false, signed: false }),
  sealed: () => ({ encrypt: 'sealed' }),
  limited: () => ({ encrypt: 'sealed', absoluteMaxAge: 24 * HOUR_MS }),
  'plain store': () => ({ store: new LoggingStore() }),
  'store of texts': () => ({ store: new MemoryStore() }),
};
const KEY = 'koa.sess';

/** @param {import('node:test').TestContext} t */
async function serve(t, options, source) {
  const server = await new SessionServer({ maxAge: 24 * HOUR_MS, ...options }, { source }).start();
  server.expired = 0;
  server.app.on('session:expired', () => { server.expired++; });
  t.after(() => server.stop());
  return server;
}

describe('a stored _expire that is text', () => {
  for (const [mode, make] of Object.entries(MODES)) {
    for (const [title, lifetime, lives] of STORED) {
      test(`${mode}, ${title}: ${lives ? 'lives' : 'has ended'}`, async t => {
        const [[, source]] = await knownSources();
        const options = make();
        const jar = new BrowserJar();
        const stored = { user: 'ann', ...lifetime() };
        if (options.store) {
          const writer = await serve(t, options, source);
          await writer.visit(jar, ctx => { ctx.session.user = 'ann'; });
          const { result: key } = await writer.visit(jar, ctx => ctx.session.externalKey);
          await options.store.set(key, stored, 24 * HOUR_MS, {});
        } else {
          const encode = () => Buffer.from(JSON.stringify(stored)).toString('base64');
          const writer = await serve(t, { ...options, absoluteMaxAge: undefined, encode: options.encrypt === 'sealed' ? () => JSON.stringify(stored) : encode }, source);
          await writer.visit(jar, ctx => { ctx.session.user = 'ann'; });
        }
        assert.ok(jar.header({ path: '/' }).includes(`${KEY}=`));
        const reader = await serve(t, options, source);
        const { result } = await reader.visit(jar, ctx => ctx.session.user ?? 'nobody');
        await settle();
        assert.deepEqual([result, reader.expired], lives ? ['ann', 0] : ['nobody', 1]);
      });
    }
  }

  test('renew counts from the end that the text says', async t => {
    const options = { signed: false, renew: true, maxAge: HOUR_MS };
    for (const [savedMs, isRenewed] of [[HOUR_MS / 4, false], [HOUR_MS * 3 / 4, true]]) {
      const server = await serve(t, options);
      const stored = { user: 'ann', _expire: `3600000${ago(savedMs)}`, _maxAge: '3600000' };
      const jar = new BrowserJar();
      jar.store([`${KEY}=${Buffer.from(JSON.stringify(stored)).toString('base64')}; path=/`], { path: '/' });
      const { setCookie } = await server.visit(jar, ctx => ctx.session.user);
      assert.equal(setCookie.length, isRenewed ? 1 : 0);
      if (!isRenewed) continue;
      const { _expire, _maxAge } = JSON.parse(Buffer.from(/=([^;]*)/.exec(setCookie[0])[1], 'base64').toString());
      assert.equal(_maxAge, HOUR_MS);
      assert.ok(Math.abs(_expire - Date.now() - HOUR_MS) < 60_000);
    }
  });
});
