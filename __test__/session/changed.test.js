'use strict';

// Whether a session changed is decided without writing JSON where that is surely right. The oracle is JSON itself:
// a session is saved if, and only if, its JSON text is another than the one that was loaded.

const { before, after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const createSession = require('../..');
const { egg3 } = require('../generate/originals');
const { Prng, seed } = require('../generate/prng');
const { createEggApp, exchange } = require('../support/egg_context');

const CASES = 6000;
const SCALARS = [0, 1, -0, 1.5, 1e21, -7, '', 'a', 'b', 'ab', 'ä😀', '\ud800', '1', 'null', true, false, null];
const KEYS = ['a', 'b', 'c', '1', '0', 'length', 'toJSON', 'constructor', '__proto__', 'isNew', '_private', 'ä'];
/** What an app may put in, too, though JSON has its own way with it. */
const STRANGE = [
  () => undefined, () => NaN, () => Infinity, () => Symbol('s'), () => () => 1, () => new Date(0), () => new Date(NaN), () => new Map([[1, 2]]), () => /x/,
  () => ({ toJSON: () => 1 }), () => ({ toJSON: () => 'a' }), () => ({ toJSON: () => undefined }), () => ({ toJSON: 1 }), () => new Number(1), () => new String('a'),
  () => new Boolean(false), () => Object.create(null), () => Object.assign(Object.create({ inherited: 1 }), { a: 1 }), () => new (class Point { constructor() { this.a = 1; } })(),
  () => [undefined, () => 1], () => Object.assign([1], { extra: 1 }), () => [1, , 2], // eslint-disable-line no-sparse-arrays
  () => Object.assign([1, 'a'], { toJSON: () => [1] }), () => new Proxy({ a: 1 }, {}), () => ({ get a() { return 1; } }), () => Object.defineProperty({}, 'a', { value: 1 }), () => 1n,
];

/** JSON data. */
function data(prng, depth = 0) {
  const kind = prng.below(depth > 3 ? 4 : 7);
  if (kind < 4) return prng.pick(SCALARS);
  if (kind === 4) return Array.from({ length: prng.below(4) }, () => data(prng, depth + 1));
  const object = {};
  for (let i = prng.below(4); i > 0; i--) Object.defineProperty(object, prng.pick(KEYS), { value: data(prng, depth + 1), enumerable: true, writable: true, configurable: true });
  return object;
}

/** Every object and array in it, the outermost first. */
function holders(value) {
  if (value === null || typeof value !== 'object') return [];
  return [value, ...Object.keys(value).flatMap(key => holders(value[key]))];
}

/** Changes some of it in place, or changes nothing in a roundabout way. */
function edit(prng, session) {
  const outermost = Object.keys(session).filter(key => key[0] !== '_').flatMap(key => holders(session[key]));
  const target = prng.chance(0.5) || outermost.length === 0 ? session : prng.pick(outermost);
  const own = Object.keys(target).filter(key => key[0] !== '_');
  const key = own.length > 0 && prng.chance(0.7) ? prng.pick(own) : prng.pick(['a', 'b', 'c', '1', 'z']);
  const value = prng.chance(0.3) ? prng.pick(STRANGE)() : data(prng, 2);
  switch (prng.below(8)) {
    case 0: delete target[key]; break;
    case 1: { const old = target[key]; delete target[key]; if (old !== undefined) target[key] = old; break; }
    case 2: if (target[key] !== undefined) target[key] = JSON.parse(JSON.stringify(target[key]) ?? 'null'); break;
    case 3: if (Array.isArray(target)) target.push(value); else target[key] = value; break;
    case 4: if (Array.isArray(target)) target.pop(); else delete target[key]; break;
    case 5: if (Array.isArray(target)) target.length = 0; else target[key] = target[key] === 'a' ? 'b' : 'a'; break;
    case 6: target[key] = undefined; break;
    default: target[key] = value;
  }
}

/** Some of it is read-only. */
function tryTo(change) {
  try {
    change();
  } catch (error) {
    assert.ok(error instanceof TypeError, error);
  }
}

/** The text that counts: what JSON makes of the data; a text of its own where it cannot. */
function textOf(session) {
  try {
    return JSON.stringify(session.toJSON());
  } catch (error) {
    return error.constructor.name;
  }
}

describe('a session is saved if its JSON changed, and only then', () => {
  const { now } = Date;
  before(() => { Date.now = () => 1767323045678; });
  after(() => { Date.now = now; });

  const middlewareOf = (app, stored) => createSession({
    encrypt: false, signed: false, key: 's',
    ...(stored ? { store: { get: async () => stored.content, set: async () => { stored.writes++; }, destroy: async () => {} } } : {}),
  }, app);

  for (const [where, inStore] of [['in a cookie', false], ['in a store that gives out its own objects', true]]) {
    test(`${CASES} random sessions and edits ${where}`, async () => {
      const prng = new Prng(seed + Number(inStore));
      const stored = { content: undefined, writes: 0 };
      const app = createEggApp(egg3);
      const middleware = middlewareOf(app, inStore && stored);
      const counts = { changed: 0, same: 0 };
      for (let i = 0; i < CASES; i++) {
        let content = data(prng);
        if (content === null || typeof content !== 'object' || Array.isArray(content)) content = { a: content, b: data(prng) };
        delete content.toJSON;
        if (inStore && prng.chance(0.1)) content.strange = prng.pick(STRANGE.slice(0, -1))();
        const text = JSON.stringify(content);
        stored.content = content;
        stored.writes = 0;
        let texts;
        const { setCookie, error } = await exchange(app, middleware, ctx => {
          const before = textOf(ctx.session);
          for (let edits = prng.below(3); edits > 0; edits--) tryTo(() => edit(prng, ctx.session));
          texts = [before, textOf(ctx.session)];
        }, { headers: { cookie: `s=${inStore ? 'id' : Buffer.from(text).toString('base64')}` } });
        const isSaved = error !== undefined || (inStore ? stored.writes > 0 : setCookie.length > 0);
        const isChanged = texts[0] !== texts[1];
        counts[isChanged ? 'changed' : 'same']++;
        assert.equal(isSaved, isChanged, `seed ${seed}, case ${i}: ${texts[0]} became ${texts[1]}, loaded from ${text}`);
      }
      assert.ok(counts.changed > CASES / 5 && counts.same > CASES / 5, JSON.stringify(counts));
    });
  }
});
