'use strict';

/**
 * Several cookies of the session's name over real HTTP, of which some are authentic and dead: expired, refused by `valid`, past
 * `absoluteMaxAge`, revoked, or unknown to the store. The first that is a live session counts.
 */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { cookieHeader, knownSources } = require('../support/egg_context');
const { LoggingStore } = require('../support/logging_store');
const { MemoryStore } = require('../support/memory_store');
const { Revoked } = require('../support/revocation_apps');
const { SessionServer, settle } = require('../support/session_server');

const NAME = 'EGG_SESS';
const HOUR_MS = 3600 * 1000;
const MAX_CANDIDATES = 8;
const NAMES = ['missed', 'expired', 'invalid', 'revoked', 'store_error'];

/** @type {SessionServer[]} */
const servers = [];
after(() => Promise.all(servers.map(server => server.stop())));

const source = (async () => (await knownSources())[0][1])();
const hosts = {
  egg: async () => ({ source: await source }),
  'a subclass of egg-cookies': async () => {
    const egg = await source;
    return { source: { ...egg, Cookies: class extends egg.Cookies {} } };
  },
  koa: async () => ({}),
};

/** One instance: `visit(cookie, handle)` is a request, with the events that it led to. */
async function start(options, host = 'egg') {
  const server = await new SessionServer({ key: NAME, maxAge: HOUR_MS, ...options }, await hosts[host]()).start();
  servers.push(server);
  const events = [];
  for (const name of NAMES) server.app.on(`session:${name}`, ({ ctx: _ctx, ...event }) => events.push({ name, ...event }));
  return async (cookie, handle = read) => {
    const jar = { header: () => [].concat(cookie ?? []).join('; '), store() {} };
    const { result, setCookie, status } = await server.visit(jar, handle);
    await settle();
    return { result, setCookie, status, cookie: cookieHeader(setCookie), events: events.splice(0) };
  };
}

const read = ctx => ctx.session.user || 'nobody';
const login = user => ctx => { ctx.session.user = user; };
const logout = ctx => { ctx.session = null; };
const cookieOf = async (visit, user) => (await visit(undefined, login(user))).cookie;
const names = events => events.map(({ name }) => name);

/** A cookie of `user` that an instance with these options wrote. */
const writtenBy = async (options, host, user) => cookieOf(await start(options, host), user);

/** @param {number} agoMs @param {() => Promise<any>} act */
async function before(agoMs, act) {
  const { now } = Date;
  Date.now = () => now() - agoMs;
  try {
    return await act();
  } finally {
    Date.now = now;
  }
}

/** Ways in which a session in a cookie is dead, each with the event that tells it. */
const DEATHS = {
  expired: { event: 'expired', options: {}, make: (mode, host) => before(2 * HOUR_MS, () => writtenBy(mode, host, 'dead')) },
  'refused by valid': { event: 'invalid', options: { valid: (_ctx, { user }) => !/^dead/.test(user) }, make: (mode, host) => writtenBy(mode, host, 'dead') },
  'past absoluteMaxAge': { event: 'expired', options: { absoluteMaxAge: HOUR_MS / 3 }, make: (mode, host) => (
    before(HOUR_MS / 2, () => writtenBy({ ...mode, absoluteMaxAge: HOUR_MS }, host, 'dead'))
  ) },
};

const MODES = [
  ['encrypted', { encrypt: true }, 'egg'],
  ['signed', { encrypt: false }, 'egg'],
  ['sealed', { encrypt: 'sealed' }, 'egg'],
  ['sealed only', { encrypt: 'sealed', acceptLegacy: false }, 'egg'],
  ['sealed', { encrypt: 'sealed' }, 'a subclass of egg-cookies'],
  ['sealed', { encrypt: 'sealed' }, 'koa'],
  ['sealed, unsigned', { encrypt: 'sealed', signed: false }, 'koa'],
  ['signed', {}, 'koa'],
  ['a codec', { encrypt: true, encode: JSON.stringify, decode: JSON.parse }, 'egg'],
];

