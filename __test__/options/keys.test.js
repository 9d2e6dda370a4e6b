'use strict';

/** Keys that cannot work are told as early as they are known, and weak ones once at start. No message has a key. */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { createSecretKey } = require('node:crypto');
const path = require('node:path');
const Keygrip = require('keygrip');
const Koa = require('koa');
const createSession = require('../..');
const { AppProcess } = require('../support/app_process');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');

const ROOT = path.join(__dirname, '../..');
const STRONG = 'a key of more than 16 bytes';
const SEALED = { encrypt: 'sealed' };
const KEYS_ERROR = { name: 'TypeError', code: 'ERR_SESSION_KEYS' };

/** A Koa app with the session middleware. */
function koaApp(options, keys) {
  const app = new Koa();
  app.silent = true;
  if (keys !== undefined) app.keys = keys;
  const middleware = createSession(options, app);
  app.use(middleware);
  return { app, middleware };
}

const logIn = ctx => { ctx.session.user = 'Ann'; };

/** What cannot be keys, and what the message says of it. */
const unusable = {
  'a text': ['secret', /array of strings or Buffers .* received string/],
  'a bare Buffer': [Buffer.from('secret'), /array of strings or Buffers .* received object/],
  'an empty array': [[], /received an empty array/],
  'a missing environment variable': [[undefined], /\[0\] but received undefined/],
  'a missing one behind another': [['secret', undefined], /\[1\] but received undefined/],
  'a hole': [new Array(1), /\[0\] but received undefined/],
  'a number': [[7], /\[0\] but received number/],
};

describe('app.keys when the app begins to listen', () => {
  for (const options of [SEALED, {}]) {
    for (const [what, [keys, message]] of Object.entries(unusable)) {
      test(`${what} is refused: encrypt ${options.encrypt}`, () => {
        const { app } = koaApp({ ...options }, keys);
        for (const listen of [() => app.listen(0), () => app.callback()]) {
          assert.throws(listen, error => {
            assert.match(error.message, message);
            assert.match(error.message, /app\.keys.*npx egg-session-native key$/);
            assert.ok(!error.message.includes('secret'));
            return error.code === KEYS_ERROR.code && error instanceof TypeError;
          });
        }
        app.keys = [STRONG];
        assert.doesNotThrow(() => app.callback());
      });
    }
  }

  test('sealed needs the keys themselves, which a Keygrip hides', () => {
    const { app } = koaApp({ ...SEALED }, new Keygrip(['secret']));
    assert.throws(() => app.callback(), { ...KEYS_ERROR, message: /app\.keys is a Keygrip, which hides its keys: set app\.keys .* or the session option `keys`/ });
  });

  test('what Koa can sign with is taken, as it is where no key is needed', async () => {
    const taken = [[{}, new Keygrip([STRONG])], [{}, [createSecretKey(Buffer.from(STRONG))]], [{}, ['']], [{}, [Buffer.from(STRONG)]], [SEALED, [Buffer.from(STRONG)]],
      [{ signed: false }, [undefined]], [{ signed: false }, 'text'],
      [{ ...SEALED, store: { get() {}, set() {}, destroy() {} }, externalKey: { get() {}, set() {} } }, new Keygrip([STRONG])]];
    for (const [options, keys] of taken) assert.doesNotThrow(() => koaApp({ ...options }, keys).app.callback());
  });

  test('the app\'s callback is its own again, and takes what it is given', async () => {
    const { app } = koaApp({}, [STRONG]);
    const handle = app.callback();
    assert.equal(typeof handle, 'function');
    assert.equal(Object.hasOwn(app, 'callback'), false);
    const own = new Koa();
    own.keys = [STRONG];
    const calls = [];
    own.callback = function callback(...args) { calls.push([this, ...args]); return 'handler'; };
    const { callback } = own;
    createSession({}, own);
    createSession({}, own);
    assert.equal(own.callback(1, 2), 'handler');
    assert.deepEqual(calls, [[own, 1, 2]]);
    assert.equal(own.callback, callback);
  });

  test('the keys of a second session() are not in force, and app.keys are told of once', async () => {
    const warnings = [];
    const app = Object.assign(new Koa(), { keys: ['short'], coreLogger: { info() {}, warn: line => warnings.push(line) } });
    createSession({}, app);
    createSession({ encrypt: 'sealed' }, app);
    app.callback();
    assert.equal(warnings.filter(line => line.includes('weak keys')).length, 1);
    const other = Object.assign(new Koa(), { keys: new Keygrip([STRONG]) });
    createSession({}, other);
    createSession({ encrypt: 'sealed' }, other);
    assert.doesNotThrow(() => other.callback());
  });

  test('options that are refused for their keys leave no session behind', () => {
    const app = Object.assign(new Koa(), { keys: [STRONG] });
    for (const options of [{ keys: [] }, { keys: [STRONG], nativeCookies: false }]) assert.throws(() => createSession(options, app), KEYS_ERROR);
    assert.equal('session' in app.context, false);
    createSession({ key: 'second try' }, app);
    assert.equal(createSession.status(app).cookies.native, true);
  });

  test('another package\'s wrapper stays', () => {
    const { app } = koaApp({}, [STRONG]);
    const inner = app.callback;
    const wrapper = function wrapper() { return inner.call(this); };
    app.callback = wrapper;
    app.callback();
    assert.equal(app.callback, wrapper);
  });
});

