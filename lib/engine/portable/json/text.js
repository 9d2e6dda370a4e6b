'use strict';

/**
 * Parses JSON text (RFC 8259) into the spans of its values. Diff and merge copy values as they were written, so `1e21`, `1.0` and
 * `"\ud800"` survive a merge. This parser takes exactly the texts that JSON.parse takes, at any depth, and decodes a string only
 * when it is asked for. src/json.rs is the native twin, with the same algorithm.
 */

const OBJECT = 0;
const ARRAY = 1;
const STRING = 2;
const NUMBER = 3;
const LITERAL = 4;

const WORDS = ['true', 'false', 'null'];

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// A span is four numbers: the value's kind, its start and end in the text, and the index of the next value that is not inside it.
const SPAN = 4;
const START = 1;
const END = 2;
const NEXT = 3;
const FIRST_SPANS = 64;

/**
 * A parsed text. Callers name a value by its index in the order of the text; 0 is the outermost value. A member's key is a value
 * too, directly before the member's value.
 */
class JsonText {
  #count = 0;
  #spans = new Int32Array(FIRST_SPANS * SPAN);

  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  /** @param {number} value @returns {number} OBJECT, ARRAY, STRING, NUMBER or LITERAL (true, false, null) */
  kind(value) {
    return this.#spans[value * SPAN];
  }

  /** @param {number} value @returns {number} index of the next value that is not inside this one */
  next(value) {
    return this.#spans[value * SPAN + NEXT];
  }

  /** @param {number} value @returns {string} as written */
  slice(value) {
    return this.text.slice(this.#spans[value * SPAN + START], this.#spans[value * SPAN + END]);
  }

  /** @param {number} value a STRING @returns {string} with its escapes resolved */
  string(value) {
    const written = this.slice(value);
    return written.includes('\\') ? JSON.parse(written) : written.slice(1, -1);
  }

  /**
   * @param {number} object
   * @returns {Map<string, number>} key → value; as in JSON.parse, a repeated key has its first place and its last value
   */
  members(object) {
    const members = new Map();
    const end = this.next(object);
    for (let key = object + 1; key < end; key = this.next(key + 1)) members.set(this.string(key), key + 1);
    return members;
  }

  /** @param {number} kind @param {number} start @param {number} end @returns {number} the value's index */
  add(kind, start, end) {
    const at = this.#count * SPAN;
    if (at === this.#spans.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#spans);
      this.#spans = grown;
    }
    this.#spans[at] = kind;
    this.#spans[at + START] = start;
    this.#spans[at + END] = end;
    this.#spans[at + NEXT] = this.#count + 1;
    return this.#count++;
  }

  /** @param {number} container @param {number} end position after its closing bracket */
  close(container, end) {
    this.#spans[container * SPAN + END] = end;
    this.#spans[container * SPAN + NEXT] = this.#count;
  }
}

/** @param {string} text @param {number} at @returns {number} position of the next character that is not white space */
function skipSpace(text, at) {
  for (;; at++) {
    const char = text.charCodeAt(at);
    if (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09) return at;
  }
}

/** @param {number} char */
const isDigit = char => char >= 0x30 && char <= 0x39;

/** @param {number} char */
const isHexDigit = char => isDigit(char) || (char >= 0x41 && char <= 0x46) || (char >= 0x61 && char <= 0x66);

/** @param {string} text @param {number} at position of a backslash @returns {number} position after the escape, or -1 */
function escapeEnd(text, at) {
  const char = text.charCodeAt(at + 1);
  if (char !== LETTER_U) return '"\\/bfnrt'.includes(text.charAt(at + 1)) && at + 1 < text.length ? at + 2 : -1;
  for (let i = at + 2; i < at + 6; i++) if (!isHexDigit(text.charCodeAt(i))) return -1;
  return at + 6;
}

/** @param {string} text @param {number} at position of the opening quote @returns {number} position after the closing quote, or -1 */
function stringEnd(text, at) {
  at++;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    if (char < 0x20) return -1;
    if (char !== BACKSLASH) {
      at++;
    } else {
      at = escapeEnd(text, at);
      if (at === -1) return -1;
    }
  }
  return -1;
}

