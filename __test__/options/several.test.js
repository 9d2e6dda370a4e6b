'use strict';

/** What keeps two sessions of one app apart is checked at start. */

const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const Koa = require('koa');
const createSession = require('../..');
const { createContext, exchange } = require('../support/egg_context');
const { hosts, KEYS } = require('../support/two_sessions');

const OWN = ['a key of the second session alone'];
const store = { async get() {}, async set() {}, async destroy() {} };

/** @param {() => any} run @returns {Promise<Array<[string, string]>>} code and text of each warning of the process */
async function warningsOf(run) {
  // Those of the tests before come in a later turn.
  await new Promise(resolve => setImmediate(resolve));
  const warnings = [];
  const listen = ({ code, message }) => warnings.push([code, message]);
  process.on('warning', listen);
  try {
    await run();
    await new Promise(resolve => setImmediate(resolve));
  } finally {
    process.off('warning', listen);
  }
  return warnings;
}

const koa = (keys = KEYS) => Object.assign(new Koa(), { keys: [...keys], silent: true });
const refused = option => ({ name: 'TypeError', code: 'ERR_SESSION_OPTION', option });

describe('as', () => {
  test('is the name of the session and of its options on ctx', () => {
    const app = koa();
    createSession({ key: 'A' }, app);
    createSession({ key: 'B', as: 'adminSession', maxAge: 5000 }, app);
    const ctx = createContext(app);
    ctx.adminSession.root = true;
    assert.deepEqual({ ...ctx.session.toJSON() }, {});
    assert.deepEqual([ctx.sessionOptions.key, ctx.adminSessionOptions.key, ctx.adminSession.maxAge], ['A', 'B', 5000]);
    assert.throws(() => { ctx.adminSession = 5; });
    ctx.adminSession = null;
    assert.equal(ctx.adminSession, null);
    assert.notEqual(ctx.session, null);
  });

  test('a lifetime that one session gets is not the other\'s', () => {
    const app = koa();
    createSession({ key: 'A', maxAge: 1000 }, app);
    createSession({ key: 'B', as: 'adminSession', maxAge: 5000 }, app);
    const ctx = createContext(app);
    ctx.adminSession.maxAge = 7000;
    assert.deepEqual([ctx.session.maxAge, ctx.sessionOptions.maxAge, ctx.adminSessionOptions.maxAge], [1000, 1000, 7000]);
  });

  test('null is no name', () => {
    const app = koa();
    createSession({ as: null }, app);
    assert.equal(createContext(app).sessionOptions.key, 'koa.sess');
  });

  for (const as of ['', 5, {}, true, 'a b', 'a-b', '1a', '_a', '__proto__', 'a"b', 'ä', 'a.b', ['a']]) {
    test(`refused: ${JSON.stringify(as)}`, () => {
      assert.throws(() => createSession({ as }, koa()), refused('as'));
    });
  }

  for (const as of ['session', 'body', 'cookies', 'state', 'app', 'req', 'respond', 'constructor', 'toJSON', 'onerror', 'throw']) {
    test(`refused, for ctx has it: ${as}`, () => {
      assert.throws(() => createSession({ as }, koa()), refused('as'));
    });
  }

  test('refused: a name of another session, or one that its options have', () => {
    const app = koa();
    createSession({ as: 'admin', key: 'A' }, app);
    assert.throws(() => createSession({ as: 'admin', key: 'B' }, app), refused('as'));
    assert.throws(() => createSession({ as: 'adminOptions', key: 'B' }, app), refused('as'));
    createSession({ as: 'admin', key: 'A' }, koa());
  });

  test('a session that was refused leaves nothing behind', () => {
    const app = koa();
    createSession({ key: 'A' }, app);
    assert.throws(() => createSession({ key: 'B', as: 'admin', encrypt: true }, app), refused('keys'));
    assert.equal('admin' in app.context, false);
    createSession({ key: 'B', as: 'admin' }, app);
  });
});

