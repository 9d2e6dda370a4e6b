'use strict';

/**
 * Random requests with random, often odd, options for the session's cookie: what fast_path_equivalence.test.js sends
 * down every way. Values that an app could only set by `ctx.sessionOptions.x = …` after start are among them.
 */

const KEYS = [['a'], ['a'], ['b', 'a'], ['a', 'b'], ['c', 'b', 'a'], ['ä€😀', 'a'], ['b']];
const NAMES = [...Array(12).fill('EGG_SESS'), 'koa.sess', 's', 'EGG_SESS.sig', 'with space', ' s', 'a=b', 'a;b', 'a(b', 'ü', '€', 'a\n', '__proto__', 'constructor'];
const USER_AGENTS = [
  undefined, undefined, '', 'curl/8', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/79.0.1.2 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/80.0.1.2 Safari/537.36', 'Mozilla/5.0 Chrome/118.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 Version/12.0 Mobile/16B92 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_2) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0 Safari/605.1.15',
  'Mozilla/5.0 (Linux; U; Android 9) AppleWebKit/537.36 UCBrowser/12.10.0.1163 Mobile Safari/537.36', 'Chromium/51.9', 'Chrome/x.',
];
const BOOLEANS = [true, true, false, false, undefined, null, 0, 1, '', 'yes'];

/** Usual values first, odd ones after: an odd option in every request would leave little to compare. */
const ATTRIBUTES = {
  secure: BOOLEANS,
  httpOnly: BOOLEANS,
  overwrite: BOOLEANS,
  partitioned: [false, undefined, null, true, 1],
  removeUnpartitioned: [true, false],
  path: ['/', '/a', '', null, undefined, false, '/\n', '/€', '/ü', 7, ['/a'], Object.freeze({ toString: () => '/object' })],
  domain: ['example.com', '.a.b', '', null, undefined, false, () => 'from.function', () => '', () => 'a\nb', () => { throw new RangeError('domain failed'); }, 'a\r\nb', 7, ['a']],
  sameSite: ['none', 'None', 'lax', 'STRICT', true, false, null, undefined, '', 0, 1, 'bogus', ['lax'], {}],
  priority: ['low', 'HIGH', 'Medium', null, undefined, '', 'urgent', ['low'], 7, true],
  maxAge: [
    86400000, 3600000, 1500, 'session', 0, null, undefined, 499, 500, 1, 0.5, 1.5, -5, NaN, Infinity, -Infinity, '12abc', 'abc', '', false, true, 1e15,
    3.9e15, 4e15, 8.6e15, 1e21, 2 ** 53, [5000], {}, -0,
  ],
  expires: [undefined, null, 0, '', new Date(86400000), new Date(NaN), 'tomorrow', 5, {}],
  ignoreSecureError: [true, false],
  signed: [true, false, undefined, null, 0, 'yes'],
  encrypt: [true, false, undefined, null, 0, 'yes'],
};
const FREQUENT = ['secure', 'httpOnly', 'overwrite', 'path', 'domain', 'sameSite', 'maxAge'];
const RARE = ['partitioned', 'removeUnpartitioned', 'priority', 'expires', 'ignoreSecureError'];

