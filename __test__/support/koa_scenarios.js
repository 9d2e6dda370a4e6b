'use strict';

/**
 * What koa.test.js asks of both sides. `kept` says where the session is: 'cookie', 'store' or 'all' of the ways.
 * `koa7Differs` is the reason why koa-session 7 cannot be the oracle too: the contract follows 6 there.
 */

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

const login = { do: [['set', 'user', { name: 'Ann', roles: ['häuptling', '管理员', '😀'] }]] };
const read = { do: [['read'], ['isNew'], ['length'], ['populated'], ['maxAge']] };
const withSession = session => ({ session });
/** With an error's answer, koa-session loses the cookie. request/koa_errors.test.js is about ours, which does not. */
const dropsCookie = withSession({ cookieOnError: false });

/** The logout is equal but for the cookies, which koa-session expires though it never set them. */
const touchesNoCookie = ({ original, ours, assert }) => {
  assert.match(original.setCookie[0], /^koa\.sess=; .*1970/);
  const log = original.log.map(entry => (entry.outer ? { ...entry, cookies: false } : entry));
  assert.deepEqual(ours, { ...original, log, setCookie: [] });
};

/** Keeps sending what the jar holds after a browser would have thrown it away. */
const stale = jar => ['koa.sess', 'koa.sess.sig'].filter(name => jar.value(name)).map(name => `${name}=${jar.value(name)}`).join('; ');
const cookieOf = (jar, change) => change({ value: jar.value('koa.sess'), sig: jar.value('koa.sess.sig') });
const joined = ({ value, sig }) => `koa.sess=${value}${sig === undefined ? '' : `; koa.sess.sig=${sig}`}`;

/** The original's new signature of an old cookie ends with the browser; ours lives as long as the cookie: a listed defect. */
function resigned({ original, ours, assert }) {
  const isResigned = line => /^koa\.sess\.sig=[^;]/.test(line);
  const stripped = record => ({ ...record, setCookie: record.setCookie.map(line => (isResigned(line) ? line.replace(/; expires=[^;]+/, '') : line)) });
  assert.deepEqual(stripped(ours), stripped(original));
  for (const line of ours.setCookie.filter(isResigned)) assert.match(line, /; expires=/);
}

const life = [
  {
    title: 'new, read, changed, a key deleted, replaced, emptied',
    steps: [
      { do: [['no touch']], expect: { setCookie: [] } },
      { ...read, expect: { setCookie: [], results: ['{}', true, 0, false, '(undefined)'] } },
      { ...login, expect: { status: 200 } },
      { ...read, expect: { setCookie: [] } },
      { do: [['set', 'user.name', 'Ben']] },
      { do: [['set', 'b', []], ['delete', 'user']] },
      { do: [['replace', { c: 1.5, _private: 1 }], ['externalKey']] },
      { do: [['replace', {}]] },
      { do: [['delete', 'c']] },
      read,
    ],
  },
  {
    title: 'destroyed with and without a cookie, and made anew after it',
    steps: [
      { do: [['destroy'], ['is null']] },
      login,
      { do: [['destroy'], ['is null']] },
      read,
      login,
      { do: [['destroy'], ['replace', { again: 1 }]] },
      read,
    ],
  },
  {
    title: 'anything but null and objects cannot be a session',
    variant: dropsCookie,
    steps: [login, ...['text', 1, true].map(value => ({ do: [['set', 'a', value], ['replace', value]], expect: { status: 500 } })), read],
  },
  {
    title: 'an error of the app does not keep the session from being saved',
    variant: dropsCookie,
    steps: [{ do: [['set', 'a', 1], ['throw', 'failed']], expect: { status: 500 } }, read, { do: [['set', 'a', 1], ['throw', 'no', 404]] }, login, read],
  },
  {
    title: 'writes from outside of the middleware',
    steps: [
      { do: [['read']], headers: { 'x-outer-operations': '[["set","outside",1]]' } },
      { do: [['set', 'inside', 1]], headers: { 'x-outer-operations': '[["set","outside",2]]' } },
      read,
    ],
  },
  {
    title: 'tampered cookies: value, signature, both, cut, none, doubled, oddly spaced',
    steps: [
      login,
      ...[
        c => joined({ ...c, value: `x${c.value}` }),
        c => joined({ ...c, sig: c.sig && `x${c.sig.slice(1)}` }),
        c => joined({ value: 'e30=', sig: c.sig }),
        c => joined({ ...c, value: c.value.slice(0, -5) }),
        c => joined({ value: c.value }),
        c => joined({ value: '', sig: c.sig }),
        c => `${joined(c)}; koa.sess=e30=`,
        c => `koa.sess=e30=; ${joined(c)}`,
        c => `  a=1;   ${joined(c).replace('; ', ' ;  ')}`,
        c => `xkoa.sess=1; ${joined(c)}`,
        c => joined({ ...c, value: `"${c.value}"` }),
        () => 'koa.sess=; koa.sess.sig=',
      ].map(change => ({ ...read, cookie: jar => cookieOf(jar, change) })),
      { do: [['set', 'b', 1]], cookie: jar => cookieOf(jar, c => joined({ ...c, sig: 'x' })) },
      read,
    ],
  },
  {
    title: 'keys are rotated',
    variant: { keys: 'old' },
    steps: [login, read, { ...read, variant: { keys: 'new,old' }, defect: resigned }, { ...read, variant: { keys: 'new,old' }, defect: resigned },
      { do: [['set', 'b', 1]], variant: { keys: 'new,old' } }, { ...read, variant: { keys: 'new' } }, { ...read, variant: { keys: 'other' } }],
  },
  {
    title: 'without app.keys',
    variant: { keys: null },
    steps: [read, login, { do: [['destroy']] }, read],
  },
  {
    title: 'a session of unusual JSON',
    kept: 'cookie',
    steps: ['null', '1', '""', '"text"', '[]', '[1,2]', '{"_expire":"soon"}', '{"_expire":1}', '{"isNew":1}', '{"a":null}', '{', 'x', ''].map(json => ({
      do: [['read'], ['set', 'n', 1], ['read']],
      variant: { session: { signed: false } },
      cookie: `koa.sess=${Buffer.from(json).toString('base64')}`,
    })),
  },
];

