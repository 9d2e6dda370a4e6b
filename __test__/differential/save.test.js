'use strict';

const { differential } = require('../support/differential');
const { ALL_MODES, COOKIE_MODES, STORE_MODES } = require('../support/modes');

// Two writes in one request are a defect of the originals: scenarios that save and then change or save again are in
// differential_defects.test.js. Here `autoCommit: false` leaves the explicit save the only one.
const MANUAL = { session: { autoCommit: false } };

const login = { do: [['set', 'user', 'ann'], ['manuallyCommit']] };
const read = { do: [['read'], ['externalKey']] };
const withSession = session => ({ session });

differential('saving on demand', ALL_MODES, [
  {
    title: 'without autoCommit nothing is written on its own',
    variant: MANUAL,
    steps: [
      { do: [['set', 'a', 1]], expect: { setCookie: [] } },
      login,
      { do: [['set', 'a', 1]], expect: { setCookie: [] } },
      { do: [['destroy']], expect: { setCookie: [] } },
      { do: [['set maxAge', 1000]], expect: { setCookie: [] } },
      { ...read, expect: { setCookie: [] } },
    ],
  },
  {
    title: 'manuallyCommit writes what changed, and only if it changed',
    variant: MANUAL,
    steps: [
      { do: [['touch'], ['manuallyCommit']], expect: { setCookie: [] } },
      login,
      { do: [['read'], ['manuallyCommit']], expect: { setCookie: [] } },
      { do: [['set', 'b', 2], ['manuallyCommit']] },
      { do: [['set', 'c', 3], ['commit']] },
      { do: [['set', 'd', 4], ['commit(callback)']] },
      read,
      { do: [['destroy'], ['caught', ['manuallyCommit']]] },
    ],
  },
  {
    title: 'a cookie that the app has thrown away with the headers is sent once more',
    steps: [
      { do: [['set', 'a', 1], ['save'], ['replace Set-Cookie', 'theme=dark']] },
      read,
      { do: [['set', 'a', 2], ['manuallyCommit'], ['remove Set-Cookie']] },
      read,
      { do: [['set', 'a', 3], ['regenerate'], ['replace Set-Cookie', ['theme=dark', 'EGG_SESSION=1']]] },
      read,
    ],
  },
  {
    title: 'save writes a session that did not change, and one that is empty',
    variant: MANUAL,
    steps: [
      { do: [['save']] },
      read,
      { do: [['set', 'a', 1], ['save']] },
      { do: [['save']], after: 1000 },
      { do: [['save(callback)']], after: 1000, expect: { results: ['callback without error'] } },
      { do: [['save(callback) returns'], ['next turn'], ['next turn']], after: 1000 },
      { do: [['set maxAge', 5000], ['save']] },
      read,
    ],
  },
  {
    title: 'a save that nobody awaits writes too, also of an empty session',
    variant: MANUAL,
    steps: [
      { do: [['save, not awaited'], ['next turn'], ['next turn']] },
      { do: [['set', 'a', 1], ['save, not awaited'], ['next turn'], ['next turn']] },
      read,
    ],
  },
  {
    title: 'beforeSave sees the session before every save, and not when nothing is saved',
    variant: withSession({ beforeSave: 'fn:beforeSave' }),
    steps: [
      { do: [['touch']] },
      { do: [['set', 'a', 1]] },
      { do: [['read']], expect: { setCookie: [] } },
      { do: [['set', 'a', 2], ['set maxAge', 7000]] },
      { do: [['replace', { b: 1 }]] },
      { do: [['destroy']] },
    ],
  },
  {
    title: 'what beforeSave changes is saved',
    variant: withSession({ beforeSave: 'fn:beforeSave that mutates' }),
    steps: [
      { do: [['set', 'a', 1]] },
      read,
      { do: [['set', 'a', 2]] },
      read,
    ],
  },
  {
    title: 'a beforeSave that throws is an error of the request',
    variant: withSession({ beforeSave: 'fn:beforeSave that throws' }),
    steps: [
      { do: [['set', 'a', 1]], expect: { status: 500, setCookie: [] } },
      read,
      { do: [['set', 'a', 1], ['throw', 'app failed', 400]], expect: { status: 500 } },
    ],
  },
  {
    title: 'regenerate without autoCommit removes the old session and writes the new',
    variant: MANUAL,
    steps: [
      login,
      { do: [['regenerate'], ['read']] },
      read,
      { do: [['regenerate(callback)']], expect: { results: ['callback without error'] } },
      { do: [['set', 'a', 1], ['regenerate']] },
      read,
      { jar: 'without a session', do: [['regenerate']] },
      { jar: 'without a session', ...read },
    ],
  },
  {
    title: 'autoCommit turned off through ctx.sessionOptions is too late: the app\'s own options decide',
    steps: [
      { do: [['set option', 'autoCommit', false], ['set', 'a', 1]] },
      read,
    ],
  },
  {
    title: 'valid decides whether a session is taken',
    variant: withSession({ valid: 'fn:valid' }),
    steps: [
      { do: [['touch']] },
      { do: [['set', 'a', 1]] },
      { do: [['set', 'banned', true]] },
      { do: [['read'], ['isNew']], expect: { results: ['{}', true] } },
      { do: [['set', 'b', 1]] },
      { do: [['read']] },
    ],
  },
  {
    title: 'an invalid session\'s value is left out of the log where logValue is false',
    variant: withSession({ valid: 'fn:valid', logValue: false }),
    steps: [{ do: [['set', 'banned', true]] }, { do: [['read']] }],
  },
]);