for (const [title, mode, host] of MODES) {
  describe(`${title}, ${host}`, () => {
    for (const [death, { event, options, make }] of Object.entries(DEATHS)) {
      test(`a session that is ${death} hides no live one`, async () => {
        const dead = await make(mode, host);
        const visit = await start({ ...mode, ...options }, host);
        const live = await cookieOf(visit, 'ada');
        for (const [cookies, user, told] of [
          [[dead, live], 'ada', []],
          [[live, dead], 'ada', []],
          [[dead], 'nobody', [event]],
          [[dead, dead], 'nobody', [event]],
          [[`${NAME}=junk`, dead, live], 'ada', []],
          [[`${NAME}=junk`, dead, `${NAME}=junk`, live, dead], 'ada', []],
        ]) {
          const { result, events, status } = await visit(cookies);
          assert.deepEqual([result, names(events), status], [user, told, 200], cookies.join('; '));
        }
      });
    }
  });
}

describe('a session in a cookie', () => {
  test(`is looked for among ${MAX_CANDIDATES} cookies`, async () => {
    const mode = { encrypt: 'sealed', valid: (_ctx, { user }) => user !== 'dead' };
    const visit = await start(mode);
    const live = await cookieOf(visit, 'ada');
    const dead = [];
    for (let i = 0; i < MAX_CANDIDATES; i++) dead.push(await writtenBy({ encrypt: 'sealed' }, 'egg', 'dead'));
    assert.equal((await visit([...dead.slice(1), live])).result, 'ada');
    assert.equal((await visit([...dead, live])).result, 'nobody');
  });

  test('events are those of the first that opened, and only if none is live', async () => {
    const visit = await start({ encrypt: 'sealed', valid: (_ctx, { user }) => !/^dead/.test(user) });
    const [one, two] = [await writtenBy({ encrypt: 'sealed' }, 'egg', 'dead one'), await writtenBy({ encrypt: 'sealed' }, 'egg', 'dead two')];
    const { events } = await visit([`${NAME}=junk`, one, two]);
    assert.deepEqual(events.map(({ name, value }) => [name, value.user]), [['invalid', 'dead one']]);
  });

  test('an error of valid fails the request, and no other cookie is tried', async () => {
    const seen = [];
    const visit = await start({ encrypt: 'sealed', valid: (_ctx, { user }) => {
      seen.push(user);
      if (user === 'bad') throw new Error('valid failed');
      return true;
    } });
    const [bad, ada] = [await writtenBy({ encrypt: 'sealed' }, 'egg', 'bad'), await writtenBy({ encrypt: 'sealed' }, 'egg', 'ada')];
    assert.equal((await visit([bad, ada])).status, 500);
    assert.deepEqual(seen, ['bad']);
  });

  test('an error of decode fails the request, and no other cookie is tried', async () => {
    const seen = [];
    const decode = text => {
      seen.push(text);
      if (text.includes('bad')) throw new Error('decode failed');
      return JSON.parse(text);
    };
    const codec = { encrypt: true, encode: JSON.stringify };
    const visit = await start({ ...codec, decode });
    const [bad, ada] = [await writtenBy({ ...codec, decode: JSON.parse }, 'egg', 'bad'), await writtenBy({ ...codec, decode: JSON.parse }, 'egg', 'ada')];
    assert.equal((await visit([bad, ada])).status, 500);
    assert.equal(seen.length, 1);
  });

  test('unsigned: the first counts, whatever it is', async () => {
    for (const host of ['egg', 'koa']) {
      const unsigned = { encrypt: false, signed: false };
      const visit = await start(unsigned, host);
      const dead = await DEATHS.expired.make(unsigned, host);
      const live = await cookieOf(visit, 'ada');
      assert.deepEqual([(await visit([dead, live])).result, (await visit([live, dead])).result], ['nobody', 'ada']);
    }
  });

  test('of two signatures, that of the live cookie is renewed after a rotation', async () => {
    const dead = await DEATHS.expired.make({ encrypt: false }, 'egg');
    const visit = await start({ encrypt: false });
    const live = await cookieOf(visit, 'ada');
    servers.at(-1).app.keys = ['new key', 'first key'];
    const { result, setCookie } = await visit([dead, live]);
    assert.equal(result, 'ada');
    assert.equal(setCookie.length, 1);
    servers.at(-1).app.keys = ['new key'];
    assert.equal((await visit([live.split('; ')[0], setCookie[0].split(';')[0]])).result, 'ada');
  });

  test('in pieces: a dead one hides no live one', async () => {
    const chunks = { encrypt: 'sealed', acceptLegacy: false, chunks: 3 };
    const large = user => ctx => Object.assign(ctx.session, { user, text: 'x'.repeat(5000) });
    const dead = (await (await start(chunks))(undefined, large('dead'))).cookie;
    const visit = await start({ ...chunks, valid: (_ctx, { user }) => user !== 'dead' });
    const live = (await visit(undefined, large('ada'))).cookie;
    assert.match(live, /EGG_SESS\.1=/);
    assert.equal((await visit([dead, live])).result, 'ada');
    assert.deepEqual(names((await visit([dead, dead])).events), ['invalid']);
  });

  test('a live one behind a dead one is saved, renewed and ended as always', async () => {
    const mode = { encrypt: 'sealed', valid: (_ctx, { user }) => user !== 'dead' };
    const dead = await writtenBy({ encrypt: 'sealed' }, 'egg', 'dead');
    const visit = await start(mode);
    const live = await cookieOf(visit, 'ada');
    assert.deepEqual((await visit([dead, live])).setCookie, []);
    const changed = await visit([dead, live], ctx => { ctx.session.seen = true; });
    assert.equal((await visit([dead, changed.cookie])).result, 'ada');
    assert.deepEqual((await visit([dead, live], logout)).setCookie.map(line => line.split(';')[0]), [`${NAME}=`]);
  });
});