const lifetimes = [
  ...[HOUR, 1500, 'session', 0, undefined].map(maxAge => ({
    title: `maxAge ${maxAge} in the options`,
    variant: withSession({ maxAge }),
    steps: [login, read, { ...read, after: HOUR - 1, cookie: stale }, { ...read, after: 2, cookie: stale }, { ...read, after: DAY, cookie: stale }],
  })),
  { title: 'maxAge null means not set', variant: withSession({ maxAge: null }), koa7Differs: '7 refuses null', steps: [login, read] },
  {
    title: 'the session\'s own maxAge: a number, the word, zero',
    steps: [login,
      ...[HOUR, 'session', DAY, 0].flatMap(value => [{ do: [['set maxAge', value], ['maxAge']] }, read, { do: [['set', 'a', String(value)]] }, read])],
  },
  { title: 'maxAge in new content goes through the setter', steps: [{ do: [['replace', { maxAge: 100 }], ['maxAge']] }, read] },
  { title: 'rolling', variant: withSession({ rolling: true }), steps: [{ do: [['touch']] }, login, { ...read, after: HOUR }, { do: [['no touch']] }] },
  {
    title: 'renew, once less than half is left',
    variant: withSession({ renew: true, maxAge: HOUR }),
    steps: [login, { ...read, after: HOUR / 2, expect: { setCookie: [] } }, { ...read, after: 1 }, { ...read, after: HOUR / 2 }],
  },
];

