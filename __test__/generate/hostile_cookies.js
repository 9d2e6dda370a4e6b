'use strict';

/** Makes hostile cookies out of real ones: sealed by the originals' Keygrip, then spoiled in one of many ways. */

const { makeSession, makeString } = require('./sessions');
const { mutations, signatureMutations, sealedText } = require('./mutations');
const { withoutStacks } = require('./expected_opening');
const { HOSTILE_TEXTS, HOSTILE_OBJECTS } = require('./hostile_content');

/** @typedef {import('./prng').Prng} Prng */
/** @typedef {'encrypted' | 'signed' | 'plain'} Mode */
/** @typedef {{ kind: string, value: string, signature: string | undefined }} HostileCookie */

const CORPUS = 400;
const WRONG_KEY_FITS = 12;

/** Ways to write a JSON text, the codec's own first. @type {((text: string) => string | Buffer)[]} */
const LAYERS = [
  text => Buffer.from(text).toString('base64'),
  text => Buffer.from(text).toString('base64url'),
  text => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
  text => Buffer.from(text).toString('base64').replace(/(.{20})/g, '$1\r\n'),
  text => Buffer.from(text, 'utf16le').toString('base64'),
  text => Buffer.from(text, 'latin1').toString('base64'),
  text => Buffer.from(text).toString('hex'),
  text => text,
  text => Buffer.from(text, 'latin1'),
];

class HostileCookies {
  /**
   * @param {Prng} prng
   * @param {import('./originals').Original} original Whose Keygrip seals.
   * @param {string} name The cookie's name.
   * @param {string[]} keys The reader's keys: what is sealed is sealed by any of them, or by a stranger's.
   */
  constructor(prng, original, name, keys) {
    this.prng = prng;
    this.name = name;
    /** One Keygrip a key, since the originals' own picks the first of several. */
    this.keygrips = keys.map(key => new original.Keygrip([key]));
    this.stranger = new original.Keygrip(['a stranger\'s test key']);
    this.contents = [
      ...Array.from({ length: CORPUS }, () => prng.pick(LAYERS.slice(0, 1))(JSON.stringify(makeSession(prng)))),
      ...Array.from({ length: CORPUS / 4 }, () => makeString(prng)),
      ...[...HOSTILE_TEXTS, ...HOSTILE_OBJECTS].flatMap(text => [LAYERS[0](text), prng.pick(LAYERS)(text)]),
    ];
    this.wrongKeyFits = keys.length > 1 ? withoutStacks(() => this.findWrongKeyFits()) : [];
  }

  /**
   * Cookies under the last key that the first one decrypts as well, to garbage: the defect that loses sessions.
   * One cookie in 256 is such a one.
   */
  findWrongKeyFits() {
    const found = [];
    const [first, last] = [this.keygrips[0], this.keygrips[this.keygrips.length - 1]];
    for (let i = 0; found.length < WRONG_KEY_FITS; i++) {
      const content = i % 2 ? `external-key-${this.prng.bits()}` : LAYERS[0](`{"n":${this.prng.bits()}}`);
      const sealed = last.encrypt(content);
      if (first.decrypt(sealed)) found.push(sealedText(sealed));
    }
    return found;
  }

  /** @param {Mode} mode @returns {string} a value as one of the keys, or a stranger's, has sealed it */
  sealed(mode) {
    const { prng } = this;
    if (mode === 'encrypted' && this.wrongKeyFits.length && prng.chance(0.02)) return prng.pick(this.wrongKeyFits);
    const content = prng.pick(this.contents);
    if (mode === 'encrypted') {
      const keygrip = prng.chance(0.05) ? this.stranger : prng.pick(this.keygrips);
      return sealedText(keygrip.encrypt(content));
    }
    // Nobody can send a semicolon inside a cookie.
    return (typeof content === 'string' ? content : content.toString('latin1')).replace(/;/g, ':');
  }

  /** @param {Mode} mode @param {boolean} [intact] No spoiling: a right seal over whatever content. @returns {HostileCookie} */
  make(mode, intact = this.prng.chance(0.1)) {
    const { prng, name } = this;
    // An encrypted cookie's place may hold a signed one: Egg 4 wrote such, and attackers have both.
    const sealMode = prng.chance(0.1) ? prng.pick(/** @type {Mode[]} */ (['encrypted', 'signed'])) : mode;
    const other = this.sealed(sealMode);
    let kind = intact ? 'untouched' : prng.pick(Object.keys(mutations));
    let value = mutations[kind](prng, this.sealed(sealMode), other);
    if (!intact && prng.chance(0.1)) {
      const again = prng.pick(Object.keys(mutations));
      kind += `+${again}`;
      value = mutations[again](prng, value, other);
    }
    const signed = mode === 'signed' || sealMode === 'signed' || prng.chance(0.05);
    if (!signed) return { kind, value, signature: undefined };
    const spoiled = prng.chance(0.5) ? 'right' : prng.pick(Object.keys(signatureMutations));
    const signature = signatureMutations[spoiled](prng, this.keygrips[0].sign(`${name}=${value}`), {
      byOther: this.keygrips[0].sign(`${name}=${other}`),
      byOld: this.keygrips[this.keygrips.length - 1].sign(`${name}=${value}`),
      byStranger: this.stranger.sign(`${name}=${value}`),
    });
    return { kind: `${kind}, signature ${spoiled}`, value, signature: signature && signature.replace(/;/g, ':') };
  }
}

module.exports = { HostileCookies };
