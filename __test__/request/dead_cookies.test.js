'use strict';

/**
 * Several cookies of the session's name, of which some are authentic and dead: expired, refused by `valid`, or past `absoluteMaxAge`. The
 * first that is a live session counts. dead_cookies_revoked.test.js and dead_cookies_store.test.js go on.
 */

const { after, describe, test } = require('node:test');
const assert = require('node:assert/strict');
const util = require('node:util');
const { DEATHS, MODES, NAME, cookieOf, logout, names, servers, start, stop, writtenBy } = require('../support/several_cookies');

const MAX_CANDIDATES = 8;

after(stop);

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
      const sealed = await writtenBy({ encrypt: 'sealed' }, host, 'ada');
      assert.equal((await visit([dead, sealed])).result, 'nobody');
    }
  });

  test('no inspection of the request\'s session shows the cookie as it came', async () => {
    const visit = await start({ encrypt: 'sealed', valid: (_ctx, { user }) => user !== 'dead' });
    const [dead, live] = [await writtenBy({ encrypt: 'sealed' }, 'egg', 'dead'), await cookieOf(visit, 'ada')];
    const inspected = ctx => util.inspect({ ...ctx.session._sessCtx, ctx: null, session: null }, { depth: 12, showHidden: true });
    const { result } = await visit([dead, live], inspected);
    assert.match(result, /opts: /);
    for (const cookie of [dead, live]) assert.ok(!result.includes(cookie.slice(NAME.length + 1)));
  });

  test('other packages can ask whether a session is valid, as of koa-session', async () => {
    const visit = await start({ encrypt: true, valid: (_ctx, { user }) => user !== 'dead' });
    const { result, events } = await visit(undefined, ({ session: { _sessCtx: context } }) => (
      [undefined, { _expire: 1 }, { user: 'dead' }, { user: 'ada' }].map(value => context.valid(value, 'a key'))
    ));
    assert.deepEqual(result, [false, false, false, true]);
    assert.deepEqual(events.map(({ name, key }) => [name, key]), [['missed', 'a key'], ['expired', 'a key'], ['invalid', 'a key']]);
  });

  test('an unsigned one behind a sealed one is none, in Koa with sealed and signed off', async () => {
    const sealed = { encrypt: 'sealed', signed: false };
    const dead = await DEATHS.expired.make(sealed, 'koa');
    const forged = `${NAME}=${Buffer.from('{"user":"mallory"}').toString('base64')}`;
    const visit = await start(sealed, 'koa');
    assert.deepEqual([(await visit([dead, forged])).result, (await visit(forged)).result], ['nobody', 'mallory']);
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
