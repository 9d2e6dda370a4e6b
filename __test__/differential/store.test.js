'use strict';

const { differential } = require('../support/differential');
const { COOKIE_MODES, STORE_MODES } = require('../support/modes');

/** The logout is equal but for the cookies, which the original expires though it never set them. */
const touchesNoCookie = ({ original, ours, assert }) => {
  assert.match(original.setCookie[0], /^EGG_SESS=; .*1970/);
  assert.deepEqual(ours, { ...original, setCookie: [] });
};
const withSession = session => ({ session });
const login = { do: [['set', 'user', { name: 'ann' }]] };
const read = { do: [['read'], ['isNew'], ['externalKey']] };
const fromHeader = { get: 'fn:external key from header', set: 'fn:external key to header' };

/** One session's whole life. */
const life = [
  { ...login },
  { ...read, expect: { results: ['{"user":{"name":"ann"}}', false, 'id-1'] } },
  { do: [['set', 'user.name', 'ben']] },
  { do: [['replace', { other: 1 }]] },
  { ...read, expect: { results: ['{"other":1}', false, 'id-1'] } },
  { do: [['set maxAge', 60000]] },
  { do: [['destroy'], ['store keys']] },
  { do: [['store keys'], ['read']], expect: { results: [[], '{}'] } },
];

differential('kinds of stores', STORE_MODES, [
  { title: 'an object with async methods serves', variant: { store: 'async' }, steps: life },
  { title: 'an object with plain methods serves', variant: { store: 'plain' }, steps: life },
  { title: 'a class serves and is given the app', variant: { store: 'class' }, steps: life },
  {
    title: 'an object with generator methods serves',
    variant: { store: 'generator' },
    egg4FollowsEgg3: '@eggjs/session 4 takes the generator itself for the session',
    steps: life,
  },
  {
    title: 'a store that gives out its own object sees changes and writes as with any other',
    variant: { store: 'by reference' },
    steps: [...life.slice(0, 6), { do: [['set', 'other', 2]] }, { do: [['read']] }],
  },
  {
    title: 'a store without destroy is refused when the app starts',
    variant: { store: 'without destroy' },
    steps: [login],
    expectStart: { failed: 'store.destroy must be function' },
  },
  {
    title: 'a store named in the config serves',
    variant: withSession({ store: { get: 'fn:store get', set: 'fn:store set', destroy: 'fn:store destroy' } }),
    modes: COOKIE_MODES,
    randomIds: true,
    steps: [login, { do: [['read'], ['isNew']] }, { do: [['set', 'user.name', 'ben']] }, { do: [['destroy']] }, { do: [['read']] }],
  },
  {
    title: 'a ContextStore is made for every request with its ctx',
    variant: withSession({ ContextStore: 'fn:ContextStore', genid: 'fn:genid' }),
    modes: COOKIE_MODES,
    steps: [{ do: [['no touch']], expect: { saw: ['new ContextStore', 'genid'] } }, ...life.map(({ expect: _, ...step }) => step)],
  },
  {
    title: 'a ContextStore goes before an app\'s store',
    variant: withSession({ ContextStore: 'fn:ContextStore' }),
    steps: [login, read],
  },
]);

differential('stores while the app runs', COOKIE_MODES, [
  {
    title: 'a store set while running serves from the next request, and null goes back to cookies',
    variant: { label: 'sets a store', session: { genid: 'fn:genid' } },
    steps: [
      { do: [['set', 'in', 'cookie'], ['app store', 'async'], ['has app store']] },
      { ...read },
      { ...login },
      { ...read },
      { do: [['app store', 'class'], ['set', 'a', 1]] },
      { ...read },
      { do: [['app store', null], ['has app store'], ['set', 'b', 1]] },
      { ...read },
      { ...login },
      { do: [['caught', ['app store', 'without destroy']], ['has app store']] },
      { ...read },
      { do: [['app store', null]] },
    ],
  },
  {
    title: 'replacing a store warns',
    variant: { store: 'async', storeAgain: 'class', session: { genid: 'fn:genid' } },
    steps: [login, read],
  },
  {
    title: 'removing a store at the start goes back to cookies',
    variant: { store: 'async', storeAgain: null },
    steps: [login, { do: [['read'], ['externalKey']] }],
  },
]);

