'use strict';

// A cookie that was opened before is not opened again. Nobody can tell but by the clock: against koa-session, and against
// ourselves with nothing remembered. TEST_SEED repeats a run.

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { egg3 } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const { cookieHeader, createEggApp, exchange } = require('../support/egg_context');
const { spyOnEngine } = require('../support/engine_spy');

const MODES = { encrypted: { encrypt: true }, signed: { encrypt: false }, sealed: { encrypt: 'sealed' } };
const DAY_MS = 24 * 3600 * 1000;

function createApp(create, options, keys = ['key one']) {
  const app = createEggApp(egg3, { keys });
  const events = [];
  for (const event of ['missed', 'expired', 'invalid']) {
    app.on(`session:${event}`, ({ value }) => events.push([event, JSON.stringify(value)]));
  }
  const middleware = create({ key: 'EGG_SESS', maxAge: DAY_MS, ...options }, app);
  return {
    app,
    async visit(handle, cookie) {
      const { result, error, setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
      await new Promise(resolve => setImmediate(resolve));
      return { result, error: error && error.message, setCookie, events: events.splice(0) };
    },
  };
}

const read = ctx => JSON.stringify(ctx.session);
const logIn = content => (ctx) => { ctx.session = content; };

/** Runs `work` at a time that it can move. */
async function withClock(work) {
  const { now } = Date;
  const clock = { ms: Date.UTC(2026, 10, 23) };
  Date.now = () => clock.ms;
  try {
    await work(clock);
  } finally {
    Date.now = now;
  }
}

for (const [mode, options] of Object.entries(MODES)) {
  describe(mode, () => {
    test('every request has its own session, however deep', async () => {
      const { visit } = createApp(createSession, options);
      const content = { user: { roles: ['a', { deep: [1] }] } };
      const cookie = cookieHeader((await visit(logIn(content))).setCookie);
      for (let i = 0; i < 4; i++) {
        const { result, setCookie } = await visit((ctx) => {
          const before = read(ctx);
          ctx.session.user.roles[1].deep.push(2);
          ctx.session.user.roles.push('b');
          ctx.session.more = i;
          return before;
        }, cookie);
        assert.equal(result, JSON.stringify(content));
        const changed = await visit(read, cookieHeader(setCookie));
        assert.equal(changed.result, JSON.stringify({ user: { roles: ['a', { deep: [1, 2] }, 'b'] }, more: i }));
      }
      assert.equal((await visit(read, cookie)).setCookie.length, 0);
    });

    test('one that expires is refused when it has', () => withClock(async (clock) => {
      const { visit } = createApp(createSession, { ...options, maxAge: 60000 });
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
      clock.ms += 60001;
      const { result, events } = await visit(read, cookie);
      assert.equal(result, '{}');
      assert.deepEqual(events.map(([event]) => event), ['expired']);
    }));

    test('`valid` is asked each time, and what it changes is no change', async () => {
      let asked = 0;
      let isValid = true;
      const { visit } = createApp(createSession, { ...options, valid: (ctx, json) => { asked++; json.n = 7; return isValid; } });
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 1; i <= 4; i++) {
        assert.deepEqual(await visit(read, cookie), { result: '{"n":7}', error: undefined, setCookie: [], events: [] });
        assert.equal(asked, i);
      }
      isValid = false;
      assert.equal((await visit(read, cookie)).result, '{}');
      assert.equal((await visit(read, cookie)).events[0][0], 'invalid');
    });

    test('a change of keys forgets all', async () => {
      const { app, visit } = createApp(createSession, options);
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
      app.keys = ['key two'];
      assert.equal((await visit(read, cookie)).result, '{}');
      app.keys = ['key two', 'key one'];
      assert.equal((await visit(read, cookie)).result, '{"n":1}');
    });

    test('a custom decoder reads each one itself', async () => {
      let decoded = 0;
      const decode = (text) => { decoded++; return JSON.parse(Buffer.from(text, 'base64').toString()); };
      const { visit } = createApp(createSession, { ...options, decode });
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 1; i <= 4; i++) {
        await visit(read, cookie);
        assert.equal(decoded, i);
      }
    });

    test('from the third time on the engine is not asked, and again when many others came between', async () => {
      const { visit } = createApp(createSession, { ...options, rememberedCookies: 2 });
      const cookies = [];
      for (let n = 0; n < 20; n++) cookies.push(cookieHeader((await visit(logIn({ n }))).setCookie));
      const spy = spyOnEngine();
      const asked = async (cookie) => {
        spy.reset();
        assert.equal((await visit(read, cookie)).result, `{"n":${cookies.indexOf(cookie)}}`);
        return spy.total();
      };
      try {
        for (let time = 1; time <= 4; time++) assert.equal(await asked(cookies[0]), time <= 2 ? 1 : 0, `time ${time}`);
        for (const cookie of cookies.slice(1).flatMap(cookie => [cookie, cookie])) await asked(cookie);
        assert.equal(await asked(cookies[0]), 1);
      } finally {
        spy.restore();
      }
    });

    test('none is remembered where it is switched off', async () => {
      const { visit } = createApp(createSession, { ...options, rememberedCookies: 0 });
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      const spy = spyOnEngine();
      try {
        for (let time = 1; time <= 4; time++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
        assert.equal(spy.total(), 4);
      } finally {
        spy.restore();
      }
    });

    test('what a listener does to an expired session stays with the listener', () => withClock(async (clock) => {
      const { app, visit } = createApp(createSession, { ...options, maxAge: 60000 });
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
      app.on('session:expired', ({ value }) => { value._expire = Infinity; });
      clock.ms += 60001;
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{}');
    }));

    test('another name is another cookie', async () => {
      const live = { ...options, key: 'EGG_SESS' };
      const { visit } = createApp((opts, app) => createSession(Object.assign(live, opts, { key: 'EGG_SESS' }), app), options);
      const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
      live.key = 'OTHER';
      // Egg's encryption does not cover the name.
      const expected = mode === 'encrypted' ? '{"n":1}' : '{}';
      for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie.replaceAll('EGG_SESS', 'OTHER'))).result, expected);
    });
  });
}

