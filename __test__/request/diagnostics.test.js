'use strict';

/** The plain channels of node:diagnostics_channel: when each is published, and with what. */

const { test, before } = require('node:test');
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { Channel, subscribe, tracingChannel, unsubscribe } = require('node:diagnostics_channel');
const createSession = require('../..');
const { cookieHeader, exchange } = require('../support/egg_context');
const { MemoryStore } = require('../support/memory_store');
const { atFrozenClock } = require('../golden/record');
const { hosts, KEYS, LARGE } = require('../support/two_sessions');
const { watchChannels } = require('../support/channels');

const KEY = 'EGG_SESS';
const NEW_KEY = 'a newer key of 32 characters, too';
const HOUR_MS = 3600_000;

/** @type {Awaited<ReturnType<typeof hosts>>} */
let made;
before(async () => { made = await hosts(); });

/** @param {any} app @param {any} options */
function browser(app, options) {
  const middleware = createSession({ key: KEY, maxAge: 60_000, ...options }, app);
  let cookie = '';
  const visit = async (handle, given = cookie) => {
    const answer = await exchange(app, middleware, handle, { headers: given ? { cookie: given } : {} });
    if (answer.error) throw answer.error;
    if (answer.setCookie.length > 0) cookie = cookieHeader(answer.setCookie);
    return answer;
  };
  return Object.assign(visit, { cookie: () => cookie });
}

const login = ctx => { ctx.session.user = 'ada'; };
const read = ctx => ctx.session.user;
const logout = ctx => { ctx.session = null; };

/** @param {(name: string, make: () => any, isKoa: boolean) => Promise<void>} run */
async function onEachHost(run) {
  for (const [name, make] of made) await run(name, make, name.includes('Koa'));
}

const KEPT = {
  sealed: { options: () => ({ encrypt: 'sealed' }), format: () => 'sealed' },
  encrypted: { options: () => ({ encrypt: true }), format: isKoa => (isKoa ? 'signed-sha1' : 'encrypted') },
  signed: { options: () => ({ encrypt: false }), format: isKoa => (isKoa ? 'signed-sha1' : 'signed') },
  plain: { options: () => ({ encrypt: false, signed: false }), format: () => 'plain' },
  'sealed key of a store': { options: () => ({ encrypt: 'sealed', store: new MemoryStore() }), format: () => 'sealed' },
  'encrypted key of a store': { options: () => ({ encrypt: true, store: new MemoryStore() }), format: isKoa => (isKoa ? 'signed-sha1' : 'encrypted') },
  'signed key of a store': { options: () => ({ encrypt: false, store: new MemoryStore() }), format: isKoa => (isKoa ? 'signed-sha1' : 'signed') },
};

for (const [kept, { options, format }] of Object.entries(KEPT)) {
  for (const nativeCookies of [true, false]) {
    // Without native cookies, one new key in 256 gives nonsense for an old encrypted cookie, as in egg-session: nothing in it is random.
    test(`${kept}, nativeCookies ${nativeCookies}: each step of a session has its message`, t => atFrozenClock(() => onEachHost(async (host, make, isKoa) => {
      const channels = watchChannels(t);
      const app = make();
      let keys = 0;
      const given = { ...options(), nativeCookies, genid: () => `id-${keys++}` };
      const visit = browser(app, given);
      const session = { as: 'session', inStore: Boolean(given.store) };
      const opened = keyIndex => ['open', { ...session, format: format(isKoa), keyIndex: kept === 'plain' ? undefined : keyIndex, former: false }];

      await visit(login);
      assert.deepEqual(channels.take(), [['save', { ...session, isNew: true }]], host);
      const cookie = visit.cookie();
      // A cookie that comes again is remembered.
      for (let i = 0; i < 3; i++) await visit(read, cookie);
      assert.deepEqual(channels.take(), [opened(0), opened(0), opened(0)], host);
      app.keys = [NEW_KEY, ...KEYS];
      for (let i = 0; i < 3; i++) await visit(read, cookie);
      assert.deepEqual(channels.take(), [opened(1), opened(1), opened(1)], host);
      await visit(ctx => { ctx.session.visits = 1; }, cookie);
      assert.deepEqual(channels.take(), [opened(1), ['save', { ...session, isNew: false }]], host);
      await visit(ctx => ctx.session.regenerate());
      assert.deepEqual(channels.take().slice(1).sort(), [['regenerate', session], ['save', { ...session, isNew: false }]], host);
      await visit(read);
      assert.deepEqual(channels.take(), [opened(0)], host);
      await visit(logout);
      assert.deepEqual(channels.take().filter(([name]) => name !== 'open'), [['end', session]], host);
      await visit(read, '');
      assert.deepEqual(channels.take(), [], host);
    })));
  }
}