const HANDLERS = {
  'nothing': () => {},
  'touch': ctx => { void ctx.session; },
  'read': ctx => [JSON.stringify(ctx.session), ctx.session.isNew, ctx.session.length, ctx.session.maxAge],
  'change': ctx => { ctx.session.n = (ctx.session.n || 0) + 1; return JSON.stringify(ctx.session); },
  'change deep': ctx => { ctx.session.deep = { list: ['ä', '€', '😀', '\ud800', null, 1.5, -0] }; },
  'change to long': ctx => { ctx.session.long = 'x'.repeat(3000); },
  'change to almost too long': ctx => { ctx.session.long = 'x'.repeat(2240); },
  'replace': ctx => { ctx.session = { replaced: true, a: '' }; },
  'replace by nothing': ctx => { ctx.session = {}; },
  'destroy': ctx => { ctx.session = null; },
  'empty': ctx => { for (const key of Object.keys(ctx.session.toJSON())) delete ctx.session[key]; },
  'save': ctx => ctx.session.save(),
  'maxAge a number': ctx => { ctx.session.maxAge = 60000; },
  'maxAge session': ctx => { ctx.session.maxAge = 'session'; },
  'two cookies': ctx => { ctx.session.n = 1; ctx.cookies.set('theme', 'dark', { signed: false }); },
  'the same cookie by hand': ctx => { ctx.cookies.set('EGG_SESS', 'mine', { signed: false, encrypt: false }); ctx.session.n = 1; },
  'an error': ctx => { ctx.session.n = 1; throw new RangeError('the app failed'); },
};
const SESSIONS = ['{}', '{"n":1}', '{"n":1,"name":"Ann"}', '{"a":"ä€😀"}', '{"deep":{"list":[1,2,{"x":null}]}}', '[1]', 'null', '7', '"text"', '{', '', '{"_private":1}', '{"isNew":1,"n":2}'];
const TAILS = ['', ',"_expire":9999999999999,"_maxAge":86400000', ',"_expire":1,"_maxAge":5', ',"_session":true', ',"_maxAge":1500', ',"_expire":"soon"'];

/** @param {import('./prng').Prng} prng @param {string[]} names @param {number} probability */
function someAttributes(prng, names, probability) {
  const chosen = {};
  for (const name of names) {
    if (!prng.chance(probability)) continue;
    const values = ATTRIBUTES[name];
    // four times in five one of the usual values
    chosen[name] = prng.chance(0.8) ? values[prng.below(Math.min(5, values.length))] : prng.pick(values);
  }
  return chosen;
}

/** @param {import('./prng').Prng} prng */
function randomOptions(prng) {
  const mode = prng.pick([{ encrypt: true }, { encrypt: true }, { encrypt: false }, { encrypt: false }, { encrypt: false, signed: false }, {}]);
  const options = { key: prng.pick(NAMES), maxAge: 86400000, overwrite: true, httpOnly: true, signed: true, autoCommit: true, ...mode };
  Object.assign(options, someAttributes(prng, FREQUENT, 0.25), someAttributes(prng, RARE, 0.06), someAttributes(prng, ['signed', 'encrypt'], 0.08));
  if (prng.chance(0.1)) options.rolling = true;
  if (prng.chance(0.1)) options.renew = true;
  if (prng.chance(0.1)) options.codec = prng.pick(['hex', 'odd characters', 'empty', 'number', 'null', 'undefined', 'buffer', 'throws', 'very long']);
  return options;
}

/** @param {import('./prng').Prng} prng */
function randomSetCookie(prng) {
  return prng.pick([undefined, undefined, undefined, ['other=1'], 'single=1; path=/', ['EGG_SESS=old; path=/', 'EGG_SESS.sig=old; path=/', 'EGG_SESSX=1'], ['EGG_SESS.sig=x']]);
}

/** @param {import('./prng').Prng} prng */
function randomText(prng) {
  const json = prng.pick(SESSIONS);
  return /^\{.*\}$/.test(json) && prng.chance(0.8) ? (json.slice(0, -1) + prng.pick(TAILS) + '}').replace('{,', '{') : json;
}

/**
 * @param {import('./prng').Prng} prng
 * @param {(mode: { encrypt: boolean, signed: boolean }, key: string, name: string, value: string) => { value: string, sig?: string }} seal by the original
 */