describe('the cookie\'s name', () => {
  const pairs = [
    ['A', 'A'], ['A', 'A.sig'], ['A', 'A.1'], ['A', 'A.7'], ['A', '_CHIPS-A'], ['A', '_CHIPS-A.sig'], ['a', 'a=b'],
  ];
  for (const [one, other] of pairs) {
    for (const [first, second] of [[one, other], [other, one]]) {
      test(`refused: ${second} beside ${first}`, () => {
        const app = koa();
        createSession({ key: first }, app);
        assert.throws(() => createSession({ key: second, as: 'admin' }, app), refused('key'));
      });
    }
  }

  test('refused: the default one twice', () => {
    const app = koa();
    createSession({}, app);
    assert.throws(() => createSession({ as: 'admin' }, app), refused('key'));
  });

  test('refused: a former place of the other session', () => {
    for (const [first, second] of [[{ key: 'A', formerCookies: [{ key: 'B' }] }, { key: 'B' }], [{ key: 'B' }, { key: 'A', formerCookies: [{ path: '/old' }, { key: 'B' }] }]]) {
      const app = koa();
      createSession(first, app);
      assert.throws(() => createSession({ ...second, as: 'admin' }, app), refused('key'));
    }
  });

  test('refused as well when the session without `as` comes second', () => {
    const app = koa();
    createSession({ key: 'A', as: 'admin' }, app);
    assert.throws(() => createSession({ key: 'A' }, app), refused('key'));
  });

  for (const other of ['B', 'a', 'A.8', 'A.sig2', 'AA', 'A_']) {
    test(`taken: ${other} beside A`, () => {
      const app = koa();
      createSession({ key: 'A' }, app);
      createSession({ key: other, as: 'admin' }, app);
    });
  }
});

describe('keys', () => {
  const nameless = {
    'encrypt: true': { encrypt: true },
    unsigned: { signed: false },
    'sealed, and older formats are read': { encrypt: 'sealed', acceptLegacy: true },
    'the encrypted key of a store': { encrypt: true, store },
    'the unsigned key of a store': { signed: false, store },
  };
  for (const [title, options] of Object.entries(nameless)) {
    test(`${title}: a session with a name needs keys of its own`, async () => {
      for (const [, createApp] of await hosts()) {
        for (const keys of [undefined, null]) assert.throws(() => createSession({ as: 'admin', ...options, keys }, createApp()), refused('keys'));
        assert.throws(() => createSession({ as: 'admin', ...options, keys: KEYS }, createApp()), refused('keys'), 'not those of the app');
        assert.throws(() => createSession({ as: 'admin', ...options, keys: [...OWN, Buffer.from(KEYS[0])] }, createApp()), refused('keys'), 'nor one of them');
        createSession({ as: 'admin', ...options, keys: OWN }, createApp());
      }
    });

    test(`${title}: not the keys of another such session`, async () => {
      for (const [, createApp] of await hosts()) {
        const app = createApp();
        createSession({ as: 'one', key: 'A', ...options, keys: OWN }, app);
        assert.throws(() => createSession({ as: 'other', key: 'B', ...options, keys: ['another key, in front of it', Buffer.from(OWN[0])] }, app), refused('keys'));
        assert.throws(() => createSession({ key: 'C', ...options, keys: OWN }, app), refused('keys'), 'nor has the session without a name');
        createSession({ as: 'other', key: 'B', ...options, keys: ['a key of the third session alone'] }, app);
      }
    });
  }

  const named = {
    signed: {}, sealed: { encrypt: 'sealed' }, 'the signed key of a store': { store },
    'a key in a header': { encrypt: true, store, externalKey: { get() {}, set() {} } },
  };
  for (const [title, options] of Object.entries(named)) {
    test(`${title}: none are needed`, async () => {
      for (const [, createApp] of await hosts()) createSession({ as: 'admin', ...options }, createApp());
    });
  }

  test('with `as`, a sealed session reads no older format unless it says so', () => {
    const app = koa();
    createSession({ key: 'A', encrypt: 'sealed' }, app);
    createSession({ key: 'B', encrypt: 'sealed', as: 'admin' }, app);
    const ctx = createContext(app);
    assert.deepEqual([ctx.sessionOptions.acceptLegacy, ctx.adminOptions.acceptLegacy], [undefined, false]);
  });

  test('the session without a name keeps those of the app', () => {
    const app = koa();
    createSession({ key: 'A', encrypt: true, signed: false }, app);
    createSession({ key: 'B', encrypt: true, keys: OWN, as: 'admin' }, app);
  });

  const late = { 'when the app begins to listen': app => app.callback(), 'at its first request': undefined };
  for (const [when, begin] of Object.entries(late)) {
    test(`app.keys that are set late are compared ${when}`, async () => {
      for (const [keys, isRefused] of /** @type {any} */ ([[OWN, true], [KEYS, false], [undefined, false]])) {
        const app = Object.assign(new Koa(), { silent: true });
        const middleware = createSession({ key: 'B', signed: false, keys: OWN, as: 'admin' }, app);
        app.keys = keys;
        const run = async () => {
          if (begin) begin(app);
          const { error } = await exchange(app, middleware, () => {});
          if (error) throw error;
        };
        if (isRefused) await assert.rejects(run(), refused('keys'));
        else await run();
      }
    });
  }

  test('no message shows a key', () => {
    for (const keys of [OWN, KEYS]) {
      const app = koa();
      createSession({ key: 'A', as: 'one', encrypt: true, keys: OWN }, app);
      assert.throws(() => createSession({ key: 'B', as: 'other', encrypt: true, keys }, app), ({ message }) => !message.includes(OWN[0]) && !message.includes(KEYS[0]));
    }
  });

  test('weak keys of the app are told of once, and those of a session with its name', async () => {
    const warnings = await warningsOf(() => {
      const app = koa(['weak']);
      createSession({ key: 'A' }, app);
      createSession({ key: 'B', as: 'admin' }, app);
      createSession({ key: 'C', as: 'other', keys: ['short'] }, app);
      app.callback();
    });
    assert.deepEqual(warnings.map(([code, message]) => [code, message.split(' has ')[0]]), [
      ['SESSION_WEAK_KEYS', 'other: weak keys: the session option `keys` [0]'],
      ['SESSION_WEAK_KEYS', 'weak keys: app.keys [0]'],
    ]);
  });
});

