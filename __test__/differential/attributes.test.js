'use strict';

const { differential } = require('../support/differential');
const { ALL_MODES } = require('../support/modes');

// Attributes do not depend on the mode, but for whether a second cookie, the signature, carries them too, and for who writes them:
// the session's end or the store's.
const MODES = ['encrypted', 'signed', 'store with signed key'];

const BROWSERS = {
  'none at all': undefined,
  'Chrome 50': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/50.0.2661.102 Safari/537.36',
  'Chrome 66': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0.3359.181 Safari/537.36',
  'Chrome 79': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.88 Safari/537.36',
  'Chrome 80': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.87 Safari/537.36',
  'Chrome 117': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36',
  'Chrome 118': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36',
  'iOS 12': 'Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
  'iOS 17': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  'Safari on macOS 10.14': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Safari/605.1.15',
  'UC browser 12.13.1': 'Mozilla/5.0 (Linux; U; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 UCBrowser/12.13.1.1178 Mobile Safari/537.36',
  'Firefox 120': 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
  'no browser': 'curl/8.0.1',
};

const HTTPS = { 'x-forwarded-proto': 'https' };
const login = { do: [['set', 'a', 1]] };
const change = { do: [['set', 'a', 2]] };
const destroy = { do: [['destroy']] };
const over = (headers, step) => ({ ...step, headers });

/** A session's write, change and end, without and with a secure connection. */
const writes = [login, change, destroy, ...[login, change, destroy].map(step => over(HTTPS, step))];
/** A new browser of each kind, over HTTPS. */
const everyBrowser = Object.entries(BROWSERS).flatMap(([jar, userAgent]) =>
  [login, destroy].map(step =>
    ({ ...step, jar, headers: { ...HTTPS, ...(userAgent ? { 'user-agent': userAgent } : {}) } })));

// with a store the cookie is written the same way
const everywhere = { steps: everyBrowser, modes: ['encrypted', 'signed'] };

const withOptions = (title, session, cookies = {}, more = {}) => ({
  title,
  variant: { proxy: true, session, cookies },
  steps: writes,
  ...more,
});

const refusedByVersion4 = 'the options\' schema of @eggjs/session 4 refuses the type at the start';

differential('attributes of the cookie', MODES, [
  withOptions('no attributes but the defaults', {}),
  withOptions('domain as a string', { domain: 'example.com' }),
  withOptions('domain as a function, asked at each write', { domain: 'fn:domain' }),
  withOptions('path', { path: '/account' }),
  withOptions('path left out', { path: null }),
  withOptions('path empty', { path: '' }),
  withOptions('priority in any case', { priority: 'High' }),
  withOptions('httpOnly false', { httpOnly: false }),
  withOptions('httpOnly null means not set', { httpOnly: null }, {}, { egg4FollowsEgg3: refusedByVersion4 }),
  withOptions('overwrite false', { overwrite: false }),
  withOptions('another key', { key: 'my.session-2' }),
  withOptions('secure false, also over https', { secure: false }),
  withOptions('secure true: an error over http, sent over https', { secure: true }),
  withOptions('secure undefined follows the connection', {}),
  withOptions('secure null', { secure: null }, {}, { egg4FollowsEgg3: refusedByVersion4 }),
  withOptions('sameSite lax', { sameSite: 'lax' }),
  withOptions('sameSite Strict', { sameSite: 'Strict' }),
  withOptions('sameSite true means strict', { sameSite: true }, {}, { egg4FollowsEgg3: refusedByVersion4 }),
  withOptions('sameSite false', { sameSite: false }, {}, { egg4FollowsEgg3: refusedByVersion4 }),
  withOptions('sameSite null means not set', { sameSite: null }, { sameSite: 'lax' }, { egg4FollowsEgg3: refusedByVersion4 }),
  withOptions('sameSite empty', { sameSite: '' }, { sameSite: 'lax' }),
  withOptions('sameSite none, without a browser\'s name', { sameSite: 'none' }),
  withOptions('sameSite None in every browser', { sameSite: 'None' }, {}, everywhere),
  withOptions('sameSite none with secure', { sameSite: 'none', secure: true }, {}, everywhere),
  withOptions('sameSite none with secure false', { sameSite: 'none', secure: false }, {}, everywhere),
  withOptions('an expiry date of its own', { expires: 'date:2026-03-04T05:06:07Z', maxAge: 'session' }),
  withOptions('an expiry date beside maxAge', { expires: 'date:2026-03-04T05:06:07Z' }),
  withOptions('everything at once', { domain: 'example.com', path: '/', priority: 'low', sameSite: 'strict', secure: false, httpOnly: false, maxAge: 90500 }, {}, { modes: ALL_MODES }),
]);