/** @param {string} text @param {number} at @returns {number} position after one or more digits, or -1 */
function digitsEnd(text, at) {
  const start = at;
  while (isDigit(text.charCodeAt(at))) at++;
  return at > start ? at : -1;
}

/** @param {string} text @param {number} at @returns {number} position after the number, or -1 */
function numberEnd(text, at) {
  if (text.charCodeAt(at) === MINUS) at++;
  at = text.charCodeAt(at) === ZERO ? at + 1 : digitsEnd(text, at);
  if (at === -1) return -1;
  if (text.charCodeAt(at) === DOT) {
    at = digitsEnd(text, at + 1);
    if (at === -1) return -1;
  }
  const exponent = text.charAt(at);
  if (exponent !== 'e' && exponent !== 'E') return at;
  const sign = text.charAt(at + 1);
  return digitsEnd(text, sign === '+' || sign === '-' ? at + 2 : at + 1);
}

/** @param {JsonText} json @param {number} at @returns {number} position after the string, number or literal, or -1 */
function addScalar(json, at) {
  const { text } = json;
  const char = text.charCodeAt(at);
  let kind = LITERAL;
  let end = -1;
  if (char === QUOTE) {
    kind = STRING;
    end = stringEnd(text, at);
  } else if (char === MINUS || isDigit(char)) {
    kind = NUMBER;
    end = numberEnd(text, at);
  } else {
    const word = WORDS.find(literal => text.startsWith(literal, at));
    if (word !== undefined) end = at + word.length;
  }
  if (end !== -1) json.add(kind, at, end);
  return end;
}

/** @param {JsonText} json @param {number} at @returns {number} position of the member's value, or -1 */
function addKey(json, at) {
  const { text } = json;
  if (text.charCodeAt(at) !== QUOTE) return -1;
  const end = stringEnd(text, at);
  if (end === -1) return -1;
  json.add(STRING, at, end);
  at = skipSpace(text, end);
  return text.charCodeAt(at) === COLON ? skipSpace(text, at + 1) : -1;
}

/**
 * Works without recursion, so that deep nesting cannot overflow the stack.
 *
 * @param {string} text
 * @returns {JsonText | null} null if JSON.parse would throw
 */
function parseJson(text) {
  const json = new JsonText(text);
  /** @type {number[]} objects and arrays not yet closed */
  const open = [];
  let at = skipSpace(text, 0);
  for (;;) {
    let char = text.charCodeAt(at);
    let inside = -1;
    if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      inside = json.add(char === OPEN_BRACE ? OBJECT : ARRAY, at, at);
      open.push(inside);
      at = skipSpace(text, at + 1);
      char = text.charCodeAt(at);
      const isEmpty = char === (json.kind(inside) === OBJECT ? CLOSE_BRACE : CLOSE_BRACKET);
      if (isEmpty) inside = -1;
    } else {
      at = addScalar(json, at);
      if (at === -1) return null;
    }

    // A value has ended, or an empty object or array is about to end: close each object and array that ends here.
    while (inside === -1) {
      at = skipSpace(text, at);
      if (open.length === 0) return at === text.length ? json : null;
      const container = open[open.length - 1];
      char = text.charCodeAt(at);
      at++;
      if (char === COMMA) {
        inside = container;
        at = skipSpace(text, at);
      } else if (char === (json.kind(container) === OBJECT ? CLOSE_BRACE : CLOSE_BRACKET)) {
        open.pop();
        json.close(container, at);
      } else {
        return null;
      }
    }
    if (json.kind(inside) === OBJECT) {
      at = addKey(json, at);
      if (at === -1) return null;
    }
  }
}

module.exports = { parseJson, JsonText, OBJECT, ARRAY, STRING, NUMBER };
