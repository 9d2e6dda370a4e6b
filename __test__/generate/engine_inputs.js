'use strict';

/** Random and hostile strings for the engines: no HTTP parser stands between them and these. */

/** @typedef {import('./prng').Prng} Prng */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BOTH_ALPHABETS = `${STANDARD}-_`;
const BLANKS = [' ', '\t', '\n', '\r', '\f'];

/** @type {((prng: Prng) => string)[]} one character each */
const FOREIGN = [
  prng => prng.pick(BLANKS),
  prng => String.fromCharCode(prng.below(0x100)),
  prng => String.fromCharCode(prng.below(0x10000)),
  () => '=',
  // its low byte is a letter of base64
  prng => String.fromCharCode(0x100 * (1 + prng.below(0xff)) + BOTH_ALPHABETS.charCodeAt(prng.below(BOTH_ALPHABETS.length))),
  prng => String.fromCharCode(0xd800 + prng.below(0x800)),
];

/** Mostly base64, by chance spoiled by one kind of foreign character. @param {Prng} prng @returns {string} */
function base64Like(prng) {
  const length = prng.chance(0.1) ? prng.below(600) : prng.below(30);
  let text = prng.chance(0.5)
    ? prng.text(length, BOTH_ALPHABETS)
    : Buffer.from(prng.text(length, 'abc {"}:,123é会')).toString(prng.pick(['base64', 'base64url']));
  if (prng.chance(0.7)) {
    const foreign = prng.pick(FOREIGN);
    for (let i = prng.pick([1, 1, 2, 10]); i > 0; i--) {
      const at = prng.below(text.length + 1);
      text = text.slice(0, at) + foreign(prng) + text.slice(at + prng.below(2));
    }
  }
  return prng.chance(0.3) ? text + '='.repeat(prng.below(4)) : text;
}

/** Bytes that are UTF-8 in parts: whole, cut, overlong and stray sequences side by side. @param {Prng} prng @returns {Buffer} */
function utf8Like(prng) {
  const pieces = Array.from({ length: prng.below(12) }, () => prng.pick([
    () => Buffer.from(prng.text(prng.below(8), 'plain ascii')),
    () => Buffer.from(prng.text(1, 'éß会话\uffff\ufeff\u2028')),
    () => Buffer.from(prng.pick(['😀', '𝒳', '\u{10ffff}'])),
    () => Buffer.from(prng.pick(['😀', '会', 'é'])).subarray(0, -1),
    () => Buffer.from(prng.pick([[0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xff], [0x80]])),
    () => prng.bytes(prng.below(4)),
  ])());
  return Buffer.concat(pieces);
}

/** Any text an app may put into a session or send as a name. @param {Prng} prng @returns {string} */
function anyText(prng) {
  return prng.pick([
    () => JSON.stringify({ id: prng.below(1e6), pad: 'x'.repeat(prng.below(40)) }),
    () => JSON.stringify({ 名: prng.text(prng.below(20), '会话数据 é ß 😀') }),
    () => utf8Like(prng).toString('utf8'),
    () => utf8Like(prng).toString('latin1'),
    () => prng.text(prng.below(10), 'a\ud83d\ude00\udfff\0\n;=,'),
    () => '{"a":"' + 'y'.repeat(prng.below(30_000)) + '会'.repeat(prng.below(2)) + '"}',
    () => '',
  ])();
}

module.exports = { base64Like, utf8Like, anyText };
