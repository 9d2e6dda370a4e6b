'use strict';

/**
 * The default `encode` and `decode`: base64 of the session's JSON, as koa-session 6.4 writes it. An app can set its own; the
 * engine then carries the app's string as it is.
 */

/**
 * @param {string} value base64 in either alphabet, read leniently as `Buffer.from(value, 'base64')` does
 * @returns {string} JSON text, if the value was a session's
 */
function decodeText(value) {
  return Buffer.from(value, 'base64').toString('utf8');
}

/**
 * @param {string} value
 * @returns {any}
 * @throws {SyntaxError} if the value holds no JSON
 */
function decode(value) {
  return JSON.parse(decodeText(value));
}

/**
 * @param {object} json
 * @returns {string} base64 with padding
 */
function encode(json) {
  return encodeText(JSON.stringify(json));
}

/**
 * @param {string} text
 * @returns {string}
 */
function encodeText(text) {
  return Buffer.from(text).toString('base64');
}

/**
 * @param {string} text
 * @returns {boolean}
 */
function holdsJSON(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} text
 * @returns {any} undefined if the text is not a JSON object
 */
function parseObject(text) {
  try {
    const json = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { encode, encodeText, decode, decodeText, holdsJSON, parseObject };
