'use strict';

/** The session option `keys`: the session's own keys, apart from the app's. The oracle is the original with these as `app.keys`. */

require('../support/frozen_clock');

const { before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Keygrip = require('keygrip');
const Koa = require('koa');
const koaSession = require('koa-session');
const createSession = require('../..');
const { BrowserJar } = require('../support/browser_jar');
const { cookieHeader, createEggApp, exchange, knownSources } = require('../support/egg_context');

const OWN = Buffer.from('the own key of the session');
const OLDER = 'an older own key of the session';
const APP = 'a key of the app, for other cookies';
const DAY_MS = 24 * 3600 * 1000;
const KEYS_ERROR = { name: 'TypeError', code: 'ERR_SESSION_KEYS' };

/** A host: Egg's or Koa's `ctx.cookies`. `make(create, options, keys)` gives an app with the session middleware. */
function host(name, makeApp, isEgg) {
  return {
    name,
    isEgg,
    make(create, options, keys) {
      const app = makeApp();
      app.silent = true;
      app.keys = keys;
      const middleware = create({ key: 's', maxAge: DAY_MS, ...options }, app);
      return { app, visit: (handle, cookie, more) => exchange(app, middleware, handle, { headers: cookie ? { cookie } : {}, ...more }) };
    },
  };
}

const memoryStore = () => {
  const entries = new Map();
  return { get: async key => entries.get(key), set: async (key, json) => { entries.set(key, json); }, destroy: async key => { entries.delete(key); } };
};

const logIn = ctx => { ctx.session.user = 'Ann'; };
const logOut = ctx => { ctx.session = null; };
const read = ctx => JSON.stringify(ctx.session);
const ANN = '{"user":"Ann"}';

/** @type {ReturnType<typeof host>[]} */
let hosts;
before(async () => {
  hosts = [
    ...(await knownSources()).map(([name, source]) => host(name, () => createEggApp(source), true)),
    host('Koa', () => new Koa(), false),
  ];
});

/** The modes of a host whose formats are the original's. */
const modesOf = ({ isEgg }) => [...(isEgg ? [{ encrypt: true }] : []), { encrypt: false }];

describe('where the engine does the work', () => {
  /** `claim` on each host and in each mode, in a cookie and with a store. */
  const onEach = (claim, run) => test(claim, async () => {
    for (const each of hosts) {
      for (const mode of modesOf(each)) {
        for (const stored of [false, true]) {
          const options = () => ({ ...mode, ...(stored ? { store: memoryStore(), genid: () => 'id' } : {}) });
          await run(each, options, `${each.name}, encrypt ${mode.encrypt}, store ${stored}`);
        }
      }
    }
  });

  onEach('the cookie is byte for byte the original\'s under these keys', async ({ make }, options, what) => {
    const theirs = await make(koaSession, options(), [OWN, OLDER]).visit(logIn);
    for (const appKeys of [[APP], [OLDER, OWN]]) {
      const ours = await make(createSession, { ...options(), keys: [OWN, OLDER] }, appKeys).visit(logIn);
      assert.equal(ours.error, undefined, what);
      assert.deepEqual(ours.setCookie, theirs.setCookie, what);
    }
  });

  onEach('it reads what the original wrote under these keys, old ones too, and nothing under the app\'s', async ({ make }, options, what) => {
    const given = options();
    for (const [keys, seen] of [[[OWN], ANN], [[OLDER], ANN], [[APP], '{}']]) {
      const { setCookie } = await make(koaSession, given, keys).visit(logIn);
      const { result, error } = await make(createSession, { ...given, keys: [OWN, OLDER] }, [APP]).visit(read, cookieHeader(setCookie));
      assert.deepEqual([error, result], [undefined, seen], what);
    }
  });

  onEach('a rotation renews the signature under the first own key', async ({ make }, options, what) => {
    const given = options();
    const { setCookie } = await make(koaSession, given, [OLDER]).visit(logIn);
    const theirs = await make(koaSession, given, [OWN, OLDER]).visit(read, cookieHeader(setCookie));
    const ours = await make(createSession, { ...given, keys: [OWN, OLDER] }, [APP]).visit(read, cookieHeader(setCookie));
    const values = ({ setCookie: lines }) => lines.map(line => line.split(';')[0]);
    assert.deepEqual(values(ours), values(theirs), what);
  });

  onEach('after the logout a browser has no cookie left', async ({ make }, options, what) => {
    const { visit } = make(createSession, { ...options(), keys: [OWN] }, [APP]);
    const jar = new BrowserJar();
    const { setCookie } = await visit(logIn);
    jar.store(setCookie);
    assert.notEqual(jar.names.length, 0, what);
    const { error, setCookie: expired } = await visit(logOut, cookieHeader(setCookie));
    assert.equal(error, undefined, what);
    jar.store(expired);
    assert.deepEqual(jar.names, [], what);
  });

  test('Koa needs no app.keys then, and a Keygrip serves other cookies', async () => {
    const koa = hosts.at(-1);
    for (const appKeys of [undefined, new Keygrip([APP]), [undefined]]) {
      const { app, visit } = koa.make(createSession, { keys: [OWN] }, appKeys);
      app.callback();
      const { error, setCookie } = await visit(logIn);
      assert.equal(error, undefined);
      assert.equal((await visit(read, cookieHeader(setCookie))).result, ANN);
      assert.equal((await visit(logOut, cookieHeader(setCookie))).error, undefined);
    }
  });

  test('the options are live: a key that is put in front seals, and one of a single request too', async () => {
    for (const { make } of hosts) {
      const options = { encrypt: false, keys: [OLDER] };
      const theirs = async keys => (await make(koaSession, { encrypt: false }, keys).visit(logIn)).setCookie;
      const { visit } = make(createSession, options, [APP]);
      assert.deepEqual((await visit(logIn)).setCookie, await theirs([OLDER]));
      options.keys.unshift(OWN);
      assert.deepEqual((await visit(logIn)).setCookie, await theirs([OWN]));
      const tenant = 'the key of one tenant of many';
      assert.deepEqual((await visit(ctx => { ctx.sessionOptions.keys = [tenant]; logIn(ctx); })).setCookie, await theirs([tenant]));
      assert.deepEqual((await visit(ctx => { ctx.sessionOptions.keys = 'no array'; logIn(ctx); })).error.code, KEYS_ERROR.code);
    }
  });
});

describe('sealed, under every class', () => {
  const sealed = { encrypt: 'sealed', keys: [OWN, OLDER] };
  /** Egg's class as it is, and ways in which it does not count as known. */
  const ways = [
    {},
    { nativeCookies: false },
    { before: ctx => { const { get } = ctx.cookies; ctx.cookies.get = function (...args) { return get.apply(this, args); }; } },
  ];

  test('these keys open and seal, and the app\'s never do', async () => {
    for (const { name, make } of hosts) {
      for (const { before: prepare, ...more } of ways) {
        const { visit } = make(createSession, { ...sealed, ...more }, [APP]);
        const through = (handle, cookie) => visit(handle, cookie, prepare ? { before: prepare } : {});
        const { setCookie } = await through(logIn);
        const token = /^s=(v1=[^;]*)/.exec(setCookie[0])[1];
        assert.equal(new createSession.Keyring([OWN]).openSealed('s', token).keyIndex, 0, name);
        assert.equal((await through(read, `s=${token}`)).result, ANN, name);
        for (const [keys, seen] of [[[OLDER], ANN], [[APP], '{}']]) {
          const { value } = new createSession.Keyring(keys).sealValue('sealed', 's', `{"user":"Ann","_expire":${Date.now() + DAY_MS},"_maxAge":${DAY_MS}}`);
          assert.equal((await through(read, `s=${value}`)).result, seen, name);
        }
        const { error, setCookie: expired } = await through(logOut, `s=${token}`);
        assert.equal(error, undefined, name);
        assert.match(expired[0], /^s=; .*expires=Thu, 01 Jan 1970/);
      }
    }
  });

  test('an older format counts under these keys only', async () => {
    for (const { name, make, ...rest } of hosts) {
      for (const mode of modesOf(rest)) {
        for (const { before: prepare, ...more } of ways) {
          const { visit } = make(createSession, { ...sealed, ...more }, [APP]);
          const seenUnder = async keys => {
            const { setCookie } = await make(koaSession, mode, keys).visit(logIn);
            return (await visit(read, cookieHeader(setCookie), prepare ? { before: prepare } : {})).result;
          };
          assert.equal(await seenUnder([APP]), '{}', name);
          // Where ctx.cookies would have to open it, there is no such cookie: the option would have been refused.
          if (prepare === undefined && more.nativeCookies !== false) assert.equal(await seenUnder([OWN]), ANN, name);
        }
      }
    }
  });

  test('Koa with a Keygrip, or without app.keys', async () => {
    for (const appKeys of [undefined, new Keygrip([APP])]) {
      for (const more of [{}, { nativeCookies: false }, { chunks: 3 }, { absoluteMaxAge: DAY_MS }]) {
        const { app, visit } = hosts.at(-1).make(createSession, { ...sealed, ...more }, appKeys);
        app.callback();
        const { setCookie } = await visit(ctx => { ctx.session = { user: 'Ann', text: 'x'.repeat(more.chunks ? 5000 : 0) }; });
        assert.equal((await visit(ctx => ctx.session.user, cookieHeader(setCookie))).result, 'Ann');
        assert.equal((await visit(logOut, cookieHeader(setCookie))).error, undefined);
      }
    }
  });
});

describe('where ctx.cookies would do the work, ERR_SESSION_KEYS says why', () => {
  const isRefusal = why => error => {
    assert.match(error.message, why);
    assert.match(error.message, /option `keys` .* Set `encrypt: 'sealed'`/);
    for (const key of [String(OWN), OLDER, APP]) assert.ok(!error.message.includes(key));
    return error.code === KEYS_ERROR.code && error instanceof TypeError;
  };

  test('at start, where it is known then', () => {
    for (const { make, isEgg } of hosts) {
      const refused = [[{ nativeCookies: false }, /turned off/], [{ partitioned: true }, /partitioned/], ...(isEgg ? [] : [[{ priority: 'low' }, /priority/]])];
      for (const [options, why] of refused) {
        assert.throws(() => make(createSession, { encrypt: false, keys: [OWN], ...options }, [APP]), isRefusal(why));
        assert.doesNotThrow(() => make(createSession, { encrypt: false, signed: false, keys: [OWN], ...options }, [APP]));
        assert.doesNotThrow(() => make(createSession, { encrypt: 'sealed', keys: [OWN], ...options }, [APP]));
      }
    }
  });

  test('also of a class that behaves differently, and of autoChips', async () => {
    const [[, source]] = await knownSources();
    class Foreign extends source.Cookies {
      get(name, options) {
        return super.get(name, options);
      }

      set(name, value, options) {
        return super.set(`x${name}`, value, options);
      }
    }
    assert.throws(() => createSession({ keys: [OWN] }, createEggApp({ ...source, Cookies: Foreign })), isRefusal(/method get was replaced|behaves differently/));
    assert.throws(() => createSession({ keys: [OWN] }, createEggApp(source, { cookies: { autoChips: true } })), isRefusal(/autoChips/));
    assert.throws(() => createSession({ keys: [OWN], autoChips: true }, createEggApp(source)), isRefusal(/autoChips/));
  });

  test('in a request in which ctx.cookies is mocked, and nothing is read or sent', async () => {
    for (const { make } of hosts) {
      const { visit } = make(createSession, { encrypt: false, keys: [OWN] }, [APP]);
      const mocked = { before: ctx => { ctx.cookies.get = () => 'mocked'; } };
      for (const handle of [logIn, read]) {
        const { error, setCookie } = await visit(handle, 's=e30=; s.sig=x', mocked);
        assert.ok(isRefusal(/mocked or wrapped/)(error));
        assert.deepEqual(setCookie, []);
      }
      assert.equal((await visit(() => 'untouched', undefined, mocked)).result, 'untouched');
    }
  });

  test('a cookie with `secure` over HTTP fails for that reason', async () => {
    for (const { make } of hosts) {
      const { error } = await make(createSession, { encrypt: false, secure: true, keys: [OWN] }, [APP]).visit(logIn);
      assert.equal(error.code, 'ERR_SESSION_SECURE_COOKIE');
    }
  });

  test('an unsigned cookie needs no key, and `externalKey` no cookie', async () => {
    for (const { make } of hosts) {
      const { visit } = make(createSession, { encrypt: false, signed: false, nativeCookies: false, keys: [OWN] }, [APP]);
      const { setCookie } = await visit(logIn);
      assert.equal((await visit(read, cookieHeader(setCookie))).result, ANN);
      assert.doesNotThrow(() => make(createSession, { nativeCookies: false, keys: [OWN], store: memoryStore(), externalKey: { get() {}, set() {} } }, [APP]));
    }
  });
});

describe('what cannot be keys is refused at start', () => {
  for (const [what, keys] of Object.entries({ 'a text': 'secret', 'a Buffer': OWN, 'a Keygrip': new Keygrip(['secret']), 'nothing in it': [], 'an empty key': [''], 'a missing one': ['secret', undefined] })) {
    test(what, () => {
      for (const encrypt of ['sealed', true, false]) {
        assert.throws(() => createSession({ encrypt, keys }, new Koa()), error => error.code === KEYS_ERROR.code && /session option `keys`/.test(error.message) && !/secret/.test(error.message));
      }
    });
  }

  test('null means "not set"', () => {
    for (const keys of [null, undefined]) assert.doesNotThrow(() => createSession({ keys }, new Koa()));
  });
});