test('a session with a name says which it is', async t => {
  const channels = watchChannels(t);
  const app = made[0][1]();
  const visit = browser(app, { encrypt: 'sealed', as: 'adminSession' });
  await visit(ctx => { ctx.adminSession.user = 'ada'; });
  await visit(ctx => ctx.adminSession.user);
  assert.deepEqual(channels.take().map(([name, { as }]) => [name, as]), [['save', 'adminSession'], ['open', 'adminSession']]);
});

test('with `encrypt: \'sealed\'`, a cookie of an older format is told as what it was, until it is saved', t => onEachHost(async (host, make, isKoa) => {
  const channels = watchChannels(t);
  const older = browser(make(), { encrypt: true });
  await older(login);
  const visit = browser(make(), { encrypt: 'sealed' });
  const formats = () => channels.take().filter(([name]) => name === 'open').map(([, { format }]) => format);
  await visit(read, older.cookie());
  assert.deepEqual(formats(), [isKoa ? 'signed-sha1' : 'encrypted'], host);
  await visit(ctx => { ctx.session.visits = 1; }, older.cookie());
  await visit(read);
  assert.deepEqual(formats().slice(1), ['sealed'], host);
}));

test('with `encrypt: true`, a cookie that Egg 4 signed is told as signed, with its key', async t => {
  const channels = watchChannels(t);
  for (const [host, make] of made.slice(0, 3)) {
    const signing = browser(make(), { encrypt: false });
    await signing(login);
    const app = make();
    app.keys = [NEW_KEY, ...KEYS];
    channels.take();
    await browser(app, { encrypt: true })(read, signing.cookie());
    const [[, { format, keyIndex }]] = channels.take();
    assert.deepEqual([format, keyIndex], ['signed', 1], host);
  }
});

test('a cookie of a former name, and a key in a header, are told', async t => {
  const channels = watchChannels(t);
  const make = made[0][1];
  const before = browser(make(), { encrypt: 'sealed', key: 'OLD_SESS' });
  await before(login);
  channels.take();
  await browser(make(), { encrypt: 'sealed', formerCookies: [{ key: 'OLD_SESS' }] })(read, before.cookie());
  assert.deepEqual(channels.take().map(([, { format, former }]) => [format, former]), [['sealed', true]]);

  let key;
  const visit = browser(make(), { encrypt: true, store: new MemoryStore(), externalKey: { get: () => key, set: (ctx, value) => { key = value; } } });
  await visit(login);
  await visit(read);
  assert.deepEqual(channels.take().pop(), ['open', { as: 'session', inStore: true, format: 'external-key', keyIndex: undefined, former: false }]);
});

test('a cookie that holds no live session is not told', async t => {
  const channels = watchChannels(t);
  const make = made[0][1];
  const visit = browser(make(), { encrypt: 'sealed', valid: () => false });
  await visit(login);
  channels.take();
  await visit(read);
  await visit(read, `${KEY}=v1=forged`);
  assert.deepEqual(channels.take(), []);
});

test('a session that is ended and committed twice is told once', async t => {
  const channels = watchChannels(t);
  for (const options of [{}, { store: new MemoryStore() }]) {
    const visit = browser(made[0][1](), { encrypt: 'sealed', ...options });
    await visit(login);
    await visit(async ctx => {
      const { session } = ctx;
      ctx.session = null;
      await session.manuallyCommit();
    });
    assert.equal(channels.take().filter(([name]) => name === 'end').length, 1);
  }
});

test('a request that goes on without its store has opened nothing', async t => {
  const channels = watchChannels(t);
  const store = new MemoryStore();
  const visit = browser(made[0][1](), { encrypt: 'sealed', store, onStoreError: 'readonly' });
  await visit(login);
  store.getText = async () => { throw new Error('down'); };
  channels.take();
  await visit(read);
  assert.deepEqual(channels.take(), []);
});

test('two requests that change one value differently: how many values, and not which', async t => {
  const channels = watchChannels(t);
  const app = made[0][1]();
  const visit = browser(app, { encrypt: 'sealed', store: new MemoryStore() });
  await visit(login);
  await visit(async ctx => {
    ctx.session.user = 'bob';
    ctx.session.city = 'here';
    await visit(other => { other.session.user = 'eve'; });
  });
  assert.deepEqual(channels.take().filter(([name]) => name === 'conflict'), [['conflict', { as: 'session', inStore: true, values: 1 }]]);
});

test('a session that another request has ended is gone', async t => {
  const channels = watchChannels(t);
  const visit = browser(made[0][1](), { encrypt: 'sealed', store: new MemoryStore() });
  await visit(login);
  channels.take();
  await visit(async ctx => {
    ctx.session.visits = 1;
    await visit(logout);
  });
  assert.deepEqual(channels.take().filter(([name]) => name !== 'open'), [
    ['end', { as: 'session', inStore: true }], ['gone', { as: 'session', inStore: true }],
  ]);
});

