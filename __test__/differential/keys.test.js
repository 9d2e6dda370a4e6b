'use strict';

const { differential } = require('../support/differential');
const { COOKIE_MODES, STORE_MODES } = require('../support/modes');

const login = { do: [['set', 'user', 'ann']] };
const read = { do: [['read'], ['isNew'], ['externalKey']] };
const untouched = { do: [['no touch']] };
const change = { do: [['set', 'user', 'ben']] };

const SEALING = ['encrypted', 'signed', 'store with encrypted key', 'store with signed key'];
const DAY_MS = 24 * 3600 * 1000;
const shop = { session: { path: '/shop' } };
const oldKey = { keys: 'the old key' };
const rotated = { keys: 'the new key,the old key' };
const newKey = { keys: 'the new key' };

/** The jar's cookies with the session's or the signature's value changed. */
const tampered = (changeValue, changeSignature = value => value) => jar => [
  `EGG_SESS=${changeValue(jar.value('EGG_SESS'))}`,
  ...(jar.value('EGG_SESS.sig') ? [`EGG_SESS.sig=${changeSignature(jar.value('EGG_SESS.sig'))}`] : []),
].join('; ');
const same = value => value;
/** Another character of the same alphabet at the place, so that the value still looks right. */
const otherAt = index => value => {
  const at = index < 0 ? value.length + index : index;
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
};
/** In front of the right cookies. */
const badFirst = ['EGG_SESS=x', 'EGG_SESS=', 'EGG_SESS.sig=first', 'EGG_SESS=x; EGG_SESS.sig=first; EGG_SESS=y'];
const both = [0, 5, -9, -2].map(otherAt);
/** Ours reads the session; the original does so for some of the changes in some of the modes. */
const opensHere = ({ original, ours, assert }) => {
  assert.deepEqual(ours.body.results.slice(0, 2), ['{"user":"ann"}', false]);
  if (original.body.results[1] === false) assert.deepEqual(ours, original);
};
/** Sends a cookie without keeping what comes back, so that each attempt starts from the same jar. */
const attempt = (cookie, step = read) => ({ ...step, cookie, keep: false });

differential('keys', SEALING, [
  {
    title: 'a session under an old key is read, and the first key writes',
    steps: [
      { ...login, variant: oldKey },
      { ...untouched, variant: rotated },
      { ...read, variant: rotated, expect: { status: 200 } },
      { ...change, variant: rotated },
      { ...read, variant: newKey },
      { ...read, variant: oldKey },
    ],
    // the re-sent signature's attributes are a defect of its own; these options have none to lose
    variant: { session: { maxAge: 'session' } },
  },
  {
    title: 'a session under keys that are all gone is not read',
    steps: [{ ...login, variant: oldKey }, { ...untouched, variant: newKey }, { ...read, variant: newKey }, { ...read, variant: newKey }, { ...login, variant: newKey }],
  },
  {
    title: 'a session under an old key is destroyed',
    steps: [{ ...login, variant: oldKey }, { do: [['destroy']], variant: rotated }, { ...read, variant: oldKey }],
  },
  {
    title: 'keys may hold any text',
    variant: { keys: ' ,ключ 😀,\u0000' },
    steps: [login, read, change, read],
  },
]);