describe('revocation', () => {
  const sealed = { encrypt: 'sealed', absoluteMaxAge: 5 * HOUR_MS };
  const asked = revocation => revocation.take().map(([method]) => method);

  async function revokedAndLive() {
    const revocation = new Revoked();
    const visit = await start({ ...sealed, revocation });
    const dead = [];
    for (const user of ['a', 'b', 'c']) {
      const cookie = await cookieOf(visit, user);
      await visit(cookie, logout);
      dead.push(cookie);
    }
    const live = await cookieOf(visit, 'ada');
    revocation.take();
    return { revocation, visit, dead, live };
  }

  test('a revoked session hides no live one', async () => {
    const { visit, dead: [dead], live } = await revokedAndLive();
    assert.deepEqual([(await visit([dead, live])).result, (await visit([dead, live])).events], ['ada', []]);
    assert.deepEqual(names((await visit([dead])).events), ['revoked']);
    assert.deepEqual(names((await visit([dead, dead])).events), ['revoked']);
  });

  test('two are asked about at most', async () => {
    const { revocation, visit, dead, live } = await revokedAndLive();
    const { result, events } = await visit([dead[0], dead[1], live]);
    assert.deepEqual([result, names(events)], ['nobody', ['revoked']]);
    assert.deepEqual(asked(revocation), ['isRevoked', 'isRevoked']);
    const expired = await DEATHS.expired.make(sealed, 'egg');
    assert.deepEqual([(await visit([expired, dead[0], live])).result, asked(revocation).length], ['ada', 2]);
    assert.deepEqual(names((await visit([dead[0], expired, dead[1]])).events), ['revoked']);
  });

  test('the same session twice is asked about once', async () => {
    const { revocation, visit, dead: [dead], live } = await revokedAndLive();
    assert.equal((await visit([dead, `${NAME}=junk`, dead, live])).result, 'ada');
    assert.equal(asked(revocation).length, 2);
  });

  test('an error is no verdict', async () => {
    for (const [onStoreError, status] of [['throw', 500], ['readonly', 200]]) {
      const { dead: [dead], live } = await revokedAndLive();
      const revocation = new Revoked();
      revocation.isRevoked = async () => { revocation.calls.push(['isRevoked']); throw new Error('down'); };
      const visit = await start({ ...sealed, revocation, onStoreError });
      const { status: answered, events } = await visit([dead, live]);
      assert.deepEqual([answered, names(events), revocation.calls.length], [status, ['store_error'], 1]);
    }
  });

  test('a logout revokes the other live session of the header, too', async () => {
    const { revocation, visit, dead: [dead], live } = await revokedAndLive();
    const other = await cookieOf(visit, 'bob');
    assert.equal((await visit([live, other], logout)).status, 200);
    assert.deepEqual(asked(revocation), ['isRevoked', 'revoke', 'isRevoked', 'revoke']);
    assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'nobody']);
    const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
    revocation.take();
    await visit([dead, ada, bob], logout);
    assert.deepEqual(asked(revocation), ['isRevoked', 'isRevoked', 'revoke'], 'two were asked about already');
    assert.equal((await visit(bob)).result, 'bob');
  });

  test('a logout with one cookie asks no more than before', async () => {
    const { revocation, visit, live } = await revokedAndLive();
    await visit(live, logout);
    assert.deepEqual(asked(revocation), ['isRevoked', 'revoke']);
  });
});