differential('partitioned cookies', MODES, [
  withOptions('partitioned without sameSite none is not sent', { partitioned: true }),
  withOptions('partitioned in every browser', { partitioned: true, sameSite: 'none' }, {}, everywhere),
  withOptions('partitioned that removes the unpartitioned cookie', { partitioned: true, removeUnpartitioned: true, sameSite: 'none' }, {}, everywhere),
  withOptions('partitioned that removes, without overwrite', { partitioned: true, removeUnpartitioned: true, sameSite: 'none', overwrite: false }, {}, everywhere),
  withOptions('partitioned that removes, with secure and domain', { partitioned: true, removeUnpartitioned: true, sameSite: 'none', secure: true, domain: 'example.com' }, {}, everywhere),
  withOptions('autoChips sends and reads a second cookie', { sameSite: 'none' }, { autoChips: true }, everywhere),
  withOptions('autoChips beside partitioned', { sameSite: 'none', partitioned: true }, { autoChips: true }, everywhere),
  withOptions('autoChips without sameSite none', {}, { autoChips: true }),
  {
    title: 'autoChips reads the second cookie where the first is missing',
    variant: { proxy: true, session: { sameSite: 'none' }, cookies: { autoChips: true } },
    steps: [
      over({ ...HTTPS, 'user-agent': BROWSERS['Chrome 118'] }, login),
      { do: [['read']], cookie: jar => jar.header(0, '/').replace(/(?:^|; )EGG_SESS(?:\.sig)?=[^;]*/g, '') },
      { do: [['read']], cookie: jar => jar.header(0, '/').replace(/_CHIPS-EGG_SESS=/, '_CHIPS-EGG_SESS=x') },
    ],
  },
]);

differential('defaults of config.cookies', MODES, [
  withOptions('config.cookies fills in what the session leaves open', {}, { sameSite: 'lax', domain: 'example.com', path: '/shop', priority: 'medium' }),
  withOptions('the session\'s own options go before config.cookies', { sameSite: 'strict', domain: 'a.example.com', path: '/' }, { sameSite: 'lax', domain: 'example.com', path: '/shop' }),
  withOptions('config.cookies cannot change what the session\'s options always say', {}, { httpOnly: false, overwrite: false, signed: false, maxAge: 1000 }),
  withOptions('config.cookies with sameSite none', {}, { sameSite: 'none' }, everywhere),
  withOptions('config.cookies with secure', {}, { secure: true }),
  withOptions('config.cookies with secure false', { sameSite: 'none' }, { secure: false }),
  withOptions('config.cookies with partitioned', { sameSite: 'none' }, { partitioned: true, removeUnpartitioned: true }, everywhere),
  withOptions('config.cookies with a domain function', {}, { domain: 'fn:domain' }),
  withOptions('config.cookies with encrypt beside a session that has none', { encrypt: null }, { encrypt: true }),
]);

differential('options changed for one response', ALL_MODES, [
  {
    title: 'ctx.sessionOptions changes the attributes of this response only',
    variant: { proxy: true },
    steps: [
      { do: [['set option', 'domain', 'a.example.com'], ['set option', 'sameSite', 'lax'], ['set option', 'path', '/p'], ['set', 'a', 1]] },
      login,
      { do: [['set option', 'httpOnly', false], ['set option', 'priority', 'low'], ['set', 'a', 3]] },
      { do: [['option', 'domain'], ['option', 'key'], ['option', 'httpOnly'], ['option', 'encrypt'], ['option', 'signed'], ['option', 'overwrite'], ['option', 'autoCommit'], ['option', 'sameSite']] },
      { do: [['set option', 'key', 'other'], ['set', 'a', 4]] },
      { do: [['set option', 'signed', false], ['set', 'a', 5]] },
      { do: [['set option', 'sameSite', 'sideways'], ['set', 'a', 6]] },
      { do: [['set option', 'secure', true], ['set', 'a', 7]], expect: { status: 500 } },
      { do: [['set option', 'priority', 'urgent'], ['set', 'a', 10]], expect: { status: 500 } },
      { do: [['set option', 'domain', 'a\nb'], ['set', 'a', 11]], expect: { status: 500 } },
      { do: [['set option', 'path', '/ä€'], ['set', 'a', 12]], expect: { status: 500 } },
      { do: [['set option', 'expires', null], ['set', 'a', 13]] },
    ],
  },
]);