describe('app.keys that are set late, or never', () => {
  test('are checked at the first request, whether or not it touches the session', async () => {
    const { app, middleware } = koaApp({ ...SEALED });
    app.callback();
    for (const handle of [() => {}, logIn]) {
      const { error } = await exchange(app, middleware, handle);
      assert.equal(error.code, KEYS_ERROR.code);
      assert.match(error.message, /there are none: set app\.keys .*Make one with/);
    }
    app.keys = new Keygrip([STRONG]);
    assert.match((await exchange(app, middleware, () => {})).error.message, /Keygrip/);
    app.keys = [STRONG];
    const { error, setCookie } = await exchange(app, middleware, logIn);
    assert.equal(error, undefined);
    assert.match(setCookie[0], /^koa\.sess=v1=/);
  });

  test('a signed session without keys fails when it needs one, in the words of `cookies`, with a code', async () => {
    const { app, middleware } = koaApp({});
    assert.equal((await exchange(app, middleware, () => {})).error, undefined);
    const message = '.keys required for signed cookies: set app.keys, or the session option `keys`';
    for (const [handle, headers] of [[logIn, {}], [ctx => { ctx.session = null; }, {}], [ctx => ctx.session.user, { cookie: 'koa.sess=e30=; koa.sess.sig=x' }]]) {
      const { error } = await exchange(app, middleware, handle, { headers });
      assert.deepEqual([error.code, error.message], [KEYS_ERROR.code, message]);
      assert.ok(error.stack.includes(message));
    }
  });

  test('the keys that a request\'s ctx.cookies was made with are enough', async () => {
    const [[, source]] = await knownSources();
    const app = Object.assign(createEggApp(source), { keys: undefined });
    const middleware = createSession({ ...SEALED }, app);
    const before = ctx => {
      app.keys = [STRONG];
      void ctx.cookies;
      app.keys = undefined;
    };
    assert.equal((await exchange(app, middleware, () => {})).error.code, KEYS_ERROR.code);
    const { error, setCookie } = await exchange(app, middleware, logIn, { before });
    assert.equal(error, undefined);
    assert.match(setCookie[0], /^koa\.sess=v1=/);
  });

  test('Egg\'s own error for missing keys is no reason to fail before they are needed', async () => {
    const [[, source]] = await knownSources();
    const app = createEggApp(source);
    Object.defineProperty(app, 'keys', { get() { throw new Error('Please set config.keys first'); } });
    const middleware = createSession({ encrypt: true }, app);
    app.callback();
    assert.equal((await exchange(app, middleware, () => {})).error, undefined);
    assert.match((await exchange(app, middleware, logIn)).error.message, /Please set config\.keys first/);
  });
});