test('with revocation, only a session that passed the check is opened; the other is told as revoked', t => onEachHost(async (host, make) => {
  const channels = watchChannels(t);
  const ids = new Set();
  const revocation = { isRevoked: async id => ids.has(id), revoke: async id => { ids.add(id); } };
  const visit = browser(make(), { encrypt: 'sealed', absoluteMaxAge: HOUR_MS, revocation });
  const session = { as: 'session', inStore: false };
  await visit(login);
  channels.take();
  const cookie = visit.cookie();
  await visit(logout);
  assert.deepEqual(channels.take(), [['open', { ...session, format: 'sealed', keyIndex: 0, former: false }], ['end', session]], host);
  await visit(read, cookie);
  assert.deepEqual(channels.take(), [['revoked', session]], host);
}));

test('a cookie that browsers drop: its size and the limit, in octets', t => onEachHost(async (host, make) => {
  const channels = watchChannels(t);
  const visit = browser(make(), { encrypt: 'sealed' });
  await visit(ctx => { ctx.session.large = LARGE; });
  const [, message] = channels.take().find(([name]) => name === 'oversized');
  const { octets, ...rest } = message;
  assert.deepEqual(rest, { as: 'session', attribute: undefined, limit: 4096 }, host);
  assert.ok(octets > LARGE.length, host);
}));

test('a session that could not be saved or ended any more is told as neither', t => onEachHost(async (host, make) => {
  const channels = watchChannels(t);
  for (const handle of [ctx => { ctx.session.visits = 1; }, logout, ctx => { ctx.session.regenerate().catch(() => {}); }]) {
    const visit = browser(make(), { encrypt: 'sealed' });
    await visit(login);
    channels.take();
    await visit(ctx => {
      ctx.session.user;
      ctx.res.writeHead(200);
      ctx.res.flushHeaders();
      return handle(ctx);
    }).catch(() => {});
    assert.deepEqual(channels.take().map(([name]) => name), ['open'], host);
  }
}));

test('without a subscriber nothing is published', async t => {
  const publish = t.mock.method(Channel.prototype, 'publish');
  const trace = t.mock.method(Object.getPrototypeOf(tracingChannel('any')), 'tracePromise');
  const visit = browser(made[0][1](), { encrypt: 'sealed', store: new MemoryStore() });
  for (const handle of [login, read, ctx => ctx.session.regenerate(), ctx => { ctx.session.large = LARGE; }, logout]) await visit(handle);
  assert.deepEqual([publish.mock.callCount(), trace.mock.callCount()], [0, 0]);
});

test('a message comes in the request\'s own async context', async t => {
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  const seen = [];
  const listener = (_, name) => seen.push([name.split(':')[1], storage.getStore()]);
  const names = ['open', 'save', 'regenerate', 'end'].map(name => `egg-session-native:${name}`);
  for (const name of names) subscribe(name, listener);
  t.after(() => names.forEach(name => unsubscribe(name, listener)));
  const visit = browser(made[0][1](), { encrypt: 'sealed' });
  await storage.run('first', () => visit(login));
  await storage.run('second', () => visit(ctx => ctx.session.regenerate()));
  await storage.run('third', () => visit(logout));
  assert.deepEqual(seen, [['save', 'first'], ['open', 'second'], ['save', 'second'], ['regenerate', 'second'], ['end', 'third']]);
});

test('a subscriber that throws does not disturb the request: Node reports it as an uncaught exception', () => {
  const script = `
    const { subscribe } = require('node:diagnostics_channel');
    const { NAMES } = require('./__test__/support/channels');
    const { exchange, cookieHeader } = require('./__test__/support/egg_context');
    const { MemoryStore } = require('./__test__/support/memory_store');
    const Koa = require('koa');
    let count = 0;
    process.on('uncaughtException', error => { if (error.message === 'subscriber') count++; else throw error; });
    for (const name of NAMES) subscribe(name, () => { throw new Error('subscriber'); });
    const app = Object.assign(new Koa(), { keys: ['a key of 32 characters, or of more'] });
    const session = require('.')({ encrypt: 'sealed', maxAge: 60000, store: new MemoryStore() }, app);
    (async () => {
      const { setCookie, error } = await exchange(app, session, ctx => { ctx.session.user = 'ada'; });
      const headers = { cookie: cookieHeader(setCookie) };
      const { result } = await exchange(app, session, async ctx => { await ctx.session.regenerate(); return ctx.session.user; }, { headers });
      setImmediate(() => console.log(error, result, count > 5));
    })();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: require('node:path').join(__dirname, '../..') });
  assert.equal(stdout, 'undefined ada true\n', stderr);
});
