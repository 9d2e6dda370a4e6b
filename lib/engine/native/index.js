'use strict';

/**
 * The native engine: a thin layer over the addon in Rust (src/binding.rs). The JS side checks the types of arguments and gives
 * answers their shape. The Rust side does the formats and the cryptography, and relies on the types. Each operation calls the
 * addon once. Answers, errors and limits are those of the portable engine, which documents each method (../portable/index.js).
 */

const loadBinding = require('./load_binding');
const { checkString } = require('../../errors');
const { keyBytes, checkData, checkMeta, checkNow, unknownMode } = require('../arguments');

/** @typedef {import('../arguments').Mode} Mode */
/** @typedef {import('../arguments').SealedMeta} SealedMeta */
/** @typedef {import('../portable/sealed').Opened} OpenedSealed */
/** @typedef {import('../portable/json/diff').Operation} Operation */
/** @typedef {import('../portable/json/merge').Merged} Merged */

const binding = loadBinding();

// The modes' numbers in src/binding.rs.
const ENCRYPTED = 0;
const SIGNED = 1;
const PLAIN = 2;
const SIGNED_SHA1 = 3;
// Added to a mode's number: the content is any string and not base64 of JSON; only what surely is a session counts.
const ANY_VALUE = 4;
const SURE_SESSION = 8;
// How long a signature is in each mode, by the mode's number.
const SIGNATURE_CHARS = [0, 43, 0, 27];
const SIGNATURE_ASSIGNMENT_CHARS = '.sig='.length;

/**
 * Numbers that the addon writes beside its answer. [0]: the index of the key that opened. For a sealed token also [1]: createdAtMs
 * and [2]: expiresAtMs, NaN if absent, and [3]: the id's length in UTF-16 units, 0 if absent.
 * The array must not leave this file: the `unsafe` block in src/binding.rs relies on that (see SAFETY there).
 */
const numbers = new Float64Array(4);

/**
 * @param {Mode} mode
 * @returns {number}
 * @throws {TypeError} ERR_SESSION_MODE, also for 'sealed', which has functions of its own
 */
function modeNumber(mode) {
  switch (mode) {
    case 'encrypted': return ENCRYPTED;
    case 'signed': return SIGNED;
    case 'plain': return PLAIN;
    case 'signed-sha1': return SIGNED_SHA1;
    default: throw unknownMode(mode);
  }
}

/**
 * @param {unknown} data a string stands for its UTF-8 bytes
 * @returns {Buffer}
 * @throws {TypeError} ERR_SESSION_ARGUMENT
 */
function toBytes(data) {
  const checked = checkData(data);
  return typeof checked === 'string' ? Buffer.from(checked, 'utf8') : checked;
}

/** The app keys and the keys derived from them. The portable Keyring documents each method. */
class Keyring {
  #handle;

  /**
   * @param {(string | Uint8Array)[]} keys newest first
   * @throws {TypeError} ERR_SESSION_KEYS
   */
  constructor(keys) {
    const secrets = keyBytes(keys);
    this.#handle = binding.createKeyring(secrets, numbers);
    for (const secret of secrets) secret.fill(0);
  }

