'use strict';

/** Whole Cookie headers: several cookies of a name, odd separators, names that mean something to a regular expression. */

const { mutations } = require('./mutations');

/** @typedef {import('./prng').Prng} Prng */

/** All of them may name a cookie: RFC 7230 field-content, as egg-cookies asks. */
const NAMES = Object.freeze([
  'EGG_SESS', 'koa.sess', 'a.b*c', 'x[y]', '$^(|)+?', 'a-b', '{2}', '#', '\\d', '.sig', 'x.sig', '_CHIPS-S', 'a/b', 'é', 'a b',
  ' a', 'a=b', 'a,b', '"q"', '__proto__', 'constructor',
]);
const SEPARATORS = ['; ', ';', ' ; ', ';;', '; ;', ';   ', ',', ', ', '&', '\t;', ';\t', ';\r\n ', '\n', ' ', ';\u00a0', '\0', '; \0'];
const STRANGERS = [
  'csrfToken=abc', 'a=1', 'locale=zh-CN', '$Version=1', 'flag', '=', '=x', '==', 'x=', '', ' ', '__proto__=1', 'a="b; c"', 'é=ü',
  '\x80\x81=\xff', '\0=\0', 'a=%00', 'path=/', 'expires=Thu, 01 Jan 1970 00:00:00 GMT',
];

/**
 * @param {Prng} prng
 * @param {string} name
 * @returns {string} a name that is not it, but would be for a careless reader
 */
function lookalike(prng, name) {
  return prng.pick([
    `X${name}`, `${name}X`, `${name} `, `${name}.`, name.toLowerCase(), name.toUpperCase(), name.slice(1), name.slice(0, -1),
    name.replace(/[^a-z]/gi, 'z'), name.replace(/\\d/, '7'), `${name}.sig.sig`, `\t${name}`, `"${name}"`, encodeURIComponent(name), '.*',
  ]);
}

/**
 * @param {Prng} prng
 * @param {string} name
 * @param {() => { value: string, signature?: string }} make A hostile or right cookie.
 * @returns {string}
 */
function makeHeader(prng, name, make) {
  const cookie = make();
  const parts = [`${name}=${cookie.value}`];
  if (cookie.signature !== undefined) parts.push(`${name}.sig=${cookie.signature}`);
  for (let i = prng.below(5); i > 0; i--) {
    const other = make();
    parts.splice(prng.below(parts.length + 1), 0, prng.pick([
      prng.pick(STRANGERS),
      `${lookalike(prng, name)}=${other.value}`,
      `${name}=${other.value}`,
      `${name}=`,
      name,
      `${name}.sig=${other.signature}`,
      `${name}.sig=${cookie.signature}`,
      `${name}.sig`,
      `x=${name}=${other.value}`,
    ]));
  }
  const usual = prng.chance(0.5);
  let header = parts.reduce((text, part) => text + (usual ? '; ' : prng.pick(SEPARATORS)) + part);
  if (prng.chance(0.2)) header = prng.pick(SEPARATORS) + header;
  if (prng.chance(0.2)) header += prng.pick(SEPARATORS);
  if (prng.chance(0.1)) header = mutations[prng.pick(['truncated', 'beheaded', 'oneForeignCharacter', 'manyForeignCharacters', 'twice'])](prng, header, '');
  if (prng.chance(0.02)) header = enlarge(prng, header, name);
  return header;
}

/** @param {Prng} prng @param {string} header @param {string} name @returns {string} 64 KB, most of it in the way */
function enlarge(prng, header, name) {
  const filler = prng.pick(['a=b; ', ';', ' ', `${name} `, `;${' '.repeat(50)}`, `x${name}=`, `; ${name.slice(0, -1)}=1`, '\xff', '=']);
  const bulk = filler.repeat(Math.ceil(65536 / filler.length));
  return prng.chance(0.5) ? `${bulk};${header}` : `${header};${bulk}`;
}

module.exports = { makeHeader, NAMES };