differential('external keys', STORE_MODES, [
  {
    title: 'ids are UUIDs by default',
    variant: withSession({ genid: null }),
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start with null',
    randomIds: true,
    steps: [
      { ...login, expect: { saw: ['store.set', 'store.set ended'] } },
      { ...read },
      { ...login, jar: 'other' },
      { ...read, jar: 'other' },
      { ...read },
    ],
  },
  {
    title: 'prefix goes before the default ids',
    variant: withSession({ genid: null, prefix: 'shop:' }),
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start with null',
    randomIds: true,
    steps: [login, read, { do: [['destroy']] }, login, read],
  },
  {
    title: 'prefix has no say over the app\'s own genid',
    variant: withSession({ prefix: 'shop:' }),
    steps: [{ do: [['externalKey'], ['set', 'a', 1]], expect: { results: ['id-1', '(undefined)'] } }, read],
  },
  {
    title: 'genid runs before the app\'s code, also for a request that does not touch the session',
    steps: [
      { do: [['note', 'app']], expect: { saw: ['genid', 'note app'], setCookie: [] } },
      login,
      { do: [['note', 'app']], expect: { saw: ['store.get', 'note app'] } },
    ],
  },
  {
    title: 'externalKey of the app takes the cookie\'s place',
    variant: withSession({ externalKey: fromHeader }),
    steps: [
      { ...login, expect: { saw: ['externalKey.get', 'genid', 'store.set', 'store.set ended', 'externalKey.set'], setCookie: [] } },
      { ...read, headers: { 'x-session-key': 'id-1' }, expect: { results: ['{"user":{"name":"ann"}}', false, 'id-1'] } },
      { do: [['set', 'a', 1]], headers: { 'x-session-key': 'id-1' } },
      { ...read, headers: { 'x-session-key': 'unknown' } },
      { ...login, headers: { 'x-session-key': 'unknown' } },
      { do: [['destroy']], headers: { 'x-session-key': 'id-1' }, defect: touchesNoCookie },
      { ...read, headers: { 'x-session-key': 'id-1' } },
      { do: [['destroy'], ['replace', { again: 1 }]], headers: { 'x-session-key': 'unknown' } },
    ],
  },
  {
    title: 'an expired entry of the store is not taken, and its key is not reused',
    steps: [
      { do: [['set maxAge', 3600000], ['set', 'a', 1]] },
      { do: [['set store key', 'id-1', { a: 1, _expire: 1000, _maxAge: 1000 }]] },
      { ...read, expect: { results: ['{}', true, 'id-2'] } },
      { do: [['set', 'b', 1], ['externalKey']] },
      read,
    ],
  },
  {
    title: 'whatever a store gives is taken or missed alike',
    steps: [
      login,
      ...[0, '', false, 'text', 7, [], ['x'], { _expire: null }, { _expire: 'soon', a: 1 }, { isNew: true, a: 1 }, { _session: true }, { _maxAge: null }].map(json => ({
        do: [['set store key', 'id-1', json]],
      })).flatMap(step => [step, { ...read, cookie: jar => jar.header(0, '/') }]),
    ],
    onlyEgg3: 'koa-session 7 reads _expire only where it is a number, and skips functions: version 3 is followed',
  },
]);

differential('stores that fail', STORE_MODES, [
  {
    title: 'a get that throws fails the request',
    steps: [
      login,
      { do: [['store failing on', 'get']] },
      { ...read, expect: { status: 500, saw: ['store.get', 'error'] } },
      { do: [['no touch']], expect: { status: 500 } },
    ],
  },
  {
    title: 'a set that throws fails the request, and no cookie is sent',
    steps: [
      { do: [['store failing on', 'set'], ['set', 'a', 1]], expect: { status: 500, setCookie: [], saw: ['genid', 'store.set', 'error'] } },
      { do: [['set', 'a', 1], ['throw', 'app failed', 400]], expect: { status: 500 } },
    ],
  },
  {
    title: 'a failed save reaches the callback or who awaits it',
    variant: withSession({ autoCommit: false }),
    steps: [
      { do: [['store failing on', 'set', 'destroy'], ['set', 'a', 1], ['save(callback)'], ['caught', ['save']], ['commit(callback)']],
        expect: { status: 200, results: ['(undefined)', '(undefined)', 'callback got store.set failed', { threw: 'Error: store.set failed' }, 'callback got store.set failed'] } },
      { do: [['regenerate(callback)'], ['caught', ['regenerate']]] },
    ],
  },
  {
    title: 'a destroy that throws fails the request, and the cookie stays',
    steps: [
      login,
      { do: [['store failing on', 'destroy'], ['destroy']], expect: { status: 500, setCookie: [] } },
      { do: [['regenerate(callback)']] },
      read,
    ],
  },
]);
