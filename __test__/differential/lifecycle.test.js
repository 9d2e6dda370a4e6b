'use strict';

const { differential } = require('../support/differential');
const { ALL_MODES, COOKIE_MODES, STORE_MODES } = require('../support/modes');

const USER = { name: 'Ann', roles: ['admin', 'häuptling', '管理员', '😀'], visits: 1.5 };
const login = { do: [['set', 'user', USER]] };
const read = { do: [['read'], ['isNew'], ['length'], ['populated']] };

differential('the life of a session', ALL_MODES, [
  {
    title: 'a request that does not touch the session sets nothing',
    steps: [
      { do: [['no touch']], expect: { setCookie: [] } },
      login,
      { do: [['no touch']], expect: { setCookie: [] } },
    ],
  },
  {
    title: 'a new session that stays empty sets nothing',
    steps: [
      { do: [['read'], ['isNew'], ['length'], ['populated'], ['same object twice']],
        expect: { setCookie: [], results: ['{}', true, 0, false, true] } },
      { do: [['isNew itself'], ['own keys']] },
      { do: [['touch']] },
      { do: [['set', 'a', 1], ['delete', 'a']], expect: { setCookie: [] } },
      { do: [['set', '_private', 1], ['get', '_private'], ['length']], expect: { setCookie: [], results: ['(undefined)', 1, 0] } },
    ],
  },
  {
    title: 'a session is written once and read until it changes',
    steps: [
      { ...login, expect: { status: 200 } },
      { ...read, expect: { setCookie: [], results: [JSON.stringify({ user: USER }), false, 1, true] } },
      { do: [['own keys'], ['isNew itself'], ['keys of JSON'], ['inspect'], ['get', 'user.roles'], ['same object twice']], expect: { setCookie: [] } },
      { do: [['set', 'user', USER]], expect: { setCookie: [] } },
    ],
  },
  {
    title: 'a change is written: a key, a nested key, an element, a type, the order',
    steps: [
      login,
      { do: [['set', 'user.name', 'Ben']] },
      { do: [['set', 'cart', []], ['length']] },
      { do: [['set', 'cart.0', { id: 7, price: 1e21 }]] },
      { do: [['set', 'user.visits', '1.5']] },
      { do: [['get', 'user'], ['delete', 'user'], ['set', 'user', USER]] },
      { ...read, expect: { setCookie: [] } },
    ],
  },
  {
    title: 'values that JSON changes or drops come back as JSON has them',
    steps: [
      { do: [['set', 'a', 1], ['set undefined', 'gone'], ['set toJSON value', 'date'], ['set', '10', 'ten'], ['set', '2', 'two'], ['read']] },
      { ...read, expect: { results: ['{"2":"two","10":"ten","a":1,"date":"1970-01-01T00:00:00.000Z"}', false, 4, true] } },
      { do: [['set', 'lone', '\ud800'], ['set', 'zero', -0], ['set', 'nul', '\u0000\u2028"\\']] },
      read,
      { do: [['set', 'private', { _inner: 1, isNew: true }], ['set', '_own', 1]] },
      { do: [['read'], ['get', 'private'], ['get', '_own']] },
    ],
  },
  {
    title: 'deleting a key writes the rest; deleting the last key writes an empty session',
    steps: [
      { do: [['set', 'a', 1], ['set', 'b', 2]] },
      { do: [['delete', 'a'], ['read']] },
      read,
      { do: [['delete', 'b'], ['populated']] },
      read,
    ],
  },
  {
    title: 'replacing the session writes the new content only',
    steps: [
      login,
      { do: [['replace', { other: 1 }], ['read'], ['isNew'], ['externalKey']] },
      read,
      { do: [['replace', {}], ['isNew'], ['populated']] },
      read,
      { do: [['replace', { other: 1 }]] },
      { do: [['touch'], ['replace', { other: 1 }]], expect: { setCookie: [] } },
      { do: [['replace', ['a', 'b']], ['read']] },
      read,
      { do: [['replace', { isNew: 'text', _x: 1, kept: 1 }], ['read'], ['get', '_x']] },
      read,
      { do: [['replace', { maxAge: 100000 }], ['read'], ['maxAge']] },
      read,
    ],
  },
  {
    title: 'replacing without a session before makes one',
    steps: [
      { do: [['replace', { a: 1 }], ['read'], ['isNew']] },
      read,
      { jar: 'other', do: [['replace', {}]] },
    ],
  },
  {
    title: 'destroying expires the cookie, also where none came',
    steps: [
      { do: [['destroy'], ['is null']] },
      login,
      { do: [['read'], ['destroy'], ['is null']] },
      read,
      login,
      { do: [['destroy']] },
      { do: [['set', 'again', 1]] },
    ],
  },
  {
    title: 'a session set after it was destroyed is kept',
    steps: [
      login,
      { do: [['destroy'], ['replace', { after: 1 }], ['read'], ['externalKey']] },
      read,
      { do: [['destroy'], ['caught', ['set', 'a', 1]]] },
    ],
  },
  {
    title: 'only null and objects can be the session',
    steps: [
      { do: [['caught', ['replace', 'text']], ['caught', ['replace', 7]], ['caught', ['replace', false]], ['read']],
        expect: { results: [...Array(3).fill({ threw: 'Error: this.session can only be set as null or an object.' }), '{}'] } },
      { do: [['replace', 'text']], expect: { status: 500 } },
      login,
      { do: [['replace', true]] },
      read,
    ],
  },
  {
    title: 'changes before an error of the app are written',
    steps: [
      { do: [['set', 'a', 1], ['throw', 'app failed']], expect: { status: 500 } },
      read,
      { do: [['set', 'a', 1], ['throw', 'not here', 404]] },
      login,
      { do: [['set', 'a', 1], ['throw', 'app failed', 403]] },
      read,
      { do: [['destroy'], ['throw', 'app failed']] },
      read,
    ],
  },
  {
    title: 'other cookies of the app stay beside the session\'s',
    steps: [
      { do: [['set cookie', 'theme', 'dark', { signed: false }], ['set', 'a', 1]] },
      { do: [['get cookie', 'theme', { signed: false }], ['set', 'a', 2], ['set cookie', 'signed', 'x']] },
      { do: [['set cookie', 'EGG_SESS', 'mine', { signed: false }], ['set', 'a', 3]] },
      read,
    ],
  },
  {
    title: 'two browsers have two sessions',
    steps: [
      { jar: 'one', do: [['set', 'a', 1]] },
      { jar: 'two', do: [['set', 'a', 2]] },
      { ...read, jar: 'one' },
      { ...read, jar: 'two' },
    ],
  },
]);