  /**
   * Internal, for lib/cookie/: checks the mode only.
   *
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null}
   */
  openSession(mode, name, value, signature) {
    const text = binding.open(this.#handle, modeNumber(mode) + SURE_SESSION, name, value, signature);
    return text === null ? null : { text, keyIndex: numbers[0] };
  }

  /**
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null}
   */
  open(mode, name, value, signature) {
    if (mode === 'sealed') return this.openSealed(name, value);
    checkString('name', name);
    const number = modeNumber(mode);
    if (typeof value !== 'string') return null;
    const given = typeof signature === 'string' ? signature : undefined;
    const text = binding.open(this.#handle, number, name, value, given);
    return text === null ? null : { text, keyIndex: numbers[0] };
  }

  /**
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ value: string, keyIndex: number } | null}
   */
  openValue(mode, name, value, signature) {
    if (mode === 'sealed') {
      const token = this.openSealed(name, value);
      return token && { value: token.text, keyIndex: token.keyIndex };
    }
    checkString('name', name);
    const number = modeNumber(mode);
    if (typeof value !== 'string') return null;
    const given = typeof signature === 'string' ? signature : undefined;
    const opened = binding.open(this.#handle, number + ANY_VALUE, name, value, given);
    return opened === null ? null : { value: opened, keyIndex: numbers[0] };
  }

  /** @param {Mode} mode @param {string} name @param {string} text @returns {{ value: string, signature?: string }} */
  seal(mode, name, text) {
    if (mode === 'sealed') return this.sealSealed(name, text);
    checkString('text', text);
    checkString('name', name);
    const number = modeNumber(mode);
    const sealed = binding.seal(this.#handle, number, name, text);
    const signatureChars = SIGNATURE_CHARS[number];
    if (signatureChars === 0) return { value: sealed };
    return { value: sealed.slice(0, -signatureChars), signature: sealed.slice(-signatureChars) };
  }

  /**
   * Internal, for lib/cookie/: checks the mode only.
   *
   * @param {'encrypted' | 'signed' | 'signed-sha1' | 'plain'} mode @param {string} name @param {string} text @param {number} expire
   * @param {number} maxAge @param {string} attributes @returns {string[]}
   */
  sealCookie(mode, name, text, expire, maxAge, attributes) {
    const number = modeNumber(mode);
    const lines = binding.sealCookie(this.#handle, number, name, text, expire, maxAge, attributes);
    const signatureChars = SIGNATURE_CHARS[number];
    if (signatureChars === 0) return [lines];
    const length = name.length + SIGNATURE_ASSIGNMENT_CHARS + signatureChars + attributes.length;
    return [lines.slice(0, -length), lines.slice(-length)];
  }

  /** @param {Mode} mode @param {string} name @param {string} value @returns {{ value: string, signature?: string }} */
  sealValue(mode, name, value) {
    if (mode === 'sealed') return this.sealSealed(name, value);
    checkString('value', value);
    checkString('name', name);
    const number = modeNumber(mode);
    if (number === PLAIN) return { value };
    const sealed = binding.seal(this.#handle, number + ANY_VALUE, name, value);
    return number === ENCRYPTED ? { value: sealed } : { value, signature: sealed };
  }

  /** @param {string} name @param {string} value @param {number} [nowMs] @returns {OpenedSealed | null} */
  openSealed(name, value, nowMs = Date.now()) {
    checkString('name', name);
    checkNow(nowMs);
    if (typeof value !== 'string') return null;
    const content = binding.openSealed(this.#handle, name, value, nowMs);
    if (content === null) return null;
    const createdAtMs = numbers[1];
    const expiresAtMs = numbers[2];
    const idUnits = numbers[3];
    /** @type {OpenedSealed} */
    const opened = { text: idUnits === 0 ? content : content.slice(idUnits), keyIndex: numbers[0] };
    if (!Number.isNaN(createdAtMs)) opened.createdAtMs = createdAtMs;
    if (!Number.isNaN(expiresAtMs)) opened.expiresAtMs = expiresAtMs;
    if (idUnits !== 0) opened.id = content.slice(0, idUnits);
    return opened;
  }

  /** @param {string} name @param {string} text @param {SealedMeta} [meta] @returns {{ value: string }} */
  sealSealed(name, text, meta) {
    checkString('name', name);
    checkString('text', text);
    const { createdAtMs, expiresAtMs, id } = checkMeta(meta);
    return { value: binding.sealSealed(this.#handle, name, text, createdAtMs, expiresAtMs, id) };
  }

  /** @param {string | Buffer} data @returns {string} */
  sign(data) {
    return binding.sign(this.#handle, SIGNED, toBytes(data));
  }

  /** @param {string | Buffer} data @returns {string} */
  signSha1(data) {
    return binding.sign(this.#handle, SIGNED_SHA1, toBytes(data));
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} */
  verify(data, digest) {
    const bytes = toBytes(data);
    return typeof digest === 'string' ? binding.verify(this.#handle, SIGNED, bytes, digest) : -1;
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} */
  verifySha1(data, digest) {
    const bytes = toBytes(data);
    return typeof digest === 'string' ? binding.verify(this.#handle, SIGNED_SHA1, bytes, digest) : -1;
  }

  /** @param {string | Buffer} data @returns {Buffer} */
  encrypt(data) {
    return binding.encrypt(this.#handle, toBytes(data));
  }

  /** @param {Buffer} data @returns {{ value: Buffer, index: number } | false} */
  decrypt(data) {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) return false;
    const value = binding.decrypt(this.#handle, toBytes(data));
    return value === null ? false : { value, index: numbers[0] };
  }
}

/** As in ../portable/json/diff.js. @param {string} before @param {string} after @returns {Operation[] | null} */
function diff(before, after) {
  checkString('before', before);
  checkString('after', after);
  const operations = binding.diffTexts(before, after);
  return operations === null ? null : JSON.parse(operations);
}

/** As in ../portable/json/diff.js. @param {string} before @param {string} after @returns {string[]} */
function changedPaths(before, after) {
  checkString('before', before);
  checkString('after', after);
  return binding.changedPaths(before, after);
}

/** As in ../portable/json/merge.js. @param {string} base @param {string} mine @param {string} theirs @returns {Merged} */
function merge(base, mine, theirs) {
  checkString('base', base);
  checkString('mine', mine);
  checkString('theirs', theirs);
  const conflicts = binding.mergeTexts(base, mine, theirs);
  const text = conflicts.shift();
  return { text, conflicts };
}

module.exports = { name: 'native', Keyring, diff, changedPaths, merge };