describe('weak keys are told once at start', () => {
  const weak = [
    [['x'.repeat(2), STRONG], '[0] has fewer than 16 bytes'],
    [[STRONG, 'fifteen bytes!!'], '[1] has fewer than 16 bytes'],
    [[Buffer.from('short'), STRONG], '[0] has fewer than 16 bytes'],
    [[STRONG, `${STRONG}!`, STRONG], '[2] repeats an earlier key'],
    [[STRONG, Buffer.from(STRONG)], '[1] repeats an earlier key'],
    [['a'.repeat(32)], '[0] repeats one character'],
    [[Buffer.alloc(32)], '[0] repeats one character'],
    [['short', STRONG, 'short'], '[0] has fewer than 16 bytes, [2] repeats an earlier key'],
  ];
  const strong = [[STRONG], ['sixteen bytes!!!'], ['häßlich-hässlich'], [Buffer.from('0123456789abcdef')], [STRONG, `${STRONG}!`]];

  /** The lines of an app's log while `run` runs. */
  async function linesOf(run) {
    const [[, source]] = await knownSources();
    const lines = [];
    const app = Object.assign(createEggApp(source, { keys: [STRONG] }), { coreLogger: { warn: line => lines.push(line), info() {} } });
    await run(app);
    return lines.filter(line => line.includes('key'));
  }

  for (const [keys, said] of weak) {
    const line = name => `[egg-session-native] weak keys: ${name} ${said}. Who guesses a key can make sessions. Make one with: npx egg-session-native key`;
    test(`app.keys, once: ${said}`, async () => {
      const lines = await linesOf(async app => {
        app.keys = keys;
        const middleware = createSession({}, app);
        app.callback();
        app.callback();
        await exchange(app, middleware, logIn);
      });
      assert.deepEqual(lines, [line('app.keys')]);
    });
    test(`the option \`keys\`: ${said}`, async () => {
      assert.deepEqual(await linesOf(app => { createSession({ keys }, app); app.callback(); }), [line('the session option `keys`')]);
    });
  }

  test('app.keys that came late, at the first request', async () => {
    const lines = await linesOf(async app => {
      app.keys = undefined;
      const middleware = createSession({}, app);
      app.callback();
      app.keys = ['short'];
      for (let i = 0; i < 3; i++) await exchange(app, middleware, () => {});
    });
    assert.equal(lines.length, 1);
  });

  for (const keys of strong) {
    test(`nothing is said of ${keys.length} of ${keys[0].length}`, async () => {
      assert.deepEqual(await linesOf(app => { app.keys = keys; createSession({}, app); createSession({ keys }, app); app.callback(); }), []);
    });
  }

  test('nothing is said of keys that the session\'s cookie does not take', async () => {
    const externalKey = { get() {}, set() {} };
    const store = { get() {}, set() {}, destroy() {} };
    for (const options of [{ encrypt: false, signed: false }, { externalKey, store }, { encrypt: 'sealed', externalKey, store }]) {
      assert.deepEqual(await linesOf(async app => {
        app.keys = ['short'];
        const middleware = createSession({ ...options }, app);
        app.callback();
        await exchange(app, middleware, () => {});
      }), []);
    }
  });

  test('nothing is said of app.keys where the session has keys of its own', async () => {
    assert.deepEqual(await linesOf(app => { app.keys = ['short']; createSession({ keys: [STRONG] }, app); app.callback(); }), []);
  });

  test('the command makes a key of 32 bytes that is not weak', async () => {
    const [line] = await linesOf(app => { createSession({ keys: ['short'] }, app); });
    const [, command] = /npx egg-session-native (\w+)$/.exec(line);
    const key = execFileSync(process.execPath, [path.join(ROOT, require('../../package.json').bin['egg-session-native']), command], { encoding: 'utf8' }).trim();
    assert.match(key, /^[\w-]{43}$/);
    assert.deepEqual(await linesOf(app => { createSession({ keys: [key] }, app); }), []);
  });

  const processes = /** @type {const} */ ([3, 4]).map(major => [major, new AppProcess({ major, implementation: 'ours' })]);
  after(() => Promise.all(processes.map(([, app]) => app.stop())));
  for (const [major, app] of processes) {
    test(`in the log of Egg ${major} before the first request`, async () => {
      const told = async keys => JSON.stringify((await app.app({ keys })).log).match(/weak keys: app\.keys [^.]*/g);
      assert.deepEqual(await told('short'), ['weak keys: app.keys [0] has fewer than 16 bytes']);
      assert.equal(await told(STRONG), null);
    });
  }
});