differential('the life of a session in a cookie', COOKIE_MODES, [
  {
    title: 'a cookie over 4093 bytes is announced and still sent',
    steps: [
      { do: [['set', 'long', 'x'.repeat(4096)]], expect: { saw: ['cookieLimitExceed'] } },
      read,
    ],
  },
  {
    title: 'a session around the length limit is announced alike',
    steps: [2200, 2290, 2295, 2300, 2305, 3000, 3040, 3045].map(length => ({ do: [['set', 'long', 'x'.repeat(length)]] })),
  },
]);

differential('the life of a session in a store', STORE_MODES, [
  {
    title: 'the store is called in order with key, JSON, maxAge and options',
    steps: [
      { ...login, expect: { saw: ['genid', 'store.set', 'store.set ended'] } },
      { ...read, expect: { saw: ['store.get'] } },
      { do: [['set', 'user.name', 'Ben'], ['externalKey']], expect: { saw: ['store.get', 'store.set', 'store.set ended'], results: ['(undefined)', 'id-1'] } },
      { do: [['destroy']], expect: { saw: ['store.get', 'store.destroy', 'store.destroy ended'] } },
      read,
    ],
  },
  {
    title: 'a key that the store does not know is never adopted',
    steps: [
      login,
      { do: [['set store key', 'id-1', null]] },
      { do: [['read'], ['isNew'], ['externalKey'], ['set', 'b', 1]],
        expect: { saw: ['store.get', 'genid', 'store.set', 'log WARN', 'session:missed', 'store.set ended'], results: ['{}', true, 'id-2', '(undefined)'] } },
      read,
    ],
  },
]);