const STORES = {
  'get, set and destroy': () => new LoggingStore(),
  'compare and set': () => {
    const store = /** @type {any} */ (new MemoryStore());
    store.calls = [];
    for (const method of ['getText', 'destroy']) {
      const { [method]: original } = store;
      store[method] = function logged(key, ...args) {
        store.calls.push([method, key]);
        return original.call(this, key, ...args);
      };
    }
    store.take = () => store.calls.splice(0).map(([method, key]) => `${method.slice(0, 3)} ${key}`);
    return store;
  },
};

for (const [kind, makeStore] of Object.entries(STORES)) {
  describe(`a store of ${kind}`, () => {
    for (const [title, mode, host] of MODES.slice(0, 8)) {
      test(`an entry that is gone hides no live one: ${title}, ${host}`, async () => {
        const store = makeStore();
        const visit = await start({ ...mode, store }, host);
        const dead = await cookieOf(visit, 'dead');
        await visit(dead, logout);
        const live = await cookieOf(visit, 'ada');
        assert.deepEqual([(await visit([dead, live])).result, (await visit([dead, live])).events], ['ada', []]);
        assert.deepEqual(names((await visit([dead])).events), ['missed']);
        assert.deepEqual(names((await visit([dead, `${NAME}=junk`])).events), ['missed']);
      });
    }

    const encrypted = { encrypt: true };

    async function deadAndLive(more) {
      const store = makeStore();
      const visit = await start({ ...encrypted, ...more, store });
      const dead = [];
      for (const user of ['a', 'b', 'c']) {
        const cookie = await cookieOf(visit, user);
        await visit(cookie, logout);
        dead.push(cookie);
      }
      const live = await cookieOf(visit, 'ada');
      store.take && store.take();
      return { store, visit, dead, live };
    }
    const gets = store => store.take().filter(call => call.startsWith('get')).length;

    test('refused by valid, or past absoluteMaxAge, an entry hides no live one', async () => {
      const store = makeStore();
      const young = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS });
      const dead = await cookieOf(young, 'dead');
      const visit = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS, valid: (_ctx, { user }) => user !== 'dead' });
      const live = await cookieOf(visit, 'ada');
      assert.equal((await visit([dead, live])).result, 'ada');
      assert.deepEqual((await visit([dead, live])).events, []);
      assert.deepEqual(names((await visit([dead])).events), ['invalid']);
      const old = await before(HOUR_MS / 2, () => cookieOf(young, 'old'));
      const strict = await start({ ...encrypted, store, absoluteMaxAge: HOUR_MS / 3 });
      assert.deepEqual([(await strict([old, live])).result, (await strict([old, live])).events], ['ada', []]);
      assert.deepEqual(names((await strict([old])).events), ['expired']);
    });

    test('two are looked up at most', async () => {
      const { store, visit, dead, live } = await deadAndLive();
      const { result, events } = await visit([dead[0], dead[1], live]);
      assert.deepEqual([result, names(events), gets(store)], ['nobody', ['missed'], 2]);
      assert.deepEqual([(await visit([dead[0], live, dead[1]])).result, gets(store)], ['ada', 2]);
      assert.deepEqual([(await visit([live, dead[0], dead[1]])).result, gets(store)], ['ada', 1]);
    });

    test('the same key twice is looked up once', async () => {
      const { store, visit, dead: [dead], live } = await deadAndLive({ encrypt: 'sealed' });
      const key = new (require('../..').Keyring)(['first key']).openSealed(NAME, dead.slice(NAME.length + 1)).text;
      const again = `${NAME}=${new (require('../..').Keyring)(['first key']).sealSealed(NAME, key).value}`;
      assert.notEqual(again, dead);
      assert.deepEqual([(await visit([dead, again, live])).result, gets(store)], ['ada', 2]);
    });

    test('a key is never adopted', async () => {
      const { visit, dead } = await deadAndLive();
      const { cookie } = await visit([dead[0], dead[1]], login('ada'));
      assert.ok(!dead.includes(cookie));
      assert.equal((await visit(dead[1])).result, 'nobody');
    });

    test('what is saved goes to the live entry', async () => {
      const { visit, dead: [dead], live } = await deadAndLive();
      await visit([dead, live], ctx => { ctx.session.user = 'eve'; });
      assert.deepEqual([(await visit(live)).result, (await visit(dead)).result], ['eve', 'nobody']);
    });

    test('a logout ends the other live entry of the header, too', async () => {
      const { store, visit, dead: [dead], live } = await deadAndLive();
      const other = await cookieOf(visit, 'bob');
      store.take();
      assert.deepEqual([(await visit([live, other], logout)).status, store.take().map(call => call.slice(0, 3))], [200, ['get', 'des', 'get', 'des']]);
      assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'nobody']);
      const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
      await visit([dead, ada, bob], logout);
      assert.equal((await visit(bob)).result, 'bob', 'two were looked up already');
    });

    test('a logout with one cookie asks no more than before', async () => {
      const { store, visit, live } = await deadAndLive();
      await visit(live, logout);
      assert.deepEqual(store.take().map(call => call.slice(0, 3)), ['get', 'des']);
    });

    test('regenerate() leaves the other session alone', async () => {
      const { visit, live } = await deadAndLive();
      const other = await cookieOf(visit, 'bob');
      await visit([live, other], ctx => ctx.session.regenerate());
      assert.deepEqual([(await visit(live)).result, (await visit(other)).result], ['nobody', 'bob']);
    });
  });
}

