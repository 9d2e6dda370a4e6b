'use strict';

// Where ctx.cookies is egg's own and nobody has touched it, the engine reads and writes the session's cookie. Anywhere
// else ctx.cookies does. What comes out must be koa-session's either way.

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const koaSession = require('koa-session');
const createSession = require('../..');
const { situations } = require('../support/cookie_situations');
const { createContext, createEggApp, cookieHeader, exchange, knownSources } = require('../support/egg_context');
const { spyOnEngine, spyOnKeygrip } = require('../support/engine_spy');
const { withoutAdvice } = require('../support/normalise');

const MODES = { encrypted: { encrypt: true }, signed: { encrypt: false }, unsigned: { encrypt: false, signed: false }, 'without a mode': {} };
const KEYS = ['key one', 'key two'];

/**
 * Requests before, in and after a situation.
 * @returns {Promise<{ records: object[], calls: number, callsAfter: number }>} calls: of the engine, in the situation
 */
async function visit(create, source, options, situation, fromStart) {
  const app = createEggApp(source, { keys: [...KEYS], cookies: { ...situation.cookies } });
  const middleware = create({ maxAge: 3600000, ...options, ...situation.options }, app);
  const records = [];
  const spy = spyOnEngine();
  let isThere = fromStart;
  let undo = fromStart && situation.onApp && situation.onApp(app, source);
  const request = async (handle, cookie) => {
    const { ctx, error, result, setCookie } = await exchange(app, middleware, handle, {
      headers: { ...(cookie ? { cookie } : {}), ...situation.headers },
      secure: true,
      before: made => { if (isThere && situation.onContext) situation.onContext(made, app, source); },
    });
    const resigned = line => (situation.resigned && /\.sig=[^;]/.test(line) ? line.split(';')[0] : line);
    records.push({ result, setCookie: setCookie.map(resigned), error: error && `${error.constructor.name}: ${error.message}`, noted: ctx.noted, other: ctx.res.getHeader('x-set') });
    app.config.cookies = { ...situation.cookies };
    if (!undo) app.keys = [...KEYS];
    return cookieHeader(setCookie);
  };
  const write = ctx => { ctx.session.n = 1; };
  const read = ctx => JSON.stringify(ctx.session);
  const change = ctx => { ctx.session.n = (ctx.session.n || 0) + 1; return JSON.stringify(ctx.session); };
  try {
    const cookie = await request(write);
    if (!fromStart && situation.onApp) undo = situation.onApp(app, source);
    isThere = true;
    spy.reset();
    await request(read, cookie);
    await request(change, cookie);
    await request(write);
    await request(ctx => { ctx.session = null; }, cookie);
    const calls = spy.total();
    isThere = false;
    if (undo) undo();
    undo = undefined;
    spy.reset();
    await request(read, cookie);
    await request(change, cookie);
    return { records, calls, callsAfter: spy.total() };
  } finally {
    if (undo) undo();
    spy.restore();
  }
}

describe('the way of the cookie', () => {
  /** @type {Array<[string, any]>} */
  let sources;
  const { now } = Date;
  before(async () => {
    sources = await knownSources();
    Date.now = () => 1767323045678;
  });
  after(() => { Date.now = now; });

  for (const [theme, list] of Object.entries(situations)) {
    describe(theme.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`), () => {
      for (const situation of list) {
        for (const fromStart of situation.onApp || situation.onContext ? [true, false] : [true]) {
          const way = situation.engine === undefined ? '' : `: ${situation.engine ? 'the engine' : 'ctx.cookies'} does the work`;
          test(`${situation.what}, ${fromStart ? 'from the start' : 'later'}${way}`, async () => {
            for (const [name, source] of sources) {
              for (const [mode, options] of Object.entries(MODES)) {
                const where = `${name}, ${mode}`;
                const theirs = await visit(koaSession, source, options, situation, fromStart);
                const ours = await visit(createSession, source, options, situation, fromStart);
                assert.deepEqual(withoutAdvice(ours.records), withoutAdvice(theirs.records), where);
                if (situation.engine === true) assert.ok(ours.calls >= 4, `${where}: the engine was asked ${ours.calls} times`);
                if (situation.engine === false) assert.equal(ours.calls, 0, `${where}: the engine was asked`);
                if (!fromStart && !situation.cookies) assert.ok(ours.callsAfter > 0, `${where}: the engine is asked again afterwards`);
              }
            }
          });
        }
      }
    });
  }

  test('one request asks the engine once to read and once to write, and egg\'s Keygrip not at all', async () => {
    for (const [name, source] of sources) {
      for (const [mode, options] of Object.entries(MODES)) {
        const app = createEggApp(source, { keys: KEYS });
        const middleware = createSession({ ...options, rememberedCookies: 0 }, app);
        const engine = spyOnEngine();
        const keygrip = spyOnKeygrip(createContext(app).cookies.keys);
        const counted = async (handle, cookie) => {
          engine.reset();
          const { setCookie } = await exchange(app, middleware, handle, { headers: cookie ? { cookie } : {} });
          return { calls: { ...engine.counts }, cookie: cookieHeader(setCookie) };
        };
        const calls = (open, seal) => ({ openSession: mode === 'unsigned' ? 0 : open, open: mode === 'unsigned' ? open : 0, openSealed: 0, openValue: 0, seal: 0, sealCookie: seal, sealValue: 0 });
        try {
          const written = await counted(ctx => { ctx.session.n = 1; });
          assert.deepEqual(written.calls, calls(0, 1), `${name}, ${mode}: new`);
          const { cookie } = written;
          assert.deepEqual((await counted(ctx => ctx.session.n, cookie)).calls, calls(1, 0), `${name}, ${mode}: read`);
          assert.deepEqual((await counted(ctx => { ctx.session.n++; ctx.session.n++; }, cookie)).calls, calls(1, 1), `${name}, ${mode}: changed`);
          assert.deepEqual((await counted(() => {}, cookie)).calls, calls(0, 0), `${name}, ${mode}: not touched`);
          assert.equal(keygrip.total(), 0, `${name}, ${mode}: Keygrip`);
        } finally {
          engine.restore();
          keygrip.restore();
        }
      }
    }
  });

  test('an external key and a codec of the app are opened and sealed as they are', async () => {
    for (const [name, source] of sources) {
      for (const options of [
        { store: { get: async () => ({ n: 1 }), set: async () => {}, destroy: async () => {} } },
        { encode: json => Buffer.from(JSON.stringify(json)).toString('hex'), decode: text => JSON.parse(Buffer.from(text, 'hex').toString()) },
      ]) {
        const app = createEggApp(source, { keys: KEYS });
        const middleware = createSession({ encrypt: true, ...options }, app);
        const engine = spyOnEngine();
        try {
          const { setCookie } = await exchange(app, middleware, ctx => { ctx.session.n = 1; });
          await exchange(app, middleware, ctx => { ctx.session.n = 2; }, { headers: { cookie: cookieHeader(setCookie) } });
          assert.deepEqual(engine.counts, { openSession: 0, open: 0, openSealed: 0, openValue: 1, seal: 0, sealCookie: 0, sealValue: 2 }, name);
        } finally {
          engine.restore();
        }
      }
    }
  });
});
