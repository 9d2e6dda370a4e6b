'use strict';

const { differential } = require('../support/differential');
const { ALL_MODES, COOKIE_MODES, STORE_MODES } = require('../support/modes');

const withSession = session => ({ session });
const login = { do: [['set', 'user', 'ann']] };
const read = { do: [['read'], ['isNew']] };
const before = (...operations) => ({ 'x-outer-operations': JSON.stringify(operations) });
const AFTER = 'outer';

differential('outside of the session middleware', COOKIE_MODES, [
  {
    title: 'what a middleware writes to the session before the session\'s own is kept',
    variant: { outer: true },
    steps: [
      { do: [['read']], headers: before(['set', 'early', 1]), expect: { results: ['{"early":1}'] } },
      { do: [['read']], headers: before(['read'], ['set', 'early', 2]), expect: { results: ['{"early":2}'] } },
      { do: [['no touch']], headers: before(['read']) },
      { do: [['set', 'late', 1]], headers: before(['replace', { other: 1 }]) },
      read,
      { do: [['is null']], headers: before(['destroy']) },
    ],
  },
]);

differential('outside of the session middleware, with a store', STORE_MODES, [
  {
    title: 'what a middleware writes to the session before the session\'s own is discarded',
    variant: { outer: true },
    steps: [
      { do: [['read']], headers: before(['set', 'early', 1], ['externalKey']), expect: { results: ['{}'] } },
      login,
      { do: [['read']], headers: before(['set', 'early', 2]), expect: { results: ['{"user":"ann"}'] } },
      { do: [['read']], headers: before(['destroy']) },
      { do: [['read'], ['externalKey']], headers: before(['replace', { other: 1 }], ['externalKey']) },
      read,
    ],
  },
  {
    title: 'saving to the store ends before an outer middleware goes on',
    variant: { outer: true },
    steps: [
      { ...login, expect: { saw: ['genid', 'store.set', 'store.set ended', AFTER] } },
      { do: [['destroy']], expect: { saw: ['store.get', 'store.destroy', 'store.destroy ended', AFTER] } },
      { do: [['set', 'a', 1], ['throw', 'app failed']], expect: { status: 500, saw: ['genid', 'store.set', 'store.set ended', AFTER, 'error'] } },
    ],
  },
]);

differential('options', ALL_MODES, [
  {
    title: 'httpOnly false is warned of when the app starts',
    variant: withSession({ httpOnly: false }),
    steps: [login],
  },
  {
    title: 'the session middleware\'s name is in coreMiddleware, where match and ignore of the config find it',
    variant: withSession({ ignore: '/free' }),
    steps: [login, { ...read, path: '/free' }, { do: [['set', 'a', 1]], path: '/free' }, read],
  },
  {
    title: 'enable false leaves the session unsaved',
    variant: withSession({ enable: false }),
    steps: [{ do: [['no touch']] }, { do: [['caught', ['set', 'a', 1]]] }],
  },
  {
    title: 'null means "not set"',
    variant: withSession({ maxAge: null, overwrite: null, signed: null, sameSite: null, autoCommit: null, rolling: null, renew: null, valid: null, beforeSave: null,
      encode: null, decode: null, prefix: null, externalKey: null, ContextStore: null, domain: null, priority: null, secure: null }),
    steps: [login, read, { do: [['set', 'a', 1]] }, { do: [['destroy']] }],
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start with null',
  },
  {
    title: 'unset httpOnly is on, though the app is warned',
    variant: withSession({ httpOnly: null }),
    steps: [login],
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start with null',
  },
  {
    title: 'options that the plugin does not know stay readable in ctx.sessionOptions',
    variant: withSession({ ours: { deep: [1] } }),
    steps: [{ do: [['option', 'ours'], ['has option', 'unknown']], expect: { results: [{ deep: [1] }, false] } }],
  },
  {
    title: 'an app without keys',
    variant: { keys: null },
    steps: [{ do: [['no touch']] }, login, { ...read, cookie: 'EGG_SESS=eyJhIjoxfQ==; EGG_SESS.sig=x' }, read],
  },
]);

/** Each request that would set the cookie fails in the original: in ours the app does not even start. */
const refused = (title, session, refusedAtStart, more = {}) => ({
  title: `${title} is refused at the start`,
  variant: withSession(session),
  refusedAtStart,
  steps: [{ do: [['no touch']], expect: { status: 200 } }, { ...login, expect: { status: 500, setCookie: [] } }],
  ...more,
});

differential('options with which no session would live', ['encrypted', 'store with signed key'], [
  refused('a sameSite that browsers do not know', { sameSite: 'sideways' }, 'session option `sameSite`: expected \'none\', \'lax\', \'strict\' or a boolean'),
  refused('a priority that browsers do not know', { priority: 'urgent' }, 'session option `priority`: expected \'low\', \'medium\' or \'high\''),
  refused('a path that no header can carry', { path: '/a\nb' }, 'session option `path`: expected a string that a cookie can carry'),
  refused('a domain that no header can carry', { domain: 'häuser\u2028.example' }, 'session option `domain`: expected a string that a cookie can carry, or a function that returns one'),
  refused('a key that no header can carry', { key: 'EGG\u0000SESS' }, 'session option `key`: expected a string that can name a cookie'),
  refused('a negative maxAge', { maxAge: -5000 }, 'session option `maxAge`: expected a positive number of milliseconds or \'session\'', {
    steps: [{ ...login, expect: { status: 200 } }, { ...read, after: 1, expect: { results: ['{}', true] } }],
  }),
]);

differential('a genid with which no store could be used', ['store with signed key'], [
  refused('a genid that is no function', { genid: 'text' }, 'session option `genid`: expected a function', {
    steps: [{ do: [['no touch']], expect: { status: 500 } }],
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start too, in words of its own',
  }),
]);