describe('a store that fails', () => {
  for (const [onStoreError, status] of [['throw', 500], ['readonly', 200]]) {
    test(`is no verdict: ${onStoreError}`, async () => {
      const store = new LoggingStore();
      const visit = await start({ encrypt: true, store, onStoreError });
      const [dead, live] = [await cookieOf(visit, 'dead'), await cookieOf(visit, 'ada')];
      store.take();
      store.failures.set('get', new Error('down'));
      const { status: answered, events } = await visit([dead, live], () => 'answered');
      assert.deepEqual([answered, names(events), store.take().length], [status, ['store_error'], 1]);
      store.failures.clear();
      await visit(dead, logout);
      store.take();
      const { get } = store;
      let asked = 0;
      store.get = function second(...args) {
        if (++asked === 2) throw new Error('down');
        return get.apply(this, args);
      };
      const later = await visit([dead, live, live], () => 'answered');
      assert.deepEqual([later.status, names(later.events), asked], [status, ['store_error'], 2]);
    });
  }

  test('an error of the other entry\'s destroy fails the logout, after the session itself was ended', async () => {
    const store = new LoggingStore();
    const visit = await start({ encrypt: true, store });
    const [ada, bob] = [await cookieOf(visit, 'ada'), await cookieOf(visit, 'bob')];
    const { destroy } = store;
    let asked = 0;
    store.destroy = function second(...args) {
      if (++asked === 2) throw new Error('down');
      return destroy.apply(this, args);
    };
    assert.equal((await visit([ada, bob], logout)).status, 500);
    assert.deepEqual([(await visit(ada)).result, (await visit(bob)).result], ['nobody', 'bob']);
  });
});

test('with externalKey no cookie is looked at, and no other is ended', async () => {
  const store = new LoggingStore();
  const visit = await start({ encrypt: true, store });
  const [dead, live] = [await cookieOf(visit, 'dead'), await cookieOf(visit, 'ada')];
  store.take();
  const carried = await start({ encrypt: true, store, externalKey: { get: () => 'unknown', set() {} } });
  assert.equal((await carried([dead, live])).result, 'nobody');
  await carried([dead, live], logout);
  assert.deepEqual(store.take().filter(call => !call.includes('unknown')).map(call => call.slice(0, 3)), ['des']);
});
