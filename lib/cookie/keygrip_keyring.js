'use strict';

/**
 * Stands in for a keyring where a Koa app gave a Keygrip of its own as `app.keys`. A Keygrip hides its keys and may have any digest,
 * so it signs and verifies itself; nothing is remembered, because its keys may change unseen.
 */

const { withLifetime } = require('../engine/lifetime');
const { misuse } = require('../errors');
const { decodeText, encodeText } = require('../session/codec');

/** @typedef {import('../engine/arguments').Mode} Mode in fact `signed-sha1` or `plain`: Koa has no others */

class KeygripKeyring {
  #keygrip;

  /** @param {{ sign(data: string): string, index(data: string, digest: string): number }} keygrip */
  constructor(keygrip) {
    this.#keygrip = keygrip;
  }

  /** @param {string} data */
  signSha1(data) {
    return this.#keygrip.sign(data);
  }

  /** @param {string} data @param {unknown} digest @returns {number} index of the key that signed, or -1 */
  verifySha1(data, digest) {
    return typeof digest === 'string' ? this.#keygrip.index(data, digest) : -1;
  }

  /** Egg's signature, with SHA-256. @returns {string} @throws {TypeError} ERR_SESSION_KEYS */
  sign() {
    throw unable('sign for Egg');
  }

  /** @returns {number} -1: no key is known that could have made Egg's signature */
  verify() {
    return -1;
  }

  /** @param {Mode} mode @param {string} name @param {string} value @param {string} [signature] */
  openValue(mode, name, value, signature) {
    if (value === '') return null;
    const keyIndex = mode === 'plain' ? 0 : this.verifySha1(`${name}=${value}`, signature);
    return keyIndex === -1 ? null : { value, keyIndex };
  }

  /** @param {Mode} mode @param {string} name @param {string} value @param {string} [signature] */
  open(mode, name, value, signature) {
    const opened = this.openValue(mode, name, value, signature);
    return opened && { text: decodeText(opened.value), keyIndex: opened.keyIndex };
  }

  /** @param {Mode} mode @param {string} name @param {string} value @param {string} [signature] */
  openSession(mode, name, value, signature) {
    return this.open(mode, name, value, signature);
  }

  /** @returns {import('../engine/portable/sealed').Opened | null} null: whatever was sealed was sealed with other keys */
  openSealed() {
    return null;
  }

  /** @returns {{ value: string }} @throws {TypeError} ERR_SESSION_KEYS */
  sealSealed() {
    throw unable('seal');
  }

  /** @param {Mode} mode @param {string} name @param {string} value @returns {{ value: string, signature?: string }} */
  sealValue(mode, name, value) {
    return mode === 'plain' ? { value } : { value, signature: this.signSha1(`${name}=${value}`) };
  }

  /**
   * @param {Mode} mode @param {string} name @param {string} text @param {number} expire @param {number} maxAge @param {string} suffix
   * @returns {string[]} Set-Cookie lines
   */
  sealCookie(mode, name, text, expire, maxAge, suffix) {
    const { value, signature } = this.sealValue(mode, name, encodeText(withLifetime(text, expire, maxAge)));
    const line = `${name}=${value}${suffix}`;
    return signature === undefined ? [line] : [line, `${name}.sig=${signature}${suffix}`];
  }
}

/** @param {string} what */
function unable(what) {
  return misuse('ERR_SESSION_KEYS', `A Keygrip, which hides its keys, cannot ${what}`);
}

module.exports = { KeygripKeyring };