function randomCookie(prng, options, keys, seal) {
  if (prng.chance(0.1)) return { header: prng.pick([undefined, '', 'other=1', ';', '=', 'EGG_SESS', 'EGG_SESS=', 'EGG_SESS.sig=x']) };
  const fits = prng.chance(0.9);
  const mode = fits
    ? { encrypt: Boolean(options.encrypt), signed: options.signed !== false }
    : prng.pick([{ encrypt: true, signed: true }, { encrypt: false, signed: true }, { encrypt: false, signed: false }]);
  const keyIndex = prng.chance(0.8) ? 0 : prng.below(keys.length);
  const key = prng.chance(0.95) ? keys[keyIndex] : 'unknown';
  const name = prng.chance(0.95) ? options.key : prng.pick(NAMES);
  let { value, sig } = seal(mode, key, name, Buffer.from(randomText(prng)).toString('base64'));
  if (prng.chance(0.1)) value = value.slice(0, prng.below(value.length + 1));
  if (prng.chance(0.1)) value += prng.pick(['=', 'A', ' ', '%', '"', '\u00e4']);
  if (sig !== undefined && prng.chance(0.1)) sig = prng.pick(['', 'x', sig.slice(1), `${sig}A`, sig.replace(/./, 'x')]);
  const parts = [`${name}=${value}`];
  if (sig !== undefined && prng.chance(0.95)) parts.push(`${name}.sig=${sig}`);
  if (prng.chance(0.1)) parts.unshift(prng.pick(['other=1', `x${name}=1`, `${name}x=1`, 'a=b=c', '']));
  if (prng.chance(0.1)) parts.push(prng.pick(['other=1', `${name}=second`, `${name}.sig=second`]));
  if (prng.chance(0.05)) parts.reverse();
  const header = prng.pick(['', '', '', ' ', '  ']) + parts.join(prng.pick(['; ', '; ', ';', ';  ', ' ; ']));
  return { header, encrypted: mode.encrypt, sealedBy: key };
}

/**
 * `config.cookies` of an app.
 *
 * @param {import('./prng').Prng} prng
 */
function randomDefaults(prng) {
  const cookies = prng.chance(0.6) ? { ...someAttributes(prng, FREQUENT, 0.2), ...someAttributes(prng, [...RARE, 'signed', 'encrypt'], 0.08) } : prng.pick([{}, {}, undefined]);
  if (cookies && prng.chance(0.05)) cookies.autoChips = prng.pick([true, false]);
  return cookies;
}

/**
 * @param {import('./prng').Prng} prng
 * @param {any} seal see randomCookie
 */
function randomCase(prng, seal) {
  const options = randomOptions(prng);
  const keys = prng.pick(KEYS);
  const { header, ...cookie } = randomCookie(prng, options, keys, seal);
  const headers = {};
  if (header !== undefined) headers.cookie = header;
  const userAgent = prng.pick(USER_AGENTS);
  if (userAgent !== undefined) headers['user-agent'] = userAgent;
  const handler = prng.pick(Object.keys(HANDLERS));
  // koa-session writes twice: one of the contract's defects
  if (handler === 'save') options.autoCommit = false;
  return {
    options, keys, cookie, headers,
    secure: prng.chance(0.5),
    setCookie: randomSetCookie(prng),
    handler,
  };
}

/** Codecs of an app, by the name in `options.codec`; encode may give what no cookie can carry. */
const CODECS = {
  'hex': { encode: json => Buffer.from(JSON.stringify(json)).toString('hex'), decode: text => JSON.parse(Buffer.from(text, 'hex').toString()) },
  'odd characters': { encode: json => `ü${JSON.stringify(json)}`, decode: text => JSON.parse(text.slice(1)) },
  'empty': { encode: () => '', decode: () => ({ decoded: true }) },
  'number': { encode: () => 7, decode: () => 7 },
  'null': { encode: () => null, decode: () => null },
  'undefined': { encode: () => undefined, decode: () => undefined },
  'buffer': { encode: json => Buffer.from(JSON.stringify(json)), decode: text => JSON.parse(text) },
  'throws': { encode: () => { throw new RangeError('encode failed'); }, decode: () => { throw new RangeError('decode failed'); } },
  'very long': { encode: json => JSON.stringify(json).padEnd(5000).replace(/[^a-z0-9]/g, 'x'), decode: text => ({ size: text.length }) },
};

module.exports = { randomCase, randomDefaults, HANDLERS, CODECS };