differential('forged and broken cookies', [...COOKIE_MODES, ...STORE_MODES], [
  {
    title: 'a value that was tampered with',
    // without a signature or encryption the bytes are taken as they are: they may be JSON still, and that is compared too
    steps: [login, ...both.flatMap(edit => [attempt(tampered(edit)), attempt(tampered(edit), change)]), { ...read, cookie: tampered(both[0]) }, read],
  },
  {
    title: 'a signature that was tampered with is removed',
    modes: ['signed', 'store with signed key'],
    steps: [
      login,
      { ...attempt(tampered(same, otherAt(0))), expect: { cookies: ['EGG_SESS.sig'] } },
      ...[otherAt(-1), value => value.slice(0, -1), () => 'x', value => `${value}=`, () => '', value => `${value} `].map(edit => attempt(tampered(same, edit))),
      { ...read, cookie: tampered(same, otherAt(0)) },
      read,
    ],
  },
  {
    title: 'a value and a signature that were both tampered with',
    steps: [login, attempt(tampered(otherAt(3), otherAt(3))), login],
  },
  {
    title: 'a signature that is not there',
    steps: [login, attempt(jar => `EGG_SESS=${jar.value('EGG_SESS')}`), attempt(jar => `EGG_SESS.sig=${jar.value('EGG_SESS.sig')}`)],
  },
  {
    title: 'a value that was cut short or grew',
    steps: [
      login,
      ...[1, 2, 3, 4, 16, 21].map(length => attempt(tampered(value => value.slice(0, -length)))),
      ...['A', '=', '====', 'AAAA', ' ', '!', '"'].map(tail => attempt(tampered(value => value + tail))),
      attempt(tampered(() => '')),
      attempt(tampered(() => 'A')),
      attempt(tampered(value => value.slice(1))),
      attempt(tampered(value => value + value)),
      attempt(tampered(value => value.replaceAll('-', '+').replaceAll('_', '/'))),
      attempt(tampered(value => value.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))),
      attempt(tampered(value => `${value.slice(0, 7)} ${value.slice(7)}`)),
    ],
  },
  {
    title: 'defect: a value that a proxy put in quotes or percent-encoded logs the user out',
    modes: SEALING,
    steps: [
      login,
      ...[value => `"${value}"`, encodeURIComponent, value => `"${encodeURIComponent(value)}"`]
        .map(change => ({ ...attempt(tampered(change)), defect: opensHere })),
      { ...attempt(tampered(same, value => `"${value}"`)), defect: opensHere },
    ],
  },
  {
    title: 'several cookies of the session\'s name: the first counts',
    steps: [
      { ...login, jar: 'one' },
      { ...change, jar: 'two' },
      { ...read, jar: 'one', cookie: jar => `${jar.header(0, '/')}; EGG_SESS=x` },
      { ...read, jar: 'two', cookie: jar => `${jar.header(0, '/')}; ${jar.header(0, '/').split('').reverse().join('')}` },
    ],
  },
  {
    title: 'several cookies of the session\'s name: where any opens, the first counts',
    modes: ['unsigned', 'store with plain key'],
    steps: [login, ...badFirst.map(first => attempt(jar => `${first}; ${jar.header(0, '/')}`))],
  },
  {
    title: 'several cookies of the session\'s name, and the first does not open: another that does is the session',
    modes: SEALING,
    steps: [
      login,
      ...badFirst.map(first => ({
        ...attempt(jar => `${first}; ${jar.header(0, '/')}`),
        defect({ original, ours, assert }) {
          // A signature that is before the right one is nothing to a mode that does not sign.
          if (!original.body.results[1]) return assert.deepEqual(ours, original);
          assert.equal(original.body.results[0], '{}');
          assert.deepEqual(ours.body.results.slice(0, 2), ['{"user":"ann"}', false]);
          return assert.deepEqual(ours.setCookie, []);
        },
      })),
    ],
  },
  {
    title: 'defect: after a change of path the old cookie, which has expired, hides the new one',
    modes: SEALING,
    steps: [
      login,
      { ...change, after: 2 * DAY_MS, path: '/shop', variant: shop },
      {
        ...attempt(jar => jar.header(0, '/shop')),
        path: '/shop',
        variant: shop,
        defect({ original, ours, assert }) {
          assert.equal(original.body.results[0], '{}');
          assert.deepEqual([ours.body.results[0], ours.setCookie], ['{"user":"ben"}', []]);
          assert.deepEqual([original, ours].map(({ log }) => /expired/.test(JSON.stringify(log))), [true, false]);
        },
      },
    ],
  },
  {
    title: 'a Cookie header with odd spacing and odd neighbours',
    steps: [
      login,
      ...[
        cookie => `  ${cookie}  `,
        cookie => `;;${cookie};;`,
        cookie => cookie.replaceAll('; ', ';'),
        cookie => cookie.replaceAll('; ', ' ;  '),
        cookie => cookie.replaceAll('=', ' ='),
        cookie => cookie.replace('EGG_SESS=', 'EGG_SESS= '),
        cookie => `a=1;\t${cookie}`,
        cookie => `XEGG_SESS=1; ${cookie}`,
        cookie => `EGG_SESSX=1; ${cookie}`,
        cookie => `EGG_SESS; ${cookie}`,
        cookie => `egg_sess=1; ${cookie}`,
        cookie => `a=EGG_SESS=1; ${cookie}`,
        cookie => `a="EGG_SESS=1; ${cookie}"`,
        cookie => `a=1, ${cookie}`,
        cookie => `${cookie}, b=1`,
        cookie => `${'a=1; '.repeat(500)}${cookie}`,
        cookie => cookie.toLowerCase(),
      ].map(edit => attempt(jar => edit(jar.header(0, '/')))),
    ],
  },
]);

differential('what a plain cookie may say', ['unsigned'], [
  {
    title: 'JSON that is no session, and text that is no JSON',
    steps: ['5', '0', '-1', '"abc"', '""', 'true', 'false', 'null', '[]', '[1,2]', '{}', '{"a":1', '', ' ', '{"a":1} ', '\ufeff{"a":1}', '{"a":1}{"b":2}',
      '{"_expire":1}', '{"_expire":"2"}', '{"_expire":9999999999999,"a":1}', '{"_expire":null,"a":1}', '{"isNew":false,"a":1}', '{"a":1,"_maxAge":5000}',
      '{"a":1,"_maxAge":"session"}', '{"a":1,"_session":false}', '{"a":1,"a":2}', '{"a":1e400}', '{"save":"x"}'].flatMap(text => {
      const cookie = `EGG_SESS=${Buffer.from(text).toString('base64')}`;
      return [{ do: [['read']], cookie }, { do: [['length'], ['set', 'added', 1]], cookie }];
    }),
    onlyEgg3: 'koa-session 7 reads _expire only where it is a number and has isNew always: version 3 is followed',
  },
  {
    title: 'a text that differs from what we would write, for an equal session',
    steps: ['{ "a" : 1 }', '{"a":1.0,"_expire":9999999999999,"_maxAge":5000}', '{"_maxAge":5000,"a":1,"_expire":9999999999999}', '{"\\u0061":1,"_session":true}', '{"b":1,"2":2,"1":1}',
      '{"a":1,"_expire":9999999999999,"_maxAge":5000,"_other":1}', '{"a":1,"_session":true,"_expire":9999999999999}'].flatMap(text => {
      const cookie = `EGG_SESS=${Buffer.from(text).toString('base64')}`;
      return [
        { do: [['read'], ['maxAge']], cookie, expect: { setCookie: [] } },
        { do: [['touch'], ['set', 'added', 1], ['delete', 'added']], cookie, expect: { setCookie: [] } },
        { do: [['set', 'added', 1]], cookie },
      ];
    }),
  },
]);
