'use strict';

/**
 * A browser that took only some of a response's cookies, or those of two responses in any order: a session in pieces opens
 * as one that was written, or not at all.
 */

const { after, before, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { knownSources } = require('../support/egg_context');
const { BrowserJar, SessionServer } = require('../support/session_server');

const OPTIONS = { key: 'EGG_SESS', encrypt: 'sealed', acceptLegacy: false, chunks: 4, maxAge: 3600000 };
/** Bytes of text for one to four pieces. */
const SIZES = [50, 4000, 7000, 9500];
const write = (bytes, letter) => ctx => { ctx.session = { text: letter.repeat(bytes) }; };
const read = ctx => (ctx.session.text === undefined ? 'none' : `${ctx.session.text[0]}${ctx.session.text.length}`);
const end = ctx => { ctx.session = null; };

/** @template T @param {T[]} items @returns {T[][]} every choice of them, in order */
const subsets = items => items.reduce((/** @type {T[][]} */ found, item) => [...found, ...found.map(chosen => [...chosen, item])], [[]]);

/** @template T @param {T[]} one @param {T[]} other @returns {T[][]} both, in every order that keeps the order of each */
function interleavings(one, other) {
  if (one.length === 0 || other.length === 0) return [[...one, ...other]];
  return [
    ...interleavings(one.slice(1), other).map(rest => [one[0], ...rest]),
    ...interleavings(one, other.slice(1)).map(rest => [other[0], ...rest]),
  ];
}

describe('mixed states', () => {
  /** @type {SessionServer} */
  let server;
  before(async () => {
    const [[, source]] = await knownSources();
    server = await new SessionServer(OPTIONS, { source }).start();
  });
  after(() => server.stop());

  /** @returns {Promise<{ jar: BrowserJar, expected: string }>} a browser with a session */
  async function begin(bytes) {
    const jar = new BrowserJar();
    await server.visit(jar, write(bytes, 'a'));
    return { jar, expected: `a${bytes}` };
  }

  for (const from of SIZES) {
    test(`a browser that took only some of the cookies has a whole session or none, from ${from} bytes to each other size and to the end`, async () => {
      const { jar, expected } = await begin(from);
      const outcomes = new Set();
      for (const handle of [...SIZES.map(bytes => write(bytes, 'b')), end]) {
        const { setCookie } = await server.visit(jar, handle, { keep: false });
        for (const taken of subsets(setCookie).filter(chosen => chosen.length <= 5)) {
          const partial = jar.copy();
          partial.store(taken);
          const { result, setCookie: read0 } = await server.visit(partial, read);
          assert.ok(['none', expected, ...SIZES.map(bytes => `b${bytes}`)].includes(result), result);
          if (taken.length === setCookie.length) assert.ok(result[0] === 'b' || handle === end, `${result} though it took all`);
          assert.deepEqual(read0, [], 'reading alone repairs nothing, and sets nothing');
          outcomes.add(result[0]);
          // Whatever it was, the next session is written over it, and nothing is left behind.
          await server.visit(partial, write(50, 'c'));
          assert.deepEqual(partial.names, ['EGG_SESS']);
          assert.equal((await server.visit(partial, read)).result, 'c50');
        }
      }
      assert.deepEqual([...outcomes].sort(), ['a', 'b', 'n']);
    });
  }

  test('two responses that a browser takes at once leave one of both, or none', async () => {
    for (const [one, other] of [[7000, 7000], [9500, 4000], [4000, 9500], [50, 9500]]) {
      const { jar } = await begin(7000);
      const first = (await server.visit(jar, write(one, 'b'), { keep: false })).setCookie;
      const second = (await server.visit(jar, write(other, 'c'), { keep: false })).setCookie;
      for (const lines of interleavings(first, second)) {
        const both = jar.copy();
        both.store(lines);
        const { result } = await server.visit(both, read);
        assert.ok(['none', `b${one}`, `c${other}`].includes(result), result);
      }
    }
  });

  test('pieces that are mixed, missing, cut, doubled or in another\'s place open nothing', async () => {
    const { jar } = await begin(7000);
    const old = jar.copy();
    await server.visit(jar, write(7000, 'b'));
    const pairs = jar.header().split('; ').map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    const oldPairs = old.header().split('; ').map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    assert.equal(pairs.length, 3);
    const [[name, first], [name1, second], [name2, third]] = pairs;
    const mark = second.slice(0, 9);
    const headers = {
      'no second': [[name, first], [name2, third]],
      'no third': [[name, first], [name1, second]],
      'no first': [[name1, second], [name2, third]],
      'exchanged': [[name, first], [name1, third], [name2, second]],
      'the second twice': [[name, first], [name1, second], [name2, second]],
      'a character less': [[name, first], [name1, second.slice(0, -1)], [name2, third]],
      'a character more': [[name, first], [name1, second], [name2, `${third}A`]],
      'an empty piece': [[name, first], [name1, mark], [name2, third]],
      'another number, and what it asks for': [[name, first.replace('v1=3.', 'v1=2.')], [name1, second + third.slice(9)]],
      'a larger number, and an empty piece': [[name, first.replace('v1=3.', 'v1=4.')], [name1, second], [name2, third], ['EGG_SESS.3', mark]],
      'the number 1': [[name, first.replace('v1=3.', 'v1=1.') + second.slice(9) + third.slice(9)]],
      'no number': [[name, first.replace('v1=3.', 'v1=') + second.slice(9) + third.slice(9)]],
      'the old second': [[name, first], oldPairs[1], [name2, third]],
      'the old second under the new mark': [[name, first], [name1, mark + oldPairs[1][1].slice(9)], [name2, third]],
      'the old first': [oldPairs[0], [name1, second], [name2, third]],
    };
    for (const [what, parts] of Object.entries(headers)) {
      const forged = new BrowserJar();
      forged.store(parts.map(([partName, value]) => `${partName}=${value}; path=/`));
      assert.equal((await server.visit(forged, read)).result, 'none', what);
    }
    assert.equal((await server.visit(jar, read)).result, 'b7000');
  });

  test('pieces of one cookie name open under no other', async () => {
    const { jar } = await begin(7000);
    const other = await new SessionServer({ ...OPTIONS, key: 'OTHER' }).start();
    try {
      const renamed = new BrowserJar();
      renamed.store(jar.header().split('; ').map(pair => `${pair.replace('EGG_SESS', 'OTHER')}; path=/`));
      assert.deepEqual(renamed.names, ['OTHER', 'OTHER.1', 'OTHER.2']);
      assert.equal((await other.visit(renamed, read)).result, 'none');
    } finally {
      await other.stop();
    }
  });
});