differential('own codecs', COOKIE_MODES, [
  {
    title: 'encode and decode of the app write and read the cookie',
    variant: withSession({ encode: 'fn:encode', decode: 'fn:decode' }),
    steps: [
      { do: [['set', 'a', 'ä😀']] },
      { do: [['read']], expect: { results: ['{"a":"ä😀"}'], saw: ['decode'] } },
      { do: [['set', 'b', 2]] },
      { do: [['read'], ['destroy']] },
      { do: [['read']] },
    ],
  },
  {
    title: 'a decode that throws a SyntaxError gives a new session',
    variant: withSession({ decode: 'fn:decode' }),
    steps: [
      { do: [['set', 'a', 1]] },
      { do: [['read'], ['isNew']], expect: { status: 200, results: ['{}', true], setCookie: [], saw: ['decode'] } },
      { do: [['set', 'b', 1]] },
    ],
  },
  {
    title: 'a decode that throws anything else clears the cookie and fails the request',
    variant: withSession({ decode: 'fn:decode that throws' }),
    steps: [
      { do: [['set', 'a', 1]] },
      { do: [['read']], expect: { status: 500, saw: ['decode', 'error'] } },
      { do: [['read']], expect: { status: 200, results: ['{}'] } },
      { do: [['set', 'a', 1]] },
      { do: [['caught', ['read']], ['caught', ['isNew']]] },
    ],
  },
  {
    title: 'a decode that gives null is a missed session',
    variant: withSession({ decode: 'fn:decode to null' }),
    steps: [
      { do: [['set', 'a', 1]] },
      { do: [['read'], ['isNew']], expect: { saw: ['decode', 'log WARN', 'session:missed'] } },
    ],
  },
  {
    title: 'an encode that throws fails the request with the error event',
    variant: withSession({ encode: 'fn:encode that throws' }),
    steps: [
      { do: [['touch']], expect: { status: 200 } },
      { do: [['set', 'a', 1]], expect: { status: 500, setCookie: [], saw: ['error'] } },
      { do: [['caught', ['save']]] },
    ],
  },
]);

differential('own codecs beside a store', STORE_MODES, [
  {
    title: 'encode and decode have no say over what goes to a store',
    variant: withSession({ encode: 'fn:encode', decode: 'fn:decode' }),
    steps: [
      { do: [['set', 'a', 1]], expect: { saw: ['genid', 'store.set', 'store.set ended'] } },
      { do: [['read']], expect: { saw: ['store.get'] } },
    ],
  },
]);