test('a sealed token that has expired is refused, whatever the session in it says', () => withClock(async (clock) => {
  const app = createEggApp(egg3, { keys: ['key one'] });
  const seen = [];
  const middleware = createSession({ key: 'EGG_SESS', encrypt: 'sealed', maxAge: 10 * DAY_MS }, app);
  const { value } = new createSession.Keyring(['key one']).sealSealed('EGG_SESS', '{"n":1}', { expiresAtMs: clock.ms + 60000 });
  for (let i = 0; i < 6; i++) {
    if (i === 4) clock.ms += 60000;
    seen.push((await exchange(app, middleware, read, { headers: { cookie: `EGG_SESS=${value}` } })).result);
  }
  assert.deepEqual(seen, ['{"n":1}', '{"n":1}', '{"n":1}', '{"n":1}', '{}', '{}']);
}));

test('a remembered session is revoked all the same', async () => {
  const revoked = new Set();
  const revocation = { isRevoked: async id => revoked.has(id), revoke: async (id) => { revoked.add(id); } };
  const { visit } = createApp(createSession, { encrypt: 'sealed', absoluteMaxAge: DAY_MS, revocation });
  const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
  for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
  await visit((ctx) => { ctx.session = null; }, cookie);
  for (let i = 0; i < 2; i++) assert.equal((await visit(read, cookie)).result, '{}');
});

test('a signature by an older key is renewed each time', async () => {
  const { visit } = createApp(createSession, { encrypt: false }, ['old']);
  const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
  const rotated = createApp(createSession, { encrypt: false }, ['new', 'old']);
  for (let i = 0; i < 4; i++) {
    const { result, setCookie } = await rotated.visit(read, cookie);
    assert.equal(result, '{"n":1}');
    assert.match(setCookie.join(), /^EGG_SESS\.sig=/);
  }
});

test('a remembered value under another signature is refused', async () => {
  const { visit } = createApp(createSession, { encrypt: false });
  const cookie = cookieHeader((await visit(logIn({ n: 1 }))).setCookie);
  for (let i = 0; i < 4; i++) assert.equal((await visit(read, cookie)).result, '{"n":1}');
  const last = cookie.at(-1) === 'A' ? 'B' : 'A';
  for (let i = 0; i < 2; i++) {
    const { result, setCookie } = await visit(read, cookie.slice(0, -1) + last);
    assert.equal(result, '{}');
    assert.match(setCookie.join(), /^EGG_SESS\.sig=;/);
  }
  assert.equal((await visit(read, cookie.replace(/; EGG_SESS\.sig=.*/, ''))).result, '{}');
});

