'use strict';

/** Ways to spoil a cookie value or a signature. Each takes what the originals wrote and gives another string. */

/** @typedef {import('./prng').Prng} Prng */
/** @typedef {(prng: Prng, value: string, other: string) => string} Mutation */

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_';
/** Characters that an HTTP parser, a browser or a proxy treats in its own way. Never ';': it would end the cookie. */
const FOREIGN = '=,"\\ \t\r\n\0\x01\x7f\x80\xa0\xad\xff%.~!*()<>[]{}|^`\'éĀ杭\u2028\ufeff\ufffd\ud800\udfff=== ';
const AES_BLOCK = 16;

/** @param {Prng} prng @param {string} text */
const position = (prng, text) => prng.below(text.length + 1);
/** @param {string} value */
const bytesOf = value => Buffer.from(value, 'base64');
/** As egg-cookies writes encrypted values. @param {Buffer} bytes */
const sealedText = bytes => bytes.toString('base64').replace(/\+/g, '-').replace(/\//g, '_');
/** @param {Buffer} bytes */
const blocksOf = bytes => Array.from({ length: Math.ceil(bytes.length / AES_BLOCK) }, (_, i) => bytes.subarray(i * AES_BLOCK, (i + 1) * AES_BLOCK));

/** @type {Record<string, Mutation>} */
const mutations = {
  untouched: (prng, value) => value,
  empty: () => '',
  truncated: (prng, value) => value.slice(0, prng.below(value.length + 1)),
  beheaded: (prng, value) => value.slice(prng.below(value.length + 1)),
  extended: (prng, value) => value + prng.text(1 + prng.below(24), BASE64),
  oneCharacterOff: (prng, value) => {
    const at = prng.below(value.length || 1);
    return value.slice(0, at) + prng.pick([...BASE64]) + value.slice(at + 1);
  },
  oneForeignCharacter: (prng, value) => {
    const at = position(prng, value);
    return value.slice(0, at) + FOREIGN[prng.below(FOREIGN.length)] + value.slice(at + prng.below(2));
  },
  manyForeignCharacters: (prng, value) =>
    value.replace(/./gs, char => (prng.chance(0.2) ? char + FOREIGN[prng.below(FOREIGN.length)] : char)),
  oneCharacterLess: (prng, value) => {
    const at = prng.below(value.length || 1);
    return value.slice(0, at) + value.slice(at + 1);
  },
  paddingRemoved: (prng, value) => value.replace(/=+$/, ''),
  paddingAdded: (prng, value) => value + '='.repeat(1 + prng.below(4)),
  paddingInside: (prng, value) => {
    const at = position(prng, value);
    return value.slice(0, at) + '='.repeat(1 + prng.below(3)) + value.slice(at);
  },
  standardAlphabet: (prng, value) => value.replace(/-/g, '+').replace(/_/g, '/'),
  urlAlphabet: (prng, value) => value.replace(/\+/g, '-').replace(/\//g, '_'),
  otherCase: (prng, value) => (prng.chance(0.5) ? value.toUpperCase() : value.toLowerCase()),
  percentEncoded: (prng, value) => encodeURIComponent(value.replace(/[\ud800-\udfff]/g, '?')),
  quoted: (prng, value) => `"${value}"`,
  spaced: (prng, value) => ` ${value}${prng.pick(['', ' ', '\t'])}`,
  twice: (prng, value) => value + prng.pick(['', '=', ',', ' ']) + value,
  reversed: (prng, value) => [...value].reverse().join(''),
  joined: (prng, value, other) => value.slice(0, position(prng, value)) + other.slice(position(prng, other)),
  bitsFlipped: (prng, value) => {
    const bytes = bytesOf(value);
    for (let i = 1 + prng.below(3); i > 0 && bytes.length; i--) bytes[prng.below(bytes.length)] ^= 1 << prng.below(8);
    return sealedText(bytes);
  },
  lastBlocksFlipped: (prng, value) => {
    // The last two blocks decide the padding: this is where a padding oracle would ask.
    const bytes = bytesOf(value);
    if (bytes.length) bytes[Math.max(0, bytes.length - 1 - prng.below(2 * AES_BLOCK))] ^= prng.below(256);
    return sealedText(bytes);
  },
  bytesCut: (prng, value) => sealedText(bytesOf(value).subarray(0, prng.below(bytesOf(value).length + 1))),
  blocksCut: (prng, value) => sealedText(Buffer.concat(blocksOf(bytesOf(value)).slice(0, 1 + prng.below(4)))),
  blocksMixed: (prng, value, other) => {
    const pool = [...blocksOf(bytesOf(value)), ...blocksOf(bytesOf(other))];
    return sealedText(Buffer.concat(Array.from({ length: 1 + prng.below(pool.length + 1) }, () => prng.pick(pool) || Buffer.alloc(0))));
  },
  blocksSwapped: (prng, value) => {
    const blocks = blocksOf(bytesOf(value));
    const [a, b] = [prng.below(blocks.length || 1), prng.below(blocks.length || 1)];
    [blocks[a], blocks[b]] = [blocks[b], blocks[a]];
    return sealedText(Buffer.concat(blocks.filter(Boolean)));
  },
  tailOfOther: (prng, value, other) => {
    const [ours, theirs] = [blocksOf(bytesOf(value)), blocksOf(bytesOf(other))];
    return sealedText(Buffer.concat([...ours.slice(0, prng.below(ours.length + 1)), ...theirs.slice(-1 - prng.below(3))]));
  },
  randomBlocks: prng => sealedText(prng.bytes(AES_BLOCK * (1 + prng.below(6)))),
  randomBytes: prng => sealedText(prng.bytes(prng.below(100))),
  randomBase64: prng => prng.text(prng.below(120), `${BASE64}=`),
  randomLatin1: prng => prng.bytes(prng.below(120)).toString('latin1').replace(/;/g, ':'),
  randomUnits: prng => Array.from({ length: prng.below(60) }, () => String.fromCharCode(prng.below(0x10000))).join('').replace(/;/g, ':'),
  randomForeign: prng => prng.text(prng.below(40), FOREIGN),
};

/** @type {Record<string, (prng: Prng, signature: string, others: { byOther: string, byOld: string, byStranger: string }) => string | undefined>} */
const signatureMutations = {
  right: (prng, signature) => signature,
  absent: () => undefined,
  empty: () => '',
  ofAnotherValue: (prng, signature, { byOther }) => byOther,
  byAnOldKey: (prng, signature, { byOld }) => byOld,
  byAStranger: (prng, signature, { byStranger }) => byStranger,
  spoiled: (prng, signature, { byOther }) => mutations[prng.pick(Object.keys(mutations))](prng, signature, byOther),
};

module.exports = { mutations, signatureMutations, sealedText };
