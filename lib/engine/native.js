'use strict';

/**
 * The engine in Rust (src/). This side checks types, so that the other may rely on them, and shapes
 * answers; the addon is called once for each operation.
 */

const loadBinding = require('./load_binding');
const { checkKeys, checkString, checkData, unknownMode } = require('./misuse');
const { checkMeta, checkNow } = require('./sealed_meta');

/** @typedef {import('./misuse').Mode} Mode */
/** @typedef {import('./sealed_meta').SealedMeta} SealedMeta */
/** @typedef {import('./sealed').Opened} OpenedSealed */
/** @typedef {import('./diff').Operation} Operation */
/** @typedef {import('./merge').Merged} Merged */

const binding = loadBinding();

// the numbers of src/binding.rs
const ENCRYPTED = 0;
const SIGNED = 1;
const PLAIN = 2;
const SIGNATURE_CHARS = 43;
const SIGNATURE_ASSIGNMENT_CHARS = '.sig='.length;

/**
 * Where the addon writes the index of the key that opened, and of a sealed token two times and the length of its id.
 * It must never leave this file: see SAFETY there.
 */
const numbers = new Float64Array(4);

/** @param {Mode} mode @returns {number} */
function modeNumber(mode) {
  switch (mode) {
    case 'encrypted': return ENCRYPTED;
    case 'signed': return SIGNED;
    case 'plain': return PLAIN;
    default: throw unknownMode(mode);
  }
}

/** @param {unknown} data @returns {Buffer} */
function toBytes(data) {
  const checked = checkData(data);
  return typeof checked === 'string' ? Buffer.from(checked, 'utf8') : checked;
}

/** App keys with everything derived from them. The methods are those of ./portable.js, where each is told. */
class Keyring {
  #handle;

  /** @param {string[]} keys newest first */
  constructor(keys) {
    this.#handle = binding.createKeyring(checkKeys(keys), numbers);
  }

  /**
   * @param {Mode} mode @param {string} name @param {string} value @param {string} [signature]
   * @returns {{ text: string, keyIndex: number } | null}
   */
  openSession(mode, name, value, signature) {
    const text = binding.openSession(this.#handle, modeNumber(mode), name, value, signature);
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
    const opened = binding.openValue(this.#handle, number, name, value, given);
    return opened === null ? null : { value: opened, keyIndex: numbers[0] };
  }

  /** @param {Mode} mode @param {string} name @param {string} text @returns {{ value: string, signature?: string }} */
  seal(mode, name, text) {
    if (mode === 'sealed') return this.sealSealed(name, text);
    checkString('text', text);
    checkString('name', name);
    const number = modeNumber(mode);
    const sealed = binding.seal(this.#handle, number, name, text);
    if (number !== SIGNED) return { value: sealed };
    return { value: sealed.slice(0, -SIGNATURE_CHARS), signature: sealed.slice(-SIGNATURE_CHARS) };
  }

  /**
   * @param {'encrypted' | 'signed' | 'plain'} mode @param {string} name @param {string} text @param {number} expire
   * @param {number} maxAge @param {string} attributes @returns {string[]}
   */
  sealCookie(mode, name, text, expire, maxAge, attributes) {
    const number = modeNumber(mode);
    const lines = binding.sealCookie(this.#handle, number, name, text, expire, maxAge, attributes);
    if (number !== SIGNED) return [lines];
    const length = name.length + SIGNATURE_ASSIGNMENT_CHARS + SIGNATURE_CHARS + attributes.length;
    return [lines.slice(0, -length), lines.slice(-length)];
  }

  /** @param {Mode} mode @param {string} name @param {string} value @returns {{ value: string, signature?: string }} */
  sealValue(mode, name, value) {
    if (mode === 'sealed') return this.sealSealed(name, value);
    checkString('value', value);
    checkString('name', name);
    const number = modeNumber(mode);
    if (number === PLAIN) return { value };
    const sealed = binding.sealValue(this.#handle, number, name, value);
    return number === SIGNED ? { value, signature: sealed } : { value: sealed };
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
    return binding.sign(this.#handle, toBytes(data));
  }

  /** @param {string | Buffer} data @param {string} digest @returns {number} */
  verify(data, digest) {
    const bytes = toBytes(data);
    return typeof digest === 'string' ? binding.verify(this.#handle, bytes, digest) : -1;
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

/** See ./diff.js. @param {string} before @param {string} after @returns {Operation[] | null} */
function diff(before, after) {
  checkString('before', before);
  checkString('after', after);
  const operations = binding.diffTexts(before, after);
  return operations === null ? null : JSON.parse(operations);
}

/** See ./diff.js. @param {string} before @param {string} after @returns {string[]} */
function changedPaths(before, after) {
  checkString('before', before);
  checkString('after', after);
  return binding.changedPaths(before, after);
}

/** See ./merge.js. @param {string} base @param {string} mine @param {string} theirs @returns {Merged} */
function merge(base, mine, theirs) {
  checkString('base', base);
  checkString('mine', mine);
  checkString('theirs', theirs);
  const conflicts = binding.mergeTexts(base, mine, theirs);
  const text = conflicts.shift();
  return { text, conflicts };
}

module.exports = { name: 'native', Keyring, diff, changedPaths, merge };
