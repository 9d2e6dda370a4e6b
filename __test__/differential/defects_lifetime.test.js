'use strict';

/** A lifetime as text, as an environment variable holds it, in the originals and in ours. */

const { differential } = require('../support/differential');

const HOUR = 3600 * 1000;
const read = { do: [['read']] };

/** @returns {string} the session's JSON that a step saved, with its lifetime */
function savedText({ log, setCookie }) {
  const set = log.find(({ call }) => call === 'store.set');
  return set ? set.args[1] : Buffer.from(/^EGG_SESS=([^;]*)/.exec(setCookie[0])[1], 'base64').toString();
}

/** What the store is told, and the attributes of the cookie. */
const told = ({ log, setCookie }) => ({
  lifetimes: log.filter(({ call }) => call === 'store.set').map(({ args }) => args[2]),
  attributes: setCookie.map(line => line.slice(line.indexOf(';'))),
});

/** The original's `_expire` is the text of the lifetime with the time behind it. Ours is their sum. */
function isSum({ original, ours, assert }) {
  const [theirs, our] = [original, ours].map(record => JSON.parse(savedText(record)));
  assert.match(theirs._expire, /^3600000\d{13}$/);
  assert.deepEqual(our, { ...theirs, _expire: Number(theirs._expire.slice(7)) + HOUR, _maxAge: HOUR });
  assert.deepEqual(told(ours).attributes, told(original).attributes);
  assert.deepEqual([told(original).lifetimes, told(ours).lifetimes], told(ours).lifetimes.length > 0 ? [['3600000'], [HOUR + 10000]] : [[], []]);
}

/** The session is there in both. */
function isThere({ original, ours, assert }) {
  assert.deepEqual([original.body.results, ours.body.results], [['{"user":"ann"}'], ['{"user":"ann"}']]);
}

/** The session is there in the original, and has ended in ours. */
function hasEnded({ original, ours, assert }) {
  assert.deepEqual([original.body.results, ours.body.results], [['{"user":"ann"}'], ['{}']]);
}

/** Keeps sending what the jar holds after a browser would have thrown it away. */
const stale = jar => ['EGG_SESS', 'EGG_SESS.sig'].map(name => `${name}=${jar.value(name)}`).join('; ');

differential('defect: a lifetime of digits as text is joined with the time, and the session never ends', ['signed', 'store with signed key'], [
  {
    title: 'maxAge in the config',
    variant: { session: { maxAge: '3600000' } },
    steps: [
      { do: [['set', 'user', 'ann']], defect: isSum },
      { ...read, after: HOUR - 1, defect: isThere },
      { ...read, after: 100 * 24 * HOUR, cookie: stale, defect: hasEnded },
    ],
    egg4FollowsEgg3: '@eggjs/session 4 refuses to start with text',
  },
  {
    title: 'maxAge set by the app',
    steps: [
      { do: [['set', 'user', 'ann'], ['set maxAge', '3600000']], defect: isSum },
      { ...read, after: HOUR - 1, defect: isThere },
      { ...read, after: 100 * 24 * HOUR, cookie: stale, defect: hasEnded },
    ],
  },
]);

/** The original takes what was stored, for ever; ours says that it has expired. */
function hasExpired({ original, ours, assert }) {
  assert.deepEqual([original.body.results, ours.body.results], [['{"user":"ann"}'], ['{}']]);
  assert.equal(original.log.some(({ event }) => event === 'session:expired'), false);
}

differential('defect: what was stored with a text as _expire never ends', ['store with signed key'], [
  ['a time that is over', { user: 'ann', _expire: '36000001000000000000', _maxAge: '3600000' }],
].map(([title, stored]) => ({
  title,
  steps: [
    { do: [['set', 'user', 'ann']] },
    { do: [['set store key', 'id-1', stored]], cookie: () => '' },
    { ...read, cookie: stale, defect: hasExpired },
  ],
  onlyEgg3: 'koa-session 7 reads _expire only where it is a number',
})));
