'use strict';

// The fast way through the engine and the slow way through ctx.cookies cannot be told apart: the same random requests
// go down both, and through koa-session itself. TEST_SEED repeats a run.

const { describe, test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const koaSession = require('koa-session');
const createSession = require('../..');
const { CODECS, HANDLERS, randomCase, randomDefaults } = require('../generate/cookie_cases');
const { egg3 } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const { createEggApp, exchange, knownSources } = require('../support/egg_context');
const { withoutAdvice } = require('../support/normalise');

const APPS_PER_CLASS = 80;
const CASES_PER_APP = 100;
const CASES_PER_CLASS = APPS_PER_CLASS * CASES_PER_APP;
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** A cookie as egg-cookies makes it. */
function seal({ encrypt, signed }, key, name, value) {
  const keygrip = new egg3.Keygrip([key]);
  if (encrypt) return { value: keygrip.encrypt(value).toString('base64').replace(/\+/g, '-').replace(/\//g, '_') };
  return { value, sig: signed ? keygrip.sign(`${name}=${value}`) : undefined };
}

/** Replaces get and set on the instance by functions that call them: enough to be no longer unmocked. */
function forceSlow(ctx) {
  const { cookies } = ctx;
  const { get, set } = cookies;
  cookies.get = function(...args) { return get.apply(this, args); };
  cookies.set = function(...args) { return set.apply(this, args); };
}

/** One app whose options are changed for each case, so that nothing but the case decides. */
class Way {
  constructor(source, create, cookies, prepare) {
    this.app = createEggApp(source);
    this.app.config.cookies = cookies;
    // Koa's own handler of errors would get the cookies another way than from koa-session.
    this.options = create === createSession ? { cookieOnError: false } : {};
    this.events = [];
    this.middleware = create(this.options, this.app);
    this.completed = { ...this.options };
    this.prepare = prepare;
    for (const event of ['session:missed', 'session:expired', 'session:invalid']) {
      this.app.on(event, ({ key, value, ctx, ...rest }) => this.events.push([event, key, JSON.stringify(value), ctx === this.ctx, rest]));
    }
    this.app.on('cookieLimitExceed', ({ name, value, ctx }) => this.events.push(['cookieLimitExceed', name, value, ctx === this.ctx]));
  }

  async run(random) {
    const { codec, ...options } = random.options;
    for (const name of Object.keys(this.options)) delete this.options[name];
    Object.assign(this.options, this.completed, options, codec ? CODECS[codec] : {});
    this.app.keys = random.keys;
    const { error, result, setCookie } = await exchange(this.app, this.middleware, HANDLERS[random.handler], {
      headers: random.headers,
      secure: random.secure,
      setCookie: Array.isArray(random.setCookie) ? [...random.setCookie] : random.setCookie,
      before: ctx => {
        this.ctx = ctx;
        if (this.prepare) this.prepare(ctx);
      },
    });
    await new Promise(resolve => setImmediate(resolve));
    return {
      setCookie,
      result,
      events: this.events.splice(0),
      error: error && { class: error.constructor.name, name: error.name, message: withoutAdvice(error.message), headers: error.headers },
    };
  }
}

/** The defects of the contract that show in a single request, so that koa-session is no oracle there. */
function knownDifference({ keys, cookie, cookies, options, headers }, theirs, fast) {
  const isSeveral = name => (headers.cookie || '').split(`${name}=`).length > 2;
  // hostile_headers.test.js says which of them counts.
  if (isSeveral(options.key) || isSeveral(`${options.key}.sig`)) return 'several cookies of one name';
  const older = keys.indexOf(cookie.sealedBy) > 0;
  if (cookie.encrypted && options.encrypt && older) return 'an older key\'s cookie that a newer key seems to open';
  if (options.encrypt && /\.sig=/.test(headers.cookie || '')) return 'a signed cookie under encrypt';
  if (!cookie.encrypted && older) {
    // ours sends the signature again with the session's attributes, koa-session with the app's defaults: either may be
    // refused. shim_rotation.test.js asks what happens then.
    if (theirs.error) return 'defaults with which no signature can be sent again';
    const isEncrypted = Boolean(cookies && cookies.encrypt);
    const name = `${options.key}.sig=`;
    const strip = line => (line.startsWith(name) ? (isEncrypted ? name : line.split('; ')[0]) : line);
    const stripped = ({ setCookie, ...rest }) => ({ ...rest, setCookie: setCookie.map(strip) });
    if (isDeepStrictEqual(stripped(fast), stripped(theirs))) return 'the attributes of a signature that is sent again';
    const without = ({ setCookie, ...rest }) => ({ ...rest, setCookie: setCookie.filter(line => !line.startsWith(name)) });
    if (isDeepStrictEqual(fast, without(theirs))) return 'attributes with which no signature can be sent again';
  }
  return undefined;
}

function describeCase(random) {
  return `seed ${seed}: ${JSON.stringify(random, (name, value) => (typeof value === 'function' ? String(value) : Number.isNaN(value) ? 'NaN' : value))}`;
}

describe('the fast and the slow way give the same session, Set-Cookie, events and errors', () => {
  const { now } = Date;
  before(() => { Date.now = () => NOW_MS; });
  after(() => { Date.now = now; });

  test(`${CASES_PER_CLASS} random requests for each of egg's Cookies classes, as koa-session answers them`, async () => {
    const calls = { fast: 0, slow: 0 };
    const spies = spyOnEngine(calls);
    const differences = {};
    try {
      for (const [name, source] of await knownSources()) {
        const prng = new Prng(seed);
        let original;
        let fast;
        let slow;
        let cookies;
        for (let i = 0; i < CASES_PER_CLASS; i++) {
          if (i % CASES_PER_APP === 0) {
            cookies = randomDefaults(prng);
            [original, fast, slow] = [new Way(source, koaSession, cookies), new Way(source, createSession, cookies), new Way(source, createSession, cookies, forceSlow)];
          }
          const random = { ...randomCase(prng, seal), cookies };
          // The case is described only where it has failed.
          const same = (actual, expected, way) => {
            if (!isDeepStrictEqual(actual, expected)) assert.deepEqual(actual, expected, `${name}, ${way}, case ${i}\n${describeCase(random)}`);
          };
          const theirs = await original.run(random);
          spies.way = 'fast';
          const quick = await fast.run(random);
          // a cookie that the engine remembers goes a third way
          same(await fast.run(random), quick, 'the fast way again');
          spies.way = 'slow';
          const slowly = await slow.run(random);
          same(slowly, theirs, 'the slow way');
          const known = knownDifference(random, theirs, quick);
          if (known) differences[known] = (differences[known] || 0) + 1;
          else same(quick, theirs, 'the fast way');
        }
        assert.equal(calls.slow, 0, `${name}: the slow way asked the engine`);
        assert.ok(calls.fast > CASES_PER_CLASS / 2, `${name}: the engine was asked no more than ${calls.fast} times`);
        calls.fast = 0;
      }
    } finally {
      spies.restore();
    }
    for (const [known, count] of Object.entries(differences)) assert.ok(count < CASES_PER_CLASS / 2, `${known}: ${count} cases were not compared`);
  });
});

/** Counts what the engine does, by the way that is under test. */
function spyOnEngine(counts) {
  const { prototype } = createSession.Keyring;
  const spies = { way: 'fast', restore: () => Object.assign(prototype, originals) };
  const originals = {};
  for (const method of ['openSession', 'open', 'openValue', 'seal', 'sealCookie', 'sealValue']) {
    originals[method] = prototype[method];
    prototype[method] = function(...args) {
      // The probe of a cookies class asks for cookies of its own.
      if (!['probe', 'a.b$'].includes(args[1])) counts[spies.way]++;
      return originals[method].apply(this, args);
    };
  }
  return spies;
}
