'use strict';

const { differential } = require('../support/differential');
const { ALL_MODES, STORE_MODES } = require('../support/modes');

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

const login = { do: [['set', 'user', 'ann'], ['maxAge']] };
const read = { do: [['read'], ['maxAge']] };
const setMaxAge = value => ({ do: [['set maxAge', value], ['maxAge']] });
const withSession = session => ({ session });

/** Keeps sending what the jar holds after a browser would have thrown it away. */
const stale = jar => ['EGG_SESS', 'EGG_SESS.sig'].filter(name => jar.value(name)).map(name => `${name}=${jar.value(name)}`).join('; ');

/** maxAge of the config: what the first answer, a later one and one after the default's day say. */
const configured = (title, maxAge, more = {}) => ({
  title: `maxAge ${title} in the config`,
  variant: withSession({ maxAge }),
  steps: [login, read, { ...read, after: HOUR }, { do: [['set', 'a', 1]] }, { ...read, after: DAY + SECOND }, { do: [['destroy']] }],
  ...more,
});

const refusesNull = '@eggjs/session 4 refuses to start with null; in egg-session 3 it means "not set"';

differential('how long a session lives', ALL_MODES, [
  {
    title: 'an expired session is not taken, and a new one is made',
    steps: [
      login,
      { ...read, after: DAY, expect: { results: ['{}', DAY] } },
      login,
      { ...read, after: DAY - 1, cookie: stale, expect: { results: ['{"user":"ann"}', DAY] } },
      { ...read, after: 1, cookie: stale },
      { ...read, after: 1, cookie: stale, expect: { results: ['{}', DAY] } },
      { do: [['set', 'user', 'ben']], cookie: stale },
      { ...read, after: 3 * DAY, cookie: stale },
    ],
  },
  {
    title: 'an expired session\'s value is left out of the log where logValue is false',
    variant: withSession({ logValue: false, maxAge: SECOND }),
    steps: [login, { ...read, after: 2 * SECOND, cookie: stale, expect: { results: ['{}', SECOND] } }],
  },
  {
    title: 'an expired session\'s value is logged where logValue is true',
    variant: withSession({ logValue: true, maxAge: SECOND }),
    steps: [login, { ...read, after: 2 * SECOND, cookie: stale }],
  },
  configured('of an hour', HOUR),
  configured('of a second and a half', 1500),
  configured('of half a millisecond', 0.5),
  configured('\'session\'', 'session'),
  configured('0', 0),
  configured('null', null, { egg4FollowsEgg3: refusesNull }),
  {
    title: 'maxage, the old spelling, counts where maxAge is absent and is no option of its own where it is there',
    variant: withSession({ maxage: HOUR }),
    steps: [login, read],
  },
  {
    title: 'maxAge set by the app changes this response, and the session remembers it',
    steps: [
      login,
      { ...setMaxAge(HOUR), expect: { results: ['(undefined)', HOUR] } },
      read,
      { do: [['set', 'a', 1], ['maxAge']] },
      { ...read, after: HOUR + 1, cookie: stale },
      login,
      setMaxAge('session'),
      read,
      { do: [['set', 'a', 2]] },
      { ...read, after: 10 * DAY },
      setMaxAge(DAY),
      read,
    ],
  },
  {
    title: 'maxAge set to 0 or null by the app',
    steps: [login, setMaxAge(0), read, { do: [['set', 'a', 1]] }, setMaxAge(null), read, { do: [['set', 'a', 2]] }, { ...read, after: DAY + 1 }],
  },
  {
    title: 'maxAge set to odd values by the app',
    steps: [login, setMaxAge(1.5), { do: [['set', 'a', 1], ['maxAge']] }, login, setMaxAge(-HOUR), read, setMaxAge(false), setMaxAge('')],
  },
  {
    title: 'an assigned object has the default lifetime in a cookie, unless the session was read before it; in a store it keeps its own',
    steps: [
      login, setMaxAge(30 * DAY), { do: [['replace', { user: 'ben' }], ['maxAge']] },
      { jar: 'two', ...login }, { jar: 'two', ...setMaxAge(30 * DAY) }, { jar: 'two', do: [['touch'], ['replace', { user: 'ben' }], ['maxAge']] },
      { jar: 'two', do: [['replace', { user: 'cat', maxAge: 30 * DAY }], ['maxAge']] },
    ],
  },
  {
    title: 'maxAge forces a save even of an empty session',
    steps: [{ ...setMaxAge(HOUR), do: [['set maxAge', HOUR]] }, read, { jar: 'two', do: [['set maxAge', HOUR], ['destroy']] }],
  },
  {
    title: 'maxAge through ctx.sessionOptions changes no more than this response',
    steps: [
      { do: [['set option', 'maxAge', HOUR], ['set', 'a', 1], ['maxAge']] },
      read,
      { jar: 'two', ...login },
      { jar: 'two', do: [['set option', 'maxAge', 'session'], ['touch'], ['maxAge']] },
      { jar: 'two', do: [['touch'], ['set option', 'maxAge', HOUR], ['set', 'user', 'ben']] },
      { jar: 'two', ...read },
    ],
  },
  {
    title: 'rolling sends a session again with each request that has one',
    variant: withSession({ rolling: true }),
    steps: [
      { do: [['touch']], expect: { setCookie: [] } },
      login,
      { ...read, after: HOUR },
      { do: [['no touch']], after: HOUR },
      { ...read, after: 23 * HOUR },
      { ...read, after: 23 * HOUR },
      { do: [['delete', 'user']] },
      read,
      { ...read, after: DAY + 1, cookie: stale },
    ],
  },
  {
    title: 'rolling with maxAge \'session\'',
    variant: withSession({ rolling: true, maxAge: 'session' }),
    steps: [login, { ...read, after: HOUR }, { ...read, after: 30 * DAY }],
  },
  {
    title: 'renew sends a session again once less than half of its time is left',
    variant: withSession({ renew: true }),
    steps: [
      login,
      { ...read, after: 12 * HOUR, expect: { setCookie: [] } },
      { ...read, after: 1, expect: { status: 200, results: ['{"user":"ann"}', DAY] } },
      { ...read, after: 12 * HOUR, expect: { setCookie: [] } },
      { do: [['no touch']], after: 1 },
      { ...read, after: HOUR },
      { do: [['set', 'a', 1]], after: 20 * HOUR },
      { do: [['touch']], after: 20 * HOUR },
    ],
  },
  {
    title: 'renew uses the session\'s own maxAge, and leaves maxAge \'session\' alone',
    variant: withSession({ renew: true }),
    steps: [
      login, setMaxAge(HOUR), { ...read, after: HOUR / 2 }, { ...read, after: 1 },
      { jar: 'two', ...login }, { jar: 'two', ...setMaxAge('session') }, { jar: 'two', ...read, after: 30 * DAY },
    ],
  },
  {
    title: 'renew and rolling through ctx.sessionOptions',
    steps: [
      login,
      { do: [['set option', 'rolling', true], ['touch']], after: HOUR },
      { do: [['set option', 'renew', true], ['touch']], after: 13 * HOUR },
    ],
  },
]);

differential('how long a session lives in a store', STORE_MODES, [
  {
    title: 'the store is told ten seconds more than the cookie, and the word \'session\' as it is',
    steps: [
      { ...login, expect: { saw: ['genid', 'store.set', 'store.set ended'] } },
      setMaxAge(HOUR),
      setMaxAge('session'),
      { do: [['set', 'a', 1]] },
      { do: [['regenerate']], expect: { status: 200 } },
    ],
  },
  {
    title: 'the store is told of the configured maxAge when it is read, also of \'session\'',
    variant: withSession({ maxAge: 'session', rolling: true }),
    steps: [login, read, { do: [['set maxAge', HOUR]] }, read],
  },
]);