test('a number of cookies that cannot be is refused at start', () => {
  for (const rememberedCookies of [-1, 1.5, 1_000_001, '10', true, {}]) {
    assert.throws(() => createApp(createSession, { rememberedCookies }), { code: 'ERR_SESSION_OPTION', option: 'rememberedCookies' });
  }
});

/** Session JSON as other programs write it: spaces, escapes, doubled keys, numbers and orders that JSON.stringify would not give. */
function foreignText(prng, expire) {
  const life = [`"_expire":${expire}`, '"_maxAge":86400000'];
  const members = ['"\\u0061":1', '"a":2', '"a":{"b":1,"b":2}', '"n": 1.0', '"n":1e2', '"n":-0', '"7":"x","3":"y"', '"t":"\\/\\u00e9\\ud83d"', '"e":"名\\"\\n"',
    '"list":[ 1,2 , {"z":1,"y":2}]', '"o":{ }', '"null":null'];
  const chosen = Array.from({ length: 1 + prng.below(5) }, () => members[prng.below(members.length)]);
  const separator = [',', ', ', ' ,\n'][prng.below(3)];
  return `{${(prng.below(2) ? [...chosen, ...life] : [...life, ...chosen]).join(separator)}}`;
}

/** The Cookie header of a text that another program sealed. */
function foreignCookie(mode, text) {
  const keygrip = new egg3.Keygrip(['key one']);
  const value = Buffer.from(text).toString('base64');
  if (mode === 'encrypted') return `EGG_SESS=${keygrip.encrypt(value).toString('base64').replace(/\+/g, '-').replace(/\//g, '_')}`;
  return `EGG_SESS=${value}; EGG_SESS.sig=${keygrip.sign(`EGG_SESS=${value}`)}`;
}

/** Requests that come again and again, among them edits of a cookie's bytes. */
function randomRequest(prng, cookies) {
  const cookie = cookies[prng.below(cookies.length)];
  if (prng.below(4) > 0) return cookie;
  const at = prng.below(cookie.length);
  return cookie.slice(0, at) + 'AZaz09-_=%'[prng.below(10)] + cookie.slice(at + prng.below(2));
}

for (const [mode, options] of Object.entries(MODES).slice(0, 2)) {
  test(`${mode}: 6,000 requests with 60 cookies are answered as koa-session does, whatever is remembered`, () => withClock(async (clock) => {
    const prng = new Prng(seed);
    const apps = [koaSession, createSession, createSession, createSession].map((create, i) => (
      createApp(create, { ...options, renew: true, ...(i > 0 && { rememberedCookies: [1000, 7, 0][i - 1] }) }, ['key one'])
    ));
    const cookies = [];
    for (let i = 0; i < 60; i++) {
      clock.ms += prng.below(DAY_MS / 40);
      const content = { id: i, name: '名'.repeat(prng.below(4)), list: Array.from({ length: prng.below(4) }, (_, n) => ({ n })) };
      cookies.push(i % 3 === 0
        ? foreignCookie(mode, foreignText(prng, clock.ms + DAY_MS))
        : cookieHeader((await apps[0].visit(logIn(content))).setCookie));
    }
    let live = 0;
    for (let i = 0; i < 6000; i++) {
      clock.ms += prng.below(60) * 1000;
      const cookie = randomRequest(prng, cookies);
      const handle = prng.below(5) === 0 ? (ctx) => { ctx.session.seen = i; return read(ctx); } : read;
      const [expected, ...answers] = await Promise.all(apps.map(({ visit }) => visit(handle, cookie)));
      if (expected.result !== '{}') live++;
      for (const answer of answers) assert.deepEqual(answer, expected, `seed ${seed}, request ${i}: ${cookie}`);
      const [written] = expected.setCookie;
      if (written && written.startsWith('EGG_SESS=') && prng.below(3) === 0) cookies[prng.below(60)] = cookieHeader(expected.setCookie);
    }
    assert.ok(live > 2000, `only ${live} requests had a session`);
  }));
}