const saving = [
  { title: 'save() of an empty session', steps: [{ do: [['save']] }, read, { jar: 'b', do: [['save(callback)'], ['note', 'saved']] }, { jar: 'b', ...read }] },
  // with a store, the original answers before the save has ended: shim_commit.test.js has ours
  { title: 'save() that nobody awaits', kept: 'cookie', steps: [{ do: [['save, not awaited']] }, read, { do: [['save(callback) returns']] }, read] },
  { title: 'regenerate() of an empty session', steps: [{ do: [['regenerate']] }, read, { do: [['regenerate(callback)']] }, read] },
  {
    title: 'autoCommit false',
    variant: withSession({ autoCommit: false }),
    steps: [login, { do: [['set', 'a', 1], ['manuallyCommit']] }, read, { do: [['set', 'a', 2]] }, read, { do: [['set', 'a', 3], ['commit(callback)']] },
      { do: [['destroy']] }, read, { do: [['regenerate']] }],
  },
  {
    title: 'hooks: valid and beforeSave',
    variant: withSession({ valid: 'fn:valid', beforeSave: 'fn:beforeSave that mutates' }),
    steps: [login, read, { do: [['set', 'banned', true]] }, read],
  },
  { title: 'a beforeSave that throws', variant: withSession({ beforeSave: 'fn:beforeSave that throws' }), steps: [login, read] },
  {
    title: 'the store\'s key travels elsewhere',
    kept: 'store',
    variant: withSession({ externalKey: { get: 'fn:external key from header', set: 'fn:external key to header' } }),
    steps: [login, { ...read, headers: { 'x-session-key': 'id-1' } }, { ...read, headers: { 'x-session-key': 'nobody' } },
      { do: [['destroy']], headers: { 'x-session-key': 'id-1' }, defect: touchesNoCookie }],
  },
  { title: 'a ContextStore for each request', kept: 'store', variant: withSession({ ContextStore: 'fn:ContextStore' }), steps: [login, read, { do: [['destroy']] }] },
  {
    title: 'an unknown key and an expired entry of the store are not taken over',
    kept: 'store',
    variant: withSession({ maxAge: HOUR }),
    steps: [login, { ...read, after: HOUR + 1, cookie: stale }, { ...login, cookie: stale }, { do: [['set store key', 'id-3', { _expire: 1 }]] }, read],
  },
  ...['get', 'set', 'destroy'].map(method => ({
    title: `a store that fails on ${method}`,
    kept: 'store',
    steps: [{ do: [['set', 'a', 1], ['store failing on', 'none']] }, { do: [['store failing on', method], ['set', 'a', 2]] }, login, { do: [['destroy']] }],
  })),
  {
    title: 'the store comes and goes while the app runs',
    kept: 'cookie',
    variant: withSession({ genid: 'fn:genid' }),
    steps: [login, { do: [['app store', 'plain']] }, read, login, read, { do: [['app store', null]] }, read, login, read],
  },
];

const codecs = [
  { title: 'a codec of the app', kept: 'cookie', variant: withSession({ encode: 'fn:encode', decode: 'fn:decode' }), steps: [login, read, { ...read, cookie: 'koa.sess=old' }, { do: [['destroy']] }] },
  { title: 'a decode that throws', kept: 'cookie', variant: withSession({ signed: false, decode: 'fn:decode that throws', cookieOnError: false }), steps: [login, { ...read, expect: { status: 500 } }, read] },
  { title: 'a decode to null', kept: 'cookie', variant: withSession({ decode: 'fn:decode to null' }), steps: [login, read] },
  { title: 'an encode that throws', kept: 'cookie', variant: withSession({ encode: 'fn:encode that throws' }), steps: [{ ...login, expect: { status: 500 } }, read] },
];

const attributes = [
  { path: '/a' }, { path: null }, { domain: 'example.com' }, { sameSite: 'none' }, { sameSite: 'Lax' }, { sameSite: true }, { httpOnly: false }, { overwrite: false },
  { secure: true }, { secure: false }, { priority: 'High' }, { partitioned: true }, { expires: null }, { key: 'other' }, { signed: false }, { signed: null }, { encrypt: true },
].map(session => ({
  title: `the option ${JSON.stringify(session)}`,
  variant: withSession(session),
  koa7Differs: (session.signed === null || session.sameSite === true) && '7 refuses these types',
  steps: [login, { do: [['set cookie', 'theme', 'dark'], ['set cookie', 'koa.sess', 'mine'], ['set', 'a', 1]] }, read, { do: [['destroy']] }],
}));

const scenarios = [...life, ...lifetimes, ...saving, ...codecs, ...attributes,
  { title: 'the option {"secure":true} over TLS', variant: { proxy: true, ...withSession({ secure: true, sameSite: 'none' }) },
    steps: [{ ...login, headers: { 'x-forwarded-proto': 'https' } }, { ...read, headers: { 'x-forwarded-proto': 'https' } }] },
  { title: 'the old spelling maxage', variant: withSession({ maxage: HOUR }), steps: [login, read] },
  { title: 'the arguments in the other order', variant: { argumentsSwapped: true }, steps: [login, read] },
].map(scenario => ({ kept: 'all', ...scenario }));

module.exports = { scenarios };