describe('a second session without `as`', () => {
  test('the first options go on winning, and one warning says so', async () => {
    for (const [, createApp] of await hosts()) {
      const lines = [];
      const app = createApp();
      const isEgg = Boolean(app.ContextCookies);
      if (isEgg) app.coreLogger = { warn: line => lines.push(line), info() {} };
      const warnings = await warningsOf(() => {
        for (const key of ['A', 'B', 'C']) createSession({ key }, app);
        createSession({ key: 'A', as: 'admin', signed: true, ...{ key: 'D' } }, app);
      });
      assert.equal(createContext(app).sessionOptions.key, 'A');
      const told = isEgg ? lines : warnings.map(([code, message]) => `${code} ${message}`);
      assert.equal(told.length, 1);
      assert.match(told[0], /createSession was called again .* the options of the first call stay in force.* set `as`/);
      if (!isEgg) assert.match(told[0], /^SESSION_OPTION /);
    }
  });

  test('nothing is said of one session, or of one for each app', async () => {
    assert.deepEqual(await warningsOf(() => [koa(), koa()].forEach(app => createSession({}, app))), []);
  });
});

describe('status and checkAccess', () => {
  test('status tells of each session', () => {
    const app = koa();
    createSession({ key: 'A' }, app);
    createSession({ key: 'B', as: 'admin', nativeCookies: false }, app);
    assert.deepEqual([undefined, 'admin'].map(as => createSession.status(app, as).cookies.native), [true, false]);
    for (const as of ['session', 'other', '', 5, {}]) assert.throws(() => createSession.status(app, as), { code: 'ERR_SESSION_ARGUMENT' });
    const onlyNamed = koa();
    createSession({ as: 'admin' }, onlyNamed);
    assert.throws(() => createSession.status(onlyNamed), { code: 'ERR_SESSION_ARGUMENT' });
    assert.equal(createSession.status(onlyNamed, 'admin').cookies.native, true);
  });

  test('checkAccess asks the store of each session', async () => {
    const app = koa();
    const asked = [];
    const asking = name => ({ ...store, async checkAccess(prefix) { asked.push([name, prefix]); } });
    createSession({ key: 'A', store: asking('one'), prefix: 'a:' }, app);
    createSession({ key: 'B', as: 'admin', store: asking('other'), prefix: 'b:' }, app);
    asked.length = 0;
    await createSession.checkAccess(app);
    assert.deepEqual(asked, [['one', 'a:'], ['other', 'b:']]);
  });

  test('checkAccess fails if one of the stores is refused', async () => {
    const app = koa();
    const failing = { ...store, async checkAccess() { throw Object.assign(new Error('no'), { code: 'ERR_SESSION_STORE_FORBIDDEN' }); } };
    await warningsOf(async () => {
      createSession({ key: 'A' }, app);
      createSession({ key: 'B', as: 'admin', store: failing }, app);
      await assert.rejects(createSession.checkAccess(app), { code: 'ERR_SESSION_STORE_FORBIDDEN' });
    });
  });

  test('a warning of an option names the session', async () => {
    const warnings = await warningsOf(() => createSession({ as: 'admin', encrpyt: 'sealed' }, koa()));
    assert.deepEqual(warnings, [['SESSION_OPTION', 'admin: session option `encrpyt` is unknown: did you mean `encrypt`?']]);
  });
});
