'use strict';

// Proxies and clients put a cookie in quotes, or percent-encode its `=`, `+` and `/`. A session in any format survives that, and a
// forged one is refused all the same.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { cookieHeader, createContext, createEggApp, exchange } = require('../support/egg_context');
const { egg3, egg4 } = require('../generate/originals');

const CHANGES = {
  'in quotes': value => `"${value}"`,
  'percent-encoded': value => encodeURIComponent(value),
  'percent-encoded in lower case': value => encodeURIComponent(value).replace(/%../g, escape => escape.toLowerCase()),
  'in quotes and percent-encoded': value => `"${encodeURIComponent(value)}"`,
};
const USER = { name: 'Ünï?>~ Ann', roles: ['a', 'b?>'] };
const LARGE = { ...USER, text: Array.from({ length: 1200 }, (_, i) => `word ${i}`).join(' ') };

const FORMATS = {
  sealed: { options: { encrypt: 'sealed' }, user: USER },
  'sealed, in pieces': { options: { encrypt: 'sealed', chunks: 5 }, user: LARGE },
  encrypted: { options: { encrypt: true }, user: USER },
  signed: { options: { encrypt: false }, user: USER },
  plain: { options: { encrypt: false, signed: false }, user: USER },
};

/** Egg's class as a subclass with a method of its own, which does its own work. */
class Foreign extends egg3.Cookies {
  own() { return this; }
}

const APPS = {
  'Egg 3': () => createEggApp(egg3, { keys: ['a key'] }),
  'Egg 4': () => createEggApp(egg4, { keys: ['a key'] }),
  Koa: () => Object.assign(new Koa(), { keys: ['a key'] }),
  'a class that does its own work': () => createEggApp({ ...egg3, Cookies: Foreign }, { keys: ['a key'] }),
};

/** @param {string} header @param {(value: string) => string} change */
const changed = (header, change) => header.split('; ').map(pair => pair.replace(/=(.*)$/s, (_, value) => `=${change(value)}`)).join('; ');

for (const [host, createApp] of Object.entries(APPS)) {
  describe(host, () => {
    for (const [format, { options, user }] of Object.entries(FORMATS)) {
      // Where ctx.cookies does the work it decides itself about its own formats; sealed ones are ours.
      if (host.startsWith('a class') && !/sealed|plain/.test(format)) continue;
      for (const [title, change] of Object.entries(CHANGES)) {
        test(`${format}, ${title}`, async () => {
          const app = createApp();
          const middleware = createSession({ key: 's', maxAge: 3600000, ...options }, app);
          const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.user = user; });
          const cookie = changed(cookieHeader(setCookie), change);
          const read = await exchange(app, middleware, ctx => ctx.session.user, { headers: { cookie } });
          assert.deepEqual(read.result, user);
          assert.deepEqual(read.setCookie, []);
          if (format === 'plain') return;
          const forged = changed(cookieHeader(setCookie).replace(/s=(.{20})./, (_, head) => `s=${head}${head.endsWith('A') ? 'BB' : 'AA'}`), change);
          const refused = await exchange(app, middleware, ctx => ctx.session.user, { headers: { cookie: forged } });
          if (format !== 'encrypted') assert.equal(refused.result, undefined);
          else assert.notDeepEqual(refused.result, user);
        });
      }
    }

    test('an unsigned external key is taken as received', async () => {
      const asked = [];
      const store = { get: async key => { asked.push(key); }, set: async () => {}, destroy: async () => {} };
      const app = createApp();
      const middleware = createSession({ key: 's', encrypt: false, signed: false, store }, app);
      await exchange(app, middleware, () => {}, { headers: { cookie: 's=a%3Db%2Fc' } });
      assert.deepEqual(asked, ['a%3Db%2Fc']);
    });
  });
}

test('a mocked get that finds no sealed cookie is believed: the header is not read', async () => {
  const app = createEggApp(egg3, { keys: ['a key'] });
  const middleware = createSession({ key: 's', encrypt: 'sealed' }, app);
  const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.user = 1; });
  const ctx = createContext(app, { headers: { cookie: cookieHeader(setCookie) } });
  ctx.cookies.get = () => undefined;
  await middleware(ctx, async () => assert.equal(ctx.session.user, undefined));
});

test('an Egg app logs who does the cookies\' work once for each class, and a Koa app is warned of an encryption without effect', async () => {
  const lines = [];
  const coreLogger = { info: line => lines.push(`info ${line}`), warn: line => lines.push(`warn ${line}`) };
  const app = Object.assign(createEggApp(egg3, { keys: ['a key that is not weak'] }), { coreLogger });
  const middleware = createSession({ encrypt: true }, app);
  for (let i = 0; i < 3; i++) await exchange(app, middleware, ctx => { ctx.session.n = i; });
  app.ContextCookies = Foreign;
  for (let i = 0; i < 3; i++) await exchange(app, middleware, ctx => { ctx.session.n = i; });
  assert.equal(lines.length, 2, lines.join('\n'));
  assert.match(lines[0], /^info \[egg-session-native\] engine: (?:native|portable); .* as egg-cookies 2\.10\.1 does$/);
  assert.match(lines[1], /^warn \[egg-session-native\] .*ctx\.cookies of class Foreign, not by the engine: method own was replaced$/);

  // Node tells warnings of the tests before late.
  await new Promise(resolve => setTimeout(resolve, 50));
  const warnings = [];
  const note = warning => warnings.push(warning);
  process.on('warning', note);
  for (const encrypt of [true, 'sealed', false]) createSession({ encrypt }, Object.assign(new Koa(), { keys: ['a key'] }));
  await new Promise(resolve => setImmediate(resolve));
  process.removeListener('warning', note);
  assert.deepEqual(warnings.filter(({ message }) => message.includes('no effect in Koa')).map(({ code }) => code), ['SESSION_OPTION']);
});
